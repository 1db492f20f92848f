"""One verification from the first checkpoint to the last answer, over one snapshot."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import inf
from typing import Any

from audit.partitions import SEALED, TABLES
from audit.seal.copies import Copy, CopyFailed
from audit.seal.witnesses import Stamp
from audit.verify.answers import check_answers
from audit.verify.chains import Chains
from audit.verify.checkpoints import Keys, Sealing, Within, check_checkpoints
from audit.verify.copy import Compared, check_beyond, check_copy, check_gaps
from audit.verify.decisions import Decisions, read_decisions
from audit.verify.findings import Finding, Found, Looked, month_of
from audit.verify.memberships import Month, check_trees, read_roots
from audit.verify.reading import Reader, snapshot
from audit.verify.rows import Rows
from audit.verify.tombstones import check_deletions
from audit.verify.witnesses import check_witnesses

PATIENCE = 5.0
"""Seconds that the sealer has for the copy after its commit."""
KEYS = "SELECT name FROM audit_key WHERE name = ANY(%s)"
EMPTY = "SELECT NOT EXISTS (SELECT FROM {rows} r) AND NOT EXISTS (SELECT FROM {sealed} m)"
DECISIONS = "audit_decision"


def verify(
    connection: Any,
    *,
    copy: Copy | None,
    public_keys: Keys,
    first: date | None = None,
    last: date | None = None,
    looked: Looked | None = None,
    witnesses: Iterable[Stamp] = (),
    patience: float = PATIENCE,
    deadline: float = inf,
) -> Iterator[Finding]:
    """Yield whatever does not hold. The months from that of `first` to that of `last` are read row by row.

    The checkpoints, the copy outside and the decisions are read whole in any case. `looked` is filled on the way.
    Raise TimeIsUp, or let the database end a statement, when reading lasts beyond the deadline of the monotonic clock.
    """
    looked = Looked() if looked is None else looked
    verification = Verification(copy, public_keys, Within(first, last), looked, patience)
    seen = _read_first(witnesses, looked)
    with snapshot(connection, deadline) as reader:
        yield from verification.over(reader, seen)
    yield from verification.afterwards(connection)


def _read_first(witnesses: Iterable[Stamp], looked: Looked) -> list[Stamp]:
    """Return the stamps. What was stamped before the snapshot is in it."""
    try:
        return [*witnesses]
    except CopyFailed:
        looked.unchecked["what witnesses gave: the copy cannot be read"] += 1
        return []


@dataclass(slots=True)
class Verification:
    """What one run is given, and what its parts learn for each other."""

    copy: Copy | None
    keys: Keys
    within: Within
    looked: Looked
    patience: float
    sealing: Sealing = field(default_factory=Sealing)
    compared: Compared = field(default_factory=Compared)

    def over(self, reader: Reader, witnesses: Sequence[Stamp]) -> Iterator[Finding]:
        self.sealing.witnessed = {stamp.digest for stamp in witnesses}
        yield from check_checkpoints(reader, self.sealing, keys=self.keys, within=self.within, looked=self.looked)
        yield from check_witnesses(witnesses, self.sealing.witnessed, self.looked)
        yield from self._compare_copy(reader)
        yield from check_gaps(self.sealing, self.compared)
        decisions = read_decisions(reader)
        yield from check_deletions(reader, decisions)
        for table in TABLES:
            for name in reader.strange_partitions(table):
                yield Finding(Found.PARTITION_STRANGE, name)
        for table in SEALED:
            yield from self._check_table(reader, table, decisions)
        yield from self._check_answers(reader, decisions)

    def afterwards(self, connection: Any) -> Iterator[Finding]:
        """Look again for what the copy had beyond the first snapshot."""
        if self.copy and self.compared.beyond.ranges:
            with snapshot(connection) as reader:
                yield from check_beyond(reader, self.copy, self.compared.beyond)

    def _compare_copy(self, reader: Reader) -> Iterator[Finding]:
        if self.copy is None:
            self.looked.unchecked["the copy outside: AUDIT_COPY names none"] += 1
            return
        try:
            yield from check_copy(
                reader, self.copy, self.sealing, self.compared, keys=self.keys, patience=self.patience
            )
        except CopyFailed:
            self.looked.unchecked["the copy outside: it cannot be read"] += 1

    def _check_table(self, reader: Reader, table: str, decisions: Decisions) -> Iterator[Finding]:
        """Go through a table's months, oldest first. The decisions are always read whole: others lean on them."""
        roots = read_roots(reader, table)
        rows, sealed = reader.months(table), reader.months(f"{table}_sealed")
        for first in sorted({*roots, *rows, *sealed}):
            if first not in self.within and table != DECISIONS:
                continue
            month = Month(table, first, rows.get(first, ""), sealed.get(first, ""), roots.get(first, {}))
            yield from self._check_month(reader, month, decisions)

    def _check_month(self, reader: Reader, month: Month, decisions: Decisions) -> Iterator[Finding]:
        if not month.rows or not month.sealed:
            yield from self._check_gone(reader, month, decisions)
            return
        if not month.roots and reader.rows(EMPTY.format(rows=month.rows, sealed=month.sealed)) == [(True,)]:
            return
        self.looked.months.add(month.first)
        rows = Rows(reader, month, self.sealing, self.within)
        yield from check_trees(reader, month)
        yield from rows.check(self.looked)
        yield from Chains(reader, month, decisions.months_deleted(month.table), self.looked).check()
        yield from self._check_keys(reader, month.table, month.first, rows.kept.keys, decisions)

    def _check_gone(self, reader: Reader, month: Month, decisions: Decisions) -> Iterator[Finding]:
        """Judge a month that is not there, as a whole."""
        if decisions.has_deleted(month.table, month.first):
            self.looked.deleted += 1
        elif month.roots or month.rows or month.sealed:
            missing = month.table if not month.rows else f"{month.table}_sealed"
            size = sum(root.size for root in month.roots.values())
            detail = f"{len(month.roots)} checkpoints over {size} rows"
            if reader.rows("SELECT to_regclass(%s) IS NOT NULL", f"{missing}_{month.first:%Y_%m}") == [(True,)]:
                detail += "; a table of its name lies detached"
            yield Finding(Found.PARTITION_MISSING, month_of(missing, month.first), detail)

    def _check_answers(self, reader: Reader, decisions: Decisions) -> Iterator[Finding]:
        records, answers = reader.months("audit_record"), reader.months("audit_answer")
        for first in sorted(first for first in {*records, *answers} if first in self.within):
            keys: set[str] = set()
            yield from check_answers(
                reader,
                first,
                rows=records.get(first),
                answers=answers.get(first),
                excused=lambda service, first=first: decisions.have_deleted("documents", service, first),  # type: ignore[misc]
                keys=keys,
                looked=self.looked,
            )
            yield from self._check_keys(reader, "audit_answer", first, keys, decisions)

    def _check_keys(
        self, reader: Reader, table: str, first: date, named: Iterable[str], decisions: Decisions
    ) -> Iterator[Finding]:
        """Compare the keys that ciphertexts name with those that are there."""
        present = {name for (name,) in reader.rows(KEYS, [*named])}
        for name in sorted({*named} - present):
            if not decisions.explain(name):
                yield Finding(Found.KEY_DESTROYED, f"key {name}", f"needed in {month_of(table, first)}")
