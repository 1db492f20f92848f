"""The writers' chains: each row is introduced or names the row that the same writer wrote before it."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import orjson
from django.conf import settings

from audit.partitions import MOMENTS, next_month
from audit.secrecy import Kind, hashes_of
from audit.verify.findings import Finding, Found, Looked, row_in
from audit.verify.leaves import leaf_columns, leaf_from
from audit.verify.memberships import Month
from audit.verify.reading import Reader, octets

# Of a sealed row the stored leaf serves, which rows.py has compared with the row; else the leaf is made anew.
CHAINS = """
SELECT r.writer::text, r.writer_number::text, r.writer_previous::text, r.id::text, m.leaf::text,
       CASE WHEN m.leaf IS NULL OR m.checkpoint = ANY('{edited}') THEN to_json(ARRAY[{leaf}])::text END
FROM {rows} r LEFT JOIN {sealed} m ON m.id = r.id AND m.at = r.{moment}
WHERE r.writer IS NOT NULL ORDER BY r.writer, r.writer_number, m.checkpoint, r.id
"""
NEIGHBOURS = """
SELECT r.writer::text, r.writer_number::text, r.id::text, {leaf} FROM {rows} r
WHERE (r.writer, r.writer_number) IN (SELECT * FROM unnest(%s::uuid[], %s::bigint[]))
"""
INTRODUCED = """
SELECT writer::text, min({moment})::date FROM {table}
WHERE writer_number = 1 AND writer = ANY(%s::uuid[]) GROUP BY writer
"""
TWICE = """
SELECT DISTINCT a.id::text FROM {rows} a JOIN {table} b ON b.writer = a.writer AND b.writer_number = 1
WHERE a.writer_number = 1 AND (b.id, b.{moment}) <> (a.id, a.{moment})
  AND NOT (b.{moment} >= '{start}' AND b.{moment} < '{end}')
"""
MOST_FOLLOWED = 50_000
"""So many writers may have begun in another month."""


class Link(NamedTuple):
    """A row as its writer's chain has it. The leaf is None when the row could not have been sealed."""

    writer: str
    number: int
    previous: bytes
    row: str
    leaf: bytes | None


