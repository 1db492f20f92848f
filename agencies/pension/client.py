"""The client of Skatteetaten's Tjenestepensjonsavtale API: register or change, delete, and the two questions.

Each method checks what it is given, records the disclosure before a byte leaves, and returns or raises an AgencyError.
"""

import logging
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Literal
from urllib.parse import urlencode

from django.conf import settings

from agencies.answers import Answer
from agencies.attempts import Waits, attempts
from agencies.errors import (
    AgencyError,
    BadInput,
    NotConfigured,
    NotSent,
    NotTheApplication,
    Unauthenticated,
    Unreachable,
)
from agencies.identifiers import check_organisation_number
from agencies.pension.codes import CODES, PROFILES, SEED, NothingThere
from agencies.pension.months import FIRST_OF_EFFECT, month_of
from agencies.pension.reading import EFFECT, JSON, VALIDITY, XML, Shape, Unreadable, Validity, read_fault, read_validity
from agencies.pension.terms import (
    Question,
    Terms,
    deletion_body,
    fault_in_name,
    fault_in_period,
    fault_in_question,
    trimmed,
)
from agencies.session import Api, Session
from agencies.tokens import claims_of
from audit.outbound import record_sent

SKATTEETATEN = "974761076"
SERVICE = "agencies:pension"
SCOPE = "skatteetaten:tjenestepensjonsavtale"
WRITES, LOOKS_UP = "otp", "nav"
OPERATIONS = {"POST": "pension.register", "DELETE": "pension.delete"}
SEED_PATH = "/api/tjenestepensjonsavtale/v1"

Format = Literal["application/json", "application/xml"]

logger = logging.getLogger(__name__)

__all__ = ["JSON", "XML", "Course", "PensionClient", "Question", "Terms", "Validity"]


class AnotherProvider(NotSent):
    """What the token's consumer is, the agency takes for the provider."""

    sentence = "Nothing was sent: the token speaks for another than the provider whose agreement it is."


class Course:
    """How one write goes, attempt by attempt.

    `lost`: an attempt, perhaps one of an earlier call, may have been carried out without an answer that says so.
    """

    def __init__(self, *, lost: bool = False) -> None:
        self.lost = lost

    def begin(self) -> None:
        """Called before each attempt's bytes leave, when the disclosure is recorded. What it raises stops the call."""


