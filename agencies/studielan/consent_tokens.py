"""Altinn's consent token: what it must say, and who must have signed it, before it is shown to Lånekassen."""

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from agencies.studielan.errors import ConsentUnusable

ISSUER = "altinn.no"
ALGORITHM = "RS256"
SERVICE_CODE, SERVICE_EDITION = "5498", "1"
LONGEST_TOKEN = 16_384
WINDOW_SECONDS, LEEWAY_SECONDS = 30, 10
FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

Finder = Callable[[dict[str, Any]], RSAPublicKey | None]


@dataclass(frozen=True, slots=True)
class ConsentToken:
    """A token that may be sent until `usable_until`, for a consent that ends at `valid_to`."""

    text: str = field(repr=False)
    valid_to: datetime
    usable_until: float

    def is_usable(self, now: float) -> bool:
        return now < self.usable_until


def read_consent_token(
    body: bytes, *, find_key: Finder, code: str, identifier: str, bank: str, now: float | None = None
) -> ConsentToken:
    """Return the token of an answer, without the quotation marks it may stand in. Raise ConsentUnusable.

    `find_key` returns the public key that a header names.
    """
    now = time.time() if now is None else now
    text = unquoted(body)
    claims = _proven(text, find_key)
    _check_parties(claims, code=code, identifier=identifier, bank=bank)
    valid_to = _seconds(claims, "ValidToDate")
    if valid_to <= now:
        raise ConsentUnusable("ended")
    begin, end = _seconds(claims, "nbf"), _seconds(claims, "exp")
    usable_until = min(end, begin + WINDOW_SECONDS)
    if begin > now + LEEWAY_SECONDS or usable_until <= now:
        raise ConsentUnusable("time")
    try:
        return ConsentToken(text, datetime.fromtimestamp(valid_to, UTC), usable_until)
    except (ValueError, OverflowError, OSError):
        raise ConsentUnusable("claims") from None


def unquoted(body: bytes) -> str:
    """Return the compact JWT in the body. Raise ConsentUnusable when there is none."""
    text = body[: LONGEST_TOKEN + 1].decode("ascii", "replace").strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    if len(body) > LONGEST_TOKEN or not FORM.fullmatch(text):
        raise ConsentUnusable("form")
    return text


def _proven(text: str, find_key: Finder) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(text)
        if header.get("alg") != ALGORITHM or "crit" in header:
            raise ConsentUnusable("algorithm")
        key = find_key(header)
        if key is None:
            raise ConsentUnusable("key")
        # Times are looked at by ourselves: the library knows no window.
        options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
        claims: dict[str, Any] = jwt.decode(text, key, algorithms=[ALGORITHM], options=options)
    except jwt.PyJWTError:
        raise ConsentUnusable("signature") from None
    return claims


def _check_parties(claims: dict[str, Any], *, code: str, identifier: str, bank: str) -> None:
    """Refuse what is not this consent, by this customer, to this bank, for this service."""
    found = (
        ("issuer", claims.get("iss") == ISSUER),
        ("code", _same_uuid(claims.get("AuthorizationCode"), code)),
        ("OfferedBy", claims.get("OfferedBy") == identifier),
        ("CoveredBy", claims.get("CoveredBy") == bank),
        ("Services", _names_service(claims.get("Services"))),
    )
    for reason, holds in found:
        if not holds:
            raise ConsentUnusable(reason)


def _names_service(services: object) -> bool:
    """Return whether the service is among them; Altinn's samples part code and edition by comma or underscore."""
    listed = services if isinstance(services, list) else []
    parts = [re.split("[,_]", service)[:2] for service in listed if isinstance(service, str)]
    return [SERVICE_CODE, SERVICE_EDITION] in parts


def _same_uuid(value: object, code: str) -> bool:
    try:
        return isinstance(value, str) and uuid.UUID(value) == uuid.UUID(code)
    except ValueError:
        return False


def _seconds(claims: dict[str, Any], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ConsentUnusable("claims")
    return value
