"""A login's secret as two keys: one names its rows, the other opens them. The secret itself is in the cookie alone."""

import json
import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST_SECRET = 32  # characters: at least 160 random bits, as Django's own session keys have
NONCE_BYTES = 12
FILLED_TO = 1024  # bytes, by blanks


class NotOpened(Exception):
    """Sealed by another secret, for another person, or not by us."""


@dataclass(frozen=True)
class Lock:
    """What one secret opens on one shelf. Two shelves have nothing in common by which their rows could be matched."""

    shelf: str
    secret: str = field(repr=False)
    bound_to: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_SECRET:
            raise ValueError("The secret of a login must have at least 32 random characters.")

    @cached_property
    def name(self) -> str:
        """Return what the row is found by."""
        return self._derived("name").hex()

    def seal(self, value: Any) -> bytes:
        """Return the JSON value encrypted; its length tells next to nothing of what it holds."""
        text, nonce = json.dumps(value).encode(), os.urandom(NONCE_BYTES)
        filled = text.ljust(-(-len(text) // FILLED_TO) * FILLED_TO)
        return nonce + self._cipher.encrypt(nonce, filled, self.bound_to.encode())

    def open(self, sealed: bytes | memoryview) -> Any:
        """Return what was sealed. Raise NotOpened."""
        nonce, ciphertext = bytes(sealed[:NONCE_BYTES]), bytes(sealed[NONCE_BYTES:])
        try:
            text = self._cipher.decrypt(nonce, ciphertext, self.bound_to.encode())
        except (InvalidTag, ValueError):
            raise NotOpened from None
        return json.loads(text)

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._derived("key"))

    def _derived(self, purpose: str) -> bytes:
        info = f"dsop/studielan/{self.shelf}/{purpose}".encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self.secret.encode())
