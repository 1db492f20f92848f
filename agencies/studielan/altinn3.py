"""Consent through Altinn 3. Unproven: how Lånekassen takes it is published nowhere (docs/agencies.md).

The request and the token are as Digdir documents them. That one Maskinporten token, made out for the consent, replaces
both the plain token and `Consent-ID` is a reading.
"""

import json
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from agencies.answers import Answer
from agencies.session import Api
from agencies.studielan import consent_state
from agencies.studielan.asking import Asked, Permit, ask_for, by_status, lanekassen
from agencies.studielan.consent_state import Given
from agencies.studielan.errors import ALTINN, DIGDIR_NUMBER, SERVICE, ConsentNeeded
from audit.outbound import record_sent
from legal.untrusted import read_object

PERSON, ORGANISATION = "urn:altinn:person:identifier-no:", "urn:altinn:organization:identifier-no:"
CREATE = "/accessmanagement/api/v1/enterprise/consentrequests/"
API = Api(
    name=ALTINN,
    scopes=("altinn:consentrequests.write",),
    read_seconds=10.0,
    correlation_header="",
    read=by_status,
    largest=2**16,
    slot_seconds=5.0,
)
ID = "{AuthorizationCode}"


class Altinn3:
    """The consent provider of `LANEKASSEN_CONSENT=altinn3`."""

    def ask(self, identifier: str, *, surname: str, valid_to: datetime, return_to: str) -> Asked:
        """Return the id of a new request for consent and the page where the customer answers it."""
        key = str(uuid.uuid4())
        body = json.dumps(request_of(key, identifier, valid_to, return_to), ensure_ascii=False).encode()
        url = settings.ALTINN3_PLATFORM_URL.rstrip("/") + CREATE
        answer = ask_for(API, url, [("Content-Type", "application/json")], body, identifier)
        return Asked(key, page_of(answer) or settings.ALTINN_CONSENT_PAGE_URL.replace(ID, key))

    def permit(self, identifier: str, consent: Given) -> Permit:
        """Return the session whose token is made out for the consent; Maskinporten is told who gave it."""
        record_sent(
            recipient=DIGDIR_NUMBER,
            service=SERVICE,
            operation="studielan.token",
            parties=[identifier],
            body=None,
            correlation_id=None,
        )
        return lanekassen(details=details_of(consent.code, identifier))

    def permit_again(self, identifier: str, consent: Given) -> Permit:
        """Refuse: there is no code to exchange once more. Raise ConsentNeeded."""
        consent_state.drop(identifier)
        raise ConsentNeeded(api=ALTINN)


def request_of(key: str, identifier: str, valid_to: datetime, return_to: str) -> dict[str, Any]:
    """Return the body of a request for consent."""
    moment = valid_to.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "id": key,
        "from": f"{PERSON}{identifier}",
        "to": f"{ORGANISATION}{settings.BANK_ORGANISATION_NUMBER}",
        "validTo": moment,
        "consentRights": [
            {
                "action": ["consent"],
                "resource": [{"type": "urn:altinn:resource", "value": settings.ALTINN3_CONSENT_RESOURCE}],
                "metaData": {"Navn": settings.LANEKASSEN_BANK_NAME},
            }
        ],
        "redirectUrl": return_to,
    }


def details_of(key: str, identifier: str) -> list[dict[str, Any]]:
    """Return what the grant asks for besides the scope."""
    return [{"type": "urn:altinn:consent", "id": key, "from": f"{PERSON}{identifier}"}]


def page_of(answer: Answer) -> str:
    """Return the page that the answer names, if it is one of Altinn's; nothing otherwise."""
    try:
        page = read_object(answer.body).get("viewUri")
    except ValueError:
        return ""
    if not isinstance(page, str) or not page.isascii() or not page.isprintable():
        return ""
    parts, ours = urlsplit(page), urlsplit(settings.ALTINN3_PLATFORM_URL)
    if parts.scheme == ours.scheme == "http":
        return page if parts.netloc == ours.netloc else ""
    host = parts.hostname or ""
    return page if parts.scheme == "https" and (host == "altinn.no" or host.endswith(".altinn.no")) else ""
