"""The rows: each sealed one is still what was sealed, and each that is not yet sealed could not have been."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from audit.partitions import bounds
from audit.seal.leaves import columns_of, moment_text
from audit.verify.checkpoints import Sealing, Within
from audit.verify.findings import Finding, Found, Looked, row_in
from audit.verify.leaves import leaf_columns, leaf_from, place_of
from audit.verify.memberships import Month, moment_of
from audit.verify.reading import Reader

ROWS = """
SELECT m.id::text, m.checkpoint::text, m.leaf::text, r.xact::text, {leaf}
FROM {rows} r FULL JOIN {sealed} m ON m.id = r.id AND m.at = r.{moment}
"""
ELSEWHERE = "SELECT id::text, min({moment})::text FROM {table} WHERE id = ANY(%s::uuid[]) GROUP BY id"
MOST_FOLLOWED = 20_000
"""So many rows that are not where they should be are looked for elsewhere; of more, it is said that they are gone."""
OF_ANOTHER_RELEASE = timedelta(days=1)
"""So long after the first checkpoint the release before it may still write, without a writer."""
LATE = {"audit_turned_away": timedelta(days=7)}
LATE_AT_MOST = timedelta(days=1)
"""No row reaches the database so long after its own time; sums may wait for it in a process."""
NAME_OF_KEY = re.compile(rb"\d{6}\.[a-z]+\.[a-z0-9:-]+")
LONGEST_NAME = 96


@dataclass(slots=True)
class Kept:
    """What is learnt about a month on the way: which keys its ciphertexts name, and what is to be followed up."""

    keys: set[str] = field(default_factory=set)
    missing: list[tuple[str, int]] = field(default_factory=list)
    added: list[str] = field(default_factory=list)


class Rows:
    """One pass over a month's rows beside their memberships, in the order of their ids."""

    def __init__(self, reader: Reader, month: Month, sealing: Sealing, within: Within) -> None:
        self.reader, self.month, self.sealing, self.within = reader, month, sealing, within
        self.kept = Kept()
        self._last = sealing.last.get(month.table)
        self._start, self._end = map(moment_text, bounds(month.first))
        self._late = LATE.get(month.table, LATE_AT_MOST)
        self._names = [place_of(month.table, name) for name in columns_of(month.table) if name.endswith("_sealed")]
        self._id, self._moment, self._writer = (
            place_of(month.table, name) for name in ("id", moment_of(month.table), "writer")
        )

    def check(self, looked: Looked) -> Iterator[Finding]:
        table = self.month.table
        query = ROWS.format(
            leaf=leaf_columns(table, "r"), rows=self.month.rows, sealed=self.month.sealed, moment=moment_of(table)
        )
        for membership, number, stored, xact, *row in self.reader.stream(query, along_the_keys=True):
            looked.rows += xact is not None
            if xact is None:
                yield from self._gone(membership or "", int(number or 0))
            else:
                yield from self._standing(row, stored, number, int(xact), looked)
        yield from self._followed_up()

    def _standing(
        self, row: list[str | None], stored: str | None, number: str | None, xact: int, looked: Looked
    ) -> Iterator[Finding]:
        where, moment = row_in(self.month.table, self.month.first, row[self._id]), row[self._moment] or ""
        checkpoint = int(number) if number else None
        if not self._start <= moment < self._end:
            yield Finding(Found.ROW_MOVED, where, f"its time is {moment}")
        if row[self._writer] is None and not self._of_another_release(moment):
            yield Finding(Found.ROW_WITHOUT_WRITER, where)
        for place in self._names:
            self._note_key(row[place])
        if checkpoint is None:
            looked.unsealed += 1
            yield from self._unsealed(where, row[self._id] or "", moment, xact)
        else:
            yield from self._sealed(where, row, stored or "", checkpoint, moment)

    def _sealed(
        self, where: str, row: list[str | None], stored: str, checkpoint: int, moment: str
    ) -> Iterator[Finding]:
        leaf = leaf_from(self.month.table, row)
        if (leaf is None or stored != f"\\x{leaf.hex()}") and checkpoint not in self.month.leaves_edited:
            yield Finding(Found.ROW_CHANGED, where, f"checkpoint {checkpoint}")
        root = self.month.roots.get(checkpoint)
        if root and root.before and self._is_late(moment, root.before):
            yield Finding(Found.ROW_BACKDATED, where, f"its time is {moment}, its checkpoint {checkpoint}")

    def _unsealed(self, where: str, row: str, moment: str, xact: int) -> Iterator[Finding]:
        if xact < self.sealing.watermark:
            if len(self.kept.added) < MOST_FOLLOWED:
                self.kept.added.append(row)
            else:
                yield Finding(Found.ROW_ADDED, where)
        elif self._last and self._is_late(moment, self._last.at):
            yield Finding(Found.ROW_BACKDATED, where, f"its time is {moment}, and it is in no checkpoint yet")

    def _is_late(self, moment: str, run: datetime) -> bool:
        """Return whether a run of the sealer came so long after that time that it would have met the row."""
        return moment < moment_text(run - self._late)

    def _of_another_release(self, moment: str) -> bool:
        """Return whether a release that knew no writers may have written the row."""
        first = self.sealing.first_at
        return first is None or moment < moment_text(first + OF_ANOTHER_RELEASE)

    def _note_key(self, ciphertext: str | None) -> None:
        if ciphertext:
            name = name_of_key(ciphertext)
            if name:
                self.kept.keys.add(name)

    def _gone(self, row: str, checkpoint: int) -> Iterator[Finding]:
        if len(self.kept.missing) < MOST_FOLLOWED:
            self.kept.missing.append((row, checkpoint))
        else:
            yield self._removed(row, checkpoint)

    def _removed(self, row: str, checkpoint: int) -> Finding:
        return Finding(Found.ROW_REMOVED, row_in(self.month.table, self.month.first, row), f"checkpoint {checkpoint}")

    def _followed_up(self) -> Iterator[Finding]:
        """Tell rows that stand elsewhere from those that are gone, and from those that were added."""
        table, first = self.month.table, self.month.first
        rows = self._elsewhere(table, moment_of(table), [row for row, _ in self.kept.missing])
        for row, checkpoint in self.kept.missing:
            if row in rows:
                yield Finding(Found.ROW_MOVED, row_in(table, first, row), f"its time is now {rows[row]}")
            else:
                yield self._removed(row, checkpoint)
        sealed = self._elsewhere(f"{table}_sealed", "at", self.kept.added)
        for row in self.kept.added:
            if row not in sealed:
                yield Finding(Found.ROW_ADDED, row_in(table, first, row))
            elif date.fromisoformat(sealed[row][:10]).replace(day=1) not in self.within:  # else it is missed there
                yield Finding(Found.ROW_MOVED, row_in(table, first, row), f"it was sealed with the time {sealed[row]}")

    def _elsewhere(self, table: str, moment: str, rows: list[str]) -> dict[str, str]:
        return dict(self.reader.rows(ELSEWHERE.format(table=table, moment=moment), rows)) if rows else {}


def name_of_key(ciphertext: str) -> str | None:
    """Return the month's key that a ciphertext names, given as PostgreSQL's text; None for a key of the ring."""
    name, colon, _ = bytes.fromhex(ciphertext[2 : 4 + 2 * LONGEST_NAME]).partition(b":")
    return name.decode() if colon and NAME_OF_KEY.fullmatch(name) else None
