"""Whether a consent allows a look-up: one sent along, one remembered from an earlier answer, or one in the token."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from sandbox.counterparts.altinn import consents, signing
from sandbox.counterparts.altinn.fields import EDITION, SERVICE
from sandbox.counterparts.altinn.views import ISSUER
from sandbox.counterparts.control import switch
from sandbox.counterparts.lanekassen.answers import Refused
from sandbox.counterparts.lanekassen.persons import BY_NUMBER, EXPIRED, WITHDRAWN
from sandbox.counterparts.state import shelf
from sandbox.counterparts.tokens import consumer_of
from sandbox.maskinporten.details import CONSENT, PERSON

REMEMBERED = "lanekassen-consents"


@dataclass(frozen=True, slots=True)
class Bound:
    """The consent that allows a look-up, to be remembered when it is answered."""

    key: str
    consent_id: str
    ends_at: int

    def remember(self) -> None:
        shelf(REMEMBERED)[self.key] = {"consent": self.consent_id, "until": self.ends_at}


def check(claims: dict[str, Any], person: str, consent_token: str | None) -> Bound:
    """Return the consent that binds consumer and person now. Raise Refused."""
    consumer, now = consumer_of(claims), timezone.now()
    key = f"{consumer}/{person}"
    in_token = next((each for each in claims.get("authorization_details", []) if each["type"] == CONSENT), None)
    if consent_token is not None:
        bound = _sent(consent_token, key, consumer, person, now)
    elif in_token is not None and switch("lanekassen.altinn3", True):
        bound = _combined(in_token, key, person)
    else:
        bound = _remembered(key)
    if bound.ends_at <= now.timestamp() or _has_fallen(bound.consent_id, person, now):
        raise Refused(403)
    return bound


def _sent(token: str, key: str, consumer: str, person: str, now: datetime) -> Bound:
    claims = signing.read(token)
    if (
        claims is None
        or claims["iss"] != ISSUER
        or not claims["nbf"] <= now.timestamp() < claims["exp"]
        or f"{SERVICE}_{EDITION}" not in claims["Services"]
        or (claims["CoveredBy"], claims["OfferedBy"]) != (consumer, person)
    ):
        raise Refused(403)
    return Bound(key, claims["AuthorizationCode"], claims["ValidToDate"])


def _combined(detail: dict[str, Any], key: str, person: str) -> Bound:
    """Return the consent that Maskinporten wrote into the token of Altinn 3. Unproven."""
    if detail["from"] != f"{PERSON}{person}":
        raise Refused(403)
    ends_at = datetime.fromisoformat(detail["validTo"]).astimezone(UTC)
    return Bound(key, detail["id"].lower(), int(ends_at.timestamp()))


def _remembered(key: str) -> Bound:
    kept = shelf(REMEMBERED).get(key)
    if kept is None:
        raise Refused(403)
    return Bound(key, kept["consent"], kept["until"])


def _has_fallen(consent_id: str, person: str, now: datetime) -> bool:
    """Return whether Altinn no longer has the consent in force, or the person is one whose consent never is."""
    known = BY_NUMBER.get(person)
    if known is not None and known.fate in (EXPIRED, WITHDRAWN):
        return True
    consent = consents.find(consent_id)
    return consent is None or not consent.stands(now)
