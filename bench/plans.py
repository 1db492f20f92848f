"""Whether each question of an answer is found by keys: planned for any value, no large table is read whole."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from accounts import contents, ledger
from bench.keyset import carried_out, planned, statement_of
from bench.ledger import INSTITUTION
from bench.over_http import people
from bench.world import World
from legal.periods import Period, day_in_oslo

FEWEST_ROWS = 5_000
"""Of a table that is worth an index; the planner reads a smaller one as it likes."""


def measure(world: World) -> list[dict[str, Any]]:
    """Return for each question how many blocks it read, and the large tables that it read whole."""
    found = []
    for name, ask in questions(world).items():
        plan = planned(*statement_of(ask))
        whole = [step["Relation Name"] for step in carried_out(plan) if step["Node Type"] == "Seq Scan"]
        blocks = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        found.append({"question": name, "blocks": blocks, "read_whole": sorted(set(whole) & large(world))})
    return found


def large(world: World) -> set[str]:
    size = world.size
    rows = {"party": size.parties, "party_identifier": size.parties, "account": size.accounts}
    rows |= {"account_role": size.roles, "balance": size.balances}
    return {table for table, number in rows.items() if number >= FEWEST_ROWS}


def questions(world: World) -> Mapping[str, Callable[[], object]]:
    account, number = people(world)["holdings"][0]
    now = datetime.now(UTC)
    today = Period(day_in_oslo(now), day_in_oslo(now))
    where = {"period": today, "institutions": [INSTITUTION]}
    return {
        "whose number it is": lambda: ledger.standing_of(number, **where),
        "accounts of a party": lambda: ledger.accounts_of(1, **where),
        "one account of a party": lambda: ledger.account_of(account, party_number=number, **where),
        "balances of an account": lambda: contents.balances_of(account, at=now),
    }
