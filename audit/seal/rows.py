"""Rows on their way to the seal: read in order, over a session of their own that has the sealer's snapshot.

PostgreSQL writes the next rows while the ones before are hashed, and nothing but a few blocks is in memory.
"""

import contextlib
from collections.abc import Iterator
from datetime import date
from typing import Any

from audit.partitions import MOMENTS, bounds
from audit.seal.copied import Copied, Row
from audit.seal.leaves import columns_of
from audit.seal.waiting import BY_INDEX, Horizon
from audit.sealed import NOT_IN_THE_LEAF

MONTHS = "SELECT DISTINCT date_trunc('month', r.{moment} AT TIME ZONE 'UTC')::date {unsealed} ORDER BY 1"
ROWS = """
COPY (SELECT {columns} {unsealed} AND {month} ORDER BY r.xact, r.writer, r.writer_number, r.id) TO STDOUT
"""
UNKNOWN = """
SELECT attname::text FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attname <> ALL(%s)
"""
FILLED = "SELECT EXISTS (SELECT {unsealed} AND {month} AND num_nonnulls({columns}) > 0)"
# How values are written as text must not depend on how a server or role is set up.
WRITTEN = """
SELECT set_config('statement_timeout', '0', true), set_config('timezone', 'UTC', true),
       set_config('bytea_output', 'hex', true), set_config('datestyle', 'ISO, YMD', true)
"""


class TooOld(Exception):
    """A row has a value in a column that this release does not know, and its leaf would leave it out."""


def months_waiting(cursor: Any, far: Horizon, table: str, condition: str) -> list[date]:
    """Return the first day of each month that rows wait in."""
    cursor.execute(MONTHS.format(moment=MOMENTS[table], unsealed=far.unsealed(table, condition)))
    return [month for (month,) in cursor.fetchall()]


@contextlib.contextmanager
def same_snapshot(connection: Any) -> Iterator[Any]:
    """Give a cursor of a second session, which sees what the transaction that is open in this one sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        (name,) = cursor.fetchone()
    second = connection.copy()
    try:
        second.connect()
        with second.wrap_database_errors, second.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(f"SET TRANSACTION SNAPSHOT '{name}'")
            cursor.execute(WRITTEN)
            cursor.execute(BY_INDEX)
            yield cursor
    finally:
        second.close()


def rows_waiting(cursor: Any, far: Horizon, table: str, condition: str, month: date) -> Iterator[Row]:
    """Yield the rows of one month that wait, by transaction and within it as their writers wrote them."""
    copied = Copied(table)
    moment = MOMENTS[table]
    first, after = (end.isoformat() for end in bounds(month))
    where = {
        "unsealed": far.unsealed(table, condition, f" AND s.at >= '{first}' AND s.at < '{after}'"),
        "month": f"r.{moment} >= '{first}' AND r.{moment} < '{after}'",
    }
    refuse_unknown(cursor, table, where)
    with cursor.copy(ROWS.format(columns=copied.selected, **where)) as lines:
        for line in lines:
            yield copied.row(bytes(line))


def refuse_unknown(cursor: Any, table: str, where: dict[str, str]) -> None:
    """Raise TooOld where a server of a newer release has written what only its own sealer can seal."""
    cursor.execute(UNKNOWN, [table, [*columns_of(table), *NOT_IN_THE_LEAF]])
    unknown = [name for (name,) in cursor.fetchall()]
    if not unknown:
        return
    cursor.execute(FILLED.format(columns=", ".join(f'r."{name}"' for name in unknown), **where))
    if cursor.fetchone()[0]:
        raise TooOld
