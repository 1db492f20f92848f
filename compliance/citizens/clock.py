"""How long the bank has to answer: one month from receipt, three where the person was told in time why (GDPR 12(3))."""

from calendar import monthrange
from datetime import date

MONTHS, EXTENDED_MONTHS = 1, 3


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later; where that month has no such day, its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due_on(received: date, *, extended: bool) -> date:
    """Return the last day on which the answer may be sent.

    A last day that is no working day is not moved to the next one, as the law would allow: the bank never needs it.
    """
    return months_after(received, EXTENDED_MONTHS if extended else MONTHS)
