"""Text from outside: JSON read strictly, and words made fit for a log."""

import json
from typing import Any, NoReturn


def read_object(text: bytes) -> dict[str, Any]:
    """Return the JSON object. Raise ValueError unless it is one object in UTF-8 that names no member twice."""
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_members, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def printable(value: object, longest: int = 255) -> str:
    """Return a string without control characters and cut to size; empty for anything but a string (LOG-03)."""
    if not isinstance(value, str):
        return ""
    cut = value[:longest]
    return cut if cut.isprintable() else "".join(character for character in cut if character.isprintable())


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is named twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
