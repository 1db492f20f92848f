"""Run every scenario on one stage, and print what came of it."""

import sys
import time

from tests.chaos import (
    calendar_days,
    certificates,
    clock,
    full,
    instances,
    keys,
    processes,
    replication,
    restarting,
    slow,
    trail,
)
from tests.chaos.frame import Outcome, chosen, table, verdict
from tests.chaos.ledger import Ledger
from tests.chaos.stage import staged

ENTERED = (
    *(replication, trail, slow, full, keys, certificates),
    *(processes, restarting, instances, clock, calendar_days),
)
"""Whose scenarios are known, in this order. `instances` seals and verifies what all before it left in the trail; those
after it leave records of other days there."""


def run(ledger: Ledger, words: list[str]) -> int:
    """Return the exit status: 0 when every scenario was run and held."""
    outcomes: dict[str, Outcome | str] = {}
    places = {module.__name__: place for place, module in enumerate(ENTERED)}
    scenarios = dict(sorted(chosen(words).items(), key=lambda found: places[found[1].__module__]))
    try:
        with staged(ledger) as stage:
            for title, scenario in scenarios.items():
                begun = time.monotonic()
                try:
                    outcomes[title] = scenario(stage)
                except Exception as error:
                    outcomes[title] = f"{type(error).__name__}: {error}"
                say(f"{title}: {time.monotonic() - begun:.0f} s")
    except Exception as error:
        for title in scenarios:
            outcomes.setdefault(title, f"{type(error).__name__}: {error}")
    say("", *table(outcomes))
    return 0 if verdict(outcomes) else 1


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
