"""Telling the agency everything that differs, and nothing else: again and again until nothing does."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from django.db import connection

from agencies.errors import (
    NoDatabase,
    NoSlot,
    NotConfigured,
    NoToken,
    NotRecorded,
    NotTheApplication,
    Unauthenticated,
    Unavailable,
    Unreachable,
)
from agencies.pension.client import AnotherProvider
from agencies.pension.holding import Holder
from agencies.pension.models import Agreement
from agencies.pension.sending import Became, Sent, send

PAGE = 200
AT_ONCE = 4
"""One less than the agency allows: one is left for a single agreement meanwhile, and for the next after a kill."""
MOST_IN_A_ROW = 10
HOPELESS = (NotConfigured, NoDatabase, NotRecorded)
AWAY = (Unreachable, Unavailable, NotTheApplication, NoSlot, Unauthenticated)


@dataclass(slots=True)
class Progress:
    """How far a sync has come. It gives up on a provider without a token, and on an agency that is away."""

    became: Counter[Became] = field(default_factory=Counter)
    untried: int = 0
    refused_providers: set[str] = field(default_factory=set)
    away_in_a_row: int = 0
    is_hopeless: bool = False

    def gives_up(self, provider: str) -> bool:
        return self.is_hopeless or self.away_in_a_row >= MOST_IN_A_ROW or provider in self.refused_providers

    def note(self, provider: str, sent: Sent) -> None:
        self.became[sent.became] += 1
        error = sent.error
        self.away_in_a_row = self.away_in_a_row + 1 if isinstance(error, AWAY) else 0
        self.is_hopeless = self.is_hopeless or isinstance(error, HOPELESS)
        if isinstance(error, (NoToken, AnotherProvider)):
            self.refused_providers.add(provider)


def sync(tell: Callable[[Sent], None]) -> Progress:
    """Send each agreement that differs, once, some at a time; `tell` hears of each that failed."""
    crew = _Crew(tell)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sync") as pool:
        try:
            for worker in as_completed([pool.submit(crew.work) for _ in range(AT_ONCE)]):
                worker.result()
        except BaseException:
            crew.progress.is_hopeless = True  # whoever interrupts waits for the calls under way, and for no others
            raise
    return crew.progress


class _Crew:
    """Workers that take agreements from one list, each with connections of its own."""

    def __init__(self, tell: Callable[[Sent], None]) -> None:
        self.progress = Progress()
        self._tell, self._rows, self._lock = tell, _rows(), threading.Lock()

    def work(self) -> None:
        """Send until there is nothing left to send."""
        holder = Holder()
        try:
            while row := self._take():
                self._note(row[1], send(row[0], holder))
        finally:
            holder.close()
            connection.close()

    def _take(self) -> tuple[uuid.UUID, str] | None:
        with self._lock:
            for agreement, provider in self._rows:
                if not self.progress.gives_up(provider):
                    return agreement, provider
                self.progress.untried += 1
        return None

    def _note(self, provider: str, sent: Sent) -> None:
        with self._lock:
            self.progress.note(provider, sent)
            if sent.error is not None:
                self._tell(sent)


def _rows() -> Iterator[tuple[uuid.UUID, str]]:
    """Yield what differs, each row once: one that fails still differs, and is passed by."""
    last = uuid.UUID(int=0)
    differing = Agreement.objects.filter(differs=True).order_by("pk").values_list("pk", "provider")
    while page := list(differing.filter(pk__gt=last)[:PAGE]):
        yield from page
        last = page[-1][0]
