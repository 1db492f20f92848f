"""Encryption of an answer to one certificate: JWE in compact form, by joserfc and nothing else (LIB-05, LIB-06)."""

import base64
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwe
from joserfc.jwk import RSAKey

KEY_ALGORITHMS = frozenset({"RSA-OAEP-256", "RSA-OAEP"})
CONTENT_ENCRYPTIONS = frozenset({"A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"})


@dataclass(frozen=True)
class Recipient:
    """A validated certificate, with its key in the form the library wants, made once."""

    certificate: x509.Certificate
    der: bytes

    @classmethod
    def from_der(cls, der: bytes) -> Self:
        return cls(x509.load_der_x509_certificate(der), der)

    @cached_property
    def key(self) -> RSAKey:
        public_key = self.certificate.public_key()
        assert isinstance(public_key, RSAPublicKey)
        return RSAKey.import_key(public_key)

    @cached_property
    def thumbprint(self) -> bytes:
        return self.certificate.fingerprint(SHA256())

    @cached_property
    def x5t(self) -> str:
        return base64.urlsafe_b64encode(self.thumbprint).rstrip(b"=").decode("ascii")


def encrypted(document: bytes, recipient: Recipient, *, key_algorithm: str, content_encryption: str) -> bytes:
    """Return the document as five base64url segments, with a fresh content key (JWE-01 to JWE-07).

    Raise ValueError for algorithms that nobody may choose: some of them the library would take (JWE-03).
    """
    if key_algorithm not in KEY_ALGORITHMS or content_encryption not in CONTENT_ENCRYPTIONS:
        raise ValueError("no algorithms of ours")
    header = {
        "alg": key_algorithm,
        "enc": content_encryption,
        "cty": "application/json",
        "x5t#S256": recipient.x5t,
    }
    algorithms = [key_algorithm, content_encryption]
    return jwe.encrypt_compact(header, document, recipient.key, algorithms=algorithms).encode("ascii")
