"""What was decided to be deleted, and so may be gone."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson

from audit.retain.deletions import BY_KEY, BY_PARTITION, NO_SERVICE
from audit.retain.models import Decision
from audit.verify.reading import Reader

DECISIONS = """
SELECT id::text, kind, person, concerning::text, what, service, month, evidence::text, at
FROM audit_decision ORDER BY at, id
"""
OF_TABLE = {table: what for what, table in BY_PARTITION.items()}
OF_KEY = {str(kind): what for what, kinds in BY_KEY.items() for kind in kinds}


class Decided(NamedTuple):
    """A row of the decisions, as far as deletions go."""

    id: str
    kind: str
    person: str
    concerning: str | None
    what: str
    service: str
    month: date | None
    evidence: str | None
    at: datetime

    @property
    def said(self) -> dict[str, Any]:
        """Return what the row says was done."""
        found = orjson.loads(self.evidence or "{}")
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Decisions:
    """All decisions about the trail. Whether their rows are genuine is for rows.py and chains.py to say."""

    rows: list[Decided]
    _deleted: set[tuple[str, str, date | None]] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._deleted.update((row.what, row.service, row.month) for row in self.deletions())

    def deletions(self) -> list[Decided]:
        return [row for row in self.rows if row.kind == Decision.Kind.DELETED]

    def releases(self) -> list[Decided]:
        return [row for row in self.rows if row.kind == Decision.Kind.RELEASED]

    def numbered(self, row_id: str | None) -> Decided | None:
        return next((row for row in self.rows if row.id == row_id), None)

    def has_deleted(self, table: str, month: date) -> bool:
        """Return whether the whole month of a table was deleted."""
        what = OF_TABLE.get(table)  # of other tables no month is ever deleted
        return what is not None and (what, "", month) in self._deleted

    def months_deleted(self, table: str) -> frozenset[date]:
        return frozenset(month for what, _, month in self._deleted if month and what == OF_TABLE.get(table))

    def have_deleted(self, what: str, service: str, month: date) -> bool:
        """Return whether what is kept of a service and month was deleted, alone or with the whole month's records."""
        service = service or NO_SERVICE
        return (what, service, month) in self._deleted or self.has_deleted("audit_record", month)

    def explain(self, key: str) -> bool:
        """Return whether a month's key is gone for a reason; its name is `YYYYMM.kind.service`, see month_keys.py.

        A slash stands for the colon of an errand's service, and a second key of the month has one more word.
        """
        try:
            digits, kind, service = key.split(".")[:3]
            month = date(int(digits[:4]), int(digits[4:]), 1)
        except ValueError:
            return False
        what = OF_KEY.get(kind)
        return what is not None and self.have_deleted(what, service.replace("/", ":"), month)


def read_decisions(reader: Reader) -> Decisions:
    return Decisions([Decided(*row) for row in reader.rows(DECISIONS)])
