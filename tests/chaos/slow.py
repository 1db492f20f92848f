"""The line to the ledger is slow, drips or carries nothing: who asks is answered rightly or told so in time."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace

from tests.chaos.frame import Outcome, scenario
from tests.chaos.load import Asked, Load, Question, longest_gap, once
from tests.chaos.mixed import longest, mixed, patient, quiet_day, refusals, seconds_until_whole
from tests.chaos.proxy import HELD, Pace, Proxy
from tests.chaos.replication import QUIET_SECONDS, outcome
from tests.chaos.stage import TOLD, Stage
from tests.cluster import free_port
from tests.conftest import running
from tests.consumer import Server

SLOW, DRIPPING = Pace(1_400, 0.05), Pace(20, 0.1)
SLOW_SECONDS, DRIPPING_SECONDS = 5.0, 16.0
STALLED_SECONDS = 26.0
"""Longer than any answer may take: without a clock of its own a request would be told too late."""
WITHOUT_LEDGER_SECONDS = 3.0
LOOK_EVERY_SECONDS = 0.3


@scenario("the line to the ledger is slow")
def slow(stage: Stage) -> Outcome:
    """Each packet takes fifty milliseconds more in either direction."""
    return on_a_line(stage, SLOW, SLOW_SECONDS)


@scenario("the line to the ledger drips")
def dripping(stage: Stage) -> Outcome:
    """Two hundred bytes in a second: there is always something to come, so that nothing but our own clock ends it."""
    return on_a_line(stage, DRIPPING, DRIPPING_SECONDS)


@scenario("the line to the ledger carries nothing")
def stalled(stage: Stage) -> Outcome:
    """Connections stay open, and new ones are taken; no byte comes through."""
    return on_a_line(stage, HELD, STALLED_SECONDS)


def on_a_line(stage: Stage, pace: Pace, seconds: float) -> Outcome:
    """Return what an instance with such a line to its ledger told, there and about what needs no ledger."""
    with closing(Proxy(stage.ledger.primary.port)) as proxy, instance(stage, proxy) as server:
        others = refusals(server)
        questions = {name: ask for name, ask in mixed(stage, server).items() if name not in others}
        right = quiet_day(questions | others)
        with Load(questions) as load:
            time.sleep(QUIET_SECONDS)
            with proxy.at(pace):
                told = without_ledger(server, others, seconds)
            recovery = seconds_until_whole(load, right)
            time.sleep(QUIET_SECONDS)
    late = [row for row in told if row.ended - row.begun > WITHOUT_LEDGER_SECONDS or not right(row)]
    if late:
        raise AssertionError(f"{len(late)} of {len(told)} that need no ledger were late or wrong.")
    note = f"the longest answer took {longest(load.asked):.1f} s, without the ledger {longest(told):.1f} s"
    found = outcome(load.asked + told, right, recovery, errors_allowed=True, note=note)
    return replace(found, gap=longest_gap([row for row in load.asked if right(row)]))


@contextmanager
def instance(stage: Stage, proxy: Proxy) -> Iterator[Server]:
    """Start an instance that knows the primary alone, through the proxy."""
    primary = stage.ledger.primary
    address = primary.urls()["LEDGER_DATABASE_URL"].replace(f":{primary.port}/", f":{proxy.port}/")
    log = stage.folder / f"server-{proxy.port}.log"
    with running(free_port(), log, environment={**TOLD, "LEDGER_DATABASE_URL": address}) as server:
        yield patient(server)


def without_ledger(server: Server, questions: Mapping[str, Question], seconds: float) -> list[Asked]:
    """Ask for so long what is answered without the ledger, and return what was told. Raise where health is not."""
    told: list[Asked] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        told += (once(name, question) for name, question in questions.items())
        if (live := server.get("/health/live").status) != 200:
            raise AssertionError(f"/health/live said {live}.")
        time.sleep(LOOK_EVERY_SECONDS)
    return told
