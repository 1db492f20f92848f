"""Agreements for tests: kept as people and files keep them."""

from datetime import UTC, datetime

from agencies.pension.keeping import Wish, keep, keep_one
from agencies.pension.models import Agreement

PROVIDER, OTHER_PROVIDER = "213456008", "310000014"
EMPLOYER, OTHER_EMPLOYER = "999999999", "313000006"
NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def wish(reference="r", **given):
    """Return a wish for a running agreement, but for what is given."""
    wanted = {"provider": PROVIDER, "employer": EMPLOYER, "from_month": "2021-01"}
    if given.get("wanted") is False:
        del wanted["from_month"]
    return Wish(**wanted | {"reference": reference} | given)


def kept(*wishes, now=NOW):
    """Keep the wishes and return their agreements, in order."""
    keep(wishes, now=now)
    return [Agreement.objects.get(pk=keep_one(each, now=now)) for each in wishes]


def state(agreement):
    """Return what the table says of it now."""
    row = Agreement.objects.get(pk=agreement.pk)
    return (row.wanted, row.from_month, row.to_month, row.sent_state, row.sent_from, row.sent_to, row.differs)
