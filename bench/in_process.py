"""The first layer: each variant asked in a loop, without a network, in a process of its own that lives all along."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bench.database import Backends
from bench.questions import JSON
from bench.sampling import Round, Sample
from bench.variants import VARIANTS
from bench.world import ROOM_ENOUGH, World
from sandbox.surroundings import PROJECT

COUNTS = {"accounts": 180, "details": 180, "transactions": 24}
BATCHES = 3
SECONDS = 30


class Worker:
    """One variant's process; `wrapper` is a command that runs it."""

    def __init__(self, world: World, name: str, *, wrapper: Sequence[str] = ()) -> None:
        self.name = name
        self.log = world.folder / f"inside-{name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*wrapper, sys.executable, "-m", "bench.process", "batches.serve", name],
                cwd=PROJECT,
                env=world.environment(ROOM_ENOUGH, PYTHONHASHSEED="0", DJANGO_SETTINGS_MODULE=VARIANTS[name].settings),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._told()

    def prepare(self, kind: str, count: int, **more: Any) -> None:
        self._say({"kind": kind, "count": count, **more})
        self._told()

    def go(self) -> dict[str, Any]:
        self._say({"go": True})
        return self._told()

    def stop(self) -> None:
        """Let it end by itself, or end it."""
        with contextlib.suppress(OSError):
            self.process.communicate(timeout=SECONDS)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _say(self, order: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def _told(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} has ended: {self.log.read_text(errors='replace')[-3000:]}")
        told: dict[str, Any] = json.loads(line)
        return told


@contextlib.contextmanager
def workers(world: World, names: Sequence[str]) -> Iterator[dict[str, Worker]]:
    """Have a process for each variant."""
    with contextlib.ExitStack() as stack:
        running = {}
        for name in names:
            running[name] = Worker(world, name)
            stack.callback(running[name].stop)
        yield running


def measure(world: World, running: dict[str, Worker], kind: str, *, rounds: int) -> list[Round]:
    """Return what a request cost each variant in each round; in every other round they come in reverse order."""
    backends = Backends(world.cluster)
    for worker in running.values():
        one(worker, backends, kind, share=4)  # a warm-up
    found = []
    for number in range(rounds):
        order = list(running) if number % 2 == 0 else list(reversed(running))
        samples = {name: one(running[name], backends, kind) for name in order}
        found.append({name: samples[name] for name in running})
    return found


def one(worker: Worker, backends: Backends, kind: str, *, share: int = 1, media_type: str = JSON) -> Sample:
    """Return the best of a few batches: a neighbour can only add to what it costs."""
    samples = []
    for _ in range(BATCHES):
        worker.prepare(kind, COUNTS[kind] // BATCHES // share, media_type=media_type)
        before = backends.cpu_ms()
        told = worker.go()
        database = backends.cpu_ms() - before
        count = told["count"]
        samples.append(
            Sample(
                server_ms=told["cpu_ms"] / count,
                database_ms=database / count,
                wall_ms=told["wall_ms"] / count,
                failures=told["failures"],
                memory_mb=told["peak_mb"],
            )
        )
    best = min(samples, key=lambda sample: sample.both_ms)
    return replace(best, failures=sum(sample.failures for sample in samples))
