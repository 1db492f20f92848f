"""One question as it stands when every rule has let it through."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from legal.grants import Grant
from legal.mandates import Mandate
from legal.periods import Period


@dataclass(frozen=True, slots=True)
class Enquiry:
    """The frozen, typed request: who asks, on what basis, about whom, for which days.

    `party_number` stands on the endpoints that take one, `account_reference` on the others.
    """

    grant: Grant
    mandate: Mandate
    account_info_request_id: uuid.UUID
    correlation_id: uuid.UUID
    period: Period
    asked_at: datetime
    party_number: str | None
    account_reference: str | None
    only_primary_owner: bool | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A document before the filter, and what the record must know about it."""

    document: dict[str, object]
    items: int
    as_of: datetime | None
    accounts: tuple[str, ...] = ()  # account numbers in the document
    control_object: str = ""  # where the request itself did not name it
    empty_because: str = ""
