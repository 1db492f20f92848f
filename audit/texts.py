"""The text that PostgreSQL has for a value: what is sent to it, what it reads back, and what is sealed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from django.db import models

from audit.cleaning import clean
from audit.seal.leaves import columns_of, model_of, moment_text

LEAST, MOST = -(2**63), 2**64 - 1
"""Whole numbers beyond these are read as others by many who read JSON."""

Text = str | None


def plain(value: object) -> Text:
    """Return the text of a number, a UUID, a date or a word of ours."""
    return None if value is None else str(value)


def truth(value: bool | None) -> Text:
    return None if value is None else ("true" if value else "false")


def moment(value: datetime | None) -> Text:
    return None if value is None else moment_text(value)


def hexadecimal(value: bytes | memoryview | None) -> Text:
    return None if value is None else f"\\x{bytes(value).hex()}"


def hexadecimals(values: Iterable[bytes]) -> str:
    """Return the text of an array of bytes."""
    elements = ",".join(f'"\\{hexadecimal(value)}"' for value in values)
    return f"{{{elements}}}"


def canonical(value: object) -> str:
    """Return the one JSON of a value. Raise ValueError for what another reader would print otherwise."""
    _check(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _check(value: object) -> None:
    """Refuse numbers that are not exact everywhere, and whatever is no JSON by itself."""
    if isinstance(value, dict):
        for name, child in value.items():
            _check_text(name)
            _check(child)
    elif isinstance(value, list | tuple):
        for child in value:
            _check(child)
    elif isinstance(value, int):
        if not LEAST <= value <= MOST:
            raise ValueError("A whole number of more than 64 bits cannot be sealed.")
    elif value is not None:
        _check_text(value)


def _check_text(value: object) -> None:
    if not isinstance(value, str):
        raise ValueError(f"A value of {type(value).__name__} cannot be sealed.")
    if "\0" in value or (not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value)):
        raise ValueError("Letters that PostgreSQL refuses cannot be sealed.")


def texts_of(table: str, values: Mapping[str, Any]) -> dict[str, Text]:
    """Return the texts of a row of a sealed table, given by column; what is left out is empty or absent.

    Raise ValueError for a column that the table does not have.
    """
    writers = _writers(table)
    if unknown := values.keys() - writers.keys():
        raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}.")
    return {name: write(values.get(name)) for name, write in writers.items()}


@cache
def _writers(table: str) -> dict[str, Callable[[Any], Text]]:
    fields = {field.column: field for field in model_of(table)._meta.local_concrete_fields}
    return {name: _writer(fields[name]) for name in columns_of(table) if not name.startswith("writer")}


def _writer(field: Any) -> Callable[[Any], Text]:
    """Return what writes a value of this field."""
    if isinstance(field, models.CharField):
        longest = field.max_length or 0
        return lambda value: clean(str(value or ""), longest)
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else canonical(value)
    for kind, write in KINDS.items():
        if isinstance(field, kind):
            return write
    return hexadecimals  # ByteaArrayField is the only other one


KINDS: dict[type[models.Field], Callable[[Any], Text]] = {
    models.DateTimeField: moment,
    models.BooleanField: truth,
    models.BinaryField: hexadecimal,
    models.UUIDField: plain,
    models.DateField: plain,
    models.IntegerField: plain,
}
