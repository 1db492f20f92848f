"""A set of verification keys kept fresh by a thread of its own; no request ever waits for it (KEY-04 to KEY-10)."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from audit.background import Background
from audit.fetching import FetchFailed
from legal.published_keys import VerificationKey
from legal.refusals import KeysUnavailable

DAY = 24 * 3600.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of one fetch. `generation` moves when their content does, and everything proven by them is void."""

    keys: Mapping[str, VerificationKey]
    generation: int
    fetched_at: float


class KeyStore:
    """The keys that `source` returns by key id, fetched again in good time.

    `source` raises FetchFailed when it gets none; the last good set then serves for `stale_seconds`. All attempts
    after the first success are at least `cooldown_seconds` apart, whatever they ended in; until there is a usable
    set, it is tried every `retry_seconds`. Only the background thread fetches, so there is one fetch at a time.
    """

    def __init__(
        self,
        name: str,
        source: Callable[[], Mapping[str, VerificationKey]],
        *,
        refresh_seconds: float = 3600.0,
        cooldown_seconds: float = 60.0,
        stale_seconds: float = DAY,
        retry_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._source = source
        self._refresh_seconds = refresh_seconds
        self._cooldown_seconds = cooldown_seconds
        self._stale_seconds = stale_seconds
        self._retry_seconds = retry_seconds
        self._clock = clock
        self._set: KeySet | None = None  # swapped as a whole: readers need no lock
        self._attempted_at: float | None = None
        self._refresh_asked = False
        self._background = Background(f"keys-{name}", self.turn, after_error=retry_seconds)

    def ensure(self) -> None:
        """Start this process's thread unless it runs; cheap enough for every request."""
        self._background.ensure()

    def current(self) -> KeySet:
        """Return the keys that may be used now, without waiting. Raise KeysUnavailable when there are none."""
        self.ensure()
        usable = self._usable()
        if usable is None:
            raise KeysUnavailable
        return usable

    def ask_refresh(self) -> None:
        """Have the set fetched as soon as the cool-down allows. The caller, who met an unknown key, does not wait."""
        if not self._refresh_asked:
            self._refresh_asked = True
            self._background.wake()

    @property
    def ready(self) -> bool:
        """Whether tokens can be judged. Asking starts the thread, so that a service without traffic gets ready too."""
        self.ensure()
        return self._usable() is not None

    @property
    def success_age(self) -> float | None:
        """Seconds since the last successful fetch."""
        return None if self._set is None else self._clock() - self._set.fetched_at

    @property
    def attempt_age(self) -> float | None:
        """Seconds since the last fetch, whatever it ended in."""
        return None if self._attempted_at is None else self._clock() - self._attempted_at

    def turn(self) -> float:
        """Fetch when it is due and return the seconds until the next turn. The duty of the background thread alone."""
        if self._clock() >= self._due():
            self._attempt()
        return max(self._due() - self._clock(), 0.0)

    def _usable(self) -> KeySet | None:
        latest = self._set
        return latest if latest is not None and self._clock() - latest.fetched_at < self._stale_seconds else None

    def _due(self) -> float:
        if self._attempted_at is None:
            return float("-inf")
        usable = self._usable()
        if usable is None:
            return self._attempted_at + self._retry_seconds
        cooled_down = self._attempted_at + self._cooldown_seconds
        if usable.fetched_at < self._attempted_at:  # the last attempt failed
            return cooled_down
        regular = usable.fetched_at + self._refresh_seconds
        return min(cooled_down, regular) if self._refresh_asked else regular

    def _attempt(self) -> None:
        # Noted before the fetch, so that the cool-down also holds for one that hangs or crashes.
        self._attempted_at = attempted_at = self._clock()
        self._refresh_asked = False
        try:
            keys = self._source()
        except FetchFailed as reason:
            logger.warning("keys.not_refreshed", extra={"store": self.name, "reason": str(reason)})
            return
        before = self._set
        changed = before is None or keys != before.keys
        generation = (before.generation if before else 0) + changed
        self._set = KeySet(keys, generation, attempted_at)
        if changed:
            logger.info("keys.changed", extra={"store": self.name, "generation": generation, "keys": len(keys)})
