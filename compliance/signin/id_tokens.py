"""What an ID token proves: whose it is, for whom, for this very sign-in.

OpenID Connect Core 1.0, *ID Token Validation* (3.1.3.7). The library's own checks run too; they leave open whom
else the token is for, whether the code is the right one, and what is left out or of another type.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oidc.core import CodeIDToken
from authlib.oidc.core.util import create_half_hash
from joserfc import jws
from joserfc.errors import ClaimError, JoseError
from joserfc.jws import JWSRegistry
from jwt.utils import base64url_decode

from compliance.reasons import PERSONS_NUMBER
from compliance.signin.provider import ALGORITHMS, PublicKey
from legal.untrusted import read_object

LONGEST_TOKEN = 32_768
LONGEST_SUBJECT = 255
LEEWAY_SECONDS = 30
SEGMENTS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
NEEDED: Mapping[str, type | tuple[type, ...]] = {
    "iss": str,
    "sub": str,
    "aud": (str, list),
    "exp": int,
    "iat": int,
    "nonce": str,
}
IF_PRESENT: Mapping[str, type] = {"azp": str, "nbf": int, "at_hash": str, "c_hash": str}
REGISTRY = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


class Refused(Exception):
    """Why nobody is signed in. Its text is one word for the log and never holds what was received."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token of this sign-in has to say."""

    issuer: str
    client_id: str
    nonce: str
    code: str
    access_token: str


def proven_claims(
    token: object, expected: Expected, *, key_of: Callable[[str | None], PublicKey | None], now: int
) -> dict[str, Any]:
    """Return the claims of a token that proves them. Raise Refused, and what `key_of` raises."""
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN or not SEGMENTS.fullmatch(token):
        raise Refused("form")
    header = _header(token)
    key = key_of(header.get("kid"))
    if key is None:
        raise Refused("kid")
    if key.algorithm and key.algorithm != header["alg"]:
        raise Refused("alg")
    try:
        proven = jws.deserialize_compact(token, key.key, registry=REGISTRY)
    except (JoseError, ValueError):
        raise Refused("signature") from None
    try:
        claims = read_object(proven.payload)
    except ValueError:
        raise Refused("claims") from None
    check_claims(claims, expected, header=header, now=now)
    return claims


def _header(token: str) -> dict[str, Any]:
    """Return the header, not proven yet. Refuse other kinds of token and signature than ours."""
    try:
        header = read_object(base64url_decode(token.partition(".")[0]))
    except ValueError:
        raise Refused("form") from None
    if header.get("alg") not in ALGORITHMS:
        raise Refused("alg")
    if "kid" in header and not (isinstance(header["kid"], str) and header["kid"]):
        raise Refused("kid")
    if "crit" in header or "b64" in header or str(header.get("typ", "JWT")).upper() != "JWT":
        raise Refused("form")
    return header


def check_claims(claims: Mapping[str, Any], expected: Expected, *, header: Mapping[str, Any], now: int) -> None:
    """Refuse claims that are not about this sign-in at this moment. The reason is the name of the claim."""
    for name, kind in {**NEEDED, **{name: kind for name, kind in IF_PRESENT.items() if name in claims}}.items():
        if not isinstance(claims.get(name), kind) or isinstance(claims[name], bool):
            raise Refused(name)
    if claims["aud"] not in (expected.client_id, [expected.client_id]):  # nobody else is to be able to use it
        raise Refused("aud")
    if "azp" in claims and claims["azp"] != expected.client_id:
        raise Refused("azp")
    parameters = {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": expected.access_token}
    asked = {"iss": {"essential": True, "value": expected.issuer}}
    try:
        CodeIDToken(claims, header, asked, parameters).validate(now=now, leeway=LEEWAY_SECONDS)
    except ClaimError as wrong:
        raise Refused(wrong.claim if wrong.claim in {*NEEDED, *IF_PRESENT} else "claims") from None
    if claims["nonce"] != expected.nonce:
        raise Refused("nonce")
    _check_hash("at_hash", claims, expected.access_token, header["alg"])
    _check_hash("c_hash", claims, expected.code, header["alg"])
    _check_subject(claims["sub"])


def _check_hash(name: str, claims: Mapping[str, Any], of: str, algorithm: str) -> None:
    if name not in claims:
        return
    held = create_half_hash(of, algorithm)
    if not of or held is None or not hmac.compare_digest(held, claims[name].encode()):
        raise Refused(name)


def _check_subject(subject: str) -> None:
    """Refuse a subject that is none, and one that could be a person's number: it would be kept."""
    if not subject.strip() or len(subject) > LONGEST_SUBJECT or not (subject.isascii() and subject.isprintable()):
        raise Refused("sub")
    if PERSONS_NUMBER.fullmatch(subject):
        raise Refused("sub")
