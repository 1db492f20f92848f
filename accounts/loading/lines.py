"""Reading rows strictly: whole blocks by one pattern, and what that does not match line by line.

A value holds no line break, so that a line of the file is a row, and whatever follows a bad line is read all the same.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from accounts.loading.columns import Column
from accounts.loading.refusals import Refused
from accounts.loading.tables import Table

VALUE = r'(?:"(?:[^"\n]|"")*"|[^",\n]*)'
ROW = re.compile(rf"{VALUE}(?:,{VALUE})*")
EACH = re.compile(rf"(?:^|,)({VALUE})")
MALFORMED = "is not a row of CSV (RFC 4180): see its quotes"
NO_TEXT = "is not UTF-8"

Refuse = Callable[[int, str, str], None]
"""Take the line, column and reason of a row that cannot be taken."""


def values_of(line: str) -> list[str] | None:
    """Return the values of a line without its end; None when it is no row."""
    if '"' not in line:
        return line.split(",")
    if not ROW.fullmatch(line):
        return None
    return [value[1:-1].replace('""', '"') if value.startswith('"') else value for value in EACH.findall(line)]


def is_text(read: str) -> bool:
    """Return whether all of it was UTF-8: a byte that was none is read as half a character."""
    try:
        read.encode()
    except UnicodeEncodeError:
        return False
    return True


def quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if value else ""


class Rows:
    """The rows of one file, whose first line names these columns."""

    def __init__(self, table: Table, header: Sequence[str]) -> None:
        check_header(table, header)
        self.header = tuple(header)
        self.columns: tuple[Column, ...] = tuple(table.columns[name] for name in header)
        self.pattern = ",".join(column.quick for column in self.columns)
        self._good = re.compile(rf"(?:{self.pattern}\n)*+")

    def good(self, block: str, *, line: int, refuse: Refuse) -> Iterator[str]:
        """Give the rows that can be taken, in pieces, and tell of the others. A block ends with the end of a line."""
        if "\r" in block:
            block = block.replace("\r\n", "\n")
        readable = is_text(block)
        place = 0
        while place < len(block):
            end = self._good.match(block, place).end() if readable else place  # type: ignore[union-attr]
            if end > place:
                yield block[place:end]
            if end < len(block):
                line += block.count("\n", place, end)
                stop = block.index("\n", end)
                yield from self._alone(block[end:stop], line, refuse)
                line, end = line + 1, stop + 1
            place = end

    def _alone(self, row: str, line: int, refuse: Refuse) -> Iterator[str]:
        if not is_text(row):
            return refuse(line, "", NO_TEXT)
        values = values_of(row)
        if values is None:
            return refuse(line, "", MALFORMED)
        if len(values) != len(self.columns):
            return refuse(line, "", f"has {len(values)} values where the first line has {len(self.columns)}")
        faults = [
            (column.name, fault)
            for column, value in zip(self.columns, values, strict=True)
            if (fault := column.fault_in(value))
        ]
        for name, fault in faults:
            refuse(line, name, fault)
        if not faults:
            yield ",".join(map(quoted, values)) + "\n"
        return None


def check_header(table: Table, header: Sequence[str]) -> None:
    """Refuse a first line that does not name the table's columns, each once."""
    if len(set(header)) < len(header):
        raise Refused(f"A file of {table.name} names a column twice.")
    if not set(header) <= table.columns.keys():
        raise Refused(f"A file of {table.name} has a column that the table lacks. It has {', '.join(table.columns)}.")
    if missing := sorted(table.needed - set(header)):
        raise Refused(f"A file of {table.name} lacks {', '.join(missing)}.")
