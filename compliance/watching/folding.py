"""Folding the trail into small tables, hour by hour and day by day, in the database and never all of it at once.

What is folded again comes out the same: an hour's sums and a day's list are replaced whole, in one transaction. Two
watchers wait for each other at the row that says how far they are.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection, transaction

from audit.models import AuditRecord
from audit.secrecy import Kind, hash_of, seal
from compliance.watching.kinds import MARKS
from compliance.watching.models import Folding, StaffTally, StandOut, Tally
from compliance.watching.windows import HOUR, Length, hour_of, oslo_day, window_of, window_of_day

GRACE = timedelta(minutes=30)
"""How long after its end an hour is folded anew: sums of requests turned away and long sendings are committed late."""
REACH = timedelta(days=400)
"""What is folded at first, and how long sums are kept: the dashboard's year, and the same time of the year before."""
MOST_HOURS = 7 * 24
"""At most so many in one turn, so that alerts do not wait for the end of a long pause."""
MOST_STANDING_OUT = 100
BOUNDS_MS = (5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000)
"""The upper bounds of the histogram's buckets; the last bucket has none."""
TURNED_AWAY = "turned_away"
SEALED_AS = "watching_requester"
PATIENCE = "SET LOCAL statement_timeout = '120s'"


def _buckets() -> str:
    edges = [None, *(bound * 1000 for bound in BOUNDS_MS), None]
    conditions = [
        " AND ".join(
            [f"duration_us >= {low}" for low in [low] if low is not None]
            + [f"duration_us < {high}" for high in [high] if high is not None]
        )
        for low, high in pairwise(edges)
    ]
    return ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in conditions)


QUESTIONS = f"""
INSERT INTO watching_tally
    (hour, consumer, service, endpoint, outcome, code, refusal, empty_because, count, duration_us, histogram)
SELECT %s, consumer, service, endpoint, outcome, code, refusal, empty_because, count(*), sum(duration_us)::bigint,
       ARRAY[{_buckets()}]
FROM audit_record WHERE at >= %s AND at < %s
GROUP BY consumer, service, endpoint, outcome, code, refusal, empty_because
"""  # noqa: S608 - our own words
WITHOUT_TOKEN = f"""
INSERT INTO watching_tally
    (hour, consumer, service, endpoint, outcome, code, refusal, empty_because, count, duration_us, histogram)
SELECT %s, consumer, '', '', '{TURNED_AWAY}', '', reason, '', sum(count)::bigint, 0,
       array_fill(0::bigint, ARRAY[{len(BOUNDS_MS) + 1}])
FROM audit_turned_away WHERE minute >= %s AND minute < %s
GROUP BY consumer, reason
"""  # noqa: S608 - our own words
LOOKS = """
INSERT INTO watching_stafftally (hour, person, mark, count)
SELECT %s, who, mark, count(*)
FROM (SELECT CASE WHEN person = '' THEN left('@' || account, 160) ELSE person END AS who, marks
      FROM audit_access WHERE at >= %s AND at < %s) AS looks,
     LATERAL (SELECT DISTINCT unnest(string_to_array(coalesce(marks, ''), ' ') || 'look'::text) AS mark) AS words
WHERE mark = ANY(%s)
GROUP BY who, mark
"""
REQUESTERS = """
SELECT consumer, requester_id, count(DISTINCT control_object_hash)
FROM audit_record
WHERE at >= %s AND at < %s AND requester_id <> '' AND control_object_hash IS NOT NULL AND outcome <> 'sent'
GROUP BY consumer, requester_id HAVING count(DISTINCT control_object_hash) > 1
ORDER BY 3 DESC, 1, 2 LIMIT %s
"""
PERSONS = """
SELECT control_object_hash, count(DISTINCT account_info_request_id)
FROM audit_record
WHERE at >= %s AND at < %s AND control_object_hash IS NOT NULL AND outcome <> 'sent'
GROUP BY control_object_hash HAVING count(DISTINCT account_info_request_id) > 1
ORDER BY 2 DESC, 1 LIMIT %s
"""


def fold_hour(hour: datetime) -> None:
    """Replace the sums of an hour by what the trail holds of it now."""
    span: list[Any] = [hour, hour + HOUR]
    with _alone(), connection.cursor() as cursor:
        Tally.objects.filter(hour=hour).delete()
        StaffTally.objects.filter(hour=hour).delete()
        cursor.execute(QUESTIONS, [hour, *span])
        cursor.execute(WITHOUT_TOKEN, [hour, *span])
        cursor.execute(LOOKS, [hour, *span, [*MARKS]])


def fold_day(day: date) -> None:
    """Replace the list of who stood out on a day, counted exactly from that day of the trail."""
    window = window_of_day(Length.DAY, day)
    span: list[Any] = [window.start, window.end, MOST_STANDING_OUT]
    with _alone(), connection.cursor() as cursor:
        cursor.execute(REQUESTERS, span)
        found = [_requester(day, *row) for row in cursor.fetchall()]
        cursor.execute(PERSONS, span)
        found += [
            StandOut(day=day, kind=StandOut.Kind.PERSON, consumer="", subject_hash=bytes(person), number=number)
            for person, number in cursor.fetchall()
        ]
        StandOut.objects.filter(day=day).delete()
        StandOut.objects.bulk_create(found)


def _requester(day: date, consumer: str, requester: str, number: int) -> StandOut:
    row = StandOut(day=day, kind=StandOut.Kind.REQUESTER, consumer=consumer, number=number)
    row.subject_hash = hash_of(Kind.REQUESTER, requester)
    row.subject_sealed = seal(requester, column=SEALED_AS, record=row.pk)
    return row


@contextmanager
def _alone() -> Iterator[None]:
    """Let nobody else fold until the end of the block, and slices be read for longer than a request may."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(PATIENCE)
        list(Folding.objects.select_for_update().filter(pk=1))
        yield


def progress(now: datetime) -> Folding:
    """Return how far the trail is folded; at first, not at all from where the trail or the reach begins."""
    found = Folding.objects.filter(pk=1).first()
    if found is None:
        oldest = AuditRecord.objects.order_by("at", "id").values_list("at", flat=True).first() or now
        first = hour_of(max(oldest, now - REACH))
        row: dict[str, Any] = {"first": first, "until": first, "reached": first}
        found, _made = Folding.objects.get_or_create(pk=1, defaults=row)
    return found


def hours_to_fold(until: datetime, now: datetime) -> list[datetime]:
    """Return the hours that are not folded for good, the oldest first, as many as one turn takes."""
    count = (hour_of(now) - until) // HOUR + 1
    return [until + n * HOUR for n in range(min(max(count, 0), MOST_HOURS))]


def days_of(hours: Iterable[datetime]) -> list[date]:
    return sorted({oslo_day(hour) for hour in hours})


def passed(hours: list[datetime], now: datetime) -> None:
    """Note how far a turn came, once all that follows from these hours is done."""
    end = hours[-1] + HOUR
    closed = min(end, hour_of(now - GRACE))
    with _alone():
        state = Folding.objects.get(pk=1)
        state.until, state.reached = max(state.until, closed), max(state.reached, min(end, now))
        state.succeeded_at = max(filter(None, (state.succeeded_at, now)))
        state.save()


def forget(now: datetime) -> None:
    """Delete the sums that nobody looks at any more. Alerts stay."""
    before = window_of(Length.DAY, now - REACH).start
    Tally.objects.filter(hour__lt=before).delete()
    StaffTally.objects.filter(hour__lt=before).delete()
    StandOut.objects.filter(day__lt=before.astimezone(UTC).date()).delete()
