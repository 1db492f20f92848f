"""How far is each host of the ledger behind its primary, and which are fresh enough to answer?

Rules without a clock or a connection of their own: `watching.py` brings what the hosts said and when.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

RETAINED = 4000
"""Points of the primary's course: half an hour at two a second. Who is further behind is known to be too late."""


class Seen(NamedTuple):
    """What a host said of itself. Positions are bytes of the write-ahead log since the cluster was made."""

    cluster: str
    primary: bool
    timeline: str
    position: int
    received: int


class Lag(NamedTuple):
    """How a host stands. Without a figure nobody knows it: it did not answer, or was behind before it was looked at."""

    primary: bool
    answers: bool
    fresh: bool
    bytes: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How late a replica may be, and for how long replicas answer after the primary was last seen."""

    bytes: int
    seconds: float
    primary_lost_seconds: float


class Course:
    """Where the primary was, and at which moment it was first seen there."""

    def __init__(self, begun: float) -> None:
        self.primary_seen = begun
        self.cluster = ""
        self.timeline = ""
        self._moments: deque[float] = deque(maxlen=RETAINED)
        self._positions: deque[int] = deque(maxlen=RETAINED)

    @property
    def furthest(self) -> int | None:
        return self._positions[-1] if self._positions else None

    def note(self, position: int, *, now: float) -> None:
        """Write down a position that is further than any before."""
        if self.furthest is None or position > self.furthest:
            self._moments.append(now)
            self._positions.append(position)

    def follow(self, primary: Seen, *, now: float) -> None:
        """Write down where the primary is; a timeline that was never seen begins the course anew."""
        if primary.timeline != self.timeline or primary.cluster != self.cluster:
            self._moments.clear()
            self._positions.clear()
        self.cluster, self.timeline, self.primary_seen = primary.cluster, primary.timeline, now
        self.note(primary.position, now=now)

    def seconds_behind(self, position: int, *, now: float) -> float | None:
        """Return how long ago the primary went on from this position: zero while it is there, None when unknown."""
        after = bisect_right(self._positions, position)
        if after == len(self._positions):
            return 0.0
        return max(0.0, now - self._moments[after]) if after else None


def primary_among(seen: Sequence[Seen | None]) -> int | None:
    """Return which host is the primary. Of two that say so the one promoted last is; the other was left behind."""
    primaries = [place for place, host in enumerate(seen) if host is not None and host.primary]
    return max(primaries, key=lambda place: _rank(seen[place]), default=None)


def _rank(host: Seen | None) -> tuple[int, int]:
    assert host is not None
    return (int(host.timeline, 16), host.position)


def lags_of(seen: Sequence[Seen | None], course: Course, *, limits: Limits, now: float) -> list[Lag]:
    """Return how each host stands, in their order, and take what they said into the course."""
    leader = primary_among(seen)
    if leader is not None and (primary := seen[leader]) is not None:
        course.follow(primary, now=now)
    else:
        for host in seen:
            if host is not None and not host.primary and host.cluster == (course.cluster or host.cluster):
                course.note(host.received, now=now)
    known = now - course.primary_seen <= limits.primary_lost_seconds
    return [
        _lag(host, course, is_leader=place == leader, known=known, limits=limits, now=now)
        for place, host in enumerate(seen)
    ]


def _lag(host: Seen | None, course: Course, *, is_leader: bool, known: bool, limits: Limits, now: float) -> Lag:
    if host is None:
        return Lag(primary=False, answers=False, fresh=False)
    if is_leader:
        return Lag(primary=True, answers=True, fresh=True, bytes=0, seconds=0.0)
    stranger = bool(course.cluster) and host.cluster != course.cluster
    if host.primary or stranger or course.furthest is None:
        return Lag(primary=False, answers=True, fresh=False)
    behind = max(0, course.furthest - host.position)
    seconds = course.seconds_behind(host.position, now=now)
    fresh = known and behind <= limits.bytes and seconds is not None and seconds <= limits.seconds
    return Lag(primary=False, answers=True, fresh=fresh, bytes=behind, seconds=seconds)


def in_order(lags: Sequence[Lag], wanted: str) -> tuple[frozenset[int], ...]:
    """Return which hosts answer, in groups: one is asked only when nobody of the groups before can be reached."""
    replicas = frozenset(place for place, lag in enumerate(lags) if lag.fresh and not lag.primary)
    primary = frozenset(place for place, lag in enumerate(lags) if lag.primary)
    groups = {
        "any": (replicas | primary,),
        "prefer-standby": (replicas, primary),
        "standby": (replicas,),
        "primary": (primary,),
    }[wanted]
    return tuple(group for group in groups if group)
