"""Records by everything that they are found by; each question has the index or the bound that it needs."""

import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.parties import party_known_by
from audit.keyset import Cursor
from audit.models import AuditRecord
from audit.secrecy import Kind, hashes_of
from compliance.finding.criteria import PLAIN, Criteria
from compliance.finding.looking import FIRST_SLICE, LOWEST, WHOLE, Walk, walked

SLACK = timedelta(seconds=1)
BATCH = 500
BATCH_SECONDS = 5.0
LATEST = datetime(3000, 1, 1, tzinfo=UTC)
"""No record is younger, whatever a server's clock said."""
SELECTIVE = ("id", "account_info_request_id", "correlation_id", "numbers", "requester_id")
"""What has an index of its own: with one of these the whole trail is looked through at once."""
Rows = Any


def record_with(record_id: uuid.UUID) -> AuditRecord | None:
    """Return the record of that id, looked for where the id's own time points: in one month."""
    window = window_of(record_id)
    return AuditRecord.objects.filter(pk=record_id, at__range=window).first() if window else None


def window_of(record_id: uuid.UUID) -> tuple[datetime, datetime] | None:
    """Return when a record of that id was written; None when the id is not one of ours."""
    try:
        moment = datetime.fromtimestamp((record_id.int >> 80) / 1000, UTC)
        return moment - SLACK, moment + SLACK
    except (ValueError, OverflowError):
        return None


def numbers_of_party(number: str) -> tuple[str, ...]:
    """Return every number that the ledger knows of the party with this one, it among them. Raise LedgerSilent."""
    known = party_known_by(number)
    return tuple({number: None, **dict.fromkeys(known.numbers if known else ())})


def records_about(number: str, *, former: bool = True) -> Rows:
    """Return a queryset of the records about that party, newest first. Raise LedgerSilent.

    They are found under every number that the ledger knows of it, present and former, and under every lookup key that
    still reads. With `former=False` the ledger is not asked, and only this number is looked for.
    """
    return matching(Criteria(numbers=(number,)), former=former)


def matching(criteria: Criteria, *, former: bool = True) -> Rows:
    """Return a queryset of the records that fulfil the criteria, newest first. Raise LedgerSilent.

    A page of it may take long where no index helps: read it with `iterated`, or in pages with looking.py.
    """
    return _matching(criteria, former=former).order_by("-at", "-id")


def iterated(criteria: Criteria, *, former: bool = True) -> Iterator[AuditRecord]:
    """Yield the same records, newest first, however many: a few hundred at a time. Raise LedgerSilent, TooSlow."""
    return walked(walk_of(criteria, former=former), batch=BATCH, seconds=BATCH_SECONDS)


def walk_of(criteria: Criteria, *, former: bool = True, after: Cursor | None = None) -> Walk:
    """Return the way back through these records, from the newest or from beside a row. Raise LedgerSilent."""
    selective = any(getattr(criteria, name) for name in SELECTIVE)
    return Walk(
        rows=_matching(criteria, former=former),
        begins=criteria.begins,
        edge=after or Cursor("older", criteria.ends or LATEST, LOWEST),
        now=timezone.now(),
        slice=WHOLE if selective else FIRST_SLICE,
    )


def _matching(criteria: Criteria, *, former: bool) -> Rows:
    rows = AuditRecord.objects.filter(**{name: value for name in PLAIN if (value := getattr(criteria, name))})
    for name in ("account_info_request_id", "correlation_id"):
        if asked := getattr(criteria, name):
            rows = rows.filter(**{name: asked})
    if criteria.id:
        rows = rows.filter(_of_any_id(criteria.id))
    if criteria.numbers:
        rows = rows.filter(control_object_hash__in=_hashes(criteria.numbers, former=former))
    if criteria.first:
        rows = rows.filter(at__gte=criteria.begins)
    return rows.filter(at__lt=criteria.ends) if criteria.last else rows


def _of_any_id(asked_for: uuid.UUID) -> Q:
    asked = Q(account_info_request_id=asked_for) | Q(correlation_id=asked_for)
    window = window_of(asked_for)
    return asked | Q(pk=asked_for, at__range=window) if window else asked


def _hashes(numbers: Iterable[str], *, former: bool) -> list[bytes]:
    every = {one for number in numbers for one in (numbers_of_party(number) if former else (number,))}
    return [hashed for number in sorted(every) for hashed in hashes_of(Kind.PARTY, number)]
