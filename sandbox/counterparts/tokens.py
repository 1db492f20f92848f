"""What a stand-in believes of the token it is shown: signed by this sandbox's Maskinporten, in time, with the scope."""

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from sandbox.maskinporten import jws, keys
from sandbox.maskinporten.details import SYSTEM_USER

UNSPECIFIED = "unspecified"
PREFIX = "0192:"


class TokenRefused(Exception):
    """The token opens nothing here."""


class TokenMissing(TokenRefused):
    """There is none."""


class TokenInvalid(TokenRefused):
    """Not a token of ours, not in its time, not for this audience, or not sent the way the agency wants it."""


class ScopeLacking(TokenRefused):
    """A good token for something else."""


def read_token(request: HttpRequest, *, scope: str, bearer: bool = True) -> dict[str, Any]:
    """Return the claims of the request's token. With `bearer` its header must say so, without it must not."""
    claims = opened(_sent(request, bearer=bearer))
    if scope not in str(claims.get("scope", "")).split(" "):
        raise ScopeLacking
    return claims


def opened(token: str) -> dict[str, Any]:
    """Return the claims of a token that Maskinporten has signed for an unspecified audience. Raise TokenInvalid."""
    try:
        found = jws.opened(token)
    except jws.Malformed:
        raise TokenInvalid from None
    signing = {key.kid: key for key in keys.signing_keys(keys.folder())}
    key = signing.get(str(found.header.get("kid")))
    claims, now = found.claims, time.time()
    if (
        key is not None
        and found.header.get("alg") == "RS256"
        and found.is_signed_by(key.private.public_key())
        and claims.get("iss") == settings.MASKINPORTEN_ISSUER
        and claims.get("aud") == UNSPECIFIED
        and type(claims.get("exp")) is int
        and now < claims["exp"]
    ):
        return claims
    raise TokenInvalid


def consumer_of(claims: dict[str, Any]) -> str:
    """Return the nine digits of the organisation that the token was given to, or on whose behalf."""
    return str(claims["consumer"]["ID"]).removeprefix(PREFIX)


def system_user_organisation(claims: dict[str, Any]) -> str:
    """Return the nine digits of the organisation whose system user the token is for; "" when it is for none."""
    for entry in claims.get("authorization_details", []):
        if entry.get("type") == SYSTEM_USER:
            return str(entry["systemuser_org"]["ID"]).removeprefix(PREFIX)
    return ""


def _sent(request: HttpRequest, *, bearer: bool) -> str:
    header = request.headers.get("Authorization", "")
    if not header:
        raise TokenMissing
    if not bearer:
        return header
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer":
        raise TokenInvalid
    if not token:
        raise TokenMissing
    return token
