"""The call of Lånekassen's Accounts: one look-up, with the few attempts that their page allows."""

import logging
import random
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings

from agencies.answers import Answer
from agencies.errors import AgencyError, BadInput, Busy, Failed, Forbidden, NotConfigured, NotTheApplication
from agencies.identifiers import check_person_number
from agencies.studielan import consent
from agencies.studielan.asking import SCOPE, Permit
from agencies.studielan.debts import Debt, Unreadable, read_debt
from agencies.studielan.errors import API, LANEKASSEN_NUMBER, SERVICE, AttemptsSpent, ConsentNeeded
from agencies.tokens import claims_of
from audit.outbound import record_sent

MOST_ATTEMPTS = 3
BUSY_PAUSES = (1.0, 3.0)
FAILED_PAUSES = (1.0,)
LONGEST_PAUSE = 10.0  # whoever is asked to wait longer asks again another time
JITTER = 0.25
SHORTEST_LEFT = 15  # seconds that a Maskinporten token must have yet
BARE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

Told = Callable[[uuid.UUID], None]
Wait = Callable[[float], None]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up brought. `request_id` is the `X-Request-Id` that Lånekassen's support asks for."""

    debt: Debt = field(repr=False)
    request_id: str


class Count:
    """A count of attempts for whoever keeps none in a login."""

    def __init__(self) -> None:
        self._made = 0

    def __call__(self, request_id: uuid.UUID) -> None:
        if self._made >= MOST_ATTEMPTS:
            raise AttemptsSpent(api=API)
        self._made += 1


@dataclass(slots=True)
class Patience:
    """How often a look-up is tried again after 429 and 500."""

    busy: list[float] = field(default_factory=lambda: list(BUSY_PAUSES))
    failed: list[float] = field(default_factory=lambda: list(FAILED_PAUSES))

    def pause_after(self, error: AgencyError) -> float:
        """Return the seconds to wait before the next attempt. Raise the error where there is to be none."""
        pauses = self.busy if isinstance(error, Busy) else self.failed
        asked = error.retry_after or 0.0
        if not pauses or asked > LONGEST_PAUSE:
            raise error
        spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - only spreads who asks when
        return max(pauses.pop(0) * spread, asked)


def look_up(identifier: str, *, before_attempt: Told, made: int = 0, wait: Wait = time.sleep) -> Found:
    """Return the customer's debt. Raise ConsentNeeded or another AgencyError.

    `before_attempt` is called with each attempt's id before a byte leaves; what it raises stops the look-up. `made`
    tells how many attempts there have been before.
    """
    check_settings()
    check_person_number(identifier, base_url=settings.LANEKASSEN_ACCOUNTS_URL)
    answer = _Asking(identifier, before_attempt, wait, made).answer()
    try:
        debt = read_debt(answer.body)
    except Unreadable as unreadable:
        logger.error("studielan.unreadable", extra={"reason": str(unreadable), "request_id": answer.correlation_id})
        raise NotTheApplication(api=API, status=answer.status, correlation_id=answer.correlation_id) from None
    consent.remembered(identifier)
    if debt.total_differs:
        logger.warning("studielan.total_differs", extra={"request_id": answer.correlation_id})
    return Found(debt, answer.correlation_id)


def check_settings() -> None:
    """Raise NotConfigured for what the call cannot do without."""
    for name in ("LANEKASSEN_ACCOUNTS_URL", "LANEKASSEN_API_KEY"):
        if not getattr(settings, name):
            raise NotConfigured(name, api=API)


def check_token(token: str, *, now: float, bank: str) -> None:
    """Refuse a token that Lånekassen would refuse. Raise BadInput."""
    claims = claims_of(token)
    ends_at, consumer = claims.get("exp"), claims.get("consumer")
    number = consumer.get("ID") if isinstance(consumer, dict) else None
    right = (
        is_bare(token),
        isinstance(ends_at, int) and ends_at >= now + SHORTEST_LEFT,
        SCOPE in str(claims.get("scope", "")).split(" "),
        isinstance(number, str) and number.removeprefix("0192:") == bank,
    )
    if not all(right):
        raise BadInput("token", api=API)


def is_bare(token: str) -> bool:
    """Return whether it is a token and nothing more: no `Bearer` before it, no blank anywhere."""
    return BARE.fullmatch(token) is not None and not token.lower().startswith("bearer")


@dataclass(slots=True)
class _Asking:
    """One look-up through its attempts."""

    identifier: str
    before_attempt: Told
    wait: Wait
    made: int
    forbidden: bool = False

    def answer(self) -> Answer:
        permit, patience = consent.permit(self.identifier), Patience()
        while True:
            try:
                return self._call(permit)
            except (Forbidden, Busy, Failed) as error:
                if self.made >= MOST_ATTEMPTS:
                    raise
                if isinstance(error, Forbidden):
                    permit = self._permit_again()
                else:
                    self.wait(patience.pause_after(error))

    def _permit_again(self) -> Permit:
        if self.forbidden:
            consent.forget(self.identifier)
            raise ConsentNeeded(api=API)
        self.forbidden = True
        return consent.permit_again(self.identifier)

    def _call(self, permit: Permit) -> Answer:
        check_token(permit.session.token(), now=time.time(), bank=permit.session.enterprise)
        headers = [("ApiKey", settings.LANEKASSEN_API_KEY), *permit.shown(), ("PSU_ID", self.identifier)]
        return permit.session.call(
            "GET", settings.LANEKASSEN_ACCOUNTS_URL, headers=headers, repeatable=False, before_attempt=self._record
        )

    def _record(self, request_id: uuid.UUID) -> None:
        self.before_attempt(request_id)
        self.made += 1
        record_sent(
            recipient=LANEKASSEN_NUMBER,
            service=SERVICE,
            operation="studielan.accounts",
            parties=[self.identifier],
            body=None,
            correlation_id=request_id,
        )
