"""Access tokens as Maskinporten makes them."""

import secrets
from collections.abc import Sequence
from typing import Any

from sandbox.maskinporten import jws
from sandbox.maskinporten.keys import Key

LIFETIME_SECONDS = 120
DELEGATION_SOURCE = "https://tt02.altinn.no/"


def access_claims(
    *,
    issuer: str,
    audience: str | list[str],
    consumer: str,
    scope: str,
    client_id: str,
    now: int,
    lifetime: int = LIFETIME_SECONDS,
    supplier: str = "",
    pid: str = "",
    amr: str = "private_key_jwt",
    details: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Return the claims of a new token; organisations are given as nine digits."""
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": audience,
        "scope": scope,
        "client_id": client_id,
        "client_amr": amr,
        "token_type": "Bearer",
        "iat": now,
        "exp": now + lifetime,
        "jti": secrets.token_urlsafe(32),
        "consumer": organisation(consumer),
    }
    if supplier:
        claims |= {"supplier": organisation(supplier), "delegation_source": DELEGATION_SOURCE}
    if pid:
        claims["pid"] = pid
    if details:
        claims["authorization_details"] = list(details)
    return claims


def header(key: Key) -> dict[str, Any]:
    """Return the two members that Maskinporten's own headers have."""
    return {"kid": key.kid, "alg": "RS256"}


def access_token(claims: dict[str, Any], key: Key) -> str:
    """Return the signed token."""
    return jws.sign(header(key), claims, key.private)


def organisation(number: str) -> dict[str, str]:
    """Return the number as tokens write it."""
    return {"authority": "iso6523-actorid-upis", "ID": f"0192:{number}"}
