"""Which fields? An allow-list made of the standard's own words; silence means no."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

TECHNICAL, DELIVER, MAY_OMIT, WITHHOLD, UNDECIDED = "technical", "deliver", "may_omit", "withhold", "undecided"
CATEGORIES = frozenset({TECHNICAL, DELIVER, MAY_OMIT, WITHHOLD, UNDECIDED})
SENT = frozenset({TECHNICAL, DELIVER})  # may_omit is left out: the consumer would have to delete it

NEVER_SENT = frozenset({"accounts.name", "account.name"})
"""The common data model does not deliver an account's name, whatever word a service's table has for it."""

Fields = Mapping[str, "Fields"]
Disclosed = Callable[[Any], Any]
Plan = tuple[list[str] | None, list[tuple[str, Disclosed]]]
"""The names that stay, None where all do; and those whose value is looked into."""
NOTHING = object()
MOST_SHAPES = 1_000
"""Remembered of one kind of document: its optional members come and go."""
BARE = frozenset({str, int, bool, float, type(None), orjson.Fragment})
"""The very types without anything in them, the last one for exact numbers; whatever else there is, is looked into."""


def is_sent(path: str, category: str, *, undecided: str) -> bool:
    """Return whether a field leaves; `undecided` is the service's own choice, deliver or withhold."""
    if path in NEVER_SENT:
        return False
    return category in SENT or (category == UNDECIDED and undecided == DELIVER)


def tree(categories: Mapping[str, str], *, undecided: str = WITHHOLD) -> Fields:
    """Return the fields that are sent, as a tree: `{"a.b": "deliver"}` becomes `{"a": {"b": {}}}`."""
    root: dict[str, Any] = {}
    for path, category in categories.items():
        if is_sent(path, category, undecided=undecided):
            node = root
            for name in path.split("."):
                node = node.setdefault(name, {})
    return root


def disclose(value: Any, fields: Fields) -> Any:
    """Return a copy of value that holds only the listed fields. Lists stay, a parent goes when no child is left."""
    if isinstance(value, list):
        return [kept for kept in (disclose(item, fields) for item in value) if kept is not NOTHING and kept != {}]
    if isinstance(value, dict):
        pairs = ((name, disclose(child, fields[name])) for name, child in value.items() if name in fields)
        return {name: kept for name, kept in pairs if kept is not NOTHING and kept != {}}
    return NOTHING if fields else value  # a bare value where the standard has structure is withheld


class Filter:
    """What `disclose` does by these fields, made once: a page has a thousand documents of a few shapes.

    What becomes of a document's members hangs on their names and types alone, and is remembered by them.
    """

    __slots__ = ("bare", "children", "plans")

    def __init__(self, fields: Fields) -> None:
        self.children = {name: Filter(child) for name, child in fields.items()}
        self.bare = frozenset(name for name, child in fields.items() if not child)
        self.plans: dict[tuple[Any, ...], Plan] = {}

    def __call__(self, value: Any) -> Any:
        if isinstance(value, dict):
            return self.document(value)
        if isinstance(value, list):
            return self.listed(value)
        return NOTHING if self.children else value

    def listed(self, values: list[Any]) -> list[Any]:
        """Return what stays of each: the list itself where all of all documents does."""
        look = self.document
        for value in values:
            if type(value) is not dict or not value or look(value) is not value:
                return [found for found in map(self, values) if found is not NOTHING and found != {}]
        return values

    def document(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return the members that stay: the document itself where all do."""
        shape = (*value, *map(type, value.values()))
        names, deeper = self.plans.get(shape) or self._planned(shape, value)
        found = value if names is None else {name: value[name] for name in names}
        for name, look in deeper:
            child = value[name]
            left = look(child)
            if left is child and left != {}:
                continue
            found = value.copy() if found is value else found
            if left is NOTHING or left == {}:
                del found[name]
            else:
                found[name] = left
        return found

    def _planned(self, shape: tuple[Any, ...], value: dict[str, Any]) -> Plan:
        names = [name for name in value if name in self.children]
        structured = [name for name in names if name not in self.bare or type(value[name]) not in BARE]
        deeper = [(name, self.children[name].way(type(value[name]))) for name in structured]
        plan = (None if len(names) == len(value) else names), deeper
        if len(self.plans) < MOST_SHAPES:
            self.plans[shape] = plan
        return plan

    def way(self, kind: type) -> Disclosed:
        """Return what looks into a value of that very type."""
        return self.document if kind is dict else self.listed if kind is list else self


def filter_by(fields: Fields) -> Disclosed:
    """Return the filter of a mandate's fields at one endpoint."""
    return Filter(fields)
