"""Skatteetaten, Aktiv konto: the account chosen for public payouts."""
