"""Which hosts of the ledger answer requests at this moment? Found out by a thread per worker, never by a request.

A process without that thread (a command) looks when it needs to know. Whoever cannot know asks the primary, or nobody.
"""

import logging
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db import OperationalError, connections

from accounts.replicas.lag import Course, Lag, Limits, in_order, lags_of
from accounts.replicas.lines import Lines
from accounts.replicas.probes import Probe, ask_all, probes_of
from audit.background import Background

LEDGER, ENGINE = "ledger", "accounts.replicas"
LOOK_EVERY_SECONDS, LOOK_SECONDS = 0.5, 2.0
TRUSTED_FOR_SECONDS = 5.0
"""Older findings are none: longer than a look and its pause, so that they are only met when the thread is gone."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at a moment. A group of hosts is asked only when nobody of those before it can be reached."""

    at: float
    lags: tuple[Lag, ...]
    groups: tuple[frozenset[int], ...]
    primary: int | None
    edition: int = 0
    """Goes up whenever a host joins the first group, so that connections are spread anew."""
    clusters: frozenset[str] = frozenset()
    """Whose hosts they are; more than one means that the address mixes them up."""

    def serves(self, host: int, edition: int) -> bool:
        """Return whether a connection that was opened under that edition may be asked on."""
        return bool(self.groups) and host in self.groups[0] and edition == self.edition


class Watch:
    """The hosts in their order, and the last finding about them."""

    def __init__(self, hosts: Sequence[tuple[str, str]], parameters: dict[str, Any], *, wanted: str) -> None:
        self.hosts = tuple(hosts)
        self._parameters = parameters
        self._wanted = wanted
        self._background = Background("replicas", self.turn)
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._looking = threading.Lock()
        self._probes: list[Probe] = []
        self._course = Course(time.monotonic())
        self._finding: Finding | None = None
        self.lines = Lines()

    def ensure(self) -> None:
        """Start the thread in this process."""
        self._background.ensure()

    def turn(self) -> float:
        """Look at every host, as the thread does again and again, over connections that it keeps."""
        with self._looking:
            self._probes = self._probes or probes_of(self.hosts, self._parameters)
            before = self._finding
            found = self._look(self._probes)
        for host in silent_twice(before, found):
            self.lines.hang_up(host)
        return LOOK_EVERY_SECONDS

    def finding(self) -> Finding:
        """Return the last finding. Without one that can be trusted, look. Raise OperationalError when that hangs."""
        if (found := self._trusted()) is not None:
            return found
        if not self._looking.acquire(timeout=2 * LOOK_SECONDS):
            raise OperationalError("Nobody knows which hosts of the ledger are fresh.")
        try:
            return self._trusted() or self._look_once()
        finally:
            self._looking.release()

    @property
    def last(self) -> Finding | None:
        """What was found last, however old."""
        return self._finding

    def _trusted(self) -> Finding | None:
        found = self._finding
        return found if found is not None and time.monotonic() - found.at < TRUSTED_FOR_SECONDS else None

    def _look_once(self) -> Finding:
        probes = probes_of(self.hosts, self._parameters)
        try:
            return self._look(probes)
        finally:
            for probe in probes:
                probe.close()

    def _look(self, probes: Sequence[Probe]) -> Finding:
        seen = ask_all(probes, seconds=LOOK_SECONDS)
        now = time.monotonic()
        lags = tuple(lags_of(seen, self._course, limits=limits(), now=now))
        clusters = frozenset(host.cluster for host in seen if host is not None)
        found = Finding(now, lags, in_order(lags, self._wanted), primary_of(lags), clusters=clusters)
        self._finding = _following(self._finding, found)
        return self._finding


def _following(before: Finding | None, found: Finding) -> Finding:
    """Return the finding with its edition, and tell the log which hosts have come or gone since the one before."""
    if before is None:
        return found
    served, serving = (each.groups[0] if each.groups else frozenset[int]() for each in (before, found))
    if serving != served:
        tell = logger.warning if served - serving else logger.info
        tell("ledger.hosts", extra={"serving": _named(serving), "left_out": _named(served - serving)})
    return replace(found, edition=before.edition + bool(serving - served))


def silent_twice(before: Finding | None, found: Finding) -> list[int]:
    """Return the hosts that did not answer this time nor the time before: no request should wait there any longer."""
    earlier = before.lags if before is not None else ()
    return [
        place
        for place, pair in enumerate(zip(earlier, found.lags, strict=False))
        if not any(lag.answers for lag in pair)
    ]


def primary_of(lags: Sequence[Lag]) -> int | None:
    return next((place for place, lag in enumerate(lags) if lag.primary), None)


def _named(hosts: frozenset[int]) -> list[str]:
    return [str(place + 1) for place in sorted(hosts)]


def limits() -> Limits:
    return Limits(
        bytes=settings.LEDGER_MAX_LAG_BYTES,
        seconds=settings.LEDGER_MAX_LAG_SECONDS,
        primary_lost_seconds=settings.LEDGER_PRIMARY_LOST_SECONDS,
    )


_made: dict[str, Watch] = {}
_making = threading.Lock()


def several() -> bool:
    """Return whether the ledger has several hosts."""
    return connections.databases[LEDGER]["ENGINE"] == ENGINE


def watch() -> Watch:
    """Return this process's watch over the hosts of the ledger."""
    if LEDGER not in _made:
        with _making:
            if LEDGER not in _made:
                _made[LEDGER] = _new_watch()
    return _made[LEDGER]


def _new_watch() -> Watch:
    parameters = connections[LEDGER].get_connection_params()
    hosts = zip(parameters["host"].split(","), parameters["port"].split(","), strict=True)
    return Watch(list(hosts), parameters, wanted=parameters["target_session_attrs"])


def ensure() -> None:
    """Start the thread of this worker, where there are several hosts to look at."""
    if several():
        watch().ensure()


def lags() -> dict[str, Lag]:
    """Return how each host stood when it was last looked at, by its number in LEDGER_DATABASE_URL; {} for one host."""
    found = watch().last if several() else None
    return {str(place + 1): lag for place, lag in enumerate(found.lags)} if found else {}
