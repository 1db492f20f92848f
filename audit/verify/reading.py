"""Reading the whole trail as it stood at one moment, a few rows at a time."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from math import ceil, inf
from typing import Any, TypeVar

from audit.partitions import MOMENTS, PARTITIONS, bounds

# What is read lasts longer than any answer may. Joins over a month walk along both keys and keep nothing.
BEGIN = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL lock_timeout = 0;
SET LOCAL TimeZone = 'UTC';
SET LOCAL DateStyle = 'ISO, MDY';
SET LOCAL bytea_output = 'hex';
SET LOCAL work_mem = '64MB';
SET LOCAL jit = off
"""
BY_THE_KEYS = ("enable_hashjoin", "enable_sort")

Item = TypeVar("Item")
Texts = tuple[str | None, ...]


class TimeIsUp(Exception):
    """Reading was given so long, and no longer."""


class Reader:
    """One snapshot. One stream at a time: until it is read to its end, nothing else can be asked."""

    def __init__(self, session: Any, deadline: float = inf) -> None:
        self._session, self._deadline = session, deadline

    def rows(self, query: str, *parameters: object) -> list[Any]:
        """Return all rows of a query that gives few."""
        found: list[Any] = self._session.execute(query, parameters).fetchall()
        return found

    def stream(self, query: str, *, along_the_keys: bool = False) -> Iterator[Texts]:
        """Yield the rows of a query that may give millions, each column as its text."""
        self._choose(along_the_keys)
        with self._session.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
            yield from self._in_time(copy.rows())

    def _choose(self, along_the_keys: bool) -> None:
        for choice in BY_THE_KEYS:
            self._session.execute(f"SET LOCAL {choice} = {'off' if along_the_keys else 'on'}")

    def lines(self, query: str, *, along_the_keys: bool = False) -> Iterator[bytes]:
        """Yield the same as COPY writes it, line feeds included."""
        self._choose(along_the_keys)
        with self._session.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
            for line in self._in_time(copy):
                yield bytes(line)

    def _in_time(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the items. Raise TimeIsUp between two of them."""
        for item in items:
            if time.monotonic() > self._deadline:
                raise TimeIsUp
            yield item

    def months(self, table: str) -> dict[date, str]:
        """Return for each month that the table has a partition for what to select its rows from.

        Through the table, as everybody reads: whoever may read it may not read its partitions.
        """
        found = self.rows(PARTITIONS, table)
        return {start.date(): rows_between(table, start, end) for _, start, end in found if _is_month(start, end)}

    def strange_partitions(self, table: str) -> list[str]:
        """Return the names of those partitions that hold anything but one whole month."""
        return [name for name, start, end in self.rows(PARTITIONS, table) if not _is_month(start, end)]


@contextmanager
def snapshot(connection: Any, deadline: float = inf) -> Iterator[Reader]:
    """Let everything be read as it stands now, whatever is written meanwhile; nothing can be written here.

    With a deadline no statement may last longer than what is left then.
    """
    connection.ensure_connection()
    session = connection.connection
    with session.transaction():
        for statement in BEGIN.split(";"):
            session.execute(statement)
        if deadline != inf:
            left = max(deadline - time.monotonic(), 0.001)
            session.execute(f"SET LOCAL statement_timeout = {ceil(left * 1000)}")
        yield Reader(session, deadline)


def _is_month(start: Any, end: Any) -> bool:
    return start is not None and (start, end) == bounds(start.date())


def rows_between(table: str, start: datetime, end: datetime) -> str:
    moment = MOMENTS.get(table, "at")
    return f"(SELECT * FROM {table} WHERE {moment} >= '{start.isoformat()}' AND {moment} < '{end.isoformat()}')"  # noqa: S608


def octets(text: str | None) -> bytes | None:
    """Return the bytes behind PostgreSQL's text for them."""
    return None if text is None else bytes.fromhex(text[2:])


def batches(items: Iterator[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield the items in lists of that size; the last one may be shorter."""
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
