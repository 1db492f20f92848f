"""Who is asked about? The party behind a number, or nobody; why is for the audit record alone."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.freshness import check_freshness
from accounts.ledger import NO_PARTY, Standing, standing_of
from accounts.models import OPEN_GRADES, AccountRole
from legal.periods import Period
from legal.refusals import LedgerInconsistent

UNKNOWN, SHIELDED, GUARANTOR_ONLY, HOLDS_NOTHING = "unknown party", "shielded", "guarantor only", "holds nothing"


@dataclass(frozen=True, slots=True)
class ControlObject:
    """A party as the ledger is asked about it: `party_id` is NO_PARTY for the unknown and the shielded alike."""

    party_id: int
    standings: Sequence[Standing]
    as_of: datetime
    empty_because: str
    """What an empty list would be put down to."""

    def holds_any(self, kinds: Iterable[str]) -> bool:
        """Return whether the party had a role of such a kind in the period; never of one that is not told of."""
        had = {kind for standing in self.standings for kind in standing.kinds}
        return self.party_id != NO_PARTY and not had.isdisjoint(kinds)


def control_object(
    party_number: str, *, period: Period, institutions: Collection[str], now: datetime, max_age: timedelta
) -> ControlObject:
    """Return who is asked about. Raise LedgerInconsistent, or LedgerOutdated when the ledger is too old."""
    standings = standing_of(party_number, period=period, institutions=institutions)
    if {standing.organisation_number for standing in standings} != set(institutions):
        raise LedgerInconsistent
    as_of = check_freshness((standing.as_of for standing in standings), now=now, max_age=max_age)
    party_ids = set(standings[0].party_ids)
    if len(party_ids) > 1:
        raise LedgerInconsistent
    if not party_ids:
        return ControlObject(NO_PARTY, standings, as_of, UNKNOWN)
    if not set(standings[0].grades) <= set(OPEN_GRADES):
        return ControlObject(NO_PARTY, standings, as_of, SHIELDED)
    kinds = {kind for standing in standings for kind in standing.kinds}
    only_guarantor = kinds == {AccountRole.Kind.GUARANTOR}
    return ControlObject(party_ids.pop(), standings, as_of, GUARANTOR_ONLY if only_guarantor else HOLDS_NOTHING)
