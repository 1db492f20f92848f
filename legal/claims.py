"""What a Maskinporten token must say, once its signature is known to be right: every rule on its claims."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from legal.grants import Grant
from legal.refusals import (
    SupplierInvalid,
    TokenAudience,
    TokenBound,
    TokenClaims,
    TokenConsumer,
    TokenExpired,
    TokenLifetime,
    TokenTimes,
)
from legal.untrusted import printable

AUTHORITY = "iso6523-actorid-upis"
ORGANISATION = re.compile(r"0192:([0-9]{9})")
PERSON = re.compile(r"[0-9]{11}")
LONGEST_ID = 255


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What one deployment accepts. Issuer and audiences are compared letter by letter (ENV-02, TOK-12)."""

    issuer: str
    audiences: frozenset[str]
    delegation_source: str
    leeway: int
    max_lifetime: int


def grant_from(claims: Mapping[str, Any], *, key_id: str, rules: TokenRules, now: float) -> Grant:
    """Return what the claims prove. Refuse them by TOK-10 to TOK-23 and AUT-03; scope is judged on each request."""
    check_times(claims, now=now, rules=rules)
    audience = audience_of(claims, accepted=rules.audiences)
    check_bearer(claims)
    consumer = organisation_number(claims.get("consumer"))
    if not consumer:
        raise TokenConsumer
    grant = Grant(
        consumer=consumer,
        supplier=organisation_number(claims.get("supplier")),
        client_id=printable(claims.get("client_id")),
        client_amr=printable(claims.get("client_amr")),
        jti=token_id(claims),
        issuer=rules.issuer,
        audience=audience,
        key_id=key_id,
        scopes=scopes_of(claims),
        issued_at=claims["iat"],
        expires_at=claims["exp"],
        pid=person_of(claims),
        has_authorization_details=claims.get("authorization_details") not in (None, []),
    )
    try:
        check_delegation(claims, source=rules.delegation_source)
    except SupplierInvalid as refusal:
        refusal.grant = grant
        raise
    return grant


def check_times(claims: Mapping[str, Any], *, now: float, rules: TokenRules) -> None:
    """Refuse a token that is not of this moment or was made to live too long (TOK-13 to TOK-17)."""
    issued_at, expires_at, not_before = claims.get("iat"), claims.get("exp"), claims.get("nbf", 0)
    if not (is_integer(issued_at) and is_integer(expires_at) and is_integer(not_before)):
        raise TokenTimes
    if expires_at <= now - rules.leeway:
        raise TokenExpired
    if max(issued_at, not_before) > now + rules.leeway or expires_at <= issued_at:
        raise TokenTimes
    if expires_at - issued_at > rules.max_lifetime:
        raise TokenLifetime


def audience_of(claims: Mapping[str, Any], *, accepted: frozenset[str]) -> str:
    """Return the one audience. Refuse a token that is also, or only, valid elsewhere (TOK-10, TOK-11)."""
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if not isinstance(audience, str) or audience not in accepted:
        raise TokenAudience
    return audience


def check_bearer(claims: Mapping[str, Any]) -> None:
    """Refuse a token that is no bearer token (TOK-19) or whose holder must prove a key of its own (TOK-23)."""
    kind = claims.get("token_type", "Bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise TokenClaims
    if "cnf" in claims:
        raise TokenBound


def token_id(claims: Mapping[str, Any]) -> str:
    """Return the token's id, which only ever says which token it was: tokens may be used again (TOK-21)."""
    name = claims.get("jti")
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_ID or not name.isprintable():
        raise TokenClaims
    return name


def scopes_of(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return the scopes, whole words only; none where the claim is missing or no text (TOK-18)."""
    scope = claims.get("scope")
    words = scope.split(" ") if isinstance(scope, str) else []
    return frozenset(word for word in words if word and word.isascii() and word.isprintable())


def person_of(claims: Mapping[str, Any]) -> str:
    """Return the person a token is restricted to, empty where it is not restricted (AUT-06)."""
    person = claims.get("pid", "")
    if not isinstance(person, str) or ("pid" in claims and not PERSON.fullmatch(person)):
        raise TokenClaims
    return person


def check_delegation(claims: Mapping[str, Any], *, source: str) -> None:
    """Refuse a supplier without a delegation from the environment's Altinn, and the other way round (AUT-03)."""
    if "supplier" not in claims and "delegation_source" not in claims:
        return
    named = claims.get("delegation_source")
    if not organisation_number(claims.get("supplier")) or not isinstance(named, str):
        raise SupplierInvalid
    if named.removesuffix("/") != source.removesuffix("/"):
        raise SupplierInvalid


def organisation_number(party: object) -> str:
    """Return the nine digits of a Norwegian organisation as Maskinporten names it, empty for anything else (TOK-20)."""
    if not isinstance(party, dict) or party.get("authority") != AUTHORITY or not isinstance(party.get("ID"), str):
        return ""
    found = ORGANISATION.fullmatch(party["ID"])
    return found[1] if found else ""


def is_integer(value: object) -> TypeGuard[int]:
    """Return whether a JSON number is a whole one; true and false, which Python counts as numbers, are not."""
    return type(value) is int