class PensionClient:
    """Calls for one provider: it is the `consumer` of the token, the bank itself or who has delegated the API to it.

    The two questions may be about any provider. `today` is the day in Oslo.
    """

    def __init__(self, *, today: date, provider: str = "", accept: Format = JSON) -> None:
        self.api = api()
        self.provider = provider or settings.BANK_ORGANISATION_NUMBER
        self._this_month = month_of(today)
        self._accept = accept
        own = self.provider == settings.BANK_ORGANISATION_NUMBER
        self.session = Session(self.api, consumer_org="" if own else self.provider)

    def register(self, terms: Terms, *, future_end: bool = False, course: Course | None = None) -> None:
        """Register the agreement, or change both its months; no last month opens it again.

        An end that lies ahead is refused unless `future_end` says that it is meant.
        """
        terms = replace(terms, reference=trimmed(terms.reference))
        self._check(
            fault_in_name(provider=self.provider, employer=terms.employer, reference=terms.reference)
            or fault_in_period(terms.from_month, terms.to_month, this_month=self._this_month, future_end=future_end)
        )
        check_organisation_number(terms.employer)
        if terms.from_month < FIRST_OF_EFFECT:
            logger.warning("agencies.pension.no_effect_before", extra={"month": FIRST_OF_EFFECT})
        self._write("POST", terms.employer, terms.body(), course or Course())

    def delete(self, *, reference: str, employer: str, course: Course | None = None) -> None:
        """Delete the agreement. Raise NothingThere where the agency has none.

        That counts as done where an earlier attempt was lost, of this call or, as `course` says, of one before it.
        """
        reference = trimmed(reference)
        self._check(fault_in_name(provider=self.provider, employer=employer, reference=reference))
        check_organisation_number(employer)
        course = course or Course()
        try:
            self._write("DELETE", employer, deletion_body(reference=reference, employer=employer), course)
        except NothingThere:
            if not course.lost:
                raise

    def validity(self, question: Question) -> Validity:
        """Return whether there are valid agreements in every month asked about, and the months without."""
        return self._asked("pension.validity", "avtaleforhold/gyldighet", question, VALIDITY)

    def effect(self, question: Question) -> Validity:
        """Return whether every month asked about lies in a period of effect, and the months that do not."""
        return self._asked("pension.effect", "avtaleforhold/virkningsperiode/gyldighet", question, EFFECT)

    def _write(self, method: Literal["POST", "DELETE"], employer: str, body: bytes, course: Course) -> None:
        """Send it, and again where the page allows it, keeping in mind what may have become of each attempt."""
        address = self._address(WRITES, "avtaleforhold")
        if consumer_of(self.session.token()) != self.provider:
            raise AnotherProvider(api=self.api.name)
        record = self._recorded(OPERATIONS[method], employer, body)

        def begin(correlation_id: uuid.UUID) -> None:
            record(correlation_id)
            course.begin()

        for attempt in attempts(self.api.retries, Waits(self.api.waits), again=self._may_repeat):
            with attempt:
                try:
                    self.session.call(
                        method,
                        address,
                        headers=(("Accept", self._accept), ("Content-Type", JSON)),
                        body=body,
                        repeatable=False,
                        ok=frozenset({200, 201}),
                        before_attempt=begin,
                    )
                except AgencyError as error:
                    course.lost = course.lost or may_have_been_done(error)
                    raise

    def _may_repeat(self, error: AgencyError) -> bool:
        if isinstance(error, Unauthenticated):
            return False  # with another token it was tried already
        return isinstance(error, Unreachable) or error.status in self.api.retry_statuses

    def _asked(self, operation: str, path: str, question: Question, shape: Shape) -> Validity:
        self._check(fault_in_question(question, this_month=self._this_month))
        check_organisation_number(question.provider)
        check_organisation_number(question.employer)
        answer = self.session.call(
            "GET",
            f"{self._address(LOOKS_UP, path)}?{urlencode(question.parameters())}",
            headers=(("Accept", self._accept),),
            repeatable=True,
            before_attempt=self._recorded(operation, question.employer, None),
        )
        return self._read(answer, shape)

    def _read(self, answer: Answer, shape: Shape) -> Validity:
        try:
            return read_validity(answer.body, shape, accept=self._accept)
        except Unreadable:
            raise NotTheApplication(
                api=self.api.name, status=answer.status, correlation_id=answer.correlation_id
            ) from None

    def _address(self, package: str, path: str) -> str:
        if package not in settings.OTP_RIGHTS_PACKAGE:
            raise NotConfigured(f"{package} in OTP_RIGHTS_PACKAGE", api=self.api.name)
        prefix = SEED_PATH if self.api.profile == SEED else ""
        return f"{settings.OTP_BASE_URL.rstrip('/')}{prefix}/{package}/{path}"

    def _recorded(self, operation: str, employer: str, body: bytes | None) -> Callable[[uuid.UUID], None]:
        def record(correlation_id: uuid.UUID) -> None:
            record_sent(
                recipient=SKATTEETATEN,
                service=SERVICE,
                operation=operation,
                parties=[employer],
                body=body,
                correlation_id=correlation_id,
            )

        return record

    def _check(self, fault: str) -> None:
        if fault:
            raise BadInput(fault, api=self.api.name)


def consumer_of(token: str) -> str:
    """Return the organisation number of the token's consumer, or nothing."""
    consumer = claims_of(token).get("consumer")
    identifier = consumer.get("ID") if isinstance(consumer, dict) else None
    return identifier.removeprefix("0192:") if isinstance(identifier, str) else ""


def may_have_been_done(error: AgencyError) -> bool:
    """Return whether the agency may have done what it was asked for, though no answer says so."""
    if isinstance(error, Unreachable):
        return error.may_have_arrived
    return error.status is not None and not 400 <= error.status < 500 and not isinstance(error, Unauthenticated)


def api() -> Api:
    """Return the API in the profile of the settings. Raise NotConfigured."""
    if not settings.OTP_BASE_URL:
        raise NotConfigured("OTP_BASE_URL", api="pension")
    if settings.OTP_PROFILE not in PROFILES:
        raise NotConfigured("OTP_PROFILE", api="pension")
    return Api(
        name="pension",
        scopes=(SCOPE,),
        profile=settings.OTP_PROFILE,
        codes=CODES,
        read=read_fault,
        slot_seconds=60.0,  # longer than a lease that a killed process has left
        retry_codes=frozenset({"DAS-003"}),
    )