@dataclass(slots=True)
class Chains:
    """The chains of one month; `deleted` are the months of this table that a decision has removed."""

    reader: Reader
    month: Month
    deleted: frozenset[date]
    looked: Looked
    open: dict[str, Link] = field(default_factory=dict)  # by row: what it follows lies in another month

    def check(self) -> Iterator[Finding]:
        before: list[Link] = []  # the rows that have the number before: one, if nobody has added another
        same: list[Link] = []
        for link in self._links():
            if same and (same[0].writer, same[0].number) == (link.writer, link.number):
                yield self._finding(Found.ROW_DUPLICATED, link, f"number {link.number}, as row {same[0].row}")
                same.append(link)
            else:
                before, same = same, [link]
            if not follows(link, before):
                yield from self._check_link(link, before)
        yield from self._introduced_twice()
        yield from self._begun_elsewhere()

    def _check_link(self, link: Link, before: list[Link]) -> Iterator[Finding]:
        if link.number < 1:
            yield self._finding(Found.WRITER_FORGED, link, f"number {link.number}")
        elif link.number == 1:
            yield from self._check_digest(link, Kind.WRITER, str(uuid.UUID(link.writer)), Found.WRITER_FORGED)
        elif before and (before[0].writer, before[0].number) == (link.writer, link.number - 1):
            yield from self._check_against(link, before)
        elif len(self.open) < MOST_FOLLOWED:
            self.open[link.row] = link
        else:
            yield self._finding(Found.WRITER_GAP, link, f"number {link.number - 1}")

    def _check_against(self, link: Link, before: Iterable[Link]) -> Iterator[Finding]:
        findings = [
            [*self._check_digest(link, Kind.ROW, each.leaf.hex(), Found.WRITER_BROKEN)] for each in before if each.leaf
        ]
        if [] not in findings:
            yield self._finding(Found.WRITER_BROKEN, link, f"number {link.number}")

    def _check_digest(self, link: Link, kind: Kind, value: str, found: Found) -> Iterator[Finding]:
        """Compare a stored digest with what a writer would have stored, if the key that it names is at hand."""
        name, colon, _ = link.previous.partition(b":")
        if link.previous in hashes_of(kind, value):
            return
        if colon and not _is_known(name):
            self.looked.unchecked[f"writers of {self.month}: a look-up key is not in the ring"] += 1
            return
        yield self._finding(found, link, f"number {link.number}")

    def _links(self) -> Iterator[Link]:
        table = self.month.table
        query = CHAINS.format(
            leaf=leaf_columns(table, "r"),
            rows=self.month.rows,
            sealed=self.month.sealed,
            moment=MOMENTS[table],
            edited=f"{{{','.join(map(str, self.month.leaves_edited))}}}",
        )
        for writer, number, previous, row, stored, texts in self.reader.stream(query):
            leaf = octets(stored) if texts is None else leaf_from(table, orjson.loads(texts))
            yield Link(writer or "", int(number or 0), octets(previous) or b"", row or "", leaf)

    def _introduced_twice(self) -> Iterator[Finding]:
        """Find rows that begin a writer who has begun in another month already."""
        start, end = self.month.first, next_month(self.month.first)
        query = TWICE.format(
            rows=self.month.rows, table=self.month.table, moment=MOMENTS[self.month.table], start=start, end=end
        )
        for (row,) in self.reader.stream(query):
            where = row_in(self.month.table, self.month.first, row)
            yield Finding(Found.ROW_DUPLICATED, where, "number 1, as a row of another month")

    def _begun_elsewhere(self) -> Iterator[Finding]:
        """Look in other months for what stands before the first rows of this one, nearest months first."""
        months = self.reader.months(self.month.table)
        introduced = self._introductions()
        for first in self._nearest(months):
            wanted = [link for link in self.open.values() if self._may_lie_in(first, link, introduced)]
            if wanted:
                yield from self._look_in(months[first], wanted)
        for link in self.open.values():
            if link.writer in introduced or not any(month < self.month.first for month in self.deleted):
                yield self._finding(Found.WRITER_GAP, link, f"number {link.number - 1}")

    def _introductions(self) -> dict[str, date]:
        if not self.open:
            return {}
        query = INTRODUCED.format(moment=MOMENTS[self.month.table], table=self.month.table)
        return {
            writer: day.replace(day=1)
            for writer, day in self.reader.rows(query, [link.writer for link in self.open.values()])
        }

    def _nearest(self, months: Iterable[date]) -> list[date]:
        others = [first for first in months if first != self.month.first]
        return sorted(others, key=lambda first: abs((first - self.month.first).days))

    def _may_lie_in(self, first: date, link: Link, introduced: dict[str, date]) -> bool:
        """Return whether a row of that writer may lie there: next to this month, or since it was introduced."""
        if next_month(first) == self.month.first or first == next_month(self.month.first):
            return True
        begun = introduced.get(link.writer)
        return begun is not None and begun <= first < self.month.first

    def _look_in(self, rows: str, wanted: list[Link]) -> Iterator[Finding]:
        """Find what the rows follow, and whether others have their numbers."""
        writers = [link.writer for link in wanted] * 2
        numbers = [link.number - 1 for link in wanted] + [link.number for link in wanted]
        query = NEIGHBOURS.format(leaf=leaf_columns(self.month.table, "r"), rows=rows)
        found: dict[tuple[str, int], list[Link]] = {}
        for writer, number, row, *texts in self.reader.rows(query, writers, numbers):
            leaf = leaf_from(self.month.table, texts)
            found.setdefault((writer, int(number)), []).append(Link(writer, int(number), b"", row, leaf))
        for link in wanted:
            for twin in found.get((link.writer, link.number), []):
                yield self._finding(Found.ROW_DUPLICATED, link, f"number {link.number}, as row {twin.row}")
            if before := found.get((link.writer, link.number - 1)):
                del self.open[link.row]
                yield from self._check_against(link, before)

    def _finding(self, kind: Found, link: Link, detail: str) -> Finding:
        where = row_in(self.month.table, self.month.first, link.row)
        return Finding(kind, where, f"writer {link.writer}, {detail}")


def follows(link: Link, before: Sequence[Link]) -> bool:
    """Return whether it is plain that the row follows the only one before it; most do."""
    if len(before) != 1:
        return False
    writer, number, _, _, leaf = before[0]
    if writer != link.writer or number != link.number - 1 or leaf is None:
        return False
    return link.previous in hashes_of(Kind.ROW, leaf.hex())


def _is_known(name: bytes) -> bool:
    return any(key.name.encode() == name for key in settings.AUDIT_LOOKUP_KEYS)
