"""Restarts under load: new workers by HUP, and two instances of the service restarted one after the other.

Nothing stands before them. A client that is refused a connection goes to the other instance, as one that knows two
addresses does; whatever was sent must be answered.
"""

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack

from tests.chaos.frame import Outcome, scenario
from tests.chaos.lines import Lines
from tests.chaos.load import Load
from tests.chaos.processes import COMMANDS, instance, new_workers_than, workers_of
from tests.chaos.replication import expected_of, outcome, seconds_until, told_right
from tests.chaos.stage import Stage
from tests.consumer import Server

QUIET_SECONDS = 2.0
ROUNDS = 2
OLD_BESIDE_NEW_SECONDS = {"gunicorn": 1.0, "granian": 10.0}  # granian keeps an old worker so long beside its successor


def replaced(stage: Stage, kind: str) -> Outcome:
    """Send HUP several times while agencies ask without a pause."""
    expected, renewed = expected_of(stage), []
    with ExitStack() as stack:
        server = instance(stage, stack, kind)
        lines = Lines([server.port])
        with Load(stage.questions(lines)) as load:
            for _ in range(ROUNDS):
                time.sleep(QUIET_SECONDS)
                before = workers_of(server)
                os.kill(server.process.pid, signal.SIGHUP)
                renewed.append(seconds_until(lambda before=before: new_workers_than(server, before)))
            time.sleep(OLD_BESIDE_NEW_SECONDS[kind] / 2 + QUIET_SECONDS)
    longest = None if None in renewed else max(renewed)
    note = f"new workers within {longest or -1:.1f} s, {lines.retried} kept connections closed idle"
    return outcome(load.asked, told_right(expected), never_away(load, longest), note=note)


def never_away(load: Load, restarted: float | None) -> float | None:
    """Return the longest time that anybody waited: nothing was away in a restart that was done to its end."""
    return None if restarted is None else max(row.ended - row.begun for row in load.asked)


def rolled(stage: Stage, kind: str) -> Outcome:
    """End each of two instances in order, and start it again on its port, while agencies ask without a pause."""
    expected, longest = expected_of(stage), 0.0
    with ExitStack() as stack:
        servers = [instance(stage, stack, kind) for _ in range(2)]
        lines = Lines([server.port for server in servers])
        with Load(stage.questions(lines)) as load:
            for server in servers:
                time.sleep(QUIET_SECONDS)
                begun = time.monotonic()
                ended(server)
                instance(stage, stack, kind, port=server.port)
                longest = max(longest, time.monotonic() - begun)
            time.sleep(QUIET_SECONDS)
    note = f"restarted within {longest:.1f} s, {lines.retried} kept connections closed idle"
    return outcome(load.asked, told_right(expected), never_away(load, longest), note=note)


def ended(server: Server) -> None:
    """End an instance by TERM alone: its clients' connections are their own."""
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)


def entered(kind: str, said: str, run: Callable[[Stage, str], Outcome]) -> None:
    @scenario(f"{kind}: {said}")
    def one(stage: Stage) -> Outcome:
        return run(stage, kind)


for each in COMMANDS:
    entered(each, "new workers by HUP under load", replaced)
    entered(each, "two instances restarted one after the other under load", rolled)
