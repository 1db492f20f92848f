"""The monthly partitions of the trail, made as owner long before a row needs them.

Months are counted in UTC: all of one length whatever the clocks in Oslo do, no hour that comes twice, and the
time inside a record's UUIDv7 names its partition.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import transaction

from audit.guards import ALL_BUT_DELETE, EVERY, MAKE_FUNCTION, guard, unguarded

SEALED = ("audit_record", "audit_turned_away", "audit_access", "audit_decision")
"""The tables that the seal covers; what it knows of each lies in a table beside it."""
MOMENTS = {table: "minute" if table == "audit_turned_away" else "at" for table in SEALED}
"""The column whose month says in which partition a row of such a table lies."""
COVERED = {f"{table}_sealed": table for table in SEALED}
TABLES = (*SEALED, "audit_answer", *COVERED)
WHOLE = {"audit_checkpoint": EVERY, "audit_held": EVERY, "audit_key": ALL_BUT_DELETE}
"""The tables without partitions, and what their triggers refuse."""
AHEAD = 3
"""Months made in advance."""
ENOUGH = 2
"""Fewer than these ahead is an error: a month is left to act."""

PARTITIONS = r"""
SELECT relname, bounds[1]::timestamptz, bounds[2]::timestamptz
FROM (SELECT c.relname,
             regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''([^'']+)''\) TO \(''([^'']+)''\)') AS bounds
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = to_regclass(%s) AND NOT i.inhdetachpending) AS attached
ORDER BY relname
"""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What was done: partitions made, and tables whose trigger was gone and is back."""

    made: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)


def keep_up(connection: Any, *, today: date, ahead: int = AHEAD, tables: tuple[str, ...] = TABLES) -> Upkeep:
    """Make what is missing of this month and the `ahead` next ones. Two at once, or twice, is harmless."""
    upkeep = Upkeep()
    for table in tables:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            # The lock lets records in and other makers wait; so does ATTACH, which CREATE … PARTITION OF does not.
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            cursor.execute(f"LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE")
            for first in missing_months(cursor, table, today=today, ahead=ahead):
                _make(cursor, table, first)
                upkeep.made.append(partition_name(table, first))
            upkeep.restored.extend(_restore(cursor, table))
    for table, refused in WHOLE.items():
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            upkeep.restored.extend(_restore(cursor, table, refused))
    return upkeep


def _restore(cursor: Any, table: str, refused: str = EVERY) -> list[str]:
    """Put back the triggers that are gone, and return the tables on which they were."""
    bare = unguarded(cursor, table, refused)
    for name in bare:
        cursor.execute(MAKE_FUNCTION)
        cursor.execute(guard(name, refused))
    return bare


def missing_months(cursor: Any, table: str, *, today: date, ahead: int) -> list[date]:
    """Return the first day of each month, this one and those ahead, that no attached partition holds exactly.

    Of what the seal knows, also each month that the table covered has: rows of a time before the seal are sealed too.
    """
    wanted = {*months(today, ahead)}
    if table in COVERED:
        wanted |= {
            start.date() for start, end in _attached(cursor, COVERED[table]) if bounds(start.date()) == (start, end)
        }
    attached = _attached(cursor, table)
    return sorted(first for first in wanted if bounds(first) not in attached)


def months_ready(cursor: Any, *, today: date, most: int = 12) -> int:
    """Return for how many months after this one every table has its partition: -1 when this month's is missing."""
    missing = [first for table in TABLES for first in missing_months(cursor, table, today=today, ahead=most)]
    soonest = min((first for first in missing if first >= today.replace(day=1)), default=None)
    return most if soonest is None else months(today, most).index(soonest) - 1


def _attached(cursor: Any, table: str) -> set[tuple[datetime, datetime]]:
    cursor.execute(PARTITIONS, [table])
    return {(start, end) for _, start, end in cursor.fetchall()}


def partitions_of(cursor: Any, table: str) -> list[str]:
    """Return the names of a table's attached partitions, oldest first."""
    cursor.execute(PARTITIONS, [table])
    return [name for name, _, _ in cursor.fetchall()]


def _make(cursor: Any, table: str, first: date) -> None:
    name, (start, end) = partition_name(table, first), bounds(first)
    cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)")
    cursor.execute(guard(name))
    cursor.execute(
        f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
    )


def partition_name(table: str, first: date) -> str:
    return f"{table}_{first:%Y_%m}"


def bounds(first: date) -> tuple[datetime, datetime]:
    """Return the first moment of a month and of the next, in UTC."""
    return datetime.combine(first, time(), UTC), datetime.combine(next_month(first), time(), UTC)


def months(today: date, ahead: int) -> list[date]:
    """Return the first day of this month and of the `ahead` next ones."""
    found = [today.replace(day=1)]
    for _ in range(ahead):
        found.append(next_month(found[-1]))
    return found


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
