"""Looking back through the trail within a time: what was found, and how far back it was looked for.

A page comes in time whatever is asked for, and nothing is left out in silence: where the time is over, the page says
until when the trail has been read, and the next one goes on from there.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import OperationalError, connection, transaction

from audit.keyset import Cursor
from audit.models import AuditRecord

BUDGET_SECONDS = 1.2
"""For one page. The rest of two seconds is for noting, drawing and the way there."""
SLICE_SECONDS = 0.5
AIM_SECONDS = 0.25
"""How long a slice should take: the next one is as much longer or shorter in days as this one took less or more."""
FIRST_SLICE, WHOLE = timedelta(hours=1), timedelta(days=400_000)
LEAST_SLICE = timedelta(seconds=1)
MOST_GROWTH = 8
CANCELLED = "57014"
LOWEST = uuid.UUID(int=0)
SETTINGS = (
    "SELECT set_config('statement_timeout', %s, true), set_config('jit', 'off', true),"
    " set_config('plan_cache_mode', 'force_custom_plan', true)"
)
"""Planned for these values: only so are months left out and rare values told from frequent ones."""
USUAL = "SET LOCAL statement_timeout TO DEFAULT"
Rows = Any


class TooSlow(Exception):
    """The database did not read even a second of the trail in time."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Rows, newest first; where to go on, if anywhere; and until when the trail was read if the time was over."""

    rows: list[AuditRecord]
    older: Cursor | None
    back_to: datetime | None = None


@dataclass(slots=True)
class Walk:
    """A way back through the rows, slice by slice."""

    rows: Rows
    begins: datetime
    edge: Cursor
    now: datetime
    slice: timedelta
    """How much the next one covers. A query with an index of its own begins with everything."""

    def step(self, limit: int, seconds: float) -> list[AuditRecord] | None:
        """Return up to that many rows beyond the edge and move it; None when they did not come in time."""
        lower = self._lower()
        begun = monotonic()
        found = in_time(lambda: _read(self.rows, lower, self.edge, limit), seconds)
        if found is None:
            if self.slice <= LEAST_SLICE:
                raise TooSlow
            self.slice = max(LEAST_SLICE, min(self.slice / MOST_GROWTH, FIRST_SLICE * MOST_GROWTH))
            return None
        if len(found) == limit:
            self.edge = Cursor.of("older", found[-1], "at")
        else:
            self.edge = Cursor("older", lower, LOWEST)
            self._grow(monotonic() - begun)
        return found

    @property
    def is_over(self) -> bool:
        return self.edge.moment <= self.begins

    def _lower(self) -> datetime:
        # What a server with a wrong clock wrote lies beyond now; slices are measured where records are.
        top = min(self.edge.moment, self.now)
        return self.begins if top - self.begins <= self.slice else top - self.slice

    def _grow(self, took: float) -> None:
        factor = min(MOST_GROWTH, max(1 / MOST_GROWTH, AIM_SECONDS / max(took, 0.001)))
        self.slice = max(LEAST_SLICE, min(self.slice * factor, WHOLE))


def look(walk: Walk, *, limit: int, seconds: float | None = None) -> Looked:
    """Return the next page of a walk, within the time."""
    found: list[AuditRecord] = []
    ends = monotonic() + (BUDGET_SECONDS if seconds is None else seconds)
    while not walk.is_over and len(found) <= limit:
        left = ends - monotonic()
        if left <= 0:
            return Looked(found, walk.edge, back_to=walk.edge.moment)
        found += walk.step(limit + 1 - len(found), min(left, SLICE_SECONDS)) or []
    if len(found) > limit:
        return Looked(found[:limit], Cursor.of("older", found[limit - 1], "at"))
    return Looked(found, None)


def walked(walk: Walk, *, batch: int, seconds: float) -> Iterator[AuditRecord]:
    """Yield every row of a walk, however long it takes; no slice of it takes longer than that."""
    while not walk.is_over:
        yield from walk.step(batch, seconds) or ()


def in_time(read: Callable[[], list[AuditRecord]], seconds: float) -> list[AuditRecord] | None:
    """Return what is read; None when the server did not have it in time."""
    milliseconds = str(max(1, int(seconds * 1000)))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SETTINGS, [milliseconds])
            found = read()
            cursor.execute(USUAL)
            return found
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != CANCELLED:
            raise
        return None


@contextmanager
def in_good_time(seconds: float) -> Iterator[Any]:
    """Give a cursor whose statements may each take so long, longer than usual too. Raise TooSlow when one did not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(max(1, int(seconds * 1000)))])
            yield cursor
            cursor.execute(USUAL)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != CANCELLED:
            raise
        raise TooSlow from None


def _read(rows: Rows, lower: datetime, edge: Cursor, limit: int) -> list[AuditRecord]:
    return list(edge.beside(rows.filter(at__gte=lower), "at").order_by("-at", "-id")[:limit])
