"""Identifiers in the trail: a keyed hash to find them by, a ciphertext to read them from, never the number itself."""

import hmac
import os
import uuid
from enum import StrEnum
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from audit.keyring import Key

NONCE_BYTES = 12


class Kind(StrEnum):
    """What a hash is a hash of. It is part of what is hashed, so that one number in two roles has two hashes."""

    PARTY = "party"
    ACCOUNT = "account"
    ACCOUNT_REFERENCE = "account-reference"
    ADDITIONAL_REFERENCE = "additional-reference"
    WRITER = "writer"
    ROW = "row"


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
    """Return the text encrypted for one column of one record: the key's name, a colon, nonce, ciphertext and tag."""
    key = settings.AUDIT_ENCRYPTION_KEYS.writing
    nonce = os.urandom(NONCE_BYTES)
    ciphertext = _cipher(key).encrypt(nonce, text.encode("utf-8", "surrogatepass"), _place(column, record))
    return b"%b:%b%b" % (key.name.encode(), nonce, ciphertext)


def reveal(sealed: bytes, *, column: str, record: uuid.UUID) -> str:
    """Return the text that was sealed there. Raise NotRevealed."""
    name, _, rest = bytes(sealed).partition(b":")
    try:
        key = settings.AUDIT_ENCRYPTION_KEYS.named(name.decode())
        text = _cipher(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], _place(column, record))
    except (KeyError, ValueError, InvalidTag):
        raise NotRevealed from None
    return text.decode("utf-8", "surrogatepass")


def _hash(key: Key, kind: Kind, value: str) -> bytes:
    message = b"%b\0%b" % (kind.encode(), value.encode("utf-8", "surrogatepass"))
    return b"%b:%b" % (key.name.encode(), hmac.digest(key.secret, message, "sha256"))


def _place(column: str, record: uuid.UUID) -> bytes:
    return b"%b\0%b" % (column.encode(), record.bytes)


@lru_cache(maxsize=64)
def _cipher(key: Key) -> AESGCM:
    return AESGCM(key.secret)
