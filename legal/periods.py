"""Days: a period includes both its ends, and today is the date in Oslo."""

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
