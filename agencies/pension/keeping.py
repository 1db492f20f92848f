"""Keeping what is desired: each agreement once, changed only where something else is wanted than before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from agencies.pension.models import key_of

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
    changed_at = EXCLUDED.changed_at
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
