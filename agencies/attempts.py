"""Trying again: how often, after which wait, and never sooner than the other side asked for."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import sleep
from typing import ClassVar

from tenacity import AttemptManager, RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from agencies.errors import AgencyError, is_about_token

FIRST_SECONDS, LONGEST_SECONDS = 0.5, 30.0


@dataclass(frozen=True, slots=True)
class Waits:
    """The waits before the first try again, the second and so on; without any, they double from half a second.

    Up to half as much again is added by chance, so that many who failed together do not come back together.
    """

    seconds: tuple[float, ...] = ()
    longest: ClassVar[float] = LONGEST_SECONDS

    def before(self, retry: int) -> float:
        """Return the wait before the n-th try again, counted from 1."""
        doubled = FIRST_SECONDS * 2 ** (retry - 1)
        plain = self.seconds[min(retry, len(self.seconds)) - 1] if self.seconds else doubled
        return min(plain * random.uniform(1.0, 1.5), LONGEST_SECONDS)  # noqa: S311 - not a secret


def attempts(retries: int, waits: Waits, *, again: Callable[[AgencyError], bool]) -> Iterator[AttemptManager]:
    """Yield attempts for `with`, one more after each failure that `again` lets pass; raise the last one's error.

    Where the other side asked for a longer wait than ours, that long; for more than half a minute, not at all.
    """
    return iter(
        Retrying(
            stop=stop_after_attempt(retries + 1),
            wait=lambda state: _wait(state, waits),
            retry=retry_if_exception(lambda error: isinstance(error, AgencyError) and _in_time(error) and again(error)),
            sleep=sleep,
            reraise=True,
        )
    )


def _in_time(error: AgencyError) -> bool:
    return (error.retry_after or 0.0) <= LONGEST_SECONDS


def _wait(state: RetryCallState, waits: Waits) -> float:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, AgencyError)
    if is_about_token(error):
        return 0.0
    return max(waits.before(state.attempt_number), error.retry_after or 0.0)
