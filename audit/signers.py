"""Keys that sign: a private key in a PEM file, or one in a security module that never shows it."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from audit.key_sources import module_for, read_private_file
from audit.security_module import KeyUnusable, SecurityModule

SHORTEST_RSA = 2048


class Signing(Enum):
    """How a key signs: the bank's name in front of others, or the seal on the trail."""

    RS256 = RSAPublicKey
    ED25519 = Ed25519PublicKey


class Signer(Protocol):
    """Whatever signs; where its private key lies is nobody's concern. `sign` may raise KeyUnusable."""

    @property
    def public_key(self) -> RSAPublicKey | Ed25519PublicKey: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class FileSigner:
    """A private key of this process, read from a file once."""

    private: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @property
    def public_key(self) -> RSAPublicKey | Ed25519PublicKey:
        return self.private.public_key()

    def sign(self, message: bytes) -> bytes:
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(message, PKCS1v15(), SHA256())
        return self.private.sign(message)


@dataclass(frozen=True, slots=True)
class ModuleSigner:
    """A private key that lies in a security module; each signature is made there."""

    module: SecurityModule
    label: str
    public_key: RSAPublicKey | Ed25519PublicKey

    def sign(self, message: bytes) -> bytes:
        return self.module.sign(self.label, message)


def read_signer(
    source: str, signing: Signing, *, passphrase_file: str = "", module: SecurityModule | None = None
) -> Signer:
    """Return what signs with the key behind `file:/path` or `pkcs11:LABEL`. Raise KeyUnusable."""
    kind, _, place = source.partition(":")
    signer: Signer
    if kind == "file":
        signer = FileSigner(_private_key(place, passphrase_file))
    elif kind == "pkcs11":
        holding = module_for(place, module)
        signer = ModuleSigner(holding, place, holding.public_key(place))
    else:
        raise KeyUnusable("is named neither by file: nor by pkcs11:")
    if not isinstance(signer.public_key, signing.value):
        raise KeyUnusable(f"is not one for {signing.name}")
    if isinstance(signer.public_key, RSAPublicKey) and signer.public_key.key_size < SHORTEST_RSA:
        raise KeyUnusable(f"is shorter than {SHORTEST_RSA} bits")
    return signer


def _private_key(path: str, passphrase_file: str) -> RSAPrivateKey | Ed25519PrivateKey:
    content = read_private_file(path)
    passphrase = _passphrase(passphrase_file) if passphrase_file else None
    try:
        private = load_pem_private_key(content, passphrase)
    except TypeError:  # one of both is encrypted, or has a passphrase, and the other is not
        raise KeyUnusable("needs a passphrase, or has one that it does not need") from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyUnusable("is not a private key in PEM, or its passphrase is another") from None
    if not isinstance(private, RSAPrivateKey | Ed25519PrivateKey):
        raise KeyUnusable("is neither an RSA nor an Ed25519 key")
    return private


def _passphrase(path: str) -> bytes:
    try:
        return read_private_file(path).rstrip(b"\r\n")
    except KeyUnusable as error:
        raise KeyUnusable(f"has a passphrase that {error}") from None
