"""Is the ledger fresh enough to answer from? Data of an old moment must not pass for today's."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from accounts import ledger
from accounts.ledger import Moment
from legal.refusals import LedgerOutdated

CLOCKS_DIFFER_BY = timedelta(minutes=5)


def check_freshness(moments: Iterable[datetime], *, now: datetime, max_age: timedelta) -> datetime:
    """Return the oldest of the institutions' `as_of`. Refuse when one is too old, or lies ahead of the clock."""
    ordered = sorted(moments)
    if ordered[0] < now - max_age or ordered[-1] > now + CLOCKS_DIFFER_BY:
        raise LedgerOutdated
    return ordered[0]


def moments_of_institutions() -> list[Moment]:
    """Return the `as_of` of each institution that an audience names, for those who watch."""
    return ledger.moments_of({number for listed in settings.AUDIENCES.values() for number in listed})
