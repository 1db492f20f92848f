"""One run, section by section: each prints its table as soon as it has one, and the goals come last."""

import argparse
import contextlib
from typing import Any

from django.core.handlers.wsgi import WSGIHandler

from bench import (
    encryption,
    goals,
    importing,
    in_process,
    instructions,
    keyset,
    machine,
    memory,
    over_http,
    plans,
    report,
)
from bench.questions import KINDS
from bench.results import Results
from bench.sustained import measuring
from bench.variants import VARIANTS
from bench.world import World, standing_in


def run(options: argparse.Namespace, world: World) -> bool:
    """Return whether a goal was missed."""
    kept = goals.limits(options.gate)
    found = Results(size=world.size.name, rounds=options.rounds, machine=machine.described(world))
    report.surroundings(found)
    kinds = [kind for kind in KINDS if kind in options.only]
    with standing_in(WSGIHandler(), world.port):
        if options.layer != "http":
            inside(found, options, world, kinds)
        if options.layer != "inside":
            outside(found, options, world, kinds)
        if "keyset" in options.only:
            found.keyset = keyset.measure(world)
            report.keyset(found.keyset)
            found.plans = plans.measure(world)
            report.plans(found.plans)
        if "import" in options.only:
            found.imports = importing.measure(world)
            report.imports(found.imports)
        if "instructions" in options.only:
            found.instructions = instructions.measure(world)
            report.instructions(found.instructions)
        if "load" in options.only:
            found.load = measuring.measure(world, seconds=options.seconds, rate=options.rate)
            report.load(found.load)
    if options.json:
        found.write(options.json)
    judged = goals.judged(found, kept)
    report.goals(judged)
    return any(goal.missed for goal in judged if goal.gates)


def inside(found: Results, options: argparse.Namespace, world: World, kinds: list[str]) -> None:
    with in_process.workers(world, options.variants or list(VARIANTS)) as running:
        for kind in kinds:
            found.inside[kind] = in_process.measure(world, running, kind, rounds=options.rounds)
            report.requests(kind, "in process", found.inside[kind])
        if "encryption" in options.only:
            found.encryption = encryption.measure(world, running["product"], rounds=options.rounds)
            report.encryption(found.encryption)


def outside(found: Results, options: argparse.Namespace, world: World, kinds: list[str]) -> None:
    with contextlib.ExitStack() as stack:
        servers: dict[str, Any] = {}
        if kinds:
            servers = stack.enter_context(over_http.servers(world, options.variants or list(over_http.SERVERS)))
        for kind in kinds:
            found.http[kind] = over_http.measure(world, servers, kind, rounds=options.rounds)
            report.requests(kind, "over HTTP", found.http[kind])
    if "memory" in options.only:
        found.memory = memory.measure(world)
        report.memory(found.memory)
