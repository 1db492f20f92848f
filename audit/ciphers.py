"""Encryption of one value for one place: under another name, in another column or record it does not open."""

import os
import uuid
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit.keyring import Key

NONCE_BYTES = 12


class NotOpened(Exception):
    """It is not what was encrypted with this key for this place."""


def encrypted(key: Key, clear: bytes, place: bytes) -> bytes:
    """Return the key's name, a colon, nonce, ciphertext and tag."""
    nonce = os.urandom(NONCE_BYTES)
    return b"%b:%b%b" % (key.name.encode(), nonce, _cipher(key).encrypt(nonce, clear, place))


def parted(stored: bytes | memoryview) -> tuple[str, bytes]:
    """Return the name of the key and what is behind it. Raise ValueError when the name is no text."""
    name, _, rest = bytes(stored).partition(b":")
    return name.decode(), rest


def decrypted(key: Key, rest: bytes, place: bytes) -> bytes:
    """Return what was encrypted. Raise NotOpened."""
    try:
        return _cipher(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], place)
    except (ValueError, InvalidTag):
        raise NotOpened from None


def place_of(column: str, record: uuid.UUID) -> bytes:
    return b"%b\0%b" % (column.encode(), record.bytes)


@lru_cache(maxsize=256)
def _cipher(key: Key) -> AESGCM:
    return AESGCM(key.secret)
