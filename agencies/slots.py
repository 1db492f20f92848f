"""At most five calls to one API for one enterprise at a time, counted in the database.

A lease ends by itself, so that a killed process blocks nobody for long. The database's clock is the only one.
"""

import logging
import random
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, connection

from agencies.errors import NoDatabase, NoSlot
from audit.recording import may_pass

MOST = 5
WAIT_SECONDS = 30.0
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.25

# The row is chosen once, before the update: `id IN (…)` might be asked again and take several.
TAKE = """
UPDATE agencies_slot SET holder = %s, until = clock_timestamp() + make_interval(secs => %s)
WHERE id = (
    SELECT id FROM agencies_slot
    WHERE api = %s AND enterprise = %s AND (until IS NULL OR until <= clock_timestamp())
    ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING number
"""
MAKE = """
INSERT INTO agencies_slot (api, enterprise, number)
SELECT %s, %s, generate_series(1, %s) ON CONFLICT DO NOTHING
"""
RENEW = """
UPDATE agencies_slot SET until = clock_timestamp() + make_interval(secs => %s)
WHERE api = %s AND enterprise = %s AND number = %s AND holder = %s
"""
RELEASE = """
UPDATE agencies_slot SET holder = NULL, until = NULL
WHERE api = %s AND enterprise = %s AND number = %s AND holder = %s
"""

Values = Sequence[str | int | float]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lease:
    """One of the five, until it is given back or its time is up."""

    api: str
    enterprise: str
    number: int
    holder: uuid.UUID
    seconds: float

    def renew(self) -> None:
        """Begin its time anew. Raise NoSlot where somebody else has it by now."""
        if not _changed(RENEW, [self.seconds, *self._key()], self.api):
            raise NoSlot(api=self.api)

    def release(self) -> None:
        """Give it back. Where the database does not answer it ends by itself."""
        try:
            _changed(RELEASE, self._key(), self.api)
        except NoDatabase:
            logger.warning("agencies.slot_not_released", extra={"api": self.api})

    def _key(self) -> list[str | int]:
        return [self.api, self.enterprise, self.number, str(self.holder)]


@contextmanager
def slot(api: str, enterprise: str, *, seconds: float, wait_seconds: float = WAIT_SECONDS) -> Iterator[Lease]:
    """Hold one of the five leases, for at most `seconds`. Raise NoSlot when none is free in time, or NoDatabase."""
    lease = _wait(api, enterprise, seconds, wait_seconds)
    try:
        yield lease
    finally:
        lease.release()


def _wait(api: str, enterprise: str, seconds: float, wait_seconds: float) -> Lease:
    deadline, pause, made = time.monotonic() + wait_seconds, FIRST_PAUSE, False
    while True:
        lease = _take(api, enterprise, seconds)
        if lease is not None:
            return lease
        if not made:
            made = True
            if _changed(MAKE, [api, enterprise, MOST], api):
                continue
        left = deadline - time.monotonic()
        if left <= 0:
            raise NoSlot(api=api)
        time.sleep(min(left, pause * random.uniform(0.5, 1.0)))  # noqa: S311 - only spreads who asks when
        pause = min(pause * 2, LONGEST_PAUSE)


def _take(api: str, enterprise: str, seconds: float) -> Lease | None:
    holder = uuid.uuid4()
    _, row = _run(TAKE, [str(holder), seconds, api, enterprise], api)
    return None if row is None else Lease(api, enterprise, row[0], holder, seconds)


def _changed(statement: str, values: Values, api: str) -> int:
    return _run(statement, values, api)[0]


def _run(statement: str, values: Values, api: str) -> tuple[int, tuple[int] | None]:
    """Return how many rows there were, and the first. Raise NoDatabase, when a new session does not help either."""
    try:
        return _execute(statement, values)
    except (DatabaseError, InterfaceError) as error:
        if connection.in_atomic_block or not may_pass(error):
            raise _away(error, api) from None
    connection.close()
    try:
        return _execute(statement, values)
    except (DatabaseError, InterfaceError) as error:
        raise _away(error, api) from None


def _execute(statement: str, values: Values) -> tuple[int, tuple[int] | None]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount, cursor.fetchone() if cursor.description else None


def _away(error: Exception, api: str) -> NoDatabase:
    logger.error("agencies.slots_unreachable", extra={"api": api, "error": type(error).__name__})
    return NoDatabase(api=api)
