"""Whether a page costs the same wherever it lies and however long the account is: the product's question, explained.

Each page is planned as a prepared statement for any account, which is how it runs when it has been asked often.
"""

import json
import time
from datetime import UTC, datetime
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from psycopg import sql

from accounts.movements import Position, transactions_of
from bench.questions import MONTHS
from bench.world import World
from legal.periods import Period, day_in_oslo, moments_of, months_before

TIMES = 7
PLACE = 'SELECT booked_at, id FROM "transaction" WHERE account_id = %s ORDER BY booked_at, id OFFSET %s LIMIT 1'
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "
SPARE, OF_EACH_PARTITION = 30, 3
"""Blocks beside those of the rows: some to begin with, and the way down the index of each month's partition."""


def measure(world: World) -> list[dict[str, Any]]:
    """Return a row for each page looked at: milliseconds, blocks, and what the plan is made of."""
    found = []
    for place, rows in enumerate(world.size.long):
        for position in positions(rows):
            found.append({"account_rows": rows, "position": position, **page(place + 1, position)})
    return found


def positions(rows: int) -> list[int]:
    """Return after how many transactions the pages begin: the first one, one in the middle, the last whole one."""
    last = max(rows - settings.TRANSACTIONS_PAGE_SIZE, 0)
    return sorted({0, last // 2, last})


def page(account: int, position: int) -> dict[str, Any]:
    today = day_in_oslo(datetime.now(UTC))
    begin, end = moments_of(Period(months_before(today, MONTHS), today))
    after = place_of(account, position) if position else None

    def ask() -> int:
        size = settings.TRANSACTIONS_PAGE_SIZE + 1
        return len(transactions_of(account, begin=begin, end=end, after=after, limit=size))

    waited = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        rows = ask()
        waited.append((time.perf_counter() - begun) * 1000)
    return {"rows": rows, "ms": median(waited), **explained(*statement_of(ask))}


def place_of(account: int, position: int) -> Position:
    with connections["ledger"].cursor() as cursor:
        cursor.execute(PLACE, [account, position - 1])
        return Position(*cursor.fetchone())


def statement_of(ask: Any) -> tuple[str, Any]:
    """Return what is asked of PostgreSQL, to the letter."""
    seen: list[tuple[str, Any]] = []

    def look(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        seen.append((statement, values))
        return execute(statement, values, many, context)

    with connections["ledger"].execute_wrapper(look):
        ask()
    (asked,) = seen
    return asked


def planned(statement: str, values: Any) -> dict[str, Any]:
    """Return how PostgreSQL carried the statement out, planned for any value."""
    for number in range(1, len(values) + 1):
        statement = statement.replace("%s", f"${number}", 1)
    with transaction.atomic(using="ledger"), connections["ledger"].cursor() as cursor:
        literals = sql.SQL(", ").join(map(sql.Literal, values)).as_string(cursor.connection)
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE page AS {statement}")
        cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE page({literals})")
        cursor.execute(f"{EXPLAIN} EXECUTE page({literals})")
        (told,) = cursor.fetchone()
        cursor.execute("DEALLOCATE page")
    plan: dict[str, Any] = (told if isinstance(told, list) else json.loads(told))[0]["Plan"]
    return plan


def explained(statement: str, values: Any) -> dict[str, Any]:
    """Return the blocks that the statement of a page read, and what of its plan matters."""
    plan = planned(statement, values)
    steps = carried_out(plan)
    scans = [step for step in steps if "Relation Name" in step]
    allowed = plan["Actual Rows"] + SPARE + OF_EACH_PARTITION * len(scans)
    return {
        "blocks": plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
        "allowed": int(allowed),
        "sorts": sum("Sort" in step["Node Type"] for step in steps),
        "by_key": all(step.get("Index Name") == f"{step['Relation Name']}_pkey" for step in scans),
    }


def carried_out(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every step of the plan that was carried out."""
    if not plan["Actual Loops"]:
        return []
    return [plan, *(step for child in plan.get("Plans", ()) for step in carried_out(child))]
