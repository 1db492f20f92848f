"""The second layer: each variant behind its server, on loopback, loaded in turns by a generator of our own."""

import contextlib
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from bench.database import Backends
from bench.processes import cpu_ms, memory_mb, tree_of
from bench.questions import Asker
from bench.sampling import Round, Sample
from bench.variants import VARIANTS
from bench.world import ROOM_ENOUGH, World, free_port
from sandbox.ending import say
from sandbox.guardian import Guarded
from sandbox.surroundings import PROJECT

READY_SECONDS, STOP_SECONDS = 120.0, 30.0
READY_IN_A_ROW = 8
WORKERS = "2"
GUNICORN = ("-m", "gunicorn", "-c")
SHIPPED = (*GUNICORN, "python:dsop.gunicorn", "dsop.wsgi:application")
OURS = (*GUNICORN, "python:bench.gunicorn", "bench.served:application")
UVICORN = ("-m", "uvicorn", "bench.served:application", "--workers", WORKERS, "--no-access-log", "--log-level=warning")


@dataclass(frozen=True, slots=True)
class Server:
    """How a variant is served. `command` gets the port at its end where the server takes it there."""

    variant: str
    command: Sequence[str]
    port_option: str = ""


SERVERS = {
    "floor": Server("floor", OURS),
    "product": Server("product", SHIPPED),
    "rival": Server("rival", UVICORN, "--port"),
    "idiomatic": Server("idiomatic", OURS),
}
if importlib.util.find_spec("dsop.granian"):
    SERVERS["product, granian"] = Server("product", ("-m", "dsop.granian"))


class Served:
    """One running server under a guardian: it ends when `stop` is called, or when this process ends in any way."""

    def __init__(self, world: World, name: str, limits: Mapping[str, str]) -> None:
        self.name, self.port = name, free_port()
        server, word = SERVERS[name], name.replace(", ", "-")
        self.log, self._lock = world.folder / f"served-{word}.log", world.folder / f"served-{word}.lock"
        address = [server.port_option, str(self.port)] if server.port_option else []
        environment = world.environment(
            limits,
            DJANGO_SETTINGS_MODULE=VARIANTS[server.variant].settings,
            BENCH_VARIANT=server.variant,
            DSOP_BIND=f"127.0.0.1:{self.port}",
            WEB_CONCURRENCY=WORKERS,
        )
        with self.log.open("wb") as log:
            self._kept = Guarded(
                [sys.executable, *server.command, *address],
                lock=self._lock,
                patience=STOP_SECONDS,
                environment=environment,
                output=log,
                holding=world.cluster.in_use,
            )

    def tree(self) -> list[int]:
        """Return the server's processes; its guardian, which wrote down their first one, is none of them."""
        return tree_of(int(self._lock.read_text()))

    def wait_until_ready(self, asker: Asker) -> None:
        """Ask until every worker answers: each question comes on a connection of its own, which any may take."""
        pool = urllib3.PoolManager(retries=False, timeout=30)
        deadline, ready = time.monotonic() + READY_SECONDS, 0
        while ready < READY_IN_A_ROW:
            if not self._kept.alive or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} is not ready: {self.log.read_text(errors='replace')[-3000:]}")
            (question,) = asker.questions("accounts", 1)
            url = f"http://127.0.0.1:{self.port}{question.path}?{question.query}"
            try:
                answered = pool.request("GET", url, headers={**question.headers, "Connection": "close"}).status == 200
            except urllib3.exceptions.HTTPError:
                answered = False
            ready = ready + 1 if answered else 0
            time.sleep(0.0 if answered else 0.3)

    def stop(self) -> None:
        self._kept.stop()


@contextlib.contextmanager
def servers(
    world: World, names: Sequence[str], *, limits: Mapping[str, str] = ROOM_ENOUGH
) -> Iterator[dict[str, Served]]:
    """Have these servers run all along; only one at a time is asked anything."""
    asker = Asker(people(world))
    with contextlib.ExitStack() as stack:
        running = {}
        for name in names:
            running[name] = Served(world, name, limits)
            stack.callback(running[name].stop)
            running[name].wait_until_ready(asker)
        yield running


def people(world: World) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(world.population).read_text())
    return found


def measure(world: World, running: dict[str, Served], kind: str, *, rounds: int) -> list[Round]:
    """Return what a request cost each variant in each round; in every other round they come in reverse order."""
    backends = Backends(world.cluster)
    found = []
    for number in range(rounds):
        order = list(running) if number % 2 == 0 else list(reversed(running))
        samples = {name: loaded(world, running[name], backends, kind) for name in order}
        found.append({name: samples[name] for name in running})
    return found


def loaded(world: World, served: Served, backends: Backends, kind: str) -> Sample:
    """Return one load of a server: eight connections for its cost, two for how long an answer takes."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.process", "load.run", kind, str(served.port)],
        cwd=PROJECT,
        env=world.environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as load:
        busy, server, database = _phase(load, served, backends)
        calm, _, _ = _phase(load, served, backends)
    for phase in (busy, calm):
        if phase["failures"]:
            say(f"{served.name} answered {kind} with {phase['statuses']}", stream=sys.stderr)
    return Sample(
        server_ms=server / busy["count"],
        database_ms=database / busy["count"],
        wall_ms=1000 / busy["per_second"],
        failures=busy["failures"] + calm["failures"],
        per_second=busy["per_second"],
        p50_ms=calm["p50_ms"],
        p99_ms=calm["p99_ms"],
        busy_p50_ms=busy["p50_ms"],
        busy_p99_ms=busy["p99_ms"],
        memory_mb=memory_mb(served.tree())["rss"],
    )


def _phase(load: subprocess.Popen[str], served: Served, backends: Backends) -> tuple[dict[str, Any], float, float]:
    """Return what the load generator tells of its next phase, and the server's and the databases' milliseconds."""
    _line(load, served)
    server, database = cpu_ms(served.tree()), backends.cpu_ms()
    found = _line(load, served)
    return found, cpu_ms(served.tree()) - server, backends.cpu_ms() - database


def _line(load: subprocess.Popen[str], served: Served) -> dict[str, Any]:
    assert load.stdout is not None
    line = load.stdout.readline()
    if not line:
        raise RuntimeError(f"The load on {served.name} broke off: {served.log.read_text(errors='replace')[-3000:]}")
    told: dict[str, Any] = json.loads(line)
    return told
