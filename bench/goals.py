"""The goals: what was measured, the limit, and whether it was kept. Only ratios and what repeats exactly end a run."""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench.results import Results
from bench.sampling import Round, Sample, ratio
from bench.sustained.cases import LONG_ROWS
from sandbox.place import Trouble

LIMITS: dict[str, float] = {
    "accounts: server": 4.0,
    "accounts: server and database": 2.5,
    "details: server": 4.0,
    "details: server and database": 2.5,
    "transactions: server": 2.0,
    "transactions: server and database": 2.0,
    "accounts: times less than idiomatic": 5.0,
    "details: times less than idiomatic": 5.0,
    "transactions: times less than idiomatic": 5.0,
    "accounts: share of the rival": 1.0,
    "details: share of the rival": 1.0,
    "transactions: share of the rival": 1.0,
    "accounts: instructions": 5.0,
    "encryption: added server share": 0.20,
    "keyset: blocks beyond those allowed": 0,
    "keyset: blocks of the last page to the first": 1.1,
    "keyset: plans with a sort or another index": 0,
    "keyset: 1M account to 1k account": 1.5,
    "plans: large tables read from end to end": 0,
    "import: share of bare COPY": 0.5,
    "memory after 1,000-row pages, MB": 500.0,
    "answers that were no 200": 0,
    "load: requests a second, 95 of 100 within 150 ms": 300.0,
    "load: errors of our own, share": 0.00002,
    "burst of 1 + 2 x 100: seconds": 1.0,
    "burst of 1 + 2 x 100: errors": 0,
    "ten years: rows not given": 0,
    "ten years: last pages to the first ones": 1.5,
    "memory after ten years, to before": 1.1,
}
AIMS = {
    "accounts: server": 3.0,
    "accounts: server and database": 2.0,
    "details: server": 3.0,
    "details: server and database": 2.0,
    "transactions: server": 1.5,
    "transactions: server and database": 1.5,
    "accounts: times less than idiomatic": 8.0,
    "details: times less than idiomatic": 8.0,
    "transactions: times less than idiomatic": 8.0,
}
AT_LEAST = ("times less than idiomatic", "share of bare COPY", "within 150 ms")
REPORTED = ("memory", "load: requests", "burst of 1 + 2 x 100: seconds")
"""What a run tells and no more: it hangs on the machine."""


@dataclass(frozen=True, slots=True)
class Goal:
    name: str
    value: float
    limit: float

    @property
    def at_least(self) -> bool:
        return self.name.endswith(AT_LEAST)

    @property
    def missed(self) -> bool:
        beyond: Callable[[float, float], bool] = operator.lt if self.at_least else operator.gt
        return beyond(self.value, self.limit)

    @property
    def gates(self) -> bool:
        return not self.name.startswith(REPORTED)

    @property
    def aim(self) -> float | None:
        return AIMS.get(self.name)


def limits(file: Path | None) -> Mapping[str, float]:
    """Return our limits, with those of a file in their place. Raise Trouble for a goal that is none."""
    try:
        others = orjson.loads(file.read_bytes()) if file else {}
    except (OSError, ValueError):
        raise Trouble(f"{file} is no JSON object of goals and limits.") from None
    if unknown := others.keys() - LIMITS.keys():
        raise Trouble(f"There is no goal {', '.join(sorted(unknown))}.")
    return {**LIMITS, **others}


def judged(found: Results, limits: Mapping[str, float]) -> list[Goal]:
    """Return the goals of the sections that were run."""
    return [Goal(name, value, limits[name]) for name, value in values(found)]


def values(found: Results) -> Iterator[tuple[str, float]]:
    for kind in {**found.inside, **found.http}:
        yield from of_requests(kind, found.http.get(kind) or found.inside[kind])
    if found.instructions.get("floor"):
        yield "accounts: instructions", found.instructions["product"] / found.instructions["floor"]
    if found.encryption:
        yield "encryption: added server share", ratio(found.encryption, "encrypted", "plain", server).median - 1
    if found.keyset:
        yield from of_keyset(found.keyset)
    if found.plans:
        yield "plans: large tables read from end to end", sum(len(each["read_whole"]) for each in found.plans)
    if found.imports.get("share"):
        yield "import: share of bare COPY", found.imports["share"]
    if found.memory:
        yield "memory after 1,000-row pages, MB", found.memory["transactions"]["rss"]
    if found.load:
        yield from of_load(found.load)
    yield "answers that were no 200", failures(found)


def of_requests(kind: str, rounds: list[Round]) -> Iterator[tuple[str, float]]:
    if {"product", "floor"} <= rounds[0].keys():
        yield f"{kind}: server", ratio(rounds, "product", "floor", server).median
        yield f"{kind}: server and database", ratio(rounds, "product", "floor", both).median
    if {"product", "idiomatic"} <= rounds[0].keys():
        yield f"{kind}: times less than idiomatic", ratio(rounds, "idiomatic", "product", server).median
    if {"product", "rival"} <= rounds[0].keys():
        yield f"{kind}: share of the rival", ratio(rounds, "product", "rival", server).median


def of_keyset(pages: list[dict[str, Any]]) -> Iterator[tuple[str, float]]:
    yield "keyset: blocks beyond those allowed", max(max(page["blocks"] - page["allowed"], 0) for page in pages)
    lengths = {
        page["account_rows"]: [each for each in pages if each["account_rows"] == page["account_rows"]] for page in pages
    }
    several = [each for each in lengths.values() if len(each) > 1]
    yield (
        "keyset: blocks of the last page to the first",
        max(each[-1]["blocks"] / each[0]["blocks"] for each in several),
    )
    yield "keyset: plans with a sort or another index", sum(page["sorts"] > 0 or not page["by_key"] for page in pages)
    if {1_000, 1_000_000} <= lengths.keys():
        longest = max(page["ms"] for page in lengths[1_000_000])
        yield "keyset: 1M account to 1k account", longest / lengths[1_000][0]["ms"]


def of_load(load: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    steady, burst, walks = load["steady"], load["burst"], load["long"]["walks"]
    yield "load: requests a second, 95 of 100 within 150 ms", steady["kept"]
    yield "load: errors of our own, share", steady["errors"] / steady["asked"]
    yield "burst of 1 + 2 x 100: seconds", max(burst["seconds"])
    yield "burst of 1 + 2 x 100: errors", sum(burst["statuses"].values()) - burst["statuses"].get("200", 0)
    yield "ten years: rows not given", max(LONG_ROWS - walk["rows"] for walk in walks)
    yield "ten years: last pages to the first ones", walks[-1]["last_ms"] / walks[-1]["first_ms"]
    yield "memory after ten years, to before", walks[-1]["memory"] / walks[0]["memory"]


def failures(found: Results) -> int:
    rounds = [each for layer in (found.inside, found.http) for rounds in layer.values() for each in rounds]
    return sum(sample.failures for each in [*rounds, *found.encryption] for sample in each.values())


def server(sample: Sample) -> float:
    return sample.server_ms


def both(sample: Sample) -> float:
    return sample.both_ms
