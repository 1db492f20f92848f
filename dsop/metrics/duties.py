"""What a worker does for the figures beside its requests: it tells the others what it has counted, and reads gauges."""

import atexit
import time
from contextlib import suppress

from django.conf import settings

from audit.background import Background
from dsop.metrics import counting
from dsop.metrics.figures import OF_WORKER, read, read_for_all
from dsop.metrics.serving import folder, listening
from dsop.metrics.sums import Found, sums

TELL_SECONDS, READ_SECONDS, FOLLOW_SECONDS = 1.0, 30.0, 5.0


class Telling:
    """Tells what is new, once a second; the gauges of this worker are read from its memory every few seconds."""

    def __init__(self) -> None:
        self._told = -1
        self._gauges: Found = {}
        self._read_at = float("-inf")

    def turn(self) -> float:
        if time.monotonic() - self._read_at >= FOLLOW_SECONDS:
            self._gauges, self._read_at = read(OF_WORKER), time.monotonic()
            self._told = -1
        self.tell()
        return TELL_SECONDS

    def tell(self) -> None:
        changes = sums.changes
        if changes != self._told:
            folder().tell(sums.copy() | self._gauges)
            self._told = changes


def read_turn() -> float:
    """Read what is the same for all, unless another worker does; follow it within some seconds when it has ended."""
    if not folder().may_read_for_all():
        return FOLLOW_SECONDS
    folder().bury()
    folder().tell_of_service(read_for_all())
    return READ_SECONDS


telling = Telling()
_telling = Background("metrics", telling.turn)
_reading = Background("metrics-figures", read_turn, after_error=READ_SECONDS)


def prepare() -> None:
    """Begin to count, where figures are shown at all: once a process, before it forks or in each of its own."""
    if settings.METRICS:
        folder().join()
        counting.start()


def ensure() -> None:
    """Start this worker's duties, where figures are shown."""
    if settings.METRICS:
        _telling.ensure()
        _reading.ensure()
        if settings.METRICS_BIND:
            listening.ensure()
        atexit.register(tell_last)


def tell_last() -> None:
    """Tell what was counted since the last time; for the orderly end of a worker, and never raising."""
    with suppress(OSError):
        telling.tell()
