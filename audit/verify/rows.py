"""The rows: each sealed one is still what was sealed, and each that is not yet sealed could not have been."""

import re
from binascii import hexlify
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from audit.partitions import MOMENTS, bounds
from audit.seal.copied import NONE, Copied
from audit.seal.leaves import columns_of, moment_text
from audit.verify.checkpoints import Sealing, Within
from audit.verify.findings import Finding, Found, Looked, row_in
from audit.verify.memberships import Month
from audit.verify.reading import Reader

ROWS = """
SELECT m.id, m.checkpoint, m.leaf, r.xact, {columns}
FROM {rows} r FULL JOIN {sealed} m ON m.id = r.id AND m.at = r.{moment}
"""
BEFORE_THE_ROW = 4
ELSEWHERE = "SELECT id::text, min({moment})::text FROM {table} WHERE id = ANY(%s::uuid[]) GROUP BY id"
MOST_FOLLOWED = 20_000
"""So many rows that are not where they should be are looked for elsewhere; of more, it is said that they are gone."""
WITHOUT_WRITERS = frozenset({"audit_record", "audit_turned_away"})
"""The tables that a release before wrote to, which knew no writers."""
OF_ANOTHER_RELEASE = timedelta(days=1)
"""So long after the first checkpoint the release before it may still write, without a writer."""
LATE = {"audit_turned_away": timedelta(days=7)}
LATE_AT_MOST = timedelta(days=1)
"""No row reaches the database so long after its own time; sums may wait for it in a process."""
NAME_OF_KEY = re.compile(rb"\d{6}\.[a-z]+\.[a-z0-9:/-]+(\.[a-z0-9-]+)?")
LONGEST_NAME = 128
NEVER = b""


@dataclass(slots=True)
class Kept:
    """What is learnt about a month on the way: which keys its ciphertexts name, and what is to be followed up."""

    keys: set[str] = field(default_factory=set)
    missing: list[tuple[str, str]] = field(default_factory=list)
    added: list[str] = field(default_factory=list)


