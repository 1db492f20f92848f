"""How a token fares against what the agencies look at, in words and without the token."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from agencies.grants import ACTOR
from agencies.session import Session
from agencies.tokens import EARLY_SECONDS, claims_of

CLOCK_SECONDS = 10
METHODS = frozenset({"virksomhetssertifikat", "private_key_jwt"})
SYSTEM_USER = "urn:altinn:systemuser"


def token_findings(token: str, session: Session, *, now: float) -> dict[str, bool]:
    """Return each thing that is looked at, and whether it is as it should be. Nothing is proven: no signature is."""
    claims = claims_of(token)
    scopes = claims.get("scope")
    issued_at, expires_at = _moment(claims.get("iat")), _moment(claims.get("exp"))
    findings = {
        "it is a JWT": bool(claims),
        "its issuer is MASKINPORTEN_ISSUER": claims.get("iss") == settings.MASKINPORTEN_ISSUER,
        "it is for nobody in particular (no resource was asked for)": claims.get("aud", "unspecified") == "unspecified",
        "it holds the scope": isinstance(scopes, str) and set(session.asked.scopes) <= set(scopes.split(" ")),
        "its client is MASKINPORTEN_CLIENT_ID": claims.get("client_id") == settings.MASKINPORTEN_CLIENT_ID,
        "its type is Bearer": claims.get("token_type") == "Bearer",
        "the client proved itself in a way that agencies accept": _is_one_of(claims.get("client_amr"), METHODS),
        "it was issued before now": 0 < issued_at <= now + CLOCK_SECONDS,
        f"it has {EARLY_SECONDS} seconds left": expires_at - now >= EARLY_SECONDS,
    }
    return findings | _whose(claims, session)


def _whose(claims: Mapping[str, Any], session: Session) -> dict[str, bool]:
    """Return whether it speaks for the right organisation; with a system user, `consumer` is the system's owner."""
    consumer, supplier = _organisation(claims.get("consumer")), _organisation(claims.get("supplier"))
    if session.asked.authorization_details:
        wanted = [each for each in json.loads(session.asked.authorization_details) if each.get("type") == SYSTEM_USER]
        given = claims.get("authorization_details")
        entries = filter(_is_system_user, given) if isinstance(given, list) else ()
        found = [_organisation(each.get("systemuser_org")) for each in entries]
        organisations = [_organisation(each["systemuser_org"]) for each in wanted]
        findings = {"its consumer is an organisation": bool(consumer)}
        return findings | ({"it has the organisation's system user": found == organisations} if wanted else {})
    findings = {"its consumer is the enterprise": bool(consumer) and consumer == session.enterprise}
    if session.asked.consumer_org:
        return findings | {"it names us as supplier": bool(supplier) and supplier == settings.BANK_ORGANISATION_NUMBER}
    return findings | {"nobody else acts as supplier": not supplier}


def _is_system_user(entry: object) -> bool:
    return isinstance(entry, dict) and entry.get("type") == SYSTEM_USER


def _organisation(actor: object) -> str:
    """Return the nine digits of an actor, spelled `ID` or, in older examples, `id`."""
    if not isinstance(actor, dict) or actor.get("authority") != ACTOR:
        return ""
    number = actor.get("ID", actor.get("id"))
    return number.removeprefix("0192:") if isinstance(number, str) and number.startswith("0192:") else ""


def _moment(value: object) -> int:
    return value if type(value) is int else 0


def _is_one_of(value: object, words: frozenset[str]) -> bool:
    return isinstance(value, str) and value in words
