"""What an export is of: the criteria, the columns and the reason, as they are asked, kept, and read back."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Self

import orjson
from django.conf import settings
from django.core.exceptions import ValidationError

from audit.access import Why
from audit.keyset import Cursor
from audit.secrecy import Kind, NotRevealed, hash_of, reveal, seal
from compliance.exporting.columns import CHOSEN, names
from compliance.exporting.models import Asked
from compliance.finding.criteria import Criteria
from compliance.finding.looking import LOWEST, Walk, look, walked
from compliance.finding.records import walk_of
from compliance.finding.shielding import NEEDED

COLUMN = "export criteria"
BATCH = 500
SLICE_SECONDS, COUNT_SECONDS = 5.0, 5.0
LONGEST_WORDS = 1000


class NotReadable(Exception):
    """What was kept of the criteria cannot be read any more; nothing can be exported by it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records before a moment, which columns, why."""

    criteria: Criteria
    until: datetime
    chosen: tuple[str, ...]
    with_numbers: bool
    reason: str
    case_reference: str

    @property
    def columns(self) -> tuple[str, ...]:
        return names(self.chosen, with_numbers=self.with_numbers)

    @property
    def sought_hash(self) -> bytes | None:
        """Return the keyed hash of the number looked for, as records have it."""
        return hash_of(Kind.PARTY, self.criteria.numbers[0]) if self.criteria.numbers else None

    @property
    def why(self) -> Why:
        return Why(reason=self.reason, case_reference=self.case_reference, sought_hash=self.sought_hash)

    @property
    def words(self) -> str:
        """Return what the access log says of it: no number."""
        told = ["numbers=yes"] if self.with_numbers else []
        return " ".join([*told, f"until={self.until.isoformat()}", self.criteria.said])

    def kept(self, row: uuid.UUID) -> dict[str, Any]:
        """Return the columns of a row of that id which keeps this."""
        mapping = orjson.dumps(self.criteria.as_mapping()).decode()
        return {
            "id": row,
            "criteria_sealed": seal(mapping, column=COLUMN, record=row),
            "sought_hash": self.sought_hash,
            "filter": self.criteria.said[:LONGEST_WORDS],
            "until": self.until,
            "columns": " ".join(self.chosen),
            "with_numbers": self.with_numbers,
            "reason": self.reason,
            "case_reference": self.case_reference,
        }

    @classmethod
    def of(cls, row: Asked) -> Self:
        """Return what a row keeps. Raise NotReadable."""
        return cls(
            criteria=_criteria(row),
            until=row.until,
            chosen=tuple(name for name in row.columns.split() if name in CHOSEN),
            with_numbers=row.with_numbers,
            reason=row.reason,
            case_reference=row.case_reference,
        )

    def walk(self) -> Walk:
        """Return the way back through the records, newest first. Raise LedgerSilent."""
        walk = walk_of(self.criteria, after=Cursor("older", self.until, LOWEST))
        walk.rows = walk.rows.only("at", *NEEDED)
        return walk

    def batches(self) -> Iterator[list[Any]]:
        """Yield all the records, some hundreds at a time, with what shielding needs. Raise LedgerSilent, TooSlow."""
        found = walked(self.walk(), batch=BATCH, seconds=SLICE_SECONDS)
        while batch := list(islice(found, BATCH)):
            yield batch


@dataclass(frozen=True, slots=True)
class Size:
    """How many records there are, as far as one person may export: `is_large` when there are or could be more."""

    rows: int
    is_large: bool


def size_of(wanted: Wanted) -> Size:
    """Return it without counting: one record more than allowed is read. Raise LedgerSilent, TooSlow.

    Where that took too long it is large: two people then answer for what nobody could measure.
    """
    looked = look(wanted.walk(), limit=settings.DESK_EXPORT_ALONE_ROWS, seconds=COUNT_SECONDS)
    return Size(len(looked.rows), is_large=looked.older is not None)


def _criteria(row: Asked) -> Criteria:
    try:
        mapping: Mapping[str, str] = orjson.loads(reveal(row.criteria_sealed, column=COLUMN, record=row.pk))
        return Criteria.parse(mapping)
    except (NotRevealed, ValidationError, ValueError):
        raise NotReadable from None
