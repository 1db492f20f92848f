"""Norwegian numbers: the form, check digits and date part of person, organisation and account numbers.

Rules PID, ORG and ACC. Pure arithmetic: who exists is for the customer register to say, and no birth date or sex
is ever read from a number (PID-06).
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import TypeGuard

PERSON_FORM = re.compile(r"[0-9]{11}")
ORGANISATION_FORM = re.compile(r"[0-9]{9}")
ACCOUNT_FORM = re.compile(r"[0-9]{11}")

FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2)
SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
ORGANISATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
ACCOUNT_WEIGHTS = SECOND_WEIGHTS

CLASSIC_REMAINDERS = frozenset({0})
ALL_REMAINDERS = frozenset({0, 1, 2, 3})  # numbers issued from 2032 on, beside the old ones (PID-02)

LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class PersonNumberKind(StrEnum):
    """What the day of a person number tells."""

    BIRTH_NUMBER = "birthNumber"
    D_NUMBER = "dNumber"
    FH_NUMBER = "fhNumber"


class PersonNumberSeries(StrEnum):
    """Who made a person number, as its month tells."""

    POPULATION_REGISTER = "populationRegister"
    NAV = "nav"
    HEALTH_OR_NAV_TEST = "healthOrNavTest"
    HEALTH_TEST = "healthTest"
    TAX_TEST = "taxTest"


MONTH_ADDITIONS = {
    PersonNumberSeries.POPULATION_REGISTER: 0,
    PersonNumberSeries.NAV: 20,
    PersonNumberSeries.HEALTH_OR_NAV_TEST: 40,
    PersonNumberSeries.HEALTH_TEST: 65,
    PersonNumberSeries.TAX_TEST: 80,
}
SYNTHETIC_SERIES = frozenset(
    {PersonNumberSeries.HEALTH_OR_NAV_TEST, PersonNumberSeries.HEALTH_TEST, PersonNumberSeries.TAX_TEST}
)


# --- form: ASCII digits only, nothing stripped (PID-01, ORG-01, ACC-01) ---


def has_person_form(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and PERSON_FORM.fullmatch(value) is not None


def has_organisation_form(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and ORGANISATION_FORM.fullmatch(value) is not None


def has_party_form(value: object) -> TypeGuard[str]:
    return has_person_form(value) or has_organisation_form(value)


def has_account_form(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and ACCOUNT_FORM.fullmatch(value) is not None


# --- whole numbers ---


def is_person_number(value: object, remainders: frozenset[int] = ALL_REMAINDERS) -> bool:
    """Return whether the value has the form, the check digits and a possible date of a person number."""
    return has_person_form(value) and has_person_check_digits(value, remainders) and has_possible_date(value)


def is_organisation_number(value: object) -> bool:
    """Return whether the value is a right organisation number, whatever its first digit (ORG-01)."""
    return has_organisation_form(value) and value != "000000000" and value[-1] == organisation_check_digit(value[:-1])


def is_party_number(value: object) -> bool:
    return is_person_number(value) or is_organisation_number(value)


def is_account_number(value: object) -> bool:
    return has_account_form(value) and value[-1] == account_check_digit(value[:-1])


def is_synthetic(number: str) -> bool:
    """Return whether a party number can belong to nobody real: a test person's month, an organisation's 2 or 3."""
    if has_organisation_form(number):
        return number[0] in "23"
    return has_person_form(number) and series_of(number) in SYNTHETIC_SERIES


# --- parts of a person number, given in the right form ---


def kind_of(number: str) -> PersonNumberKind | None:
    """Return what the day of a person number says, None for a day that no kind has."""
    day = int(number[0:2])
    if 1 <= day <= 31:
        return PersonNumberKind.BIRTH_NUMBER
    if 41 <= day <= 71:
        return PersonNumberKind.D_NUMBER
    return PersonNumberKind.FH_NUMBER if day >= 80 else None


def series_of(number: str) -> PersonNumberSeries | None:
    """Return whose series the month of a person number lies in, None for no one's. FH-numbers have no month."""
    if kind_of(number) is PersonNumberKind.FH_NUMBER:
        return None
    month = int(number[2:4])
    return next((series for series, addition in MONTH_ADDITIONS.items() if 1 <= month - addition <= 12), None)


def has_possible_date(number: str) -> bool:
    """Return whether the date part exists in at least one century (PID-03)."""
    kind, series = kind_of(number), series_of(number)
    if kind is None or series is None:
        return False
    day = int(number[0:2]) - (40 if kind is PersonNumberKind.D_NUMBER else 0)
    month = int(number[2:4]) - MONTH_ADDITIONS[series]
    if (day, month) == (29, 2):
        return int(number[4:6]) % 4 == 0
    return day <= LONGEST_MONTHS[month - 1]


def has_person_check_digits(number: str, remainders: frozenset[int] = ALL_REMAINDERS) -> bool:
    """Return whether both check digits fit; the first may leave one of the given remainders (PID-02)."""
    return first_remainder(number) in remainders and (_sum(number[:10], SECOND_WEIGHTS) + int(number[10])) % 11 == 0


def first_remainder(number: str) -> int:
    """Return what the first check digit leaves: 0 in numbers issued before 2032, 0 to 3 after."""
    return (_sum(number[:9], FIRST_WEIGHTS) + int(number[9])) % 11


# --- check digits to make numbers with; None where no such number exists ---


def person_check_digits(first_nine: str, remainder: int = 0) -> str | None:
    first = _digit(11 + remainder - _sum(first_nine, FIRST_WEIGHTS))
    if first is None:
        return None
    second = _digit(11 - _sum(first_nine + first, SECOND_WEIGHTS))
    return None if second is None else first + second


def organisation_check_digit(first_eight: str) -> str | None:
    return _digit(11 - _sum(first_eight, ORGANISATION_WEIGHTS))


def account_check_digit(first_ten: str) -> str | None:
    return _digit(11 - _sum(first_ten, ACCOUNT_WEIGHTS))


def _sum(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def _digit(value: int) -> str | None:
    return None if value % 11 == 10 else str(value % 11)
