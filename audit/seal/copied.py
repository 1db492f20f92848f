"""A row as COPY writes it, turned into its leaf at a few microseconds a row.

COPY and JSON escape a backslash and the common control characters alike; a quotation mark is JSON's alone. So what COPY
wrote is nearly the text that is sealed, and the few other rows go the long way round.
"""

import re
from typing import NamedTuple

import orjson
from django.db import models

from audit.partitions import MOMENTS
from audit.seal.leaves import MOMENT, columns_of, content, leaf, model_of

NONE = b"\\N"
UNUSUAL = bytes(code for code in range(32) if code not in b"\t\n")
"""Characters that COPY writes as they are and JSON does not."""
UNUSUAL_TOO = b"\\v"
"""Either the vertical tab, which JSON writes in another way, or a backslash before a v."""
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
MEANT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


class Row(NamedTuple):
    """A row's key, as COPY writes it, and its leaf."""

    id: bytes
    at: bytes
    leaf: bytes


class Copied:
    """Reads the lines that COPY writes of one sealed table, when asked for `selected`."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._names = columns_of(table)
        self._id, self._at = self._names.index("id"), self._names.index(MOMENTS[table])
        self._fields = {field.column: field for field in model_of(table)._meta.local_concrete_fields}
        self._json = [place for place, name in enumerate(self._names) if self._is(name, models.JSONField)]
        # Of a value that is no JSON the prefix ends with its quotation mark, and a quotation mark comes behind it.
        self._ends = [(f'"{name}":"'.encode(), b'"') for name in self._names]
        for place in self._json:
            self._ends[place] = (f'"{self._names[place]}":'.encode(), b"")
        self._end = f'}},"table":"{table}"}}'.encode()

    @property
    def selected(self) -> str:
        """Return what to select of the table `r`: the salt, and the columns that are sealed, sorted."""
        return ", ".join(['r."salt"', *map(self._selected, self._names)])

    def row(self, line: bytes) -> Row:
        """Return the row that a line tells of, line feed included."""
        usual = UNUSUAL_TOO not in line and len(line.translate(None, UNUSUAL)) == len(line)
        values = (line[:-1].replace(b'"', b'\\"') if usual else line[:-1]).split(b"\t")
        salt = values.pop(0)
        text = self._quickly(values) if usual else self._slowly(values)
        return Row(values[self._id], values[self._at], leaf(None if salt == NONE else bytes_of(salt), text))

    def _quickly(self, values: list[bytes]) -> bytes:
        for place in self._json:
            if values[place] != NONE:
                # Every quotation mark has a backslash before it that was put there for JSON, which this is already.
                values[place] = _sorted(values[place].replace(b'\\"', b'"'))
        items = [start + value + end for (start, end), value in zip(self._ends, values, strict=True) if value != NONE]
        return b'{"row":{' + b",".join(items) + self._end

    def _slowly(self, values: list[bytes]) -> bytes:
        return content(self._table, [None if value == NONE else _meant(value).decode() for value in values])

    def _selected(self, name: str) -> str:
        if self._is(name, models.DateTimeField):
            return MOMENT.format(f'r"."{name}')
        return f'r."{name}"::text' if self._is(name, models.BooleanField) else f'r."{name}"'

    def _is(self, name: str, kind: type[models.Field]) -> bool:
        return isinstance(self._fields[name], kind)


def bytes_of(value: bytes) -> bytes:
    """Return what a value of bytes stands for; COPY writes it as two backslashes, x and hexadecimal digits."""
    return bytes.fromhex(value[3:].decode())


def _sorted(value: bytes) -> bytes:
    return orjson.dumps(orjson.loads(_meant(value)), option=orjson.OPT_SORT_KEYS)


def _meant(value: bytes) -> bytes:
    return ESCAPED.sub(lambda found: MEANT.get(found[1], found[1]), value) if b"\\" in value else value
