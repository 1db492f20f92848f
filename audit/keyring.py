"""Secret keys with names: the first one writes, all of them read."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from audit.key_sources import read_secret
from audit.security_module import KeyUnusable, SecurityModule

NAME_RULE = "needs a name of 1 to 16 characters a-z, 0-9 and -"
LONGEST_NAME = 16
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


@dataclass(frozen=True, slots=True)
class Key:
    """One secret: `name` is stored beside what it made, `secret` never leaves the process."""

    name: str
    secret: bytes = field(repr=False)


class KeyRing:
    """Keys by name, read from `name:SOURCE[,name:SOURCE…]`; key_sources.py says what a source is.

    Raise ValueError, which never repeats the text, when a name is doubled or not 1–16 characters of
    a–z, 0–9 and -, or when a source does not give a secret of exactly `length` bytes.
    """

    def __init__(self, text: str, *, length: int, purpose: str = "", module: SecurityModule | None = None) -> None:
        parts = [_named_source(part) for part in text.split(",")]
        if len({name for name, _ in parts}) != len(parts):
            raise KeyUnusable("two keys have the same name")
        keys = [_read(name, source, length, purpose, module) for name, source in parts]
        self._by_name = {key.name: key for key in keys}
        self.writing = keys[0]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._by_name.values())

    def named(self, name: str) -> Key:
        """Return the key of that name. Raise KeyError when there is none."""
        return self._by_name[name]


def is_name(name: str) -> bool:
    return 1 <= len(name) <= LONGEST_NAME and LETTERS.issuperset(name)


def _named_source(part: str) -> tuple[str, str]:
    name, _, source = part.strip().partition(":")
    if not is_name(name):
        raise KeyUnusable(f"a key {NAME_RULE}, then a colon")
    return name, source


def _read(name: str, source: str, length: int, purpose: str, module: SecurityModule | None) -> Key:
    try:
        return Key(name, read_secret(source, name=name, purpose=purpose, length=length, module=module))
    except KeyUnusable as error:
        raise KeyUnusable(f"the key {name} {error}") from None
