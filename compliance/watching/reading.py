"""What the dashboard reads of the sums: a few questions, however long the period is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Sum

from compliance.watching.folding import BOUNDS_MS
from compliance.watching.models import StaffTally, StandOut, Tally
from compliance.watching.windows import Length, Window, midnight, window_of_day

UNITS = {Length.DAY: "hour", Length.WEEK: "day", Length.MONTH: "day", Length.YEAR: "month"}
"""What a bar of a chart stands for."""
SUMS = f"""
SELECT date_trunc(%s, hour, 'Europe/Oslo') AS bucket, consumer, outcome, code, refusal, empty_because = 'shielded',
       extract(hour FROM hour AT TIME ZONE 'Europe/Oslo') NOT BETWEEN 6 AND 21,
       sum(count)::bigint, {", ".join(f"sum(histogram[{n + 1}])::bigint" for n in range(len(BOUNDS_MS) + 1))}
FROM watching_tally WHERE hour >= %s AND hour < %s AND (%s = '' OR consumer = %s)
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""  # noqa: S608 - our own words
MOST_SHOWN = 15


@dataclass(frozen=True, slots=True)
class Sums:
    """Questions that were alike in what the charts tell apart."""

    bucket: datetime
    consumer: str
    outcome: str
    code: str
    refusal: str
    shielded: bool
    night: bool
    count: int
    histogram: Sequence[int] = field(kw_only=True)


def buckets(window: Window) -> list[datetime]:
    """Return where the bars of the window's charts begin."""
    match UNITS[window.length]:
        case "hour":
            return [*window.hours]
        case "day":
            return [midnight(day) for day in window.days]
        case _:
            return sorted({window_of_day(Length.MONTH, day).start for day in window.days})


def sums(window: Window, agency: str) -> list[Sums]:
    """Return what was asked in the window, by all agencies or by one."""
    asked: list[Any] = [UNITS[window.length], window.start, window.end, agency, agency]
    with connection.cursor() as cursor:
        cursor.execute(SUMS, asked)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return [Sums(*row[:8], histogram=row[8:]) for row in found]


def asked_in(hours: Iterable[datetime], agency: str) -> dict[datetime, int]:
    """Return how many questions were asked in each of these hours; hours without any are not in it."""
    questions = Tally.objects.filter(hour__in=[*hours], outcome__in=["answered", "refused", "failed"])
    if agency:
        questions = questions.filter(consumer=agency)
    return dict(questions.values_list("hour").annotate(n=Sum("count")))


def standing_out(window: Window, agency: str) -> tuple[list[Any], list[Any]]:
    """Return the RequesterIDs and the persons that stood out most on one day of the window, with that day's number.

    A person is asked about by several agencies, so the persons are the same whatever agency is chosen.
    """
    rows = StandOut.objects.filter(day__gte=window.first_day, day__lte=window.last_day)
    requesters = rows.filter(kind=StandOut.Kind.REQUESTER)
    if agency:
        requesters = requesters.filter(consumer=agency)
    persons = rows.filter(kind=StandOut.Kind.PERSON)
    order = ("-number", "-day", "id")
    return list(requesters.order_by(*order)[:MOST_SHOWN]), list(persons.order_by(*order)[:MOST_SHOWN])


def staff_in(window: Window) -> dict[tuple[str, str], int]:
    """Return how many looks each person had, by mark."""
    rows = StaffTally.objects.filter(hour__gte=window.start, hour__lt=window.end)
    return {(person, mark): n for person, mark, n in rows.values_list("person", "mark").annotate(n=Sum("count"))}