class Rows:
    """One pass over a month's rows beside their memberships, in the order of their ids."""

    def __init__(self, reader: Reader, month: Month, sealing: Sealing, within: Within) -> None:
        self.reader, self.month, self.sealing, self.within = reader, month, sealing, within
        self.kept = Kept()
        self._copied = Copied(month.table)
        names = ("salt", *columns_of(month.table))
        self._names = [place for place, name in enumerate(names) if name.endswith("_sealed")]
        self._moment, self._writer = names.index(MOMENTS[month.table]), names.index("writer")
        self._id = names.index("id")
        self._start, self._end = (moment_text(end).encode() for end in bounds(month.first))
        late = LATE.get(month.table, LATE_AT_MOST)
        self._latest = {b"%d" % number: before(root.before, late) for number, root in month.roots.items()}
        last = sealing.last.get(month.table)
        self._latest[NONE] = before(last.at if last else None, late)
        first = sealing.first_at
        known = month.table in WITHOUT_WRITERS
        until = moment_text(first + OF_ANOTHER_RELEASE).encode() if first else self._end
        self._another_release = until if known else NEVER

    def check(self, looked: Looked) -> Iterator[Finding]:
        query = ROWS.format(
            columns=self._copied.selected,
            rows=self.month.rows,
            sealed=self.month.sealed,
            moment=MOMENTS[self.month.table],
        )
        edited = {b"%d" % number for number in self.month.leaves_edited}
        for line in self.reader.lines(query, along_the_keys=True):
            membership, number, stored, xact, row = line.split(b"\t", BEFORE_THE_ROW)
            if xact == NONE:
                yield from self._gone(membership.decode(), number.decode())
                continue
            looked.rows += 1
            values = row.split(b"\t")
            yield from self._checked(values, number)
            if number == NONE:
                looked.unsealed += 1
                yield from self._unsealed(values, int(xact))
            elif stored != self._leaf(row) and number not in edited:
                yield Finding(Found.ROW_CHANGED, self._where(values), f"checkpoint {number.decode()}")
        yield from self._followed_up()

    def _leaf(self, row: bytes) -> bytes:
        """Return the row's leaf as COPY would write it."""
        try:
            return b"\\\\x" + hexlify(self._copied.row(row).leaf)
        except ValueError:  # a number that JSON readers do not agree upon: nobody could have sealed it
            return NEVER

    def _checked(self, values: list[bytes], number: bytes) -> list[Finding]:
        """Check what holds of every row, sealed or not."""
        found, moment = [], values[self._moment]
        if not self._start <= moment < self._end:
            found.append(Finding(Found.ROW_MOVED, self._where(values), f"its time is {moment.decode()}"))
        if values[self._writer] == NONE and moment >= self._another_release:
            found.append(Finding(Found.ROW_WITHOUT_WRITER, self._where(values)))
        if moment < self._latest.get(number, NEVER) and number != NONE:
            detail = f"its time is {moment.decode()}, its checkpoint {number.decode()}"
            found.append(Finding(Found.ROW_BACKDATED, self._where(values), detail))
        for place in self._names:
            if values[place] != NONE and (name := name_of_key(values[place])):
                self.kept.keys.add(name)
        return found

    def _unsealed(self, values: list[bytes], xact: int) -> Iterator[Finding]:
        moment = values[self._moment]
        if xact < self.sealing.watermark:
            if len(self.kept.added) < MOST_FOLLOWED:
                self.kept.added.append(values[self._id].decode())
            else:
                yield Finding(Found.ROW_ADDED, self._where(values))
        elif moment < self._latest[NONE]:
            detail = f"its time is {moment.decode()}, and it is in no checkpoint yet"
            yield Finding(Found.ROW_BACKDATED, self._where(values), detail)

    def _gone(self, row: str, checkpoint: str) -> Iterator[Finding]:
        if len(self.kept.missing) < MOST_FOLLOWED:
            self.kept.missing.append((row, checkpoint))
        else:
            yield Finding(Found.ROW_REMOVED, self._of(row), f"checkpoint {checkpoint}")

    def _followed_up(self) -> Iterator[Finding]:
        """Tell rows that stand elsewhere from those that are gone, and from those that were added."""
        table = self.month.table
        rows = self._elsewhere(table, MOMENTS[table], [row for row, _ in self.kept.missing])
        for row, checkpoint in self.kept.missing:
            if row in rows:
                yield Finding(Found.ROW_MOVED, self._of(row), f"its time is now {rows[row]}")
            else:
                yield Finding(Found.ROW_REMOVED, self._of(row), f"checkpoint {checkpoint}")
        sealed = self._elsewhere(f"{table}_sealed", "at", self.kept.added)
        for row in self.kept.added:
            if row not in sealed:
                yield Finding(Found.ROW_ADDED, self._of(row))
            elif date.fromisoformat(sealed[row][:10]).replace(day=1) not in self.within:  # else it is missed there
                yield Finding(Found.ROW_MOVED, self._of(row), f"it was sealed with the time {sealed[row]}")

    def _elsewhere(self, table: str, moment: str, rows: list[str]) -> dict[str, str]:
        return dict(self.reader.rows(ELSEWHERE.format(table=table, moment=moment), rows)) if rows else {}

    def _where(self, values: list[bytes]) -> str:
        return self._of(values[self._id].decode())

    def _of(self, row: str) -> str:
        return row_in(self.month.table, self.month.first, row)


def before(run: datetime | None, late: timedelta) -> bytes:
    """Return the time before which no row can be that a run of the sealer did not meet; as text, empty for no run."""
    return moment_text(run - late).encode() if run else NEVER


def name_of_key(ciphertext: bytes) -> str | None:
    """Return the month's key that a ciphertext names, given as COPY writes it; None for a key of the ring."""
    name, colon, _ = bytes.fromhex(ciphertext[3 : 5 + 2 * LONGEST_NAME].decode()).partition(b":")
    return name.decode() if colon and NAME_OF_KEY.fullmatch(name) else None
