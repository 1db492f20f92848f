"""Months, counted from the beginning of our era, and for which of them an agreement is valid and has effect.

An agreement counts in a month that both the provider and the employer have reported. It has effect in that month, in
the fifteen before and the one after.
"""

import re
from collections.abc import Iterable, Sequence

Span = tuple[int, int | None]
"""The first month and the last, both included; None when there is no last one."""

FORM = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
BEFORE, AFTER = 15, 1


def has_month_form(text: object) -> bool:
    return isinstance(text, str) and FORM.fullmatch(text) is not None


def month(text: str) -> int:
    """Return the month of a text in the form YYYY-MM."""
    return int(text[:4]) * 12 + int(text[5:]) - 1


def written(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


FIRST_WITH_AGREEMENT, FIRST_WITH_EFFECT = month("2021-01"), month("2020-01")


def agreed(agreements: Iterable[Span], reported: Sequence[Span], until: int) -> set[int]:
    """Return the months, no later than `until`, that lie in some agreement and were reported by the employer."""
    both = _months(agreements, until) & _months(reported, until)
    return {number for number in both if number >= FIRST_WITH_AGREEMENT}


def effective(months: Iterable[int]) -> set[int]:
    """Return the months in which agreements of those months have effect."""
    reached = {near for number in months for near in range(number - BEFORE, number + AFTER + 1)}
    return {number for number in reached if number >= FIRST_WITH_EFFECT}


def _months(spans: Iterable[Span], until: int) -> set[int]:
    found: set[int] = set()
    for first, last in spans:
        found.update(range(first, min(until if last is None else last, until) + 1))
    return found
