"""A row as COPY writes it, turned into its leaf at a few microseconds a row.

COPY and JSON escape a backslash and the common control characters alike; a quotation mark is JSON's alone. So what COPY
wrote is nearly the text that is sealed, and the few rows with other characters go the long way round.
"""

import re
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

import orjson
from django.db import models

from audit.partitions import MOMENTS
from audit.seal.leaves import MOMENT, columns_of, content, leaf, model_of

NONE = b"\\N"
UNUSUAL = bytes(code for code in range(32) if chr(code) not in "\b\t\n\v\f\r")
"""Characters that COPY writes as they are and JSON does not."""
UNUSUAL_TOO = b"\\v"
"""Either the vertical tab, which JSON writes in another way, or a backslash before a v."""
PLAIN = (models.UUIDField, models.BinaryField, models.IntegerField, models.DateField, models.BooleanField)
"""What is never written with such characters."""
UNQUOTED = b"\0"
"""Takes away the quotation mark behind it. No text of PostgreSQL's holds this character."""
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
        fields = {field.column: field for field in model_of(table)._meta.local_concrete_fields}
        self._fields = [fields[name] for name in self._names]
        self._json = [place for place, field in enumerate(self._fields) if isinstance(field, models.JSONField)]
        self._begin = [f'"{name}":"'.encode() for name in self._names]
        for place in self._json:
            self._begin[place] = self._begin[place].removesuffix(b'"')
        self._end = f'"}},"table":"{table}"}}'.encode()
        texts = [place for place, field in enumerate(self._fields) if not isinstance(field, PLAIN)]
        self._texts = itemgetter(0, *texts)  # of one place alone it would give no tuple
        self._key = itemgetter(self._names.index("id"), self._names.index(MOMENTS[table]))

    @property
    def selected(self) -> str:
        """Return what to select of the table `r`: the salt, and the columns that are sealed, sorted."""
        return ", ".join(['r."salt"', *map(_selected, self._fields)])

    def row(self, line: bytes) -> Row:
        """Return the row that a line tells of, line feed included."""
        values = line[:-1].replace(b'"', b'\\"').split(b"\t")
        salt = values.pop(0)
        texts = b"".join(self._texts(values))
        usual = UNUSUAL_TOO not in texts and len(texts.translate(None, UNUSUAL)) == len(texts)
        text = self._quickly(values) if usual else self._slowly(values)
        identifier, moment = self._key(values)
        return Row(identifier, moment, leaf(None if salt == NONE else bytes_of(salt), text))

    def _quickly(self, values: list[bytes]) -> bytes:
        for place in self._json:
            if values[place] != NONE:
                values[place] = _sorted(_copied(values[place])) + UNQUOTED
        items = [begin + value for begin, value in zip(self._begin, values, strict=True) if value != NONE]
        text = b'{"row":{' + b'",'.join(items) + self._end
        return text.replace(UNQUOTED + b'"', b"") if self._json else text

    def _slowly(self, values: list[bytes]) -> bytes:
        meant = [None if value == NONE else _meant(_copied(value)).decode() for value in values]
        return content(self._table, meant)


def _selected(field: models.Field) -> str:
    if isinstance(field, models.DateTimeField):
        return MOMENT.format(f'r"."{field.column}')
    return f'r."{field.column}"::text' if isinstance(field, models.BooleanField) else f'r."{field.column}"'


def bytes_of(value: bytes) -> bytes:
    """Return what a value of bytes stands for; COPY writes it as two backslashes, x and hexadecimal digits."""
    return bytes.fromhex(value[3:].decode())


def _copied(value: bytes) -> bytes:
    """Return what COPY wrote, from what was made of it: a backslash before each quotation mark."""
    return value.replace(b'\\"', b'"')


@lru_cache(maxsize=1024)  # many rows say the same
def _sorted(value: bytes) -> bytes:
    return orjson.dumps(orjson.loads(_meant(value)), option=orjson.OPT_SORT_KEYS)


def _meant(value: bytes) -> bytes:
    return ESCAPED.sub(lambda found: MEANT.get(found[1], found[1]), value) if b"\\" in value else value
