"""Keeping what is desired: each agreement once, changed only where something else is wanted than before."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from agencies.pension.models import key_of
from agencies.pension.terms import fault_in_name, fault_in_period

# The agency may hold what is to be deleted though it was never sent from here: so it counts as registered until told.
KEEP = """
INSERT INTO pension_agreement AS held (
    id, provider, employer, reference, from_month, to_month, wanted, changed_at,
    sent_state, sent_from, sent_to, failure
)
SELECT id, provider, employer, reference, from_month, to_month, wanted, %s,
       CASE WHEN wanted THEN 'nothing' ELSE 'registered' END, '', '', ''
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[])
    AS given (id, provider, employer, reference, from_month, to_month, wanted)
ON CONFLICT (id) DO UPDATE SET
    from_month = CASE WHEN EXCLUDED.wanted THEN EXCLUDED.from_month ELSE held.from_month END,
    to_month = CASE WHEN EXCLUDED.wanted THEN EXCLUDED.to_month ELSE held.to_month END,
    wanted = EXCLUDED.wanted,
    changed_at = EXCLUDED.changed_at,
    failure = '',
    failed_at = NULL
WHERE held.wanted <> EXCLUDED.wanted OR (
    EXCLUDED.wanted AND (held.from_month, held.to_month) <> (EXCLUDED.from_month, EXCLUDED.to_month)
)
RETURNING xmax = 0
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is desired of one agreement. One that is not wanted has no months: it is deleted whatever they were."""

    provider: str
    employer: str
    reference: str
    from_month: str = ""
    to_month: str = ""
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """How many agreements were new, and how many are desired otherwise than before."""

    added: int = 0
    changed: int = 0

    def __add__(self, other: "Kept") -> "Kept":
        return Kept(self.added + other.added, self.changed + other.changed)


def fault_in_wish(wish: Wish, *, this_month: str = "", future_end: bool = False) -> str:
    """Return what is wrong with it, as a key of WORDS, or nothing. One that is not wanted has no months to look at."""
    fault = fault_in_name(provider=wish.provider, employer=wish.employer, reference=wish.reference)
    if fault or not wish.wanted:
        return fault
    return fault_in_period(wish.from_month, wish.to_month, this_month=this_month, future_end=future_end)


def keep_one(wish: Wish, *, now: datetime) -> uuid.UUID:
    """Keep one wish and return the agreement's id."""
    keep([wish], now=now)
    return key_of(wish.provider, wish.employer, wish.reference)


def keep(wishes: Sequence[Wish], *, now: datetime) -> Kept:
    """Keep wishes about as many agreements, none of them twice; return what that changed."""
    columns = [
        [key_of(wish.provider, wish.employer, wish.reference) for wish in wishes],
        *([getattr(wish, name) for wish in wishes] for name in ("provider", "employer", "reference")),
        *([getattr(wish, name) for wish in wishes] for name in ("from_month", "to_month", "wanted")),
    ]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [now, *columns])
        added = [is_new for (is_new,) in cursor.fetchall()]
    return Kept(sum(added), len(added) - sum(added))
