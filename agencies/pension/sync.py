"""Telling the agency everything that differs, and nothing else: again and again until nothing does."""

import logging
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.db import connection

from agencies.errors import (
    AgencyError,
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
from agencies.pension.holding import Holder
from agencies.pension.models import Agreement
from agencies.pension.sending import Became, Sent, send

PAGE = 200
AT_ONCE = 4
"""One less than the agency allows, so that who sends a single agreement meanwhile need not wait."""
MOST_IN_A_ROW = 10
HOPELESS = (NotConfigured, NoDatabase, NotRecorded)
ABOUT_THE_PROVIDER = (NoToken, Unauthenticated)
AWAY = (Unreachable, Unavailable, NotTheApplication, NoSlot)

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Course:
    """How far a sync has come. It gives up on a provider without tokens, and on an agency that is away."""

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
        if isinstance(error, ABOUT_THE_PROVIDER):
            self.refused_providers.add(provider)


def sync(tell: Callable[[Sent], None]) -> Course:
    """Send each agreement that differs, once, some at a time; `tell` hears of each that failed."""
    course, lock, own = Course(), threading.Lock(), threading.local()
    holders: list[Holder] = []

    def begin() -> None:
        own.holder = Holder()
        holders.append(own.holder)

    def work(row: tuple[uuid.UUID, str]) -> None:
        agreement, provider = row
        with lock:
            if course.gives_up(provider):
                course.untried += 1
                return
        sent = send(agreement, own.holder)
        with lock:
            course.note(provider, sent)
            if sent.error is not None:
                tell(sent)
        

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sync", initializer=begin) as pool:
        for page in _pages():
            list(pool.map(work, page))
    return course


def _pages() -> Iterator[list[tuple[uuid.UUID, str]]]:
    """Yield what differs in pages, each row once: one that fails still differs, and is passed by."""
    last = uuid.UUID(int=0)
    while page := list(
        Agreement.objects.filter(differs=True, pk__gt=last).order_by("pk").values_list("pk", "provider")[:PAGE]
    ):
        yield page
        last = page[-1][0]
