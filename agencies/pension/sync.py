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
    progress, lock, rows = Progress(), threading.Lock(), _rows()

    def take() -> tuple[uuid.UUID, str] | None:
        with lock:
            for agreement, provider in rows:
                if not progress.gives_up(provider):
                    return agreement, provider
                progress.untried += 1
        return None

    def work() -> None:
        holder = Holder()
        try:
            while row := take():
                sent = send(row[0], holder)
                with lock:
                    progress.note(row[1], sent)
                    if sent.error is not None:
                        tell(sent)
        finally:
            holder.close()
            connection.close()

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sync") as pool:
        try:
            for worker in as_completed([pool.submit(work) for _ in range(AT_ONCE)]):
                worker.result()
        except BaseException:
            progress.is_hopeless = True  # whoever interrupts waits for the calls under way, and for no others
            raise
    return progress


def _rows() -> Iterator[tuple[uuid.UUID, str]]:
    """Yield what differs, each row once: one that fails still differs, and is passed by."""
    last = uuid.UUID(int=0)
    differing = Agreement.objects.filter(differs=True).order_by("pk").values_list("pk", "provider")
    while page := list(differing.filter(pk__gt=last)[:PAGE]):
        yield from page
        last = page[-1][0]
