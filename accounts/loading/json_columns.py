"""What the JSON columns of a transaction may hold: lists of objects with the standard's own names and texts."""

import json
import re
from collections.abc import Callable
from typing import Any

from accounts.movement_columns import (
    ADDRESS_TEXTS,
    ADDRESS_TYPES,
    COUNTERPARTY_TYPES,
    IDENTIFIER_TYPES,
    REFERENCE_TYPES,
)

LONGEST = 500
ENOUGH = 100  # objects of a list
UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
WORDS = {"type": frozenset[str]()}
NESTED = {"identifier": IDENTIFIER_TYPES, "postalAddress": ADDRESS_TYPES}
NAMES = {
    "bank_references": ("value", "type"),
    "counterparties": ("type", "name", "accountIdentifier", "identifier", "postalAddress"),
    "identifier": ("countryOfResidence", "value", "type"),
    "postalAddress": (*ADDRESS_TEXTS, "type", "country", "addressLines"),
}
TYPES = {"bank_references": REFERENCE_TYPES, "counterparties": COUNTERPARTY_TYPES, **NESTED}


class Misshapen(ValueError):
    """The value is not what the column may hold; the words say why, and repeat nothing of it."""


def fault_of_json(column: str) -> Callable[[str], str | None]:
    def fault(value: str) -> str | None:
        try:
            items = json.loads(value, parse_constant=_refuse, parse_float=_refuse, parse_int=_refuse)
            _check_list(items, column)
        except Misshapen as misshapen:
            return str(misshapen)
        except (ValueError, RecursionError):
            return "is not JSON"
        return None

    return fault


def _check_list(items: Any, column: str) -> None:
    if not isinstance(items, list) or len(items) > ENOUGH:
        raise Misshapen(f"is not a list of at most {ENOUGH} objects")
    for item in items:
        _check_object(item, column)


def _check_object(item: Any, kind: str) -> None:
    if not isinstance(item, dict):
        raise Misshapen("holds something else than an object where one is meant")
    for name, value in item.items():
        if name not in NAMES[kind]:
            raise Misshapen("has a name that the standard does not know")
        if name in NESTED:
            _check_object(value, name)
        elif name == "addressLines":
            for line in value if isinstance(value, list) else [None]:
                _check_text(line)
        else:
            _check_text(value)
        if name == "type" and value not in TYPES[kind]:
            raise Misshapen("has a type that the standard does not know")


def _check_text(value: Any) -> None:
    if not isinstance(value, str) or len(value) > LONGEST or UNSTORABLE.search(value):
        raise Misshapen(f"holds something else than a text of at most {LONGEST} plain characters where one is meant")


def _refuse(_: str) -> Any:
    raise Misshapen("holds a number where a text is meant")


# As in a file, where quotes within quotes are doubled: what most rows look like. The rest is read as JSON.
TEXT = rf'""[^"\\\x00-\x1f\x7f]{{0,{LONGEST}}}+""'


def _members(**values: str) -> str:
    each = "|".join(f'""{name}"": ?{value}' for name, value in values.items())
    return rf"\{{(?:(?:{each})(?:, ?(?:{each}))*+)?\}}"


def _list(item: str) -> str:
    return rf'(?:\[\]|"\[(?:{item}(?:, ?{item}){{0,{ENOUGH - 1}}}+)?\]")'


def _word(words: frozenset[str]) -> str:
    return f'""(?:{"|".join(sorted(words))})""'


CODED = {
    "bank_references": _list(_members(value=TEXT, type=_word(REFERENCE_TYPES))),
    "counterparties": _list(
        _members(
            name=TEXT,
            type=_word(COUNTERPARTY_TYPES),
            accountIdentifier=TEXT,
            identifier=_members(countryOfResidence=TEXT, value=TEXT, type=_word(IDENTIFIER_TYPES)),
            postalAddress=_members(**dict.fromkeys((*ADDRESS_TEXTS, "country"), TEXT), type=_word(ADDRESS_TYPES)),
        )
    ),
}
