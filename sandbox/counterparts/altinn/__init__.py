"""A stand-in for consent in Altinn: Altinn 2's request, page and token, and what is printed of Altinn 3.

How Lånekassen takes consents of Altinn 3 is published nowhere: that part is unproven.
"""
