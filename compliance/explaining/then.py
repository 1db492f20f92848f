"""How things stood when a question was asked: the agency as it was registered, and the version that ruled."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.apps import apps

from audit.models import AuditRecord
from audit.secrecy import NotRevealed
from compliance.explaining.numbers import Numbers, numbers_of, without_numbers
from legal.explaining import ExplainedRecord, ruled
from legal.in_force import first_day
from legal.models import DataConsumer, ServiceVersion

COLUMNS = ("name", "certificate_participant")
ADDED, DELETED = "insert", "delete"
"""What the register's history calls them."""


class KnownWhen(StrEnum):
    """Of which time the register's row is."""

    THEN, TODAY, LATER = "then", "today", "later"


@dataclass(frozen=True, slots=True)
class AgencyThen:
    """An agency in the register: as it stood then, only as it stands today, or added later."""

    name: str
    participant: str
    known: KnownWhen

    @property
    def known_then(self) -> bool:
        return self.known == KnownWhen.THEN


def agency_then(record: AuditRecord) -> AgencyThen | None:
    """Return the agency of a record as the register had it then; as it stands today where no history reaches back."""
    history: Any = apps.get_model("legal", "DataConsumerEvent")
    about = {"organisation_number": record.consumer}
    changes = history.objects.filter(**about).order_by("pgh_created_at", "pgh_id").values(*COLUMNS, "pgh_label")
    row = changes.filter(pgh_created_at__lte=record.at).last()
    if row is not None:
        return None if row["pgh_label"] == DELETED else _agency(row, record, KnownWhen.THEN)
    row = DataConsumer.objects.filter(**about).values(*COLUMNS).first()
    if row is None:
        return None
    first = changes.first()
    added_later = first is not None and first["pgh_label"] == ADDED
    return _agency(row, record, KnownWhen.LATER if added_later else KnownWhen.TODAY)


def _agency(row: Mapping[str, str], record: AuditRecord, known: KnownWhen) -> AgencyThen:
    return AgencyThen(row["name"], row["certificate_participant"] or record.consumer, known)


def version_then(record: AuditRecord) -> ServiceVersion | None:
    """Return the version whose number the record names."""
    found = ServiceVersion.objects.filter(service__slug=record.service, number=record.service_version or 0)
    return found.select_related("service", "author", "approver").first()


def day_of(version: ServiceVersion) -> date | None:
    """Return from which day a version was to rule; None for one that nobody has approved."""
    return first_day(version) if version.approved_at or version.effective_from else None


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that an explanation is made of. `numbers` is None where they can be read no more."""

    record: AuditRecord
    numbers: Numbers | None
    agency: AgencyThen | None
    version: ServiceVersion | None
    ruled: ExplainedRecord

    @property
    def rules(self) -> Mapping[str, Any]:
        """Return the rules that ruled, as far as this release can read them."""
        return {} if self.version is None or self.ruled.missing else self.version.rules

    def safe(self, text: str) -> str:
        """Return a text that came from outside, without a number of anybody's."""
        organisations = {self.record.consumer, self.record.supplier}
        return without_numbers(text, self.numbers.all() - organisations if self.numbers else ())


def known_of(record: AuditRecord) -> Known:
    """Return what is known of a record, in at most five statements."""
    try:
        numbers: Numbers | None = numbers_of(record)
    except NotRevealed:
        numbers = None
    version = version_then(record)
    told = ruled(record, version.rules if version else {})
    return Known(record, numbers, agency_then(record), version, told)
