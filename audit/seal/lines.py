"""A checkpoint as one line of JSON, as it lies outside the database, and strictly back."""

import re
from datetime import date, datetime
from typing import Any

import orjson

from audit.partitions import SEALED
from audit.seal.checkpoints import Statement

LONGEST_LINE = 2048
SIGNATURE_BYTES = 64
DIGEST = re.compile(r"[0-9a-f]{64}")
LARGEST = 2**63 - 1
FORMS = {
    "root": DIGEST,
    "previous": DIGEST,
    "key": DIGEST,
    "month": re.compile(r"\d{4}-\d{2}-01"),
    "cluster": re.compile(r"[ -~]{1,64}"),
    "at": re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}\+00:00"),
}
SMALLEST = {"number": 1, "size": 1, "below": 0}


class NotALine(ValueError):
    """This is no checkpoint: torn, changed in form, or something else."""


def line_of(checkpoint: Any) -> bytes:
    """Return the line of a checkpoint's row, line feed included."""
    return _line(Statement.of(checkpoint), bytes(checkpoint.signature))


def parse_line(line: bytes) -> tuple[Statement, bytes]:
    """Return statement and signature, not verified. Raise NotALine unless `line_of` wrote it so, to the byte.

    The line feed may be missing: a crash may have come between the closing brace and it.
    """
    if len(line) > LONGEST_LINE:
        raise NotALine
    try:
        members = orjson.loads(line)
        statement = Statement(**members["statement"])
        signature = bytes.fromhex(members["signature"])
        _check_form(statement)
    except (ValueError, TypeError, KeyError):
        raise NotALine from None
    if len(signature) != SIGNATURE_BYTES or _line(statement, signature) != line.removesuffix(b"\n") + b"\n":
        raise NotALine
    return statement, signature


def _line(statement: Statement, signature: bytes) -> bytes:
    members = {"signature": signature.hex(), "statement": orjson.Fragment(statement.line)}
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _check_form(statement: Statement) -> None:
    for name, form in FORMS.items():
        value = getattr(statement, name)
        if not isinstance(value, str) or not form.fullmatch(value):
            raise NotALine
    date.fromisoformat(statement.month)
    datetime.fromisoformat(statement.at)
    for name, smallest in SMALLEST.items():
        value = getattr(statement, name)
        if type(value) is not int or not smallest <= value <= LARGEST:  # a bool is an int too
            raise NotALine
    if statement.sealed_table not in SEALED:
        raise NotALine
