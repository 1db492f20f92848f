"""What a login may ask of Lånekassen, and what is left of it afterwards: `start`, `balances` and `end`.

One answered look-up for each login, and at most three attempts until there is one, over all its page views. What was
answered is kept until the login ends, encrypted with a key that only its browser has, and for no longer.
"""

import logging
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from agencies.errors import (
    AgencyError,
    Busy,
    Failed,
    Invalid,
    NotConfigured,
    NotFound,
    NotSent,
    NotTheApplication,
    Unauthenticated,
)
from agencies.studielan import kept_logins
from agencies.studielan.accounts import LONGEST_PAUSE, Wait, look_up
from agencies.studielan.debts import Debt, rewritten, written
from agencies.studielan.errors import ALTINN, API, AttemptsSpent, ConsentNeeded, LoginOver
from agencies.studielan.kept_logins import MOST_ATTEMPTS, Login

__all__ = ["Login", "LoginOver", "Look", "State", "balances", "end", "start"]

WAIT_SECONDS, PAUSE_SECONDS = 20.0, 0.05
LONGEST_REST = 3600.0  # the most that a Retry-After can keep a login waiting

logger = logging.getLogger(__name__)


class State(StrEnum):
    """How a look-up stands. The last three will not change in this login."""

    CONSENT_NEEDED = "consentNeeded"
    BEING_FETCHED = "beingFetched"  # another page view of this login asks just now
    LATER = "later"
    ANSWERED = "answered"
    NOT_A_CUSTOMER = "notACustomer"
    UNAVAILABLE = "unavailable"


SETTLED = frozenset({State.ANSWERED, State.NOT_A_CUSTOMER, State.UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class Look:
    """What the page shows. `request_id` is what Lånekassen's support asks for."""

    state: State
    debt: Debt | None = field(default=None, repr=False)
    request_id: str = ""
    at: datetime | None = None


def start(login: Login) -> None:
    """Begin a login, or extend the one that has begun. Asks nobody anything."""
    kept_logins.begin(login)


def balances(login: Login, *, wait: Wait = time.sleep) -> Look:
    """Return what Lånekassen has answered in this login, asking it if nobody has. Raise LoginOver or NotConfigured.

    May take many seconds: no page may wait for it. May not be called in a transaction.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        row, content = kept_logins.row_of(login)
        if row.settled:
            return _told(content["outcome"])
        if kept_logins.take_turn(login):
            return _ask(login, row.attempts, wait)
        if row.asking_until is None or row.asking_until <= row.now:  # type: ignore[attr-defined]
            if row.attempts >= MOST_ATTEMPTS:
                return Look(State.UNAVAILABLE)
            if row.not_before is not None and row.not_before > row.now:  # type: ignore[attr-defined]
                return Look(State.LATER)
        if time.monotonic() > deadline:
            return Look(State.BEING_FETCHED)
        time.sleep(PAUSE_SECONDS)


def end(login: Login) -> None:
    """End the login at once: what it was answered is gone."""
    kept_logins.end(login)


def sweep() -> int:
    """Delete whatever has expired, and return how much that was."""
    return kept_logins.sweep()


def _ask(login: Login, made: int, wait: Wait) -> Look:
    """Look up, keep what came, and let the next page view have its turn."""
    latest: list[str] = [""]

    def count(request_id: uuid.UUID) -> None:
        if not kept_logins.count_attempt(login):
            raise AttemptsSpent(api=API)
        latest[0] = str(request_id)

    try:
        found = look_up(login.identifier, before_attempt=count, made=made, wait=wait)
        look, rest = Look(State.ANSWERED, found.debt, found.request_id, timezone.now()), 0.0
    except NotConfigured:
        kept_logins.give_turn_back(login)
        raise
    except AgencyError as error:
        look, rest = Look(state_after(error), None, error.correlation_id or latest[0]), rest_after(error)
        _log(error, look)
    except BaseException:
        kept_logins.give_turn_back(login)
        raise
    else:
        logger.info("studielan.answered", extra={"request_id": look.request_id})
    return _kept(login, look, rest)


def state_after(error: AgencyError) -> State:
    """Return how the login stands after a look-up that failed."""
    if isinstance(error, ConsentNeeded):
        return State.CONSENT_NEEDED
    if error.api == ALTINN:  # Lånekassen has not been asked
        return State.LATER
    if isinstance(error, NotFound):
        return State.NOT_A_CUSTOMER
    if isinstance(error, Busy):
        return State.LATER if (error.retry_after or 0.0) > LONGEST_PAUSE else State.UNAVAILABLE
    spent = isinstance(error, (AttemptsSpent, Invalid, Failed))
    unreadable = isinstance(error, NotTheApplication) and error.status == 200
    return State.UNAVAILABLE if spent or unreadable else State.LATER


def rest_after(error: AgencyError) -> float:
    """Return for how many seconds whoever was asked wants to be left alone."""
    return min(error.retry_after or 0.0, LONGEST_REST)


def _kept(login: Login, look: Look, rest: float) -> Look:
    """Return what the login knows from now on."""
    columns: dict[str, Any] = {"asking_until": None, "settled": look.state in SETTLED}
    if rest:
        columns["not_before"] = Now() + timedelta(seconds=rest)
    outcome = {
        "state": look.state,
        "requestId": look.request_id,
        "at": look.at.isoformat() if look.at else None,
        "debt": written(look.debt) if look.debt else None,
    }
    return _told(kept_logins.settle(login, outcome, columns))


def _told(outcome: dict[str, Any]) -> Look:
    return Look(
        state=State(outcome["state"]),
        debt=rewritten(outcome["debt"]) if outcome["debt"] else None,
        request_id=outcome["requestId"],
        at=datetime.fromisoformat(outcome["at"]) if outcome["at"] else None,
    )


def _log(error: AgencyError, look: Look) -> None:
    facts = {"error": type(error).__name__, "status": error.status, "request_id": look.request_id}
    if isinstance(error, (Invalid, Unauthenticated, NotSent)) and not isinstance(error, (ConsentNeeded, AttemptsSpent)):
        logger.error("studielan.failed", extra=facts)
    else:
        logger.warning("studielan.not_answered", extra=facts)
