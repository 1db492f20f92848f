"""The key that consent tokens are signed with, and the certificate that its thumbprint in their header is of."""

import base64
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.conf import settings

from sandbox.maskinporten import jws, keys
from sandbox.maskinporten.keys import Key

BEGINS, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)


def signing_key() -> Key:
    """Return Altinn's key; made when first wanted."""
    return keys.key(Path(settings.SANDBOX_FOLDER) / "altinn" / "consent.pem")


def signed(claims: dict[str, Any]) -> str:
    """Return the claims as a consent token."""
    key = signing_key()
    header = {"alg": "RS256", "typ": "JWT", "kid": key.kid, "x5t": thumbprint(certificate(key.private))}
    return jws.sign(header, claims, key.private)


def read(token: str) -> dict[str, Any] | None:
    """Return the claims of a token that Altinn has signed, None for any other text."""
    try:
        found = jws.opened(token)
    except jws.Malformed:
        return None
    key = signing_key()
    ours = found.header.get("kid") == key.kid and found.header.get("alg") == "RS256"
    return found.claims if ours and found.is_signed_by(key.private.public_key()) else None


def key_set() -> dict[str, Any]:
    """Return the public half."""
    key = signing_key()
    held = certificate(key.private)
    chain = [base64.b64encode(held.public_bytes(Encoding.DER)).decode()]
    return {"keys": [{**key.jwk, "x5t": thumbprint(held), "x5c": chain}]}


@lru_cache(maxsize=4)
def certificate(private: RSAPrivateKey) -> x509.Certificate:
    """Return the key's own certificate: the same for the same key, as nothing in it is left to chance."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Altinn (stand-in)")])
    builder = x509.CertificateBuilder(name, name, private.public_key(), 1, BEGINS, ENDS)
    return builder.sign(private, hashes.SHA256())


def thumbprint(held: x509.Certificate) -> str:
    return jws.base64url(held.fingerprint(hashes.SHA1()))  # noqa: S303  # the header's own definition
