"""Filling the ledger from a bank's files: every row checked, all tables of a delivery visible at once."""
