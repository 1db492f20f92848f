"""The trees: whether the stored leaves of a month give the roots that were signed, and if not, why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple

from audit.partitions import MOMENTS
from audit.seal.merkle import Tree
from audit.verify.checkpoints import COLUMNS as OF_CHECKPOINTS
from audit.verify.checkpoints import Mark, after, checkpoint, signed_of
from audit.verify.findings import Finding, Found, month_of
from audit.verify.leaves import leaf_columns, leaf_from
from audit.verify.reading import Reader, octets

OF_TABLE = f"SELECT {OF_CHECKPOINTS} FROM audit_checkpoint WHERE sealed_table = '%s' ORDER BY number"  # noqa: S608
PLACES = "SELECT checkpoint, position, leaf FROM {sealed} m ORDER BY checkpoint, position"
IN_PLACE = """
SELECT {leaf}, m.leaf::text FROM {sealed} m LEFT JOIN {rows} r ON r.id = m.id AND r.{moment} = m.at
WHERE m.checkpoint = {number} ORDER BY {order}
"""
AS_SEALED = "r.xact, r.writer, r.writer_number, r.id"
MOST_NAMED = 5


class Root(NamedTuple):
    """What a checkpoint says of its rows, and when the sealer's run before it was."""

    size: int
    root: bytes
    before: datetime | None


@dataclass(slots=True)
class Month:
    """One month of one table: what to select its rows and memberships from, and the checkpoints over it."""

    table: str
    first: date
    rows: str = ""
    sealed: str = ""
    roots: dict[int, Root] = field(default_factory=dict)
    leaves_edited: set[int] = field(default_factory=set)

    def __str__(self) -> str:
        return month_of(self.table, self.first)

    def of(self, number: int) -> str:
        return f"{self}, {checkpoint(number)}"


def read_roots(reader: Reader, table: str) -> dict[date, dict[int, Root]]:
    """Return what all checkpoints of a table say, by month."""
    found: dict[date, dict[int, Root]] = {}
    mark: Mark | None = None
    for row in reader.stream(OF_TABLE % table):
        said = signed_of(row).statement
        mark = after(mark, said)
        roots = found.setdefault(date.fromisoformat(said.month), {})
        roots[said.number] = Root(said.size, bytes.fromhex(said.root), mark.before)
    return found


def check_trees(reader: Reader, month: Month) -> Iterator[Finding]:
    """Build each checkpoint's tree from the stored leaves. What does not fit is looked at once more, row by row."""
    differing, seen = [], set()
    stream = reader.stream(PLACES.format(sealed=month.sealed))
    for number, places in groupby(stream, key=lambda place: int(place[0] or 0)):
        seen.add(number)
        tree, faults = _tree(places, month.roots.get(number))
        yield from (Finding(kind, month.of(number), detail) for kind, detail in faults)
        if not faults and tree.root != month.roots[number].root:
            differing.append(number)
    for number in sorted(month.roots.keys() - seen):
        yield Finding(Found.MEMBERSHIP_REMOVED, month.of(number), f"all {month.roots[number].size}")
    for number in differing:
        yield _diagnosis(reader, month, number)


def _tree(places: Iterable[tuple[str | None, ...]], root: Root | None) -> tuple[Tree, list[tuple[Found, str]]]:
    tree, absent, expected, strays = Tree(), list[int](), 0, 0
    size = root.size if root else 0
    for _, position, leaf in places:
        place = int(position or 0)
        if not expected <= place < size:
            strays += 1
            continue
        absent += range(expected, min(place, expected + MOST_NAMED + 1))
        expected = place + 1
        tree.add(octets(leaf) or b"")
    absent += range(expected, min(size, expected + MOST_NAMED + 1))
    faults = []
    if absent:
        faults.append((Found.MEMBERSHIP_REMOVED, f"{size - tree.size} of {size}, {_places(absent)}"))
    if strays:
        faults.append((Found.MEMBERSHIP_STRAY, f"{strays} of them"))
    return tree, faults


def _places(absent: list[int]) -> str:
    more = ", …" if len(absent) > MOST_NAMED else ""
    return f"at {', '.join(map(str, absent[:MOST_NAMED]))}{more}"


def _diagnosis(reader: Reader, month: Month, number: int) -> Finding:
    """Say whether the rows are as sealed and only the stored leaves or their order are not."""
    root = month.roots[number].root
    if _root_of_rows(reader, month, number, "m.position") == root:
        month.leaves_edited.add(number)
        return Finding(Found.MEMBERSHIP_CHANGED, month.of(number))
    if _root_of_rows(reader, month, number, AS_SEALED) == root:
        return Finding(Found.ROWS_REORDERED, month.of(number))
    return Finding(Found.ROOT_DIFFERS, month.of(number), f"{month.roots[number].size} rows")


def _root_of_rows(reader: Reader, month: Month, number: int, order: str) -> bytes:
    query = IN_PLACE.format(
        leaf=leaf_columns(month.table, "r"),
        sealed=month.sealed,
        rows=month.rows,
        moment=MOMENTS[month.table],
        number=number,
        order=order,
    )
    leaves = (leaf_from(month.table, row[:-1]) for row in reader.stream(query))
    return Tree(leaf or bytes(32) for leaf in leaves).root
