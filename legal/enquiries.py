"""One question as it stands when every rule has let it through."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from legal.extradition import Order
from legal.grants import Grant
from legal.mandates import Mandate
from legal.periods import Period


@dataclass(frozen=True, slots=True)
class Enquiry:
    """The frozen, typed request: who asks, on what basis, about whom, for which days.

    `asked_for` are the days as they were sent, `period` those of them that the law reaches.
    `party_number` and `account_number` stand on the endpoints that take one, `account_reference` on the others.
    """

    grant: Grant
    mandate: Mandate
    legal_mandate: str
    account_info_request_id: uuid.UUID
    correlation_id: uuid.UUID
    asked_for: Period
    period: Period
    asked_at: datetime
    party_number: str | None
    account_reference: str | None
    only_primary_owner: bool | None
    account_number: str | None = None
    cursor: str | None = None
    guardian_number: str | None = None  # where the mandate asks for one
    order: Order | None = None  # where the mandate asks for one: the police's extradition order


@dataclass(frozen=True, slots=True)
class Answer:
    """A document before the filter, and what the record must know about it."""

    document: dict[str, object]
    items: int
    as_of: datetime | None
    accounts: tuple[str, ...] = ()  # account numbers in the document
    control_object: str = ""  # where the request itself did not name it
    empty_because: str = ""
    evidence: Mapping[str, object] = field(default_factory=dict)  # what else the record must be able to show
