"""Sums of the requests that came without a valid token, or beyond a limit; they never reach the database one by one.

A flood would otherwise fill the trail. Each worker sums in memory by minute, reason and consumer, and appends
the finished minutes from a thread of its own.
"""

import logging
import os
import threading
import time
import uuid
from collections import Counter
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, connection
from uuid_utils.compat import uuid7

from audit.background import Background
from audit.cleaning import clean
from audit.seal.writers import SALT_BYTES, Writer
from audit.texts import hexadecimal, texts_of

MOST_KEYS = 1000
"""Different sums a minute; past that, and past MOST_WAITING in all, a consumer is counted as `other`."""
MOST_WAITING = 20_000
OTHER = "other"
TABLE = "audit_turned_away"
INSERT = """
INSERT INTO audit_turned_away (id, minute, reason, consumer, count, writer, writer_number, writer_previous, salt)
SELECT * FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::bigint[],
                     %s::uuid[], %s::bigint[], %s::bytea[], %s::bytea[])
ON CONFLICT (id, minute) DO NOTHING
"""

logger = logging.getLogger(__name__)


class Sum(NamedTuple):
    """A row to be. Its id is drawn once, so that a flush whose answer was lost is not counted twice."""

    id: uuid.UUID
    minute: datetime
    reason: str
    consumer: str
    count: int  # type: ignore[assignment]  # the column's name, not the method of a tuple


class Link(NamedTuple):
    """A row's place in the chain of this process, as texts. A connection lasts no longer than a turn of the thread."""

    writer: str | None
    writer_number: str | None
    writer_previous: str | None
    salt: str | None


class Sums:
    """What this process has turned away and not yet written."""

    def __init__(self) -> None:
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        # A fork copies the parent's sums, which the parent writes, and locks in whatever state they were in.
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._minutes: dict[int, Counter[tuple[str, str]]] = {}
        self._waiting: list[Sum] = []
        self._links: list[Link] = []
        self._writer: Writer | None = None

    def add(self, minute: int, reason: str, consumer: str) -> None:
        with self._lock:
            sums = self._minutes.get(minute)
            if sums is None:
                sums = self._minutes[minute] = Counter()
            if (reason, consumer) not in sums and self._full(sums):
                consumer = OTHER
            sums[reason, consumer] += 1

    def _full(self, sums: Counter[tuple[str, str]]) -> bool:
        return len(sums) >= MOST_KEYS or len(self._waiting) >= MOST_WAITING

    def write(self, *, before: int | None) -> int:
        """Append the sums of minutes before that one, or of all, and return how many. What fails is kept.

        A minute that is still to come is over too: the clock that counted it has been set back.
        """
        with self._writing:
            with self._lock:
                self._collect(before)
                rows = list(self._waiting)
            if rows:
                self._chain(rows)
                values = [(*row, *link) for row, link in zip(rows, self._links, strict=True)]
                with connection.cursor() as cursor:
                    cursor.execute(INSERT, [list(column) for column in zip(*values, strict=True)])
                with self._lock:
                    del self._waiting[: len(rows)]
                self._links.clear()
            return len(rows)

    def _chain(self, rows: list[Sum]) -> None:
        """Give the rows that have none their place in the chain; a row that must be sent again keeps its own."""
        for row in rows[len(self._links) :]:
            writer, salt = self._writer or Writer(TABLE), os.urandom(SALT_BYTES)
            columns = writer.columns()
            self._writer = writer.after(salt, {**texts_of(TABLE, row._asdict()), **columns})
            self._links.append(
                Link(columns["writer"], columns["writer_number"], columns["writer_previous"], hexadecimal(salt))
            )

    def _collect(self, before: int | None) -> None:
        for minute in [m for m in self._minutes if before is None or m not in (before, before + 1)]:
            moment = datetime.fromtimestamp(minute * 60, UTC)
            for (reason, consumer), times in self._minutes.pop(minute).items():
                self._waiting.append(Sum(uuid7(), moment, clean(reason, 64), clean(consumer, 32), times))


def count(reason: str, consumer: str = "") -> None:
    """Add one to the sum of this minute. `consumer` is given only where the token's signature was valid."""
    _sums.add(int(time.time() // 60), reason, consumer)
    _writer.ensure()


def flush() -> None:
    """Write all sums now; for the orderly end of a worker, and never raising."""
    try:
        _sums.write(before=None)
    except (DatabaseError, InterfaceError) as error:
        logger.error("turned_away.lost", extra={"error": type(error).__name__})


def _write_finished_minutes() -> float:
    now = time.time()
    try:
        _sums.write(before=int(now // 60))
    finally:
        connection.close()  # this thread's own, used once a minute
    return 61 - now % 60


_sums = Sums()
_writer = Background("turned-away", _write_finished_minutes, after_error=10.0)
