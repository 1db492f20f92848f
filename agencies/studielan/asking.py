"""What both ways of consent share: how Lånekassen is called, and how a request for consent leaves on record."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from agencies.answers import Answer
from agencies.faults import Fault
from agencies.session import Api, Session
from agencies.studielan.errors import API, DIGDIR_NUMBER, SERVICE
from audit.outbound import record_sent

SCOPE = "lanekassen:lan/v1/saldoopplysninger"
ACCEPTED = frozenset({200, 201})  # which one is not documented

Shown = tuple[tuple[str, str], ...]


def by_status(body: bytes) -> Fault:
    """Read nothing from an error's body: the pages say nothing of it."""
    return Fault("")


LANEKASSEN = Api(
    name=API,
    scopes=(SCOPE,),
    bearer=False,
    read_seconds=10.0,
    correlation_header="X-Request-Id",
    read=by_status,
    slot_seconds=5.0,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for consent: what it is known by at Altinn, and where the customer answers it."""

    code: str = field(repr=False)
    page: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Permit:
    """By which session a call goes, and what it shows besides; asked anew for each attempt, as it may have run out."""

    session: Session
    shown: Callable[[], Shown]


def lanekassen(shown: Callable[[], Shown] = tuple, details: Sequence[dict[str, Any]] | None = None) -> Permit:
    """Return a permit for the Accounts call."""
    return Permit(Session(LANEKASSEN, authorization_details=details), shown)


def ask_for(api: Api, url: str, headers: Sequence[tuple[str, str]], body: bytes, identifier: str) -> Answer:
    """Return the answer to a request for consent, of which there is a record before it leaves."""

    def on_record(correlation_id: uuid.UUID) -> None:
        record_sent(
            recipient=DIGDIR_NUMBER,
            service=SERVICE,
            operation="studielan.consent",
            parties=[identifier],
            body=body,
            correlation_id=correlation_id,
        )

    return Session(api).call(
        "POST", url, headers=headers, body=body, repeatable=False, ok=ACCEPTED, before_attempt=on_record
    )
