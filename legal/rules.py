"""How far may they ask? The rules a service can choose among; the choice itself is data (legal/services/*.toml).

Each rule is a small function: named arguments, today passed in, it returns or it refuses.
"""

import logging
from collections.abc import Callable
from datetime import date

from legal.facts import Facts
from legal.numbers import has_person_form, is_party_number, is_synthetic
from legal.periods import months_before
from legal.refusals import (
    AdditionalReferenceNotAllowed,
    BankruptcyUnknown,
    DeathUnknown,
    ExtraditionOrderMissing,
    GuardianMissing,
    GuardianshipUnknown,
    OwnersOnly,
    PeriodBeforeDeath,
    PeriodBeforeRuling,
    PeriodInFuture,
    PeriodNotLastYear,
    PeriodNotToday,
    PeriodNotUntilToday,
    PeriodReversed,
    PeriodTooLong,
    Refusal,
    RequesterMissing,
    RequesterNotAllowed,
    TypeNotGuardian,
    TypeNotOrder,
)

GUARDIAN, EXTRADITION_ORDER = "srf", "pol1"
TEN_YEARS, TWELVE_MONTHS, THREE_MONTHS = 120, 12, 3
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


# --- how far back: both ends included ---


def today_only(*, from_date: date, to_date: date, today: date, facts: Facts) -> None:
    """Refuse any day but today."""
    if not from_date == to_date == today:
        raise PeriodNotToday


def ten_years(*, from_date: date, to_date: date, today: date, facts: Facts) -> None:
    """Refuse more than ten years back, and days to come."""
    check_order(from_date=from_date, to_date=to_date)
    if from_date < months_before(today, TEN_YEARS):
        raise PeriodTooLong
    if to_date > today:
        raise PeriodInFuture


def year_before_ruling(*, from_date: date, to_date: date, today: date, facts: Facts) -> None:
    """Refuse more than twelve months before the bankruptcy ruling, and any end but today."""
    if facts.ruling_date is None:
        raise BankruptcyUnknown
    check_order(from_date=from_date, to_date=to_date)
    if to_date != today:
        raise PeriodNotUntilToday
    if from_date < months_before(facts.ruling_date, TWELVE_MONTHS):
        raise PeriodBeforeRuling


def three_months_before_death(*, from_date: date, to_date: date, today: date, facts: Facts) -> None:
    """Refuse more than three months before the death, and any end but today."""
    if facts.date_of_death is None:
        raise DeathUnknown
    check_order(from_date=from_date, to_date=to_date)
    if to_date != today:
        raise PeriodNotUntilToday
    if from_date < months_before(facts.date_of_death, THREE_MONTHS):
        raise PeriodBeforeDeath


def last_calendar_year(*, from_date: date, to_date: date, today: date, facts: Facts) -> None:
    """Refuse days outside last calendar year; a part of it will do."""
    check_order(from_date=from_date, to_date=to_date)
    if not from_date.year == to_date.year == today.year - 1:
        raise PeriodNotLastYear


# --- whose accounts ---


def primary_owner_only(*, only_primary_owner: bool | None) -> None:
    """Refuse FALSE. Absent passes where the endpoint lets it be absent."""
    if only_primary_owner is False:
        raise OwnersOnly


def any_owner(*, only_primary_owner: bool | None) -> None:
    """Let TRUE and FALSE through, and absent where the endpoint lets it be absent."""


# --- the user at the agency ---


def requester_accepted(*, requester_id: str | None) -> None:
    """Accept and record whatever the agency sends, nothing included."""


def requester_empty(*, requester_id: str | None) -> None:
    """Refuse a value; blank counts as empty."""
    if requester_id is not None and requester_id.strip():
        raise RequesterNotAllowed


def requester_required(*, requester_id: str | None) -> None:
    """Refuse a question that no user at the agency stands behind; a pseudonym will do."""
    if requester_id is None or not requester_id.strip():
        raise RequesterMissing


# --- what the question refers to beside the mandate ---


def additional_reference_empty(*, additional_reference: str | None, additional_reference_type: str | None) -> None:
    """Refuse an additional reference or its type; blank counts as empty."""
    if additional_reference is not None or additional_reference_type is not None:
        raise AdditionalReferenceNotAllowed


def guardian(*, additional_reference: str | None, additional_reference_type: str | None) -> None:
    """Refuse anything but a guardian, named by the form of a fødselsnummer or D-number."""
    if additional_reference_type != GUARDIAN:
        raise TypeNotGuardian
    if not has_person_form(additional_reference):
        raise GuardianMissing


def extradition_order(*, additional_reference: str | None, additional_reference_type: str | None) -> None:
    """Refuse a question without an extradition order; what the order says is judged in legal/extradition.py."""
    if additional_reference_type != EXTRADITION_ORDER:
        raise TypeNotOrder
    if additional_reference is None or not additional_reference.strip():
        raise ExtraditionOrderMissing


# --- what must be so in law before anything is told ---


def no_precondition(*, facts: Facts) -> None:
    """Let everybody through: the mandate has no legal precondition that the bank checks."""


def bankruptcy(*, facts: Facts) -> None:
    """Refuse a party over whom no bankruptcy stands."""
    if facts.ruling_date is None:
        raise BankruptcyUnknown


def death(*, facts: Facts) -> None:
    """Refuse a party who is not known to be dead; an organisation never is."""
    if facts.date_of_death is None:
        raise DeathUnknown


def guardianship(*, facts: Facts) -> None:
    """Refuse where the guardian named had the ward's daily banking on no day of the period."""
    if not facts.guardianships:
        raise GuardianshipUnknown


PERIOD_RULES: dict[str, Callable[..., None]] = {
    "today_only": today_only,
    "ten_years": ten_years,
    "year_before_ruling": year_before_ruling,
    "three_months_before_death": three_months_before_death,
    "last_calendar_year": last_calendar_year,
}
PERIODS_FROM_FACTS = frozenset({"year_before_ruling", "three_months_before_death"})
"""Those that are counted from a fact; the others need none."""
OWNER_RULES: dict[str, Callable[..., None]] = {"primary_owner_only": primary_owner_only, "any_owner": any_owner}
REQUESTER_RULES: dict[str, Callable[..., None]] = {
    "accepted": requester_accepted,
    "empty": requester_empty,
    "required": requester_required,
}
REFERENCE_RULES: dict[str, Callable[..., None]] = {
    "empty": additional_reference_empty,
    "guardian": guardian,
    "extradition_order": extradition_order,
}
PRECONDITIONS: dict[str, Callable[..., None]] = {
    "none": no_precondition,
    "bankruptcy": bankruptcy,
    "death": death,
    "guardianship": guardianship,
}
