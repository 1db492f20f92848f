"""Skatteetaten, Innrapportering BSU: the yearly report of home savings accounts (RF-1360)."""
