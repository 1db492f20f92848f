"""The shipped server, with its limits as shipped, under each load in turn."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from bench.database import Backends
from bench.machine import processor_time, stolen_between
from bench.over_http import Served, servers
from bench.processes import cpu_ms, memory_mb
from bench.sustained.arrivals import MOST_MS
from bench.sustained.cases import Cases, make_cases
from bench.sustained.walk import TIMES as WALKS
from bench.world import World
from sandbox.ending import say
from sandbox.surroundings import PROJECT

WANTED = 300
LOWER = 0.85
"""Where a rate is not borne, so much of it is tried next."""
LEAST = 20.0
TRIAL_SECONDS, WARM_SECONDS = 15.0, 15.0


def measure(world: World, *, seconds: float, rate: float | None) -> dict[str, Any]:
    """Return what came of a rate that is held for so many seconds, of a burst, and of a long account.

    The rate is the one given; without one the highest up to the wanted one that is borne.
    """
    cases = make_cases(world)
    with servers(world, ["product"], limits={}) as running:
        product = running["product"]
        once(world, "arrivals", product.port, (rate or WANTED) / 2, WARM_SECONDS)
        mixed = {**counted(world, product, rate, seconds), "tried": []} if rate else steady(world, product, seconds)
        found = {"steady": mixed, "burst": burst(world, product, cases)}
        return {**found, "long": long(world, product, cases)}


def steady(world: World, served: Served, seconds: float) -> dict[str, Any]:
    """Return what came of the first rate, from the wanted one down, at which hardly an answer takes too long."""
    rate, tried = float(WANTED), []
    while True:
        trial = once(world, "arrivals", served.port, rate, min(TRIAL_SECONDS, seconds))
        tried.append({"rate": rate, **judged(trial)})
        say(f"  {rate:,.0f} a second for {trial['seconds']:.0f} s: {tried[-1]}", stream=sys.stderr)
        if is_borne(trial) or rate < LEAST:
            found = counted(world, served, rate, seconds)
            if is_borne(found) or rate < LEAST:
                return {**found, "tried": tried}
            tried.append({"rate": rate, **judged(found)})
        rate *= LOWER


def judged(found: dict[str, Any]) -> dict[str, Any]:
    return {"borne": found["borne"], "p95": found["ms"]["all"].get("p95"), "errors": found["errors"]}


def is_borne(found: dict[str, Any]) -> bool:
    return bool(found["borne"] and found["ms"]["all"]["p95"] <= MOST_MS)


def counted(world: World, served: Served, rate: float, seconds: float) -> dict[str, Any]:
    """Return what came of one long load, with what it cost and what the server holds before and after."""
    backends, before = Backends(world.cluster), memory_mb(served.tree())
    server, database = cpu_ms(served.tree()), backends.cpu_ms()
    time_before = processor_time()
    found = once(world, "arrivals", served.port, rate, seconds)
    return {
        **found,
        "rate": rate,
        "kept": rate if is_borne(found) else 0.0,
        "stolen": stolen_between(time_before, processor_time()),
        "server_cores": (cpu_ms(served.tree()) - server) / 1000 / found["seconds"],
        "database_cores": (backends.cpu_ms() - database) / 1000 / found["seconds"],
        "memory": [before["rss"], memory_mb(served.tree())["rss"]],
    }


def burst(world: World, served: Served, cases: Cases) -> dict[str, Any]:
    return once(world, "burst", served.port, cases.many, cases.many_accounts[0], cases.many_accounts[-1])


def long(world: World, served: Served, cases: Cases) -> dict[str, Any]:
    """Return both walks through the long account, and what the server holds after each."""
    found = []
    for walk in told(world, "walk", served.port, cases.long, cases.long_account):
        found.append({**walk, "memory": memory_mb(served.tree())["rss"]})
    if len(found) < WALKS:
        raise RuntimeError("The walk through the long account broke off.")
    return {"walks": found}


def once(world: World, load: str, *words: object) -> dict[str, Any]:
    """Return what one load tells at its end."""
    (found,) = list(told(world, load, *words)) or [None]
    if found is None:
        raise RuntimeError(f"The load {load} broke off.")
    return found


def told(world: World, load: str, *words: object) -> Iterator[dict[str, Any]]:
    """Run a load in a process of its own and give each line that it tells."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.process", f"sustained.{load}.run", *map(str, words)],
        cwd=PROJECT,
        env=world.environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                yield json.loads(line)
        finally:
            process.terminate()  # half an hour early, where somebody ends the run
