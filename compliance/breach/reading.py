"""Reading the trail for wrong answers: slice by slice, so that it can be stopped and gone on with, in bounded memory.

The trail has no index by version or certificate. What is found is counted by person, agency and day in a table of the
desk's own; a slice and how far it reached are committed together, so that nothing is counted twice.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from audit.keyset import Cursor
from audit.models import AuditRecord
from compliance.breach.bounds import Bounds
from compliance.breach.models import WrongDisclosure
from compliance.finding.looking import FIRST_SLICE, LOWEST, Walk, in_good_time, walked
from compliance.finding.records import matching
from legal.periods import day_in_oslo

BATCH = 2000
STATEMENT_SECONDS = 4.0
"""The serving role's statements end after eight."""
COUNT_SECONDS = 60.0
"""For each of the last counts, over millions of hits if there are as many."""
COLUMNS = ("id", "at", "consumer", "control_object_hash")
NOBODY = b""
"""Stands for the hash where a record names nobody."""
ADD = """
INSERT INTO breach_hit (disclosure_id, person_hash, consumer, day, answers, record)
SELECT %s, * FROM unnest(%s::bytea[], %s::text[], %s::date[], %s::int[], %s::uuid[])
ON CONFLICT (disclosure_id, person_hash, consumer, day) DO UPDATE SET answers = breach_hit.answers + excluded.answers
"""
TALLY = """
INSERT INTO breach_tally (disclosure_id, day, consumer, answers, persons)
SELECT disclosure_id, day, consumer, sum(answers), count(*) FILTER (WHERE person_hash <> ''::bytea)
FROM breach_hit WHERE disclosure_id = %s GROUP BY disclosure_id, day, consumer
"""
AGENCIES = """
SELECT consumer, sum(answers)::bigint, count(*) FILTER (WHERE person_hash <> ''::bytea),
       min(first)::text, max(last)::text
FROM (SELECT consumer, person_hash, sum(answers) AS answers, min(day) AS first, max(day) AS last
      FROM breach_hit WHERE disclosure_id = %s GROUP BY consumer, person_hash) AS told
GROUP BY consumer ORDER BY consumer
"""
PERSONS = """
SELECT count(*)
FROM (SELECT DISTINCT person_hash FROM breach_hit WHERE disclosure_id = %s AND person_hash <> ''::bytea) AS hit
"""
Key = tuple[bytes, str, Any]


def begun(bounds: Bounds, *, by: str, now: datetime) -> WrongDisclosure:
    """Return a new search. It reads from now, or its last day, back to its first day or the oldest record."""
    oldest = AuditRecord.objects.order_by("at", "id").values_list("at", flat=True).first() or now
    begins = max(bounds.criteria.begins, oldest)
    ends = min(bounds.criteria.ends or now, now)
    ends = max(ends, begins)
    return WrongDisclosure.objects.create(
        criteria=bounds.as_json(),
        begins_at=begins,
        ends_at=ends,
        edge=str(Cursor("older", ends.astimezone(UTC), LOWEST)),
        slice_seconds=FIRST_SLICE.total_seconds(),
        made_name=by,
        made_at=now,
    )


def go_on(search: WrongDisclosure, *, seconds: float) -> Iterator[timedelta]:
    """Read on for about that long, at least a slice; yield after each how much is left. In the end all is counted."""
    until = monotonic() + seconds
    while search.finished_at is None:
        yield _slice(search)
        if monotonic() >= until:
            return


def left_of(search: WrongDisclosure) -> timedelta:
    """Return how much of the trail, in time, is not read yet."""
    if search.finished_at:
        return timedelta(0)
    return max(Cursor.parse(search.edge).moment - search.begins_at, timedelta(0))


def answers_of(bounds: Bounds) -> Any:
    """Return a queryset of these answers, newest first."""
    return matching(bounds.criteria).filter(**bounds.own)


def walk_of(search: WrongDisclosure) -> Walk:
    """Return the rest of the way back through these answers."""
    return Walk(
        rows=answers_of(Bounds.of(search.criteria)).only(*COLUMNS),
        begins=search.begins_at,
        edge=Cursor.parse(search.edge),
        now=search.ends_at,
        slice=timedelta(seconds=search.slice_seconds),
    )


def records_behind(search: WrongDisclosure, columns: Sequence[str]) -> Iterator[AuditRecord]:
    """Yield the records of a search, newest first, a few hundred at a time. Raise TooSlow."""
    return walked(whole_walk(search, columns), batch=BATCH, seconds=STATEMENT_SECONDS)


def whole_walk(search: WrongDisclosure, columns: Sequence[str], **narrowed: str) -> Walk:
    """Return the way back through all of a search's answers, or those of them that fulfil more."""
    return Walk(
        rows=answers_of(Bounds.of(search.criteria)).filter(**narrowed).only(*columns),
        begins=search.begins_at,
        edge=Cursor("older", search.ends_at, LOWEST),
        now=search.ends_at,
        slice=FIRST_SLICE,
    )


@transaction.atomic
def _slice(search: WrongDisclosure) -> timedelta:
    fresh = WrongDisclosure.objects.select_for_update().get(pk=search.pk)
    if fresh.finished_at is None:
        walk = walk_of(fresh)
        found = [] if walk.is_over else walk.step(BATCH, STATEMENT_SECONDS) or []
        _add(fresh, found)
        fresh.answers += len(found)
        fresh.edge, fresh.slice_seconds = str(walk.edge), walk.slice.total_seconds()
        if walk.is_over:
            _finish(fresh)
        fresh.save()
    for name in ("answers", "edge", "slice_seconds", "persons", "agencies", "finished_at"):
        setattr(search, name, getattr(fresh, name))
    return left_of(fresh)


def _add(search: WrongDisclosure, found: Sequence[AuditRecord]) -> None:
    counted: Counter[Key] = Counter()
    behind: dict[Key, Any] = {}
    for record in found:
        key = (bytes(record.control_object_hash or NOBODY), record.consumer, day_in_oslo(record.at))
        counted[key] += 1
        behind[key] = record.pk
    if not counted:
        return
    keys = sorted(counted)
    columns = [*map(list, zip(*keys, strict=True)), [counted[key] for key in keys], [behind[key] for key in keys]]
    with connection.cursor() as cursor:
        cursor.execute(ADD, [search.pk, *columns])


def _finish(search: WrongDisclosure) -> None:
    """Count everything. However many were hit, it is done once: it may take longer than the pages' own statements."""
    with in_good_time(COUNT_SECONDS) as cursor:
        cursor.execute(TALLY, [search.pk])
        cursor.execute(AGENCIES, [search.pk])
        names = ("consumer", "answers", "persons", "first", "last")
        search.agencies = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        cursor.execute(PERSONS, [search.pk])
        [search.persons] = cursor.fetchone()
    search.finished_at = timezone.now()
