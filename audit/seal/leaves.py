"""What of a row is sealed, as one text that anybody can write again: JSON with sorted names and nothing absent.

Every value is the text that PostgreSQL has for it, but for two: moments are in UTC to the microsecond, and what is JSON
itself stays so, with sorted names. Columns that a row has no value in are left out, so that a column
added later changes no leaf of before.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
from django.apps import apps
from django.db import models

from audit.seal.merkle import leaf_of
from audit.sealed import NOT_IN_THE_LEAF, Sealed

SALT_BYTES = 16
MOMENT = """to_char("{}" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
COMMITMENT = b"\x02"


@cache
def columns_of(table: str) -> tuple[str, ...]:
    """Return the names of the columns that are sealed, sorted."""
    return tuple(sorted(field.column for field in _fields(table)))


@cache
def selected(table: str, alias: str = "") -> str:
    """Return what to select to get those columns as their texts, in that order."""
    fields = {field.column: field for field in _fields(table)}
    prefix = f'{alias}"."' if alias else ""
    return ", ".join(_text_of(fields[name], prefix) for name in columns_of(table))


def content_of(table: str, values: Mapping[str, str | None]) -> bytes:
    """Return the text that is sealed of a row, from its columns' texts."""
    return content(table, [values.get(name) for name in columns_of(table)])


def content(table: str, values: Sequence[str | None]) -> bytes:
    """Return the same from the values in the order of `columns_of`."""
    found: dict[str, Any] = {
        name: value for name, value in zip(columns_of(table), values, strict=True) if value is not None
    }
    for name in _json_columns(table):
        if name in found:
            found[name] = orjson.loads(found[name])
    return orjson.dumps({"row": found, "table": table}, option=orjson.OPT_SORT_KEYS)


def leaf(salt: bytes | None, text: bytes) -> bytes:
    """Return the leaf: the hash of the salt and the text behind it. Rows of a release without salts have none."""
    return leaf_of((salt or b"") + text)


def commitment(number: str, salt: bytes) -> bytes:
    """Return what a record shows of the number it is about: nothing, until the salt is given away with the number."""
    return hashlib.sha256(COMMITMENT + salt + number.encode("utf-8", "surrogatepass")).digest()


def moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@cache
def model_of(table: str) -> type[Sealed]:
    """Return the model behind a sealed table. Raise KeyError when the seal does not cover it."""
    return {model._meta.db_table: model for model in apps.get_models() if issubclass(model, Sealed)}[table]


def _fields(table: str) -> list[Any]:
    return [field for field in model_of(table)._meta.local_concrete_fields if field.column not in NOT_IN_THE_LEAF]


@cache
def _json_columns(table: str) -> tuple[str, ...]:
    return tuple(str(field.column) for field in _fields(table) if isinstance(field, models.JSONField))


def _text_of(field: Any, prefix: str) -> str:
    if isinstance(field, models.DateTimeField):
        return MOMENT.format(f"{prefix}{field.column}")
    return f'"{prefix}{field.column}"::text'
