"""How much an agency may ask: permits that each worker spends from memory and settles with the others once a second.

The workers of all servers share one bucket for each agency and service, kept in the database. It fills by the limit's
requests per second up to its burst. A worker holds a lease: it answers so many requests on its own, tells the bucket
from a thread of its own what it has spent, and hears how full the bucket is: its new lease is never more than that. An
agency that a worker has not met yet gets a lease at once, so that no request waits for the database.

So in any time, and whatever the workers do, no more is answered than

    burst + requests per second * seconds + lease * workers

As long as the bucket is not empty, all that was told fits into the first two. Once it is, nobody gets a new lease until
it has filled again, and each worker can at most spend what it holds: one lease, first ones included. (A worker that was
started anew is another worker.)

A worker that cannot tell what it spent goes on with what is left of its lease, ten seconds at most, then with nothing.
"""

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from legal.refusals import LimitsUnavailable, TooManyRequests

SMALLEST_LEASE = 250
"""1 + 2 * 100 parallel calls for a person with a hundred accounts may all meet one worker; so many a burst may have."""
TURN_SECONDS = 1.0
SOONEST_SECONDS = 0.2  # after the last turn, where a lease runs low before its second is over
TRUSTED_FOR_SECONDS = 10.0  # as the register: longer than that no request is answered without the database
LATE_SECONDS = 3.0
LONGEST_WAIT = 60
MOST_KEYS = 10_000
"""Agencies and services at a time; those past that share the permits of one."""
OTHER = "other"

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Limit:
    """How much an agency may ask of a service."""

    per_second: int
    burst: int

    @property
    def lease(self) -> int:
        """Return how many requests one worker answers before it hears of the others: half a second's at least."""
        return min(self.burst, max(SMALLEST_LEASE, self.per_second // 2))


Draw = Callable[[str, str, int, Limit], float]
"""Takes what was spent from the bucket of an agency and service, and returns how full it is then."""


class Lease:
    """What one worker may still answer to one agency in one service, and what it has not told yet."""

    __slots__ = ("left", "level", "limit", "spent", "untold_since")

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.left = limit.lease
        self.level = float(limit.burst)
        self.spent = 0
        self.untold_since = math.inf

    def adopt(self, limit: Limit) -> None:
        """Follow a limit that was changed: a lower one at once, a higher one with the next lease."""
        self.limit = limit
        self.left = max(0, min(self.left, limit.lease - self.spent))

    def take(self, now: float) -> None:
        """Spend one permit, or refuse."""
        untold = now - self.untold_since
        if untold > TRUSTED_FOR_SECONDS or (self.left < 1 and untold > LATE_SECONDS):
            raise LimitsUnavailable
        if self.left < 1:
            raise TooManyRequests(self.wait())
        self.left -= 1
        self.spent += 1
        self.untold_since = min(self.untold_since, now)

    def wait(self) -> int:
        """Return after how many seconds there will be a permit again."""
        return max(1, min(LONGEST_WAIT, math.ceil((1 - self.level) / self.limit.per_second)))

    def hear(self, level: float, *, told: int, asked_at: float) -> None:
        """Begin a new lease. What was spent since the bucket was asked belongs to it already."""
        self.level = level
        self.spent -= told
        self.left = max(0, min(self.limit.lease, math.floor(level)) - self.spent)
        self.untold_since = asked_at if self.spent else math.inf

    @property
    def is_low(self) -> bool:
        return self.left * 2 < self.limit.lease

    @property
    def is_at_rest(self) -> bool:
        """Return whether there is nothing to tell and nothing to gain."""
        return self.spent == 0 and self.left >= self.limit.lease


class Permits:
    """The leases of one worker. `wake` asks for a turn soon; nobody waits for it."""

    def __init__(self, draw: Draw, *, wake: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._draw, self._wake, self._clock = draw, wake, clock
        self.forget()

    def forget(self) -> None:
        # A fork copies the parent's leases, which are the parent's, and locks in whatever state they were in.
        self._lock = threading.Lock()
        self._leases: dict[Key, Lease] = {}
        self._turned_at = -math.inf

    def spend(self, consumer: str, service: str, limit: Limit) -> None:
        """Take one permit. Raise TooManyRequests, or LimitsUnavailable when the bucket could not be asked for long."""
        now = self._clock()
        with self._lock:
            lease = self._lease((consumer, service), limit)
            try:
                lease.take(now)
            finally:
                if lease.is_low and now - self._turned_at >= SOONEST_SECONDS:
                    self._wake()

    def _lease(self, key: Key, limit: Limit) -> Lease:
        lease = self._leases.get(key)
        if lease is None:
            if len(self._leases) >= MOST_KEYS:
                self._leases = {key: lease for key, lease in self._leases.items() if not lease.is_at_rest}
            if len(self._leases) >= MOST_KEYS:
                key = (OTHER, "")
            lease = self._leases.setdefault(key, Lease(limit))
        if lease.limit is not limit and lease.limit != limit:
            lease.adopt(limit)
        return lease

    def turn(self) -> float:
        """Settle every lease that is not at rest; return the seconds until the next turn."""
        try:
            for key, lease in self._unsettled():
                self._settle(key, lease)
        finally:
            self._turned_at = self._clock()
        return TURN_SECONDS

    def _unsettled(self) -> list[tuple[Key, Lease]]:
        with self._lock:
            return [(key, lease) for key, lease in self._leases.items() if not lease.is_at_rest]

    def _settle(self, key: Key, lease: Lease) -> None:
        with self._lock:
            told, limit, asked_at = lease.spent, lease.limit, self._clock()
        level = self._draw(*key, told, limit)
        with self._lock:
            lease.hear(level, told=told, asked_at=asked_at)


def limit_of(limits: Mapping[Key, Limit], consumer: str, service: str, default: Limit) -> Limit:
    """Return the limit of an agency in a service: its own, that of all others there, or the default."""
    return limits.get((consumer, service)) or limits.get(("", service)) or default


def read_default(value: Any) -> Limit:
    """Return the limit that RATE_LIMIT_DEFAULT states. Raise ValueError."""
    if not isinstance(value, dict) or value.keys() != {"per_second", "burst"}:
        raise ValueError("it must have per_second and burst, and nothing else")
    if not all(type(number) is int for number in value.values()):
        raise ValueError("per_second and burst must be whole numbers")
    return Limit(**value)
