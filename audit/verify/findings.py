"""What a verification may find, in fixed words without personal data, and what it has looked at."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Found(StrEnum):
    """Kinds of findings. docs/evidence.md says of each what it means and what to do."""

    CHECKPOINT_MISSING = "checkpoint missing"
    CHECKPOINT_EDITED = "checkpoint edited"
    CHECKPOINT_DIFFERS = "checkpoint differs"
    CHAIN_BROKEN = "chain of checkpoints broken"
    KEY_UNKNOWN = "unknown signing key"
    ROOT_SWAPPED = "root swapped"
    HISTORY_REWRITTEN = "history rewritten"
    COPY_LINE_REMOVED = "line of the copy removed"
    COPY_LINE_CHANGED = "line of the copy changed"
    WITNESS_DIFFERS = "witness differs"
    WITNESS_CHANGED = "witness changed"
    ROOT_DIFFERS = "root differs"
    ROWS_REORDERED = "rows reordered"
    MEMBERSHIP_REMOVED = "membership removed"
    MEMBERSHIP_CHANGED = "membership changed"
    MEMBERSHIP_STRAY = "membership of nothing"
    ROW_CHANGED = "row changed"
    ROW_REMOVED = "row removed"
    ROW_MOVED = "row moved"
    ROW_ADDED = "row added"
    ROW_BACKDATED = "row backdated"
    ROW_DUPLICATED = "row duplicated"
    ROW_WITHOUT_WRITER = "row without writer"
    WRITER_FORGED = "writer forged"
    WRITER_GAP = "gap in a writer's rows"
    WRITER_BROKEN = "writer's chain broken"
    PARTITION_MISSING = "partition missing"
    PARTITION_STRANGE = "partition of no month"
    ANSWER_REMOVED = "answer removed"
    ANSWER_CHANGED = "answer changed"
    ANSWER_STRAY = "answer of nothing"
    KEY_DESTROYED = "month key destroyed"
    TOMBSTONE_WRONG = "tombstone wrong"
    DECISION_ALONE = "decision of one person"
    DELETED_EARLY = "deleted early"
    HELD_CHANGED = "held copy changed"


SENTENCES: dict[Found, Promise | str] = {
    Found.CHECKPOINT_MISSING: _("The checkpoint is not in the database"),
    Found.CHECKPOINT_EDITED: _("The checkpoint's signature is not over what it says"),
    Found.CHECKPOINT_DIFFERS: _("The checkpoint is not the one in the outside copy"),
    Found.CHAIN_BROKEN: _("The checkpoint does not name the one before it"),
    Found.KEY_UNKNOWN: _("The checkpoint names a signing key that is not trusted"),
    Found.ROOT_SWAPPED: _("The checkpoint has another root than in the outside copy"),
    Found.HISTORY_REWRITTEN: _("The outside copy holds another checkpoint of this number, as validly signed"),
    Found.COPY_LINE_REMOVED: _("The checkpoint is not in the outside copy"),
    Found.COPY_LINE_CHANGED: _("The outside copy's line is not what was signed"),
    Found.WITNESS_DIFFERS: _("The witness saw a checkpoint that is not in the database"),
    Found.WITNESS_CHANGED: _("What the witness gave does not hold"),
    Found.ROOT_DIFFERS: _("The sealed rows do not give the checkpoint's root"),
    Found.ROWS_REORDERED: _("The checkpoint's rows stand in another order than they were sealed in"),
    Found.MEMBERSHIP_REMOVED: _("Places in the checkpoint are empty"),
    Found.MEMBERSHIP_CHANGED: _("The stored leaves are not those that were sealed; the rows are"),
    Found.MEMBERSHIP_STRAY: _("A membership names a place that the checkpoint does not have"),
    Found.ROW_CHANGED: _("The row or its salt is not what was sealed"),
    Found.ROW_REMOVED: _("The sealed row is gone"),
    Found.ROW_MOVED: _("The sealed row stands under another time, or in another month's partition"),
    Found.ROW_ADDED: _("The row is in no checkpoint though all of its time were sealed"),
    Found.ROW_BACKDATED: _("The row came long after its own time was sealed"),
    Found.ROW_DUPLICATED: _("Two rows have the same number of the same writer"),
    Found.ROW_WITHOUT_WRITER: _("The row names no writer though every release that writes does"),
    Found.WRITER_FORGED: _("The writer was introduced by somebody without the look-up keys"),
    Found.WRITER_GAP: _("The row that the same writer wrote before this one is gone"),
    Found.WRITER_BROKEN: _("The row does not name the one before it as the writer would have"),
    Found.PARTITION_MISSING: _("A month's rows are gone without a decision"),
    Found.PARTITION_STRANGE: _("A partition holds no whole month"),
    Found.ANSWER_REMOVED: _("The kept answer is gone without a decision"),
    Found.ANSWER_CHANGED: _("The kept answer is not the one that was recorded"),
    Found.ANSWER_STRAY: _("An answer is kept that no record names"),
    Found.KEY_DESTROYED: _("A month's key is gone without a decision"),
    Found.TOMBSTONE_WRONG: _("What the deletion left behind is not what the checkpoints say"),
    Found.DECISION_ALONE: _("It was not requested and approved by two persons"),
    Found.DELETED_EARLY: _("The month was deleted before the time had passed that the deletion names"),
    Found.HELD_CHANGED: _("A held copy is not what was held"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: `where` names table, month, checkpoint or row, `detail` what more is known."""

    kind: Found
    where: str
    detail: str = ""

    def __str__(self) -> str:
        behind = f" ({self.detail})" if self.detail else ""
        return f"{self.kind.upper()}: {self.where}: {SENTENCES[self.kind]}{behind}."


@dataclass(slots=True)
class Looked:
    """What was looked at so far; `unchecked` says in words what could not be, and how often."""

    months: set[date] = field(default_factory=set)
    rows: int = 0
    checkpoints: int = 0
    answers: int = 0
    unsealed: int = 0
    witnesses: int = 0
    deleted: int = 0
    unchecked: Counter[str] = field(default_factory=Counter)

    @property
    def numbers(self) -> dict[str, int]:
        """Return the numbers under their names."""
        return {
            "months": len(self.months),
            "rows": self.rows,
            "checkpoints": self.checkpoints,
            "answers": self.answers,
            "witnesses": self.witnesses,
            "months deleted by decision": self.deleted,
            "rows not yet sealed": self.unsealed,
        }


def month_of(table: str, month: date) -> str:
    return f"{table} {month:%Y-%m}"


def row_in(table: str, month: date, row: object) -> str:
    return f"{month_of(table, month)}, row {row}"
