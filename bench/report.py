"""The tables, as they are printed."""

import operator
import sys
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from bench.goals import Goal, both, server
from bench.results import Results
from bench.sampling import Round, middle, ratio
from bench.sustained.arrivals import MOST_MS


def say(words: str = "") -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def surroundings(found: Results) -> None:
    """Print the machine, the settings and the sizes of the data."""
    machine = found.machine
    say(f"\n{machine['at']} UTC, size {found.size}, {found.rounds} rounds")
    say(f"{machine['processors']} x {machine['processor']}, {machine['memory_mb']:,} MB")
    say(f"Load of the machine before: {machine['busy_before']:.1f}")
    say(
        f"Python {machine['python']}; {machine['server']}; prepared after {machine['prepared']}; {machine['way_to_it']}"
    )
    say("PostgreSQL " + ", ".join(f"{name} {value}" for name, value in machine["postgresql"].items()))
    say(f"\n{'table':20}{'rows':>12}{'heap B/row':>12}{'index B/row':>13}{'MB':>10}")
    for table in filter(itemgetter("rows"), machine["tables"]):
        rows = table["rows"]
        size = (table["heap"] + table["indexes"]) / 2**20
        each = f"{table['heap'] / rows:>12.0f}{table['indexes'] / rows:>13.0f}"
        say(f"{table['table']:20}{table['rows']:>12,}{each}{size:>10,.1f}")


def requests(kind: str, layer: str, rounds: Sequence[Round], *, to: str = "floor") -> None:
    """Print a row for each variant; over HTTP also how many, how fast and how large."""
    over_http = layer == "over HTTP"
    say(f"\n{kind}, {layer}: medians of {len(rounds)} rounds, ratios to the {to} by round (least-most)")
    title = f"{'':18}{'server ms':>10}{'database ms':>12}{'server':>20}{'server + database':>20}{'failures':>9}"
    say(title + (f"{'req/s c8':>10}{'p50/p99 c2':>16}{'p50/p99 c8':>16}{'RSS MB':>8}" if over_http else ""))
    for name in rounds[0]:
        costs = f"{middle(rounds, name, server):>10.3f}{middle(rounds, name, lambda one: one.database_ms):>12.3f}"
        ratios = f"{ratio(rounds, name, to, server)!s:>20}{ratio(rounds, name, to, both)!s:>20}"
        failures = sum(each[name].failures for each in rounds)
        say(f"{name:18}{costs}{ratios}{failures:>9}" + (speed(rounds, name) if over_http else ""))


def speed(rounds: Sequence[Round], name: str) -> str:
    def of(figure: str) -> float:
        return middle(rounds, name, operator.attrgetter(figure))

    calm = f"{of('p50_ms'):.2f}/{of('p99_ms'):.1f}"
    busy = f"{of('busy_p50_ms'):.2f}/{of('busy_p99_ms'):.1f}"
    per_second = of("per_second")
    return f"{per_second:>10,.0f}{calm:>16}{busy:>16}{max(each[name].memory_mb for each in rounds):>8,.0f}"


def encryption(rounds: Sequence[Round]) -> None:
    requests("accounts, encrypted or not", "in process", rounds, to="plain")


def keyset(pages: Sequence[dict[str, Any]]) -> None:
    say("\nA page of the keyset, planned for any account")
    say(f"{'account rows':>13}{'after':>11}{'rows':>6}{'ms':>9}{'blocks':>8}{'allowed':>9}{'sorts':>7}  by its key")
    for page in pages:
        place = f"{page['account_rows']:>13,}{page['position']:>11,}{page['rows']:>6}"
        cost = f"{page['ms']:>9.2f}{page['blocks']:>8,}{page['allowed']:>9,}{page['sorts']:>7}"
        say(f"{place}{cost}  {'yes' if page['by_key'] else 'NO'}")


