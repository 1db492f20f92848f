"""Identifiers in the trail: a keyed hash to find them by, a ciphertext to read them from, never the number itself."""

import hmac
import uuid
from enum import StrEnum

from django.conf import settings

from audit.ciphers import NotOpened, decrypted, encrypted, parted, place_of
from audit.keyring import Key
from audit.retain.month_keys import KeyGone, known_key


class Kind(StrEnum):
    """What a hash is a hash of. It is part of what is hashed, so that one number in two roles has two hashes."""

    PARTY = "party"
    ACCOUNT = "account"
    ACCOUNT_REFERENCE = "account-reference"
    ADDITIONAL_REFERENCE = "additional-reference"
    WRITER = "writer"
    ROW = "row"
    REQUESTER = "requester"


class NotRevealed(Exception):
    """The key is gone, or the value is not the one that was sealed in this column of this record."""


def hash_of(kind: Kind, value: str) -> bytes:
    """Return the hash that is stored: the writing key's name, a colon and 32 bytes."""
    return _hash(settings.AUDIT_LOOKUP_KEYS.writing, kind, value)


def hashes_of(kind: Kind, value: str) -> list[bytes]:
    """Return every hash that the value may be stored under, one for each key that still reads."""
    return [_hash(key, kind, value) for key in settings.AUDIT_LOOKUP_KEYS]


def shown(stored: bytes) -> str:
    """Return enough of a hash to see whether two are the same: the key's name and eight digits."""
    name, _, digest = bytes(stored).partition(b":")
    return f"{name.decode()}:{digest[:4].hex()}"


def seal(text: str, *, column: str, record: uuid.UUID) -> bytes:
    """Return the text encrypted for one column of one record with the ring's key: for what is no row of the trail."""
    key = settings.AUDIT_ENCRYPTION_KEYS.writing
    return encrypted(key, text.encode("utf-8", "surrogatepass"), place_of(column, record))


def reveal(sealed: bytes | memoryview, *, column: str, record: uuid.UUID) -> str:
    """Return the text that was sealed there, with a key of a month or of the ring. Raise NotRevealed."""
    return reveal_bytes(sealed, column=column, record=record).decode("utf-8", "surrogatepass")


def reveal_bytes(sealed: bytes | memoryview, *, column: str, record: uuid.UUID) -> bytes:
    """Return the bytes that were sealed there. Raise NotRevealed."""
    try:
        return decrypted(key_of(sealed), parted(sealed)[1], place_of(column, record))
    except (KeyGone, NotOpened):
        raise NotRevealed from None


def key_of(sealed: bytes | memoryview) -> Key:
    """Return the key that a value was sealed with. Raise KeyGone."""
    try:
        name, _ = parted(sealed)
        key: Key = known_key(name) if "." in name else settings.AUDIT_ENCRYPTION_KEYS.named(name)
    except (KeyError, ValueError):
        raise KeyGone from None
    return key


def _hash(key: Key, kind: Kind, value: str) -> bytes:
    message = b"%b\0%b" % (kind.encode(), value.encode("utf-8", "surrogatepass"))
    return b"%b:%b" % (key.name.encode(), hmac.digest(key.secret, message, "sha256"))
