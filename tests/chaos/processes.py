"""Workers die under load: what they were answering is cut, and nothing else is lost or wrong."""

import os
import signal
import time
from contextlib import ExitStack
from pathlib import Path

from tests import cluster
from tests.chaos.frame import Outcome, scenario
from tests.chaos.lines import Lines
from tests.chaos.load import THREADS, Asked, Load
from tests.chaos.replication import expected_of, outcome, seconds_until, told_right
from tests.chaos.stage import TOLD, Stage
from tests.conftest import running
from tests.consumer import Server

QUIET_SECONDS = 1.5
KILLS = 4
CUT_WITHIN_SECONDS = 1.0
WORKERS = 2
COMMANDS = {"gunicorn": None, "granian": ("-m", "dsop.granian")}
"""How each server is started; None is how the suite does it anyway."""
BEFORE_BOTH_SECONDS = {"gunicorn": QUIET_SECONDS, "granian": 6.0}
"""Granian ends itself where a worker dies that is younger than 5.5 seconds; whoever supervises it starts it anew."""


def instance(stage: Stage, stack: ExitStack, kind: str, port: int | None = None, **environment: str) -> Server:
    """Return an instance of the service behind one of the servers; it ends with the stack."""
    port = port or cluster.free_port()
    log = stage.folder / f"{kind}-{port}-{time.monotonic_ns()}.log"
    told = {**TOLD, **environment}
    return stack.enter_context(running(port, log, environment=told, command=COMMANDS[kind]))


def workers_of(server: Server) -> set[int]:
    """Return the processes that answer: the living children of the main one that are forks of the service."""
    main = server.process.pid
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return {int(child) for child in children if is_worker(child)}


def is_worker(process: str) -> bool:
    """Return whether a child serves: not the one that cleans up after multiprocessing, nor one that has ended."""
    try:
        command = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False
    return bool(command) and b"resource_tracker" not in command


def new_workers_than(server: Server, before: set[int]) -> bool:
    """Return whether there are as many workers as there shall be, and none of those."""
    return len(workers_of(server) - before) >= WORKERS


def killed(stage: Stage, kind: str) -> Outcome:
    """Kill one worker after the other, and both at once in the end. Each client has one question under way."""
    expected, at, recovery = expected_of(stage), [], 0.0
    with ExitStack() as stack:
        server = instance(stage, stack, kind)
        lines = Lines([server.port])
        with Load(stage.questions(lines)) as load:
            for turn in range(KILLS):
                last = turn == KILLS - 1
                time.sleep(BEFORE_BOTH_SECONDS[kind] if last else QUIET_SECONDS)
                victims = sorted(workers_of(server))[: WORKERS if last else 1]  # the elder one first
                at.append(time.monotonic())
                for victim in victims:
                    os.kill(victim, signal.SIGKILL)
                recovery = max(recovery, whole_after(server, set(victims), load, at[-1]))
            time.sleep(QUIET_SECONDS)
    down = [row for row in load.asked if row.correlation_id in lines.refused and row.begun > at[-1]]
    cut = [row for row in load.asked if row.status == 0 and row not in down and is_cut(row, at)]
    if len(cut) > THREADS * KILLS:
        raise AssertionError(f"{len(cut)} questions were cut by {KILLS} kills of {THREADS} clients' connections.")
    rest = [row for row in load.asked if row not in cut and row not in down]
    note = f"{len(cut)} cut under way, {lines.retried} idle, {len(down)} connections refused while both were gone"
    return outcome(rest, told_right(expected), recovery, note=note)


def whole_after(server: Server, dead: set[int], load: Load, since: float) -> float:
    """Return how long it took until all workers were there and an answer had come that was asked for afterwards."""

    def whole() -> bool:
        answered = any(row.status == 200 and row.begun > since for row in load.asked[-THREADS * 5 :])
        return answered and len(workers_of(server) - dead) >= WORKERS

    took = seconds_until(whole)
    return float("inf") if took is None else took


def is_cut(row: Asked, at: list[float]) -> bool:
    """Return whether a question was under way when a worker was killed, or waited at its door."""
    return any(row.begun < moment + CUT_WITHIN_SECONDS and row.ended >= moment for moment in at)


def entered(kind: str) -> None:
    @scenario(f"{kind}: workers are killed under load")
    def one(stage: Stage) -> Outcome:
        return killed(stage, kind)


for each in COMMANDS:
    entered(each)
