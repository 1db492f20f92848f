"""Lånekassen, Saldo studielån: what a logged-in customer owes, by consent."""
