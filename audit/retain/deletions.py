"""What can be deleted, each by itself: one kind of content of one service and month, or one table's whole month."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db import connection

from audit.partitions import PARTITIONS, bounds
from audit.retain.models import Decision, MonthKey
from audit.retain.policy import Policy

What = Decision.What

BY_KEY: dict[What, tuple[str, ...]] = {
    What.DOCUMENTS: (MonthKey.Kind.DOCUMENT,),
    What.NUMBERS: (MonthKey.Kind.NUMBER, MonthKey.Kind.ORDER),
}
"""Deleted by destroying the keys of these kinds."""
BY_PARTITION: dict[What, str] = {
    What.RECORDS: "audit_record",
    What.SUMS: "audit_turned_away",
    What.ACCESSES: "audit_access",
}
"""Deleted by dropping the partition of this table."""
NO_SERVICE = "-"
"""What belongs to no service, as the name of its key has it."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """One thing that is deleted whole; `service` is empty where the month of all services is."""

    what: What
    service: str
    month: date

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """Return what a request, or what became of it, is about."""
        assert decision.month is not None
        return cls(What(decision.what), decision.service, decision.month)

    @property
    def table(self) -> str:
        """Return the sealed table whose rows it is about."""
        return BY_PARTITION.get(self.what, "audit_record")

    @property
    def columns(self) -> dict[str, Any]:
        """Return the columns in which a decision names it."""
        return {"what": self.what, "service": self.service, "month": self.month}

    def keys(self) -> Any:
        """Return the keys that go with it: its own, or with the records every one that they were written with."""
        of_month = MonthKey.objects.filter(month=self.month).exclude(kind=MonthKey.Kind.HELD)
        if self.what in BY_KEY:
            return of_month.filter(kind__in=BY_KEY[self.what], service=self.service)
        return of_month if self.what == What.RECORDS else of_month.none()


def deletable() -> list[Deletion]:
    """Return everything that is there to be deleted one day, the oldest first."""
    of_kind = {kind: what for what, kinds in BY_KEY.items() for kind in kinds}
    keys = MonthKey.objects.filter(kind__in=of_kind).values_list("kind", "service", "month").distinct()
    found = {Deletion(of_kind[kind], service, month) for kind, service, month in keys}
    for what, table in BY_PARTITION.items():
        found |= {Deletion(what, "", month) for month in months_of(table)}
    return sorted(found, key=lambda one: (one.month, one.what, one.service))


def due(policy: Policy, *, today: date) -> list[Deletion]:
    """Return what may be deleted today."""
    return [one for one in deletable() if policy.is_due(one.what, one.service, one.month, today=today)]


def months_of(table: str) -> dict[date, str]:
    """Return the months that a table has a partition for, each with the partition's name."""
    with connection.cursor() as cursor:
        cursor.execute(PARTITIONS, [table])
        found = cursor.fetchall()
    return {start.date(): name for name, start, end in found if (start, end) == bounds(start.date())}
