"""A customer's consent, whichever way it is obtained: asked for, come back from, and shown to Lånekassen."""

import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.utils import timezone

from agencies.errors import BadInput, NotConfigured
from agencies.identifiers import check_person_number
from agencies.studielan import consent_state, kept_logins
from agencies.studielan.altinn2 import Altinn2
from agencies.studielan.altinn3 import Altinn3
from agencies.studielan.asking import Asked, Permit
from agencies.studielan.consent_state import Given
from agencies.studielan.errors import ALTINN, API, ConsentNeeded, ReturnRefused
from agencies.studielan.kept_logins import Login
from audit.fetching import FetchFailed, check_address

LONGEST_DAYS = 365
LONGEST_NAME = 200


class Provider(Protocol):
    """One way of obtaining consents and of showing them."""

    def ask(self, identifier: str, *, surname: str, valid_to: datetime, return_to: str) -> Asked: ...
    def permit(self, identifier: str, consent: Given) -> Permit: ...
    def permit_again(self, identifier: str, consent: Given) -> Permit: ...


PROVIDERS: Mapping[str, Provider] = {"altinn2": Altinn2(), "altinn3": Altinn3()}


def provider() -> Provider:
    """Return the provider of the settings. Raise NotConfigured."""
    found = PROVIDERS.get(settings.LANEKASSEN_CONSENT)
    if found is None:
        raise NotConfigured("LANEKASSEN_CONSENT", api=API)
    return found


# --- obtaining it ---


def ask(login: Login, *, surname: str) -> str:
    """Ask Altinn for the customer's consent, and return the address to which the browser is to be sent.

    The customer comes back to LANEKASSEN_REDIRECT_URL with one more segment, which `come_back` is to be given.
    Raise LoginOver or an AgencyError.
    """
    check_person_number(login.identifier, base_url=settings.ALTINN_CONSENT_REQUEST_URL)
    check_request(surname)
    kept_logins.opened(login)  # nobody is told of a login that has ended
    state = secrets.token_urlsafe(32)
    valid_to = timezone.now().astimezone(UTC) + timedelta(days=settings.LANEKASSEN_CONSENT_DAYS)
    return_to = f"{settings.LANEKASSEN_REDIRECT_URL.rstrip('/')}/{state}"
    asked = provider().ask(login.identifier, surname=surname, valid_to=valid_to, return_to=return_to)
    pending = {"state": state, "code": asked.code, "validTo": valid_to.isoformat()}
    kept_logins.change(login, pending=pending)
    return asked.page


def come_back(login: Login, state: str) -> None:
    """Keep the consent that this login was sent to give. Raise ReturnRefused or LoginOver.

    What Altinn adds to the address is documented nowhere and not looked at: `state` is our own, and whether consent
    was given shows when its code is exchanged.
    """
    pending = kept_logins.opened(login).get("pending")
    if not pending or not hmac.compare_digest(pending["state"].encode(), state.encode("utf-8", "replace")):
        raise ReturnRefused
    kept_logins.change(login, pending=None)
    consent_state.keep(login.identifier, code=pending["code"], valid_to=datetime.fromisoformat(pending["validTo"]))


def check_request(surname: str) -> None:
    """Refuse a request that Altinn would refuse, or show without a name. Raise BadInput or NotConfigured."""
    if not surname.strip() or len(surname) > LONGEST_NAME or not surname.isprintable():
        raise BadInput("surname", api=ALTINN)
    if not settings.LANEKASSEN_BANK_NAME.strip():
        raise NotConfigured("LANEKASSEN_BANK_NAME", api=ALTINN)
    if not 0 < settings.LANEKASSEN_CONSENT_DAYS <= LONGEST_DAYS:
        raise NotConfigured("LANEKASSEN_CONSENT_DAYS", api=ALTINN)
    try:
        check_address(settings.LANEKASSEN_REDIRECT_URL, loopback_http=settings.SANDBOX)
    except FetchFailed:
        raise NotConfigured("LANEKASSEN_REDIRECT_URL", api=ALTINN) from None


# --- showing it ---


def permit(identifier: str) -> Permit:
    """Return what the first call of a look-up shows. Raise ConsentNeeded when there is no consent that still holds."""
    return provider().permit(identifier, valid(identifier))


def permit_again(identifier: str) -> Permit:
    """Return what to show after Lånekassen's 403, by which it has forgotten the consent. Raise ConsentNeeded."""
    consent = valid(identifier)
    consent_state.note(consent, primed=False)
    return provider().permit_again(identifier, consent)


def remembered(identifier: str) -> None:
    """Note that Lånekassen has answered: from now on it knows of the consent by itself."""
    if consent := consent_state.find(identifier):
        consent_state.note(consent, primed=True)


def forget(identifier: str) -> None:
    """Forget the customer's consent here; it is withdrawn at Altinn."""
    consent_state.drop(identifier)


def valid(identifier: str) -> Given:
    """Return the customer's consent. Raise ConsentNeeded, and forget one that has ended."""
    consent = consent_state.find(identifier)
    if consent is None:
        raise ConsentNeeded(api=API)
    if consent.valid_to <= timezone.now():
        consent_state.drop(identifier)
        raise ConsentNeeded(api=API)
    return consent
