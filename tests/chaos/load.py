"""A light load: a handful of threads that ask in turn, and what the trail says of what they were told."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import TracebackType
from typing import Any, Self

import psycopg
import urllib3

from tests import cluster

THREADS = 4
LONGEST_SECONDS = 25.0
AFTER_AN_ERROR_SECONDS = 0.05
DECIDED = frozenset({200, 400, 403, 404, 405, 406})
"""What is answered to a valid token: with the ledger's data, or with what the mandate and the rules decide."""
UNAVAILABLE = {"code": "ACC-100", "message": "The service is not available for the moment. Try again later."}
CUSTOMERS_UNAVAILABLE = {"errorCode": "ERR-500", "errorMessage": UNAVAILABLE["message"]}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what came of it. `status` is 0 when no answer came at all."""

    question: str
    correlation_id: str
    begun: float
    ended: float
    status: int
    body: bytes
    retry_after: str = ""
    challenge: str = ""
    media_type: str = ""

    @property
    def seconds(self) -> float:
        return self.ended - self.begun


Question = Callable[[str], Any]
"""Takes a CorrelationID and returns the answer."""


@dataclass
class Load:
    """Ask the questions in turn until the block ends."""

    questions: Mapping[str, Question]
    threads: int = THREADS
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._broken: list[Exception] = []
        self._running = [threading.Thread(target=self._ask, args=(turn,), daemon=True) for turn in range(self.threads)]
        for thread in self._running:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._running:
            thread.join(40)
        if self._broken and error is None:
            raise self._broken[0]

    def _ask(self, turn: int) -> None:
        try:
            self._ask_until_over(turn)
        except Exception as error:
            self._broken.append(error)

    def _ask_until_over(self, turn: int) -> None:
        questions = list(self.questions)
        while not self._over.is_set():
            name = questions[turn % len(questions)]
            self.asked.append(row := once(name, self.questions[name]))
            if row.status in {0, 500}:
                self._over.wait(AFTER_AN_ERROR_SECONDS)
            turn += 1


def once(name: str, question: Question) -> Asked:
    """Ask one question."""
    correlation_id, begun = str(uuid.uuid4()), time.monotonic()
    try:
        answer = question(correlation_id)
    except urllib3.exceptions.HTTPError:
        return Asked(name, correlation_id, begun, time.monotonic(), 0, b"")
    told = (answer.headers.get(header, "") for header in ("Retry-After", "WWW-Authenticate", "Content-Type"))
    return Asked(name, correlation_id, begun, time.monotonic(), answer.status, answer.data, *told)


def is_proper_error(asked: Asked) -> bool:
    """Return whether it was told, in time, that the service cannot answer for the moment and when to come back."""
    if asked.status != 500 or not asked.retry_after.isdecimal() or asked.ended - asked.begun > LONGEST_SECONDS:
        return False
    document = json.loads(asked.body)
    return document == UNAVAILABLE or (
        CUSTOMERS_UNAVAILABLE.items() <= document.items() and document.keys() == {*CUSTOMERS_UNAVAILABLE, "timestamp"}
    )


def without_record(asked: list[Asked], trail: str | None = None) -> int:
    """Return how many answers and refusals are not in the trail as what they were."""
    given = {(uuid.UUID(row.correlation_id), row.status) for row in asked if row.status in DECIDED}
    question = "SELECT correlation_id, http_status FROM audit_record WHERE correlation_id = ANY (%s)"
    with psycopg.connect(trail or cluster.CLUSTER.superuser_url("dsop")) as connection:
        kept = set(connection.execute(question, [[correlation_id for correlation_id, _ in given]]))
    return len(given - kept)


def longest_gap(right: list[Asked]) -> float:
    """Return the longest time between one right answer and the next."""
    ends = sorted(row.ended for row in right)
    return max((later - earlier for earlier, later in pairwise(ends)), default=float("inf"))
