"""Where a secret is read from: the setting itself, a private file, or a security module that derives it."""

import base64
import os
import stat
from enum import StrEnum
from pathlib import Path

from audit.security_module import KeyUnusable, SecurityModule

LARGEST_FILE = 16_384


class Purpose(StrEnum):
    """What a key is for. It is part of what a security module derives from: no two purposes share a secret."""

    REFERENCE = "reference"
    AUDIT_LOOKUP = "audit-lookup"
    AUDIT_ENCRYPTION = "audit-encryption"
    SEAL = "seal"
    ENTERPRISE = "enterprise"


LENGTHS = {Purpose.REFERENCE: 64, Purpose.AUDIT_LOOKUP: 32, Purpose.AUDIT_ENCRYPTION: 32}
"""The purposes that have a ring of secrets, and how many bytes each secret has."""


def read_secret(source: str, *, name: str, purpose: str, length: int, module: SecurityModule | None) -> bytes:
    """Return the secret behind base64, `file:/path` or `pkcs11:LABEL`. Raise KeyUnusable."""
    kind, _, place = source.partition(":")
    if kind == "file":
        content = read_private_file(place)
        return content if len(content) == length else _decoded(content.strip(), length)
    if kind == "pkcs11":
        return module_for(place, module).derive(place, f"dsop/{purpose}/{name}".encode())[:length]
    return _decoded(source.encode(), length)


def module_for(label: str, module: SecurityModule | None) -> SecurityModule:
    """Return the module that is to hold a key of that label. Raise KeyUnusable when there is none, or no label."""
    if module is None:
        raise KeyUnusable("needs a security module: set PKCS11_MODULE, PKCS11_TOKEN and its PIN")
    if not label:
        raise KeyUnusable("needs the label of a key after pkcs11:")
    return module


def read_security_module(*, library: str, token: str, pin: str, pin_file: str) -> SecurityModule | None:
    """Return the module that the settings name, None when they name none. Raise KeyUnusable for half of it."""
    if not (library or token or pin or pin_file):
        return None
    if not (library and token and bool(pin) != bool(pin_file)):
        raise KeyUnusable("Set PKCS11_MODULE and PKCS11_TOKEN, and one of PKCS11_PIN and PKCS11_PIN_FILE; or none")
    try:
        return SecurityModule(library=library, token=token, pin=pin or read_private_file(pin_file).decode().strip())
    except KeyUnusable as error:
        raise KeyUnusable(f"PKCS11_PIN_FILE: the PIN {error}") from None
    except UnicodeDecodeError:
        raise KeyUnusable("PKCS11_PIN_FILE: the PIN is not text") from None


def read_private_file(path: str) -> bytes:
    """Return the content of a file that nobody but this user and root can read or change. Raise KeyUnusable."""
    if not Path(path).is_absolute():
        raise KeyUnusable("lies in a file that must be named by its whole path")
    try:
        # A pipe would block; what is opened is looked at, not what the path may name a moment later.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise KeyUnusable(f"lies in a file that cannot be opened ({error.strerror})") from None
    try:
        _refuse_shared(os.fstat(descriptor))
        return os.read(descriptor, LARGEST_FILE)
    finally:
        os.close(descriptor)


def _refuse_shared(file: os.stat_result) -> None:
    if not stat.S_ISREG(file.st_mode):
        raise KeyUnusable("lies in something that is not a file")
    if file.st_uid not in {0, os.geteuid()}:
        raise KeyUnusable("lies in a file of another user: only this user or root may own it")
    if file.st_mode & 0o177:
        raise KeyUnusable("lies in a file that others may use too: give it the mode 0600")


def _decoded(text: bytes, length: int) -> bytes:
    try:
        secret = base64.b64decode(text, validate=True)
    except ValueError:
        raise KeyUnusable("is not base64") from None
    if len(secret) != length:
        raise KeyUnusable(f"is not {length} bytes long")
    return secret
