"""What `authorization_details` earns: a token for an enterprise's system user, or for a person's consent in Altinn 3.

The sandbox's Altinn keeps consents on the shelf CONSENTS: by id, an object with `from` and `to` as Altinn writes them,
`consented` and `validTo` as moments with time zone (`consented` is empty until the person has), `consentRights`, and
`withdrawn` when the person has taken it back.
"""

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from legal.numbers import has_organisation_form, has_person_form
from sandbox.counterparts.state import Shelf, shelf
from sandbox.maskinporten import refusals
from sandbox.maskinporten.clients import Client
from sandbox.maskinporten.tokens import organisation

SYSTEM_USER, CONSENT = "urn:altinn:systemuser", "urn:altinn:consent"
CONSENTS = "altinn3-consents"
PERSON, ORGANISATION = "urn:altinn:person:identifier-no:", "urn:altinn:organization:identifier-no:"
SYSTEM = "dsop_sandbox"


def granted(details: object, client: Client, consumer: str, folder: Path, now: int) -> list[dict[str, Any]]:
    """Return what stands in the token for this claim of a grant. Raise Refused."""
    match details:
        case [{"type": "urn:altinn:systemuser", "systemuser_org": wanted, **others}] if not others:
            return [_system_user(wanted, client)]
        case [{"type": "urn:altinn:consent", "id": str(consent), "from": str(person), **others}] if not others:
            if not client.asks_for_consent:
                raise refusals.UnknownClaim
            return [_consent(shelf(CONSENTS, folder.parent), consent, person, consumer, now)]
        case _:
            raise refusals.WrongClaim


def system_user_id(system_vendor: str, number: str) -> str:
    """Return the id of the organisation's system user in that vendor's system, the same on every laptop."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:dsop:sandbox:systemuser:{system_vendor}:{number}"))


def system_user(system_vendor: str, number: str) -> dict[str, Any]:
    """Return the entry of a token for the organisation's system user in that vendor's system."""
    return {
        "type": SYSTEM_USER,
        "systemuser_org": organisation(number),
        "systemuser_id": [system_user_id(system_vendor, number)],
        "system_id": f"{system_vendor}_{SYSTEM}",
    }


def _system_user(wanted: object, client: Client) -> dict[str, Any]:
    match wanted:
        case {"authority": "iso6523-actorid-upis", "ID": str(prefixed), **others} if not others:
            number = prefixed.removeprefix("0192:")
        case _:
            raise refusals.WrongClaim
    if prefixed == number or not has_organisation_form(number):
        raise refusals.WrongClaim
    if number not in client.system_users:
        raise refusals.NoSystemUser
    return system_user(client.organisation, number)


def _consent(consents: Shelf, consent_id: str, person: str, consumer: str, now: int) -> dict[str, Any]:
    if not _is_uuid(consent_id) or not (person.startswith(PERSON) and has_person_form(person.removeprefix(PERSON))):
        raise refusals.WrongClaim
    consent = consents.get(consent_id.lower())
    if (
        consent is None
        or (consent["from"], consent["to"]) != (person, f"{ORGANISATION}{consumer}")
        or not consent["consented"]
        or consent.get("withdrawn")
        or datetime.fromisoformat(consent["validTo"]) <= datetime.fromtimestamp(now, UTC)
    ):
        raise refusals.NoConsent
    return {
        "type": CONSENT,
        "id": consent_id,
        "from": person,
        "to": organisation(consumer),
        "consented": consent["consented"],
        "validTo": consent["validTo"],
        "consentRights": consent["consentRights"],
    }


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