def plans(found: Sequence[dict[str, Any]]) -> None:
    say("\nThe other questions, planned for any value")
    say(f"{'':30}{'blocks':>8}  read from end to end")
    for each in found:
        say(f"{each['question']:30}{each['blocks']:>8}  {', '.join(each['read_whole']) or 'none'}")


def imports(found: dict[str, Any]) -> None:
    say("\nImport")
    for name, value in found.items():
        say(f"{name:30}{value if isinstance(value, str) else f'{value:,.2f}'}")


def memory(found: dict[str, Any]) -> None:
    say("\nMemory of the shipped server with two workers, MB (rss counts shared pages once for each process)")
    for when, held in found.items():
        say(f"{when:14}" + "  ".join(f"{name} {value:,.0f}" for name, value in held.items()))


def instructions(found: dict[str, Any]) -> None:
    say("\nInstructions of an accounts request, in process, by callgrind")
    for name, value in found.items():
        say(f"{name:14}{value if isinstance(value, str) else f'{value:,.0f}'}")


def load(found: dict[str, Any]) -> None:
    """Print what the shipped server bore, as found."""
    say("\nThe shipped server with two workers under a mixed load, answers encrypted; the machine also makes the load")
    steady(found["steady"])
    burst = found["burst"]
    seconds = ", ".join(f"{each:.2f}" for each in burst["seconds"])
    say(f"\nA burst of {burst['in_each']} questions: {seconds} s, answered {burst['statuses']}")
    say("An account of ten years, every page by the links")
    for walk in found["long"]["walks"]:
        page = (
            f"{walk['first_ms']:.1f} ms at the beginning, {walk['last_ms']:.1f} at the end, {walk['most_ms']:.0f} most"
        )
        say(f"{walk['rows']:,} rows on {walk['pages']} pages: {page}; the server then held {walk['memory']:,.0f} MB")


def steady(found: dict[str, Any]) -> None:
    for trial in found["tried"]:
        borne = f"95 of 100 within {trial['p95']:,.0f} ms" if trial["borne"] else "not borne"
        say(f"{'tried':20}{trial['rate']:>8,.0f} a second: {borne}, {trial['errors']} errors")
    asked = f"{found['asked']:,} in {found['seconds']:,.0f} s, {found['per_second']:,.1f} a second"
    say(f"{'held':20}{found['rate']:>8,.0f} a second: {asked}, {found['errors']} errors {found['unexpected'] or ''}")
    say(f"{'asked again':20}{found['asked_again']:>8,} of them: a kept connection was closed and no byte had come")
    minutes = found["p95_by_minute"]
    kept = sum(p95 <= MOST_MS for p95 in minutes)
    worst = f"the worst {max(minutes):,.0f} ms"
    say(f"{'minutes':20}{kept} of {len(minutes)} with 95 of 100 within {MOST_MS:.0f} ms; {worst}")
    say(f"{'stolen':20}{found['stolen']:.1%} of the processors' time, by other machines on the same hardware")
    say(f"{'cores':20}server {found['server_cores']:.2f}, PostgreSQL {found['database_cores']:.2f}")
    say(f"{'memory, MB':20}{found['memory'][0]:,.0f} before, {found['memory'][1]:,.0f} after")
    say(f"{'milliseconds':20}{'p50':>9}{'p95':>9}{'p99':>9}{'most':>9}")
    for kind, took in found["ms"].items():
        say(f"{kind:20}" + "".join(f"{value:>9,.1f}" for value in took.values()))


def goals(judged: Sequence[Goal]) -> None:
    """Print each goal with value, limit and aim; what a run only tells is marked."""
    say(f"\n{'goal':50}{'value':>10}{'limit':>10}{'aim':>8}")
    for goal in judged:
        limit = f"{'>=' if goal.at_least else '<='} {goal.limit:g}"
        aim = "" if goal.aim is None else f"{goal.aim:g}"
        verdict = "missed" if goal.missed else "ok"
        say(f"{goal.name:50}{goal.value:>10.2f}{limit:>10}{aim:>8}  {verdict}{'' if goal.gates else ' (reported)'}")
