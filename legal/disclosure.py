"""Which fields? An allow-list made of the standard's own words; silence means no."""

from collections.abc import Mapping
from typing import Any

TECHNICAL, DELIVER, MAY_OMIT, WITHHOLD, UNDECIDED = "technical", "deliver", "may_omit", "withhold", "undecided"
CATEGORIES = frozenset({TECHNICAL, DELIVER, MAY_OMIT, WITHHOLD, UNDECIDED})
SENT = frozenset({TECHNICAL, DELIVER})  # may_omit is left out: the consumer would have to delete it

NEVER_SENT = frozenset({"accounts.name", "account.name"})
"""The common data model does not deliver an account's name, whatever word a service's table has for it."""

Fields = Mapping[str, "Fields"]
NOTHING = object()


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
