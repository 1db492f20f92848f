"""Signing in: the bank's own provider of identities, and local accounts with a second factor for the day it is gone."""
