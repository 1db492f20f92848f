"""The monthly partitions of transactions and past balances; made by the ledger's owner before a load."""

from datetime import date, datetime, time
from typing import Any

from legal.periods import OSLO

TABLES = ("transaction", "balance_history")
EXISTING = """
SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = to_regclass(%s)
"""


def make_partitions(cursor: Any, first: date, last: date) -> list[str]:
    """Make each missing partition for days from the first to the last and return the names of the new ones."""
    return [name for table in TABLES for name in _make(cursor, table, first, last)]


def missing_months(cursor: Any, table: str, first: date, last: date) -> list[date]:
    """Return the first day of each month from one day to another that has no partition."""
    cursor.execute(EXISTING, [f'"{table}"'])
    existing = {name for (name,) in cursor.fetchall()}
    return [month for month in months(first, last) if partition_name(table, month) not in existing]


def _make(cursor: Any, table: str, first: date, last: date) -> list[str]:
    missing = missing_months(cursor, table, first, last)
    for month in missing:
        start, end = bounds(month)
        cursor.execute(
            f'CREATE TABLE "{partition_name(table, month)}" PARTITION OF "{table}" '
            f"FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
        )
    return [partition_name(table, month) for month in missing]


def partition_name(table: str, month: date) -> str:
    return f"{table}_{month:%Y_%m}"


def bounds(month: date) -> tuple[datetime, datetime]:
    """Return the first moment of a month in Oslo, and of the next."""
    return _midnight(month.replace(day=1)), _midnight(next_month(month))


def months(first: date, last: date) -> list[date]:
    """Return the first day of each month from one day to another."""
    found = [first.replace(day=1)]
    while next_month(found[-1]) <= last:
        found.append(next_month(found[-1]))
    return found


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), OSLO)
