"""Days: a period includes both its ends, and today is the date in Oslo."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included."""

    from_date: date
    to_date: date


def day_in_oslo(moment: datetime) -> date:
    """Return the bank's calendar date at an aware moment."""
    return moment.astimezone(OSLO).date()


def months_before(day: date, months: int) -> date:
    """Return the same day of an earlier month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
