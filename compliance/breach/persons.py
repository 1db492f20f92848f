"""The persons that wrong answers were about, a page at a time. Their numbers are read from the records themselves."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Q

from audit.models import AuditRecord
from audit.secrecy import NotRevealed, shown
from compliance.breach.hits import Hit, WrongDisclosure
from compliance.breach.reading import NOBODY
from compliance.explaining.numbers import masked, numbers_of
from compliance.finding.records import window_of
from compliance.finding.shielding import hidden_from

PAGE = """
SELECT person_hash, sum(answers)::bigint, min(day), max(day), array_agg(DISTINCT consumer),
       (array_agg(record))[1], min(id)
FROM breach_hit WHERE disclosure_id = %s AND person_hash > %s GROUP BY person_hash ORDER BY person_hash LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Person:
    """One of them: the number, masked or in full, or None where it is shielded or cannot be read."""

    name: str
    number: str | None
    hidden: bool
    answers: int
    first: Any
    last: Any
    consumers: tuple[str, ...]
    record: uuid.UUID


def persons_after(
    search: WrongDisclosure, after: int, user: Any, *, limit: int, in_full: bool
) -> tuple[list[Person], int | None]:
    """Return the persons of a page, and after which hit the next one begins, if there is one.

    A hit's number stands in the page's address, where a hash of a person's number should not.
    """
    beyond = Hit.objects.filter(disclosure=search, pk=after).values_list("person_hash", flat=True).first() or NOBODY
    with connection.cursor() as cursor:
        cursor.execute(PAGE, [search.pk, bytes(beyond), limit + 1])
        rows = cursor.fetchall()
    found = rows[:limit]
    records = records_of([row[5] for row in found])
    hidden = hidden_from(user, list(records.values()))
    persons = [_person(row, records.get(row[5]), row[5] in hidden, in_full) for row in found]
    return persons, found[-1][6] if len(rows) > limit else None


def all_persons(search: WrongDisclosure, user: Any, *, limit: int) -> Iterator[Person]:
    """Yield every one of them in full, a page at a time."""
    after: int | None = 0
    while after is not None:
        page, after = persons_after(search, after, user, limit=limit, in_full=True)
        yield from page


def records_of(ids: list[uuid.UUID]) -> dict[uuid.UUID, AuditRecord]:
    """Return the records of these ids in one statement, looked for where the ids' own times point."""
    windows = [Q(pk=one, at__range=window) for one in ids if (window := window_of(one))]
    if not windows:
        return {}
    return {record.pk: record for record in AuditRecord.objects.filter(reduce(or_, windows))}


def _person(row: Any, record: AuditRecord | None, hidden: bool, in_full: bool) -> Person:
    digest, answers, first, last, consumers, behind, _hit = row
    number = None if record is None or hidden else _number(record, in_full)
    return Person(shown(digest), number, hidden, answers, first, last, tuple(consumers), behind)


def _number(record: AuditRecord, in_full: bool) -> str | None:
    try:
        number = numbers_of(record).control_object
    except NotRevealed:
        return None
    return number if in_full else masked(number)
