"""The signed grant that earns a token from Maskinporten, with the bank's certificate or its registered key.

Claims as Digdir documents them, and no other: an unknown one is refused. Never `resource`: Skatteetaten expects a
token for nobody in particular.
"""

import base64
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from django.conf import settings

from agencies.errors import NotConfigured

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ACTOR = "iso6523-actorid-upis"
LIFETIME_SECONDS = 60
LARGEST_FILE = 2**20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a token is asked for. `authorization_details` is JSON, so that two that say the same are the same."""

    scopes: tuple[str, ...]
    consumer_org: str = ""
    authorization_details: str = ""


def wanted(
    scopes: Sequence[str],
    *,
    consumer_org: str = "",
    system_user_organisation: str = "",
    authorization_details: Sequence[dict[str, Any]] | None = None,
) -> Wanted:
    """Return what to ask for: for oneself, by delegation, for a system user's organisation, or with other details."""
    details = [*(authorization_details or ()), *_system_user(system_user_organisation)]
    text = json.dumps(details, sort_keys=True, separators=(",", ":")) if details else ""
    return Wanted(tuple(sorted(set(scopes))), consumer_org, text)


def signed_grant(asked: Wanted) -> str:
    """Return the grant as a compact JWS, good for one minute and one use. Raise NotConfigured."""
    key = _private_key()
    now = int(time.time())
    claims: dict[str, Any] = {
        "aud": _setting("MASKINPORTEN_ISSUER"),
        "iss": _setting("MASKINPORTEN_CLIENT_ID"),
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "jti": str(uuid.uuid4()),
        "scope": " ".join(asked.scopes),
    }
    if asked.consumer_org:
        claims["consumer_org"] = asked.consumer_org
    if asked.authorization_details:
        claims["authorization_details"] = json.loads(asked.authorization_details)
    return jwt.encode(claims, key, algorithm="RS256", headers=_header(key))


def signing_certificate() -> x509.Certificate | None:
    """Return the certificate that goes with the key, or None where the key is a registered one. Raise NotConfigured."""
    key = _private_key()
    if settings.MASKINPORTEN_KEY_ID:
        return None
    return _chain(settings.MASKINPORTEN_CERTIFICATE_FILE, key)[0]


def _system_user(organisation: str) -> list[dict[str, Any]]:
    if not organisation:
        return []
    return [
        {"type": "urn:altinn:systemuser", "systemuser_org": {"authority": ACTOR, "ID": f"0192:{organisation}"}},
    ]


def _header(key: RSAPrivateKey) -> dict[str, Any]:
    """Return what says whose key signed: its registered name, or the chain of the certificate, never both."""
    kid, path = settings.MASKINPORTEN_KEY_ID, settings.MASKINPORTEN_CERTIFICATE_FILE
    if bool(kid) == bool(path):
        raise NotConfigured("MASKINPORTEN_KEY_ID or MASKINPORTEN_CERTIFICATE_FILE")
    if kid:
        return {"kid": kid}
    chain = _chain(path, key)
    return {"x5c": [base64.b64encode(certificate.public_bytes(Encoding.DER)).decode() for certificate in chain]}


def _private_key() -> RSAPrivateKey:
    """Return the key in the file as it is now, so that a new one is used without a new start."""
    path = _setting("MASKINPORTEN_KEY_FILE")
    try:
        state = Path(path).stat()
        return _loaded(path, state.st_ino, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError, TypeError):
        raise NotConfigured("MASKINPORTEN_KEY_FILE") from None


@lru_cache(maxsize=4)
def _loaded(path: str, *state: int) -> RSAPrivateKey:
    key = load_pem_private_key(_content(path), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("Not an RSA key.")
    return key


def _chain(path: str, key: RSAPrivateKey) -> list[x509.Certificate]:
    """Return the key's own certificate first, then each issuer that the file has."""
    try:
        certificates = x509.load_pem_x509_certificates(_content(path))
    except (OSError, ValueError):
        raise NotConfigured("MASKINPORTEN_CERTIFICATE_FILE") from None
    own = [certificate for certificate in certificates if certificate.public_key() == key.public_key()]
    if len(own) != 1:
        raise NotConfigured("MASKINPORTEN_CERTIFICATE_FILE")
    chain = own
    others = [certificate for certificate in certificates if certificate is not own[0]]
    while issuers := [other for other in others if other.subject == chain[-1].issuer]:
        chain.append(issuers[0])
        others.remove(issuers[0])
    return chain


def _content(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(LARGEST_FILE)


def _setting(name: str) -> str:
    value: str = getattr(settings, name)
    if not value:
        raise NotConfigured(name)
    return value
