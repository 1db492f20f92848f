"""How far may they ask? The rules a service can choose among; the choice itself is data (legal/services/*.toml).

Each rule is a small function: named arguments, today passed in, it returns or it refuses.
"""

import logging
from collections.abc import Callable
from datetime import date

from legal.numbers import is_party_number, is_synthetic
from legal.refusals import AdditionalReferenceNotAllowed, OwnersOnly, PeriodNotToday, PeriodReversed, Refusal

logger = logging.getLogger(__name__)


def check_party_number(number: str, *, refusal: type[Refusal], synthetic_allowed: bool, wrong_digits: str) -> None:
    """Refuse made-up persons where there are real ones (PID-05); `wrong_digits` is off, log or reject (PID-04)."""
    if not synthetic_allowed and len(number) == 11 and is_synthetic(number):
        logger.warning("party_number.synthetic")
        raise refusal
    if wrong_digits != "off" and not is_party_number(number):
        logger.warning("party_number.wrong_digits")
        if wrong_digits == "reject":
            raise refusal


def check_order(*, from_date: date, to_date: date) -> None:
    """Refuse a period that ends before it begins; holds under every mandate."""
    if from_date > to_date:
        raise PeriodReversed


def today_only(*, from_date: date, to_date: date, today: date) -> None:
    """Refuse any day but today."""
    if not from_date == to_date == today:
        raise PeriodNotToday


def primary_owner_only(*, only_primary_owner: bool | None) -> None:
    """Refuse FALSE. Absent passes where the endpoint lets it be absent."""
    if only_primary_owner is False:
        raise OwnersOnly


def requester_accepted(*, requester_id: str | None) -> None:
    """Accept and record whatever the agency sends, nothing included."""


def additional_reference_empty(*, additional_reference: str | None, additional_reference_type: str | None) -> None:
    """Refuse an additional reference or its type; blank counts as empty."""
    if additional_reference is not None or additional_reference_type is not None:
        raise AdditionalReferenceNotAllowed


def no_precondition(*, party_number: str | None) -> None:
    """Let everybody through: the mandate has no legal precondition that the bank checks."""


PERIOD_RULES: dict[str, Callable[..., None]] = {"today_only": today_only}
OWNER_RULES: dict[str, Callable[..., None]] = {"primary_owner_only": primary_owner_only}
REQUESTER_RULES: dict[str, Callable[..., None]] = {"accepted": requester_accepted}
REFERENCE_RULES: dict[str, Callable[..., None]] = {"empty": additional_reference_empty}
PRECONDITIONS: dict[str, Callable[..., None]] = {"none": no_precondition}
