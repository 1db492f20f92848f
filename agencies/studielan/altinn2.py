"""Consent through Altinn 2, as Lånekassen's page documents it: ask, let the customer answer, exchange once."""

import json
import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings

from agencies.answers import Answer
from agencies.errors import Forbidden, Gone, Invalid, NotFound, NotTheApplication
from agencies.session import Api, Session
from agencies.studielan import consent_state
from agencies.studielan.asking import Asked, Permit, ask_for, by_status, lanekassen
from agencies.studielan.consent_keys import keys
from agencies.studielan.consent_state import Given
from agencies.studielan.consent_tokens import SERVICE_CODE, ConsentToken, read_consent_token
from agencies.studielan.errors import ALTINN, ConsentNeeded, ConsentUnusable

CODE = "{AuthorizationCode}"
HAL = "application/hal+json"
SCOPES = ("altinn:consentrequests.read", "altinn:consentrequests.write", "altinn:consenttokens")
NOT_GIVEN = (Invalid, Forbidden, NotFound, Gone)  # which of them says so is not documented
NOBODYS = frozenset({"ended", "OfferedBy", "code"})  # whatever was consented to there, it is not this

logger = logging.getLogger(__name__)


API = Api(
    name=ALTINN,
    scopes=SCOPES,
    read_seconds=10.0,
    correlation_header="",
    read=by_status,
    largest=2**16,
    slot_seconds=5.0,
)


class Altinn2:
    """The consent provider of `LANEKASSEN_CONSENT=altinn2`."""

    def ask(self, identifier: str, *, surname: str, valid_to: datetime, return_to: str) -> Asked:
        """Return the code of a new request for consent and the page where the customer answers it."""
        body = json.dumps(request_of(identifier, surname, valid_to, return_to), ensure_ascii=False).encode()
        headers = [("ApiKey", settings.ALTINN_API_KEY), ("Accept", HAL), ("Content-Type", "application/json")]
        answer = ask_for(API, settings.ALTINN_CONSENT_REQUEST_URL, headers, body, identifier)
        code = _code(answer)
        return Asked(code, settings.ALTINN_CONSENT_PAGE_URL.replace(CODE, code))

    def permit(self, identifier: str, consent: Given) -> Permit:
        """Return what the next call shows: the consent token the first time, nothing once Lånekassen knows of it."""
        if consent.primed or not consent_state.take_exchange(consent):
            return lanekassen()
        try:
            return self._exchanged(identifier, consent)
        except (ConsentNeeded, ConsentUnusable):
            raise
        except Exception:
            consent_state.note(consent, exchanged=False)  # there was no exchange
            raise

    def permit_again(self, identifier: str, consent: Given) -> Permit:
        """Return what to show after a 403: a token fetched anew. Raise ConsentNeeded."""
        return self._exchanged(identifier, consent)

    def _exchanged(self, identifier: str, consent: Given) -> Permit:
        url = settings.ALTINN_CONSENT_TOKEN_URL.replace(CODE, consent.code)
        try:
            answer = Session(API).call(
                "GET", url, headers=[("ApiKey", settings.ALTINN_API_KEY), ("Accept", HAL)], repeatable=False
            )
            token = _read(answer, identifier, consent)
        except NOT_GIVEN as refused:
            logger.warning("studielan.consent_refused", extra={"status": refused.status})
            consent_state.drop(identifier)
            raise ConsentNeeded(api=ALTINN) from None
        except ConsentUnusable as unusable:
            logger.error("studielan.consent_token", extra={"reason": unusable.reason})
            if unusable.reason not in NOBODYS:
                raise
            consent_state.drop(identifier)
            raise ConsentNeeded(api=ALTINN) from None
        consent_state.note(consent, exchanged=True, valid_to=token.valid_to)
        return lanekassen(showing(token))


def showing(token: ConsentToken, clock: Callable[[], float] = time.time) -> Callable[[], tuple[tuple[str, str], ...]]:
    """Return a function that gives the header with the token as long as it may be used."""
    return lambda: (("Consent-ID", token.text),) if token.is_usable(clock()) else ()


def request_of(identifier: str, surname: str, valid_to: datetime, return_to: str) -> dict[str, Any]:
    """Return the body of a request for consent, with every field of the page (section 3) in its order."""
    return {
        "coveredBy": settings.BANK_ORGANISATION_NUMBER,
        "offeredBy": identifier,
        "offeredByName": surname,
        "requiredDelegator": identifier,
        "requiredDelegatorName": surname,
        "validTo": valid_to.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "redirectUrl": return_to,
        "requestResources": [
            {
                "serviceCode": SERVICE_CODE,
                "serviceEditionCode": 1,
                "Metadata": {"Navn": settings.LANEKASSEN_BANK_NAME},
            }
        ],
        "requestMessage": {},
    }


def _code(answer: Answer) -> str:
    try:
        document = json.loads(answer.body)
        return str(uuid.UUID(document["AuthorizationCode"]))
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise NotTheApplication(api=ALTINN, status=answer.status) from None


def _read(answer: Answer, identifier: str, consent: Given) -> ConsentToken:
    return read_consent_token(
        answer.body,
        find_key=keys.find,
        code=consent.code,
        identifier=identifier,
        bank=settings.BANK_ORGANISATION_NUMBER,
    )
