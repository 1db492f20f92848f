"""A citizen's request begins: whoever asks is looked for in the whole trail, and what is found is laid down in rows."""

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from audit.models import AuditRecord
from compliance.citizens.clock import due_on
from compliance.citizens.contents import Asker, keep_asker
from compliance.citizens.deciding import refuse_ended
from compliance.citizens.models import CitizenDisclosure, CitizenRequest
from compliance.citizens.starting import started
from compliance.finding.records import records_about
from compliance.reasons import masked_in
from legal.models import Person
from legal.register import day_in_oslo, today_in_oslo

BATCH = 500
SLACK = timedelta(minutes=5)
"""How long a record may take from its time to its commit: so far before the last look is looked again."""
COPIED = ("at", "consumer", "service", "endpoint", "outcome", "from_date", "to_date")


def register(
    asker: Asker, *, key: uuid.UUID, received_on: date, case_reference: str, identity: str, by: Person
) -> CitizenRequest:
    """Keep a request under this id with every disclosure about who asks, and return it.

    Raise LedgerSilent, and then keep nothing.
    However much was told about somebody, no more than a batch of it is in memory at once.
    """
    now = timezone.now()
    with transaction.atomic():
        request = CitizenRequest.objects.create(
            id=key,
            case_reference=case_reference,
            identity=identity,
            received_on=received_on,
            due_on=due_on(received_on, extended=False),
            looked_at=now,
            registered_by=by,
            registered_name=str(by),
            registered_at=now,
        )
        keep_asker(request, asker)
        _lay_down(request, records_about(asker.number).filter(at__lte=now))
    return request


def since_then(request: CitizenRequest, number: str) -> QuerySet[AuditRecord]:
    """Return what was recorded about the person after the request's rows were laid down. Raise LedgerSilent."""
    begin = request.looked_at - SLACK
    known = CitizenDisclosure.objects.filter(request=request, at__gte=begin).values("record")
    return records_about(number).filter(at__gte=begin).exclude(pk__in=known)


def take_in(request: CitizenRequest, number: str) -> int:
    """Lay down what was recorded since then too, and return how many rows came. Raise LedgerSilent, ValidationError."""
    with transaction.atomic():
        fresh, now = refuse_ended(request), timezone.now()
        came = _lay_down(fresh, since_then(fresh, number).filter(at__lte=now))
        fresh.looked_at = now
        fresh.save(update_fields=["looked_at"])
    return came


def _lay_down(request: CitizenRequest, records: QuerySet[AuditRecord]) -> int:
    rows, laid = _rows(request, records), 0
    while some := list(islice(rows, BATCH)):
        laid += len(CitizenDisclosure.objects.bulk_create(some))
    return laid


def _rows(request: CitizenRequest, records: QuerySet[AuditRecord]) -> Iterator[CitizenDisclosure]:
    today = today_in_oslo()
    found: Any = records.order_by("at", "id").values("id", "items", "empty_because", "legal_mandate", *COPIED)
    for record in found.iterator(chunk_size=BATCH):
        decision, ground = started(
            service=record["service"],
            told_on=day_in_oslo(record["at"]),
            today=today,
            undecided_days=settings.DESK_UNDECIDED_DAYS,
        )
        answered = record["outcome"] == AuditRecord.Outcome.ANSWERED
        yield CitizenDisclosure(
            request=request,
            record=record["id"],
            is_empty=answered and (record["items"] == 0 or record["empty_because"] != ""),
            decision=decision,
            ground=ground,
            **{name: record[name] for name in COPIED},
            legal_mandate=masked_in(record["legal_mandate"]),
        )
