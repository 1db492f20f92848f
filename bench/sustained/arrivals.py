"""Questions that come at a rate, whether the earlier ones are answered or not: each waits from when it was due.

Run as `python -m bench.process sustained.arrivals.run PORT RATE SECONDS`; it tells what came of it in one line.
"""

import json
import os
import random
import selectors
import time
from array import array
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.load import Line, tell
from bench.sustained.mix import EXPECTED, WEIGHTS, Drawn, Mix

CONNECTIONS = 64
LATE_SECONDS = 5.0
"""Where the questions due lie so long, the rate is not borne and nothing more is asked."""
MOST_MS = 150.0
"""So long may 95 of 100 answers take."""
PATIENCE = 30.0
NO_ANSWER = "none"


class Caller(Line):
    """A connection, with the question that is under way on it."""

    kind = ""
    due = 0.0
    wire = b""
    kept = False
    """Whether it was idle before this question: the server may have hung up on it meanwhile."""


class Arrivals:
    """One run: when the questions are due, what waits for a connection, and how long each answer took."""

    def __init__(self, port: int, *, rate: float, seconds: float, questions: Iterator[Drawn]) -> None:
        self._port, self._rate, self._seconds, self._questions = port, rate, seconds, questions
        self._dice = random.Random(port)
        self._waiting: deque[tuple[float, str, bytes]] = deque()
        self._idle: list[Caller] = []
        self._selector = selectors.DefaultSelector()
        self._busy = 0
        self._begun = 0.0
        self.statuses = {kind: Counter[str]() for kind in WEIGHTS}
        self.took = {kind: array("f") for kind in WEIGHTS}
        self.by_minute: defaultdict[int, array[float]] = defaultdict(lambda: array("f"))
        self.most_waiting = 0
        self.asked_again = 0
        self.borne = True

    def run(self) -> float:
        """Ask until the time is over and all is answered; return how many seconds that was."""
        self._begun = begun = time.perf_counter()
        over, due = begun + self._seconds, begun
        ready = self._drawn()
        while True:
            now = time.perf_counter()
            while due <= min(now, over) and self.borne:
                self._waiting.append((due, *ready))
                due += self._dice.expovariate(self._rate)
                ready = self._drawn()
            self._send(now)
            if not self._busy and not self._waiting and (due > over or not self.borne):
                break
            self._hear(max(0.0, min(due - time.perf_counter(), 0.5)))
        for line in self._idle:
            line.socket.close()
        return time.perf_counter() - begun

    def _drawn(self) -> tuple[str, bytes]:
        kind, question = next(self._questions)
        return kind, question.wire()

    def _send(self, now: float) -> None:
        self.most_waiting = max(self.most_waiting, len(self._waiting))
        if self._waiting and now - self._waiting[0][0] > LATE_SECONDS:
            self.borne = False
            self._waiting.clear()
        while self._waiting and (self._idle or self._busy < CONNECTIONS):
            line = self._idle.pop() if self._idle else Caller(self._port)
            line.due, line.kind, line.wire = self._waiting.popleft()
            self._busy += 1
            self._ask(line)

    def _ask(self, line: Caller) -> None:
        self._selector.register(line.socket, selectors.EVENT_READ, line)
        try:
            line.send(line.wire)
        except OSError:
            self._lost(line)

    def _lost(self, line: Caller) -> None:
        """Ask once more, over a new connection, where a kept one was closed and no byte had come. Nothing else is."""
        if not line.kept or line.received:
            self._over(line, NO_ANSWER)
            return
        self._selector.unregister(line.socket)
        line.socket.close()
        again = Caller(self._port)
        again.due, again.kind, again.wire = line.due, line.kind, line.wire
        self.asked_again += 1
        self._ask(again)

    def _hear(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            line: Caller = key.data
            try:
                whole = line.receive()
            except OSError:
                self._lost(line)
                continue
            if whole:
                self._over(line, line.status)

    def _over(self, line: Caller, status: str) -> None:
        self._selector.unregister(line.socket)
        self._busy -= 1
        self.statuses[line.kind][status] += 1
        took = (time.perf_counter() - line.due) * 1000
        self.took[line.kind].append(took)
        self.by_minute[int((line.due - self._begun) // 60)].append(took)
        if status == NO_ANSWER or b"connection: close" in line.received[:1000].lower():
            line.socket.close()
        else:
            line.kept = True
            self._idle.append(line)


def run(port: str, rate: str, seconds: str) -> None:
    people = json.loads((Path(os.environ["DSOP_SANDBOX_FOLDER"]) / "population.json").read_text())
    questions = iter(Mix(people, seed=os.getpid()))
    arrivals = Arrivals(int(port), rate=float(rate), seconds=float(seconds), questions=questions)
    for _ in range(100):
        next(questions)  # the tokens of the first moment
    tell(told(arrivals, arrivals.run()))


def told(arrivals: Arrivals, elapsed: float) -> dict[str, Any]:
    """Return what came of a run: how many, how they were answered, and the milliseconds of most, by kind and of all."""
    every = array("f")
    for took in arrivals.took.values():
        every.extend(took)
    unexpected = Counter[str]()
    for kind, statuses in arrivals.statuses.items():
        for status, number in statuses.items():
            if status != EXPECTED[kind]:
                unexpected[f"{kind}: {status}"] += number
    return {
        "asked": len(every),
        "seconds": elapsed,
        "per_second": len(every) / elapsed,
        "borne": arrivals.borne,
        "most_waiting": arrivals.most_waiting,
        "asked_again": arrivals.asked_again,
        "unexpected": dict(unexpected),
        "errors": sum(unexpected.values()),
        "p95_by_minute": [quantiles(took)["p95"] for _, took in sorted(arrivals.by_minute.items())],
        "ms": {"all": quantiles(every), **{kind: quantiles(took) for kind, took in arrivals.took.items()}},
    }


def quantiles(took: "array[float]") -> dict[str, float]:
    """Return the middle, the 95th, the 99th of a hundred and the most; nothing of nothing."""
    ordered = sorted(took)
    if not ordered:
        return {}
    places = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
    return {name: ordered[int(len(ordered) * share)] for name, share in places.items()} | {"most": ordered[-1]}
