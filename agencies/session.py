"""Calls to one agency API, with everything that the four pages ask of each call.

Token, one of five slots, a fresh correlation id, limits of time and size, and trying again where that is allowed.
"""

import logging
import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from agencies import tokens
from agencies.answers import Answer
from agencies.attempts import Waits, attempts
from agencies.errors import (
    AgencyError,
    BadInput,
    NotConfigured,
    NotRecorded,
    NotTheApplication,
    Unreachable,
    decide,
    is_about_token,
    may_be_done,
)
from agencies.faults import Fault, read_skatteetaten
from agencies.grants import wanted
from agencies.slots import slot
from audit import recording
from audit.transport import AddressRefused, Headers, Limits, NoAnswer, TooLarge, exchange

LEASE_MARGIN_SECONDS = 10.0
ONE_LINE = re.compile(r"[\t -~\xa0-\xff]*")

logger = logging.getLogger(__name__)

Told = Callable[[uuid.UUID], None]

__all__ = ["Answer", "Api", "Session"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """What is common to all calls of one agency API in one profile.

    `waits` are the seconds before each try again (none: doubling from half a second); what is tried again are network
    faults and answers with one of the statuses or codes. An empty `correlation_header` sends none.
    """

    name: str
    scopes: tuple[str, ...]
    bearer: bool = True
    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    profile: str = ""
    codes: Mapping[tuple[str, str], type[AgencyError]] = field(default_factory=dict)
    read: Callable[[bytes], Fault | None] = read_skatteetaten
    largest: int = 2**20
    correlation_header: str = "Korrelasjonsid"
    slot_seconds: float = 30.0
    waits: tuple[float, ...] = ()
    retries: int = 2
    retry_statuses: frozenset[int] = frozenset({429, 500, 502, 503, 504})
    retry_codes: frozenset[str] = frozenset()


class Session:
    """Calls to one API as this bank, or for the organisation that has delegated or given it a system user."""

    def __init__(
        self,
        api: Api,
        *,
        consumer_org: str = "",
        system_user_organisation: str = "",
        authorization_details: Sequence[dict[str, Any]] | None = None,
    ) -> None:
        self.api = api
        self.enterprise = consumer_org or settings.BANK_ORGANISATION_NUMBER
        self.asked = wanted(
            api.scopes,
            consumer_org=consumer_org,
            system_user_organisation=system_user_organisation,
            authorization_details=authorization_details,
        )
        self.limits = Limits(api.connect_seconds, api.read_seconds, api.largest)
        self.lease_seconds = self.limits.seconds + LEASE_MARGIN_SECONDS

    def token(self) -> str:
        """Return a token for this API. Raise NoToken or NotConfigured."""
        return tokens.store.token(self.asked)

    def drop(self, refused: str) -> None:
        """Forget a token that was refused, so that the next call fetches another."""
        tokens.store.drop(self.asked, refused)

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        repeatable: bool,
        ok: frozenset[int] = frozenset({200}),
        before_attempt: Told | None = None,
    ) -> Answer:
        """Return an answer whose status is one of `ok`. Raise an AgencyError for everything else.

        Headers go out spelled as given; Authorization and Accept are added where they are not among them.
        `before_attempt` is given the attempt's correlation id when all is ready, before a byte leaves; what it raises
        stops the call. A refused token is replaced once. Only what is `repeatable` is tried again otherwise.
        """
        if not self.enterprise:
            raise NotConfigured("BANK_ORGANISATION_NUMBER", api=self.api.name)
        call = _Call(self, method, url, tuple(headers), body, ok, before_attempt)
        retries = self.api.retries if repeatable else 0
        for attempt in attempts(max(retries, 1), Waits(self.api.waits), again=lambda e: call.again(e, retries)):
            with attempt:
                return call.attempt()
        raise AssertionError("the last attempt returns or raises")


@dataclass(slots=True)
class _Call:
    """One request through all its attempts."""

    session: "Session"
    method: str
    url: str
    headers: Headers
    body: bytes | None
    ok: frozenset[int]
    before_attempt: Told | None
    attempts: int = 0
    token_renewed: bool = False
    may_be_done: bool = False

    def attempt(self) -> Answer:
        self.attempts += 1
        try:
            return self._attempt()
        except AgencyError as error:
            error.api, error.attempts, error.repeated = self.session.api.name, self.attempts, self.may_be_done
            self.may_be_done = self.may_be_done or may_be_done(error)
            raise

    def _attempt(self) -> Answer:
        api = self.session.api
        if not all(ONE_LINE.fullmatch(value) for _, value in self.headers):
            raise BadInput("header", api=api.name)
        token = "" if self._has("authorization") else self.session.token()
        correlation_id = uuid.uuid4()
        with slot(
            api.name, self.session.enterprise, seconds=self.session.lease_seconds, wait_seconds=api.slot_seconds
        ) as lease:
            if self.before_attempt is not None:
                self._tell(correlation_id)
                lease.renew()
            answer = self._exchange(token, str(correlation_id))
        if answer.status in self.ok:
            return answer
        error = decide(answer, api=api.name, profile=api.profile, codes=api.codes, read=api.read)
        logger.warning(
            "agencies.refused",
            extra={"api": api.name, "status": error.status, "code": error.code, "correlation_id": error.correlation_id},
        )
        if is_about_token(error):
            self.session.drop(token)
        raise error

    def again(self, error: AgencyError, retries: int) -> bool:
        """Return whether the page lets this be tried again: with another token once, else only what may be repeated."""
        if is_about_token(error):
            renewed, self.token_renewed = self.token_renewed or self._has("authorization"), True
            return not renewed
        if not retries:
            return False
        codes = {error.code, *(found.code for found in error.specifications)} - {""}
        api = self.session.api
        return isinstance(error, Unreachable) or error.status in api.retry_statuses or bool(codes & api.retry_codes)

    def _tell(self, correlation_id: uuid.UUID) -> None:
        assert self.before_attempt is not None
        try:
            self.before_attempt(correlation_id)
        except recording.NotRecorded:
            raise NotRecorded(api=self.session.api.name) from None

    def _exchange(self, token: str, correlation_id: str) -> Answer:
        api, began = self.session.api, time.monotonic()
        try:
            received = exchange(
                self.method, self.url, self._headers(token, correlation_id), self.body, self.session.limits
            )
        except AddressRefused:
            raise BadInput("address", api=api.name) from None
        except NoAnswer as lost:
            raise Unreachable(
                may_have_arrived=lost.may_have_arrived, api=api.name, correlation_id=correlation_id
            ) from None
        except TooLarge as large:
            raise NotTheApplication(api=api.name, status=large.status, correlation_id=correlation_id) from None
        facts = {"api": api.name, "status": received.status, "correlation_id": correlation_id, "attempt": self.attempts}
        logger.info("agencies.call", extra=facts | {"milliseconds": round(1000 * (time.monotonic() - began))})
        return Answer(received.status, received.headers, received.body, correlation_id, self.attempts)

    def _headers(self, token: str, correlation_id: str) -> Headers:
        api, added = self.session.api, []
        if token:
            added.append(("Authorization", f"Bearer {token}" if api.bearer else token))
        if not self._has("accept"):
            added.append(("Accept", "application/json"))
        if api.correlation_header:
            added.append((api.correlation_header, correlation_id))
        return (*added, *self.headers)

    def _has(self, name: str) -> bool:
        return any(given.lower() == name for given, _ in self.headers)
