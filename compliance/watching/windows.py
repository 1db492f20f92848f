"""The windows of time in which something is counted: an hour, a day, a week or a month, as clocks in Oslo show them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.partitions import next_month

OSLO = ZoneInfo("Europe/Oslo")
HOUR = timedelta(hours=1)
NIGHT_BEGINS, NIGHT_ENDS = 22, 6


class Length(models.TextChoices):
    HOUR = "hour", _("an hour")
    DAY = "day", _("a day")
    WEEK = "week", _("a week")
    MONTH = "month", _("a month")
    YEAR = "year", _("a year")


@dataclass(frozen=True, slots=True)
class Window:
    """From `start`, which is in it, to `end`, which is not."""

    length: Length
    start: datetime
    end: datetime

    @property
    def hours(self) -> Iterator[datetime]:
        moment = self.start
        while moment < self.end:
            yield moment
            moment += HOUR

    @property
    def first_day(self) -> date:
        return oslo_day(self.start)

    @property
    def last_day(self) -> date:
        return oslo_day(self.end - timedelta(microseconds=1))

    @property
    def days(self) -> list[date]:
        return [self.first_day + timedelta(days=n) for n in range((self.last_day - self.first_day).days + 1)]


def window_of(length: Length, moment: datetime) -> Window:
    """Return the window of that length that the moment lies in."""
    if length == Length.HOUR:
        start = hour_of(moment)
        return Window(length, start, start + HOUR)
    return window_of_day(length, oslo_day(moment))


def window_of_day(length: Length, day: date) -> Window:
    """Return the day, its week from Monday, its month or its year. In autumn one day has 25 hours."""
    match length:
        case Length.DAY:
            first, after = day, day + timedelta(days=1)
        case Length.WEEK:
            first = day - timedelta(days=day.weekday())
            after = first + timedelta(days=7)
        case Length.MONTH:
            first = day.replace(day=1)
            after = next_month(first)
        case Length.YEAR:
            first = day.replace(month=1, day=1)
            after = first.replace(year=first.year + 1)
        case _:
            raise ValueError("an hour is not made of days")
    return Window(length, midnight(first), midnight(after))


def hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def oslo_day(moment: datetime) -> date:
    return moment.astimezone(OSLO).date()


def midnight(day: date) -> datetime:
    """Return the first moment of a day in Oslo."""
    return datetime.combine(day, time(), OSLO).astimezone(UTC)


def is_night(hour: datetime) -> bool:
    clock = hour.astimezone(OSLO).hour
    return clock >= NIGHT_BEGINS or clock < NIGHT_ENDS


def weeks_before(hour: datetime, weeks: int) -> list[datetime]:
    """Return the hours of the same name on the same day of the weeks before, the nearest first."""
    local = hour.astimezone(OSLO).replace(tzinfo=None)
    return [
        (local - timedelta(weeks=n)).replace(tzinfo=OSLO, fold=hour.astimezone(OSLO).fold).astimezone(UTC)
        for n in range(1, weeks + 1)
    ]
