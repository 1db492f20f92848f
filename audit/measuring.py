"""What the rooms tell whoever measures them. Nobody listens unless the process serves figures."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Told:
    """Facts of one kind, handed to one listener at most."""

    def __init__(self) -> None:
        self._listener: Callable[..., None] | None = None

    def listen(self, listener: Callable[..., None] | None) -> None:
        self._listener = listener

    def __call__(self, *facts: object) -> None:
        if self._listener is not None:
            self._listener(*facts)


class Spent(threading.local):
    """The seconds that this thread has spent in each database since it last began anew, by the database's alias."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def begin(self) -> None:
        self.seconds = {}

    def add(self, alias: str, seconds: float) -> None:
        self.seconds[alias] = self.seconds.get(alias, 0.0) + seconds


spent = Spent()
exchanged = Told()
"""An exchange with another host has ended: the host, the seconds, and whether an answer came."""
token_seen = Told()
"""A token's signature was proven for the first time here: the seconds since it says it was issued."""


@contextmanager
def exchange_with(host: str, *, answers: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Tell of the exchange that happens inside. Exceptions among `answers` mean that one came all the same."""
    begun, answered = time.monotonic(), False
    try:
        yield
        answered = True
    except answers:
        answered = True
        raise
    finally:
        exchanged(host, time.monotonic() - begun, answered)
