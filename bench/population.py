"""Whom the questions are about: drawn from the ledger once, by a fixed seed, and kept beside it."""

import random
from typing import Any

from bench.sizes import Size

PARTIES, HOLDINGS, POSITIONS = 5_000, 5_000, 2_000
PAGED_ROWS = 100_000
NUMBERS = "SELECT party_id, value FROM party_identifier WHERE party_id = ANY(%s)"
OWNERS = """
SELECT r.account_id, i.value FROM account_role r JOIN party_identifier i ON i.party_id = r.party_id
JOIN party p ON p.id = r.party_id
WHERE r.account_id = ANY(%s) AND r.kind = 'primaryOwner' AND p.protection_grade = 'ugradert'
"""
PLACES = """
SELECT to_char(booked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), id FROM (
    SELECT booked_at, id, row_number() OVER (ORDER BY booked_at, id) AS place FROM "transaction" WHERE account_id = %s
) AS numbered WHERE place = ANY(%s)
"""


def population(cursor: Any, size: Size) -> dict[str, Any]:
    """Return party numbers, accounts with their owners, and places in the account of 100,000 transactions."""
    dice = random.Random(8)
    parties = dice.sample(range(1, size.parties + 1), min(PARTIES, size.parties))
    accounts = dice.sample(range(1, size.accounts + 1), min(HOLDINGS, size.accounts))
    paged = 1 + min(range(len(size.long)), key=lambda place: abs(size.long[place] - PAGED_ROWS))
    rows = size.long[paged - 1]
    places = sorted(dice.sample(range(1, rows - 1_001), min(POSITIONS, rows // 2)))
    numbers = cursor.execute(NUMBERS, [parties]).fetchall()
    holdings = cursor.execute(OWNERS, [[paged, *accounts]]).fetchall()
    return {
        "parties": [number for _, number in sorted(numbers)],
        "holdings": sorted(holdings),
        "paged": next(account for account in holdings if account[0] == paged),
        "positions": cursor.execute(PLACES, [paged, places]).fetchall(),
    }
