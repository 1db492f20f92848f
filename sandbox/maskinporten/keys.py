"""The sandbox's RSA keys: PEM files, each made once even when several workers want it first.

Remove a file and the next question makes another key: that is how a rotation is tried by hand.
2,048 bits (Maskinporten itself uses 4,096): loading one that size takes half a second, and no rule tells them apart.
"""

import functools
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from sandbox.maskinporten.jws import base64url

BITS = 2048
SIGNING_KEYS = ("signing-1.pem", "signing-2.pem")


@dataclass(frozen=True, slots=True)
class Key:
    """A private key and the name it is published under."""

    kid: str
    private: rsa.RSAPrivateKey
    jwk: dict[str, str]


def folder() -> Path:
    """Return where the stand-in keeps its keys."""
    return Path(settings.SANDBOX_FOLDER) / "maskinporten"


def signing_keys(folder: Path) -> list[Key]:
    """Return the stand-in's two keys; the first one signs."""
    return [key(folder / name) for name in SIGNING_KEYS]


def key(path: Path) -> Key:
    """Return the key in the file; make it if there is none."""
    found = existing_key(path)
    if found is None:
        _make(path)
        found = key(path)
    return found


def existing_key(path: Path) -> Key | None:
    """Return the key in the file, or None where nobody has made one."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return _load(path, state.st_ino, state.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _load(path: Path, inode: int, changed_at: int) -> Key:
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise ValueError("Not an RSA key.")
    numbers = jwk_numbers(private.public_key())
    kid = _thumbprint({"e": numbers["e"], "kty": "RSA", "n": numbers["n"]})
    return Key(kid, private, {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, **numbers})


def jwk_numbers(key: rsa.RSAPublicKey) -> dict[str, str]:
    """Return the key's two numbers as members of a JWK."""
    numbers = key.public_numbers()
    return {"e": _number(numbers.e), "n": _number(numbers.n)}


def private_folder(path: Path) -> Path:
    """Return the folder; where it or one above it is missing, it is made for its owner alone."""
    if not path.is_dir():
        private_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def _make(path: Path) -> None:
    private_folder(path.parent)
    encoding, layout = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    pem = private.private_bytes(encoding, layout, serialization.NoEncryption())
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
        # A link appears whole and never replaces: of several workers one wins and all read the winner's key.
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _thumbprint(named: dict[str, str]) -> str:
    """Return RFC 7638's name for the key: 43 characters, the length Maskinporten's own have."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(json.dumps(named, sort_keys=True, separators=(",", ":")).encode())
    return base64url(digest.finalize())
