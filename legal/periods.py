"""Days: a period includes both its ends, and today is the date in Oslo."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
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


def within(period: Period, bounds: Period) -> Period | None:
    """Return the days that both have, if any."""
    from_date, to_date = max(period.from_date, bounds.from_date), min(period.to_date, bounds.to_date)
    return Period(from_date, to_date) if from_date <= to_date else None


def merged(periods: Iterable[Period]) -> tuple[Period, ...]:
    """Return the same days in as few periods as possible, oldest first."""
    found: list[Period] = []
    for period in sorted(periods, key=lambda each: each.from_date):
        if found and period.from_date <= next_day(found[-1].to_date):
            found[-1] = Period(found[-1].from_date, max(found[-1].to_date, period.to_date))
        else:
            found.append(period)
    return tuple(found)


def next_day(day: date) -> date:
    """Return the day after, and the last of all days for itself."""
    return day if day == date.max else day + timedelta(days=1)


def moments_of(period: Period) -> tuple[datetime, datetime]:
    """Return the first moment of a period in Oslo, and the first one after it."""
    return datetime.combine(period.from_date, time(), OSLO), datetime.combine(next_day(period.to_date), time(), OSLO)
