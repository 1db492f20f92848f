"""Work that several may want at once: done once at a time, and waited for no longer than each can."""

import os
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from functools import partial
from typing import Generic, TypeVar

Result = TypeVar("Result")
MOST = 32


class Flights(Generic[Result]):
    """One piece of work per key in the air at a time, each in a thread of its own.

    Whoever comes while it flies waits for the same result. A waiter whose time is up leaves; the work goes on, must
    end by itself, and keeps what it got wherever the next one looks first. At most `most` fly at once.
    """

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        # A fork copies the lock in whatever state it was in, and no thread.
        self._lock = threading.Lock()
        self._flying: dict[Hashable, Future[Result]] = {}

    def result(self, key: Hashable, work: Callable[[], Result], *, seconds: float) -> Result:
        """Return what `work` returned, or raise what it raised. Raise TimeoutError when it is not there in time."""
        return self._join(key, work).result(timeout=max(seconds, 0.0))

    def _join(self, key: Hashable, work: Callable[[], Result]) -> Future[Result]:
        with self._lock:
            flight = self._flying.get(key)
            if flight is not None:
                return flight
            if len(self._flying) >= self._most:
                raise TimeoutError
            flight = Future()
            thread = threading.Thread(target=partial(self._fly, key, work, flight), name="flight", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # no more threads to be had
                raise TimeoutError from None
            self._flying[key] = flight
            return flight

    def _fly(self, key: Hashable, work: Callable[[], Result], flight: Future[Result]) -> None:
        try:
            result = work()
        except BaseException as error:
            self._land(key)
            flight.set_exception(error)
        else:
            self._land(key)
            flight.set_result(result)
        finally:
            del flight, work  # an error remembers this frame, and would keep itself alive by it

    def _land(self, key: Hashable) -> None:
        # Before anybody hears of the result: whoever asks after that gets a flight of his own.
        with self._lock:
            self._flying.pop(key, None)
