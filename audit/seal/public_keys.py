"""The public halves of every key that has sealed: a file kept for ever, outside the database too."""

import os
import re
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from audit.seal.adapters import Unusable
from audit.seal.checkpoints import fingerprint

LARGEST = 256 * 1024
OTHERS_WRITE = 0o022
BLOCK = re.compile(rb"-----BEGIN PUBLIC KEY-----\r?\n[A-Za-z0-9+/=\r\n]+-----END PUBLIC KEY-----[ \t]*\r?(?:\n|\Z)")
REMARK = re.compile(rb"\s*(?:#[^\n]*(?:\n|\Z)\s*)*")


def read_public_keys(path: str) -> dict[str, Ed25519PublicKey]:
    """Return the keys of a PEM bundle by their fingerprints. Raise Unusable.

    There must be nothing in it but Ed25519 public keys and lines that begin with #.
    """
    content, place, keys = _read(path), 0, {}
    while (place := _after(REMARK, content, place)) < len(content):
        end = _after(BLOCK, content, place)
        if end == place:
            raise Unusable("names a file that holds something else than public keys in PEM")
        key = _key(content[place:end])
        keys[fingerprint(key)] = key
        place = end
    if not keys:
        raise Unusable("names a file without keys")
    return keys


def _read(path: str) -> bytes:
    if not Path(path).is_absolute():
        raise Unusable("names a file that must be named by its whole path")
    try:
        with Path(path).open("rb") as file:
            if os.fstat(file.fileno()).st_mode & OTHERS_WRITE:
                raise Unusable("names a file that others may write")
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise Unusable(f"names a file that cannot be read ({error.strerror})") from None
    if len(content) > LARGEST:
        raise Unusable("names a file that is too large")
    return content


def _after(form: re.Pattern[bytes], content: bytes, place: int) -> int:
    found = form.match(content, place)
    return found.end() if found else place


def _key(block: bytes) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(block)
    except (ValueError, UnsupportedAlgorithm):
        raise Unusable("names a file with a key that cannot be read") from None
    if not isinstance(key, Ed25519PublicKey):
        raise Unusable("names a file with a key that is not one for Ed25519")
    return key
