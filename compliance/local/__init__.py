"""Accounts with a password of our own, for the day the bank's provider of identities is gone; and every session."""
