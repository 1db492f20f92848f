"""How long the request that this thread serves may still take. A thread that serves none is never hurried.

Consumers give up after thirty seconds. A request has one clock, which starts when its head is here; each step that
waits for somebody else waits no longer than this clock says. The last part of it is kept for the record.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class OutOfTime(Exception):
    """There is no time left to begin what would have to be waited for."""


class Clock(threading.local):
    arrived_at: float | None = None  # time.monotonic(), set by the server
    until: float | None = None
    last: float | None = None


_clock = Clock()


def arrived(at: float | None) -> None:
    """Note since when the request that this thread takes up has been here; None when the thread is done with it."""
    _clock.arrived_at = at


def arrived_at() -> float:
    """Return since when the request has been here; now, where the server does not say."""
    return time.monotonic() if _clock.arrived_at is None else _clock.arrived_at


def begin(*, work_until: float, last: float) -> None:
    """Start the clock of a request: until when it may work, and until when its record must be there."""
    _clock.until, _clock.last = work_until, last


def end() -> None:
    _clock.until = _clock.last = None


def take_what_was_kept() -> None:
    """Let what follows, the record, use the last part of the request's time."""
    _clock.until = _clock.last


def remaining() -> float | None:
    """Return the seconds that are left, 0 when there are none; None where nobody waits."""
    return None if _clock.until is None else max(_clock.until - time.monotonic(), 0.0)


def within(seconds: float) -> float:
    """Return so many seconds, or what is left where that is less."""
    left = remaining()
    return seconds if left is None else min(seconds, left)


@contextmanager
def turn(seconds: float) -> Iterator[None]:
    """Hurry a background duty like a request: a server that neither answers nor hangs up would hold it for ever.

    Within a request it takes no longer than that one's clock says, which then goes on.
    """
    before, until = (_clock.until, _clock.last), time.monotonic() + within(seconds)
    begin(work_until=until, last=until)
    try:
        yield
    finally:
        _clock.until, _clock.last = before
