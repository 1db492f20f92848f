"""The checkpoints against the copy outside the database, in both directions, and against what witnesses saw."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from audit.seal.copies import Copy, NotALine, parse_line
from audit.verify.checkpoints import COLUMNS, Keys, Sealing, Signed, checkpoint, holds, signed_of
from audit.verify.findings import Finding, Found
from audit.verify.reading import Reader, batches

BATCH = 2000
NUMBERED = f"SELECT {COLUMNS} FROM audit_checkpoint WHERE number = ANY(%s::bigint[])"  # noqa: S608 - our own words
MADE_AT = "SELECT at FROM audit_checkpoint WHERE number = %s"
FRESH = timedelta(minutes=1)
PAUSE = 0.25


@dataclass(slots=True)
class Numbers:
    """A set of numbers that come mostly in order, kept as ranges."""

    ranges: list[list[int]] = field(default_factory=list)

    def add(self, number: int) -> None:
        for span in reversed(self.ranges[-8:]):
            if span[0] <= number <= span[1]:
                return
            if number == span[1] + 1:
                span[1] = number
                return
        self.ranges.append([number, number])

    def __contains__(self, number: int) -> bool:
        return any(first <= number <= last for first, last in self.ranges)

    def lacks(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the ranges of what is not in the set, from the first number to the last."""
        for start, end in sorted(self.ranges):
            if start > first <= last:
                yield first, min(start - 1, last)
            first = max(first, end + 1)
        if first <= last:
            yield first, last


@dataclass(slots=True)
class Compared:
    """What the copy holds, and what it has beyond the snapshot: made meanwhile, or gone from the database."""

    numbers: Numbers = field(default_factory=Numbers)
    beyond: Numbers = field(default_factory=Numbers)


def check_copy(
    reader: Reader, copy: Copy, sealing: Sealing, compared: Compared, *, keys: Keys, patience: float
) -> Iterator[Finding]:
    """Compare every line with its checkpoint, then name the checkpoints that no line is about."""
    for lines in batches(enumerate(copy.read(), 1), BATCH):
        yield from _check_lines(reader, lines, sealing, compared, keys)
    _wait_for_the_last(reader, copy, sealing, compared, patience)
    present = Numbers([[first, last] for first, last in _present(sealing)])
    for first, last in compared.numbers.lacks(1, sealing.newest):
        for start, end in _overlaps(present, first, last):
            yield Finding(Found.COPY_LINE_REMOVED, span(start, end))


def check_gaps(sealing: Sealing, compared: Compared) -> Iterator[Finding]:
    """Name the numbers that neither database nor copy has; those that the copy has are named with what they held."""
    for first, last in sealing.gaps:
        for start, end in compared.numbers.lacks(first, last):
            yield Finding(Found.CHECKPOINT_MISSING, span(start, end), "its number is left out")


def check_beyond(reader: Reader, copy: Copy, beyond: Numbers) -> Iterator[Finding]:
    """Name what the copy had beyond the database. The reader has a later snapshot, with what was sealed meanwhile."""
    for lines in batches(copy.read(), BATCH):
        theirs = [signed for signed in _parsed(lines) if signed.statement.number in beyond]
        found = reader.rows(NUMBERED, [signed.statement.number for signed in theirs])
        present = {signed_of(row).statement.number for row in found}
        for signed in theirs:
            if signed.statement.number not in present:
                detail = f"the copy has it: {signed.words}"
                yield Finding(Found.CHECKPOINT_MISSING, checkpoint(signed.statement.number), detail)


def _parsed(lines: Sequence[bytes]) -> Iterator[Signed]:
    for line in lines:
        try:
            yield Signed(*parse_line(line))
        except NotALine:
            continue


def _check_lines(
    reader: Reader, lines: Sequence[tuple[int, bytes]], sealing: Sealing, compared: Compared, keys: Keys
) -> Iterator[Finding]:
    parsed: list[Signed] = []
    for place, line in lines:
        try:
            parsed.append(Signed(*parse_line(line)))
        except NotALine:
            yield Finding(Found.COPY_LINE_CHANGED, f"line {place} of the outside copy", "it is no checkpoint")
    found = reader.rows(NUMBERED, [signed.statement.number for signed in parsed])
    here = {signed.statement.number: signed for signed in map(signed_of, found)}
    for theirs in parsed:
        number = theirs.statement.number
        ours = here.get(number)
        if ours is None and (holds(theirs, keys) or not keys):
            compared.beyond.add(number)
            compared.numbers.add(number)
            if sealing.after_gap.get(number, theirs.statement.digest.hex()) != theirs.statement.digest.hex():
                yield Finding(Found.CHAIN_BROKEN, checkpoint(number + 1), "another one stood before it in the copy")
        elif ours is None:
            yield Finding(Found.COPY_LINE_CHANGED, checkpoint(number), "the database has no such checkpoint")
        else:
            compared.numbers.add(number)
            yield from _differences(ours, theirs, keys)


def _differences(ours: Signed, theirs: Signed, keys: Keys) -> Iterator[Finding]:
    if ours == theirs:
        return
    where, detail = checkpoint(ours.statement.number), f"the copy has {theirs.words}"
    names = [
        name for name in ours.statement.__slots__ if getattr(ours.statement, name) != getattr(theirs.statement, name)
    ]
    if not keys:
        yield Finding(Found.CHECKPOINT_DIFFERS, where, detail)
    elif not holds(theirs, keys):
        yield Finding(Found.COPY_LINE_CHANGED, where)
    elif holds(ours, keys):
        yield Finding(Found.HISTORY_REWRITTEN, where, detail)
    elif names == ["root"]:
        yield Finding(Found.ROOT_SWAPPED, where)
    else:
        yield Finding(Found.CHECKPOINT_DIFFERS, where, ", ".join(names) or "signature")


def _wait_for_the_last(reader: Reader, copy: Copy, sealing: Sealing, compared: Compared, patience: float) -> None:
    """Give the sealer the moment between its commit and the copy."""
    until = time.monotonic() + patience
    while any(last == sealing.newest for _, last in compared.numbers.lacks(1, sealing.newest)):
        [(made_at,)] = reader.rows(MADE_AT, sealing.newest)
        if time.monotonic() >= until or made_at < datetime.now(UTC) - FRESH:
            return
        time.sleep(PAUSE)
        for signed in _parsed([*copy.read(made_at.date())]):
            compared.numbers.add(signed.statement.number)


def _present(sealing: Sealing) -> Iterator[tuple[int, int]]:
    """Yield the ranges of numbers that the database has."""
    first = 1
    for start, end in sealing.gaps:
        if first < start:
            yield first, start - 1
        first = end + 1
    if first <= sealing.newest:
        yield first, sealing.newest


def _overlaps(numbers: Numbers, first: int, last: int) -> Iterator[tuple[int, int]]:
    for start, end in numbers.ranges:
        if max(start, first) <= min(end, last):
            yield max(start, first), min(end, last)


def span(first: int, last: int) -> str:
    return checkpoint(first) if first == last else f"checkpoints {first} to {last}"
