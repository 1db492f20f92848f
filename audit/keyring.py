"""Secret keys with names: the first one writes, all of them read."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """One secret: `name` is stored beside what it made, `secret` never leaves the process."""

    name: str
    secret: bytes


class KeyRing:
    """Keys by name, read from `name:base64[,name:base64…]`.

    Raise ValueError, which never repeats the text, when a name is doubled or not 1–16 characters of
    a–z, 0–9 and -, or when a secret is not base64 of exactly `length` bytes.
    """

    def __init__(self, text: str, *, length: int) -> None:
        keys = [_parse(part, length) for part in text.split(",")]
        self._by_name = {key.name: key for key in keys}
        if len(self._by_name) != len(keys):
            raise ValueError("two keys have the same name")
        self.writing = keys[0]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._by_name.values())

    def named(self, name: str) -> Key:
        """Return the key of that name. Raise KeyError when there is none."""
        return self._by_name[name]


def _parse(part: str, length: int) -> Key:
    name, _, secret = part.strip().partition(":")
    if not (1 <= len(name) <= 16 and all(c in "abcdefghijklmnopqrstuvwxyz0123456789-" for c in name)):
        raise ValueError("a key needs a name of 1 to 16 characters a-z, 0-9 and -, then a colon")
    try:
        raw = base64.b64decode(secret, validate=True)
    except binascii.Error:
        raise ValueError("a key is not base64") from None
    if len(raw) != length:
        raise ValueError(f"a key is not {length} bytes long")
    return Key(name, raw)
