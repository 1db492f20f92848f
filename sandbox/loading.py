"""Loading the synthetic bank into the ledger as its owner: the whole of it, or only what a new day changes.

What was loaded is remembered in a comment on a table, so that it is lost, restored and rolled back with the rows.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from psycopg import sql

from accounts.partitions import make_partitions
from sandbox.bank import Bank, Cast, years_before
from sandbox.crowd import FIRST_ID, Size
from sandbox.ledger_rows import TABLES, Row

GENERATOR = (
    "bank", "books", "bsu_accounts", "characters", "counterparties", "crowd", "dice", "every_field", "ledger_draft",
    "ledger_rows", "loading", "names", "number_series", "products", "service_characters", "stage", "transactions",
)  # fmt: skip
PARTITIONED = ("transaction", "balance_history")  # numbered by us, searched by account
ANALYZED = {  # the rest is never searched
    "transaction": '"transaction" (account_id, booked_at, id)',
    "balance_history": "balance_history (account_id, registered_at, id)",
}
MARK = "Synthetic bank "
ALL_TABLES = sql.SQL(", ").join(map(sql.Identifier, TABLES))


class ForeignLedger(Exception):
    """The ledger holds something that was not loaded here."""


@dataclass(frozen=True)
class Stamp:
    """What bank a ledger holds: made by which code, from what, and how many rows of each table."""

    generator: str
    seed: int
    size: list[int]
    day: str
    rows: dict[str, int]

    def is_same_bank(self, other: "Stamp") -> bool:
        return (self.generator, self.seed, self.size) == (other.generator, other.seed, other.size)


def load(cursor: Any, *, seed: int, day: date, size: Size, now: datetime) -> str:
    """Bring the ledger to the wanted bank, in the caller's transaction, and return what had to be done.

    Raise ForeignLedger rather than replace what somebody else loaded.
    """
    cursor.execute("SET LOCAL statement_timeout = 0")
    cursor.execute("LOCK TABLE financial_institution IN SHARE ROW EXCLUSIVE MODE")
    wanted = Stamp(generator_digest(), seed, list(asdict(size).values()), day.isoformat(), {})
    held = read_stamp(cursor)
    rows = count_rows(cursor)
    if held is None and any(rows.values()):
        raise ForeignLedger
    if held is None or not held.is_same_bank(wanted) or held.rows != rows:
        replace_everything(cursor, Bank(seed, day, now, size), day)
        done = "loaded"
    elif held.day != wanted.day:
        move_characters(cursor, Cast(seed, day, now), day)
        done = "characters moved"
    else:
        done = "up to date"
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("UPDATE financial_institution SET as_of = %s", [now])
    if done != "up to date":
        write_stamp(cursor, replace(wanted, rows=count_rows(cursor)))
    return done


def replace_everything(cursor: Any, bank: Bank, day: date) -> None:
    make_partitions(cursor, years_before(day, 10), day)
    cursor.execute(sql.SQL("TRUNCATE {}").format(ALL_TABLES))
    for table in TABLES:
        copy_rows(cursor, table, bank.rows(table))
    set_sequences(cursor)
    cursor.execute("ANALYZE " + ", ".join(ANALYZED.get(table, table) for table in TABLES))


def move_characters(cursor: Any, cast: Cast, day: date) -> None:
    """Replace the characters' rows by those of another day; the crowd and the institutions stay."""
    make_partitions(cursor, years_before(day, 10), day)
    for table in reversed(TABLES):
        if table != "financial_institution":
            column = sql.Identifier("account_id" if table in PARTITIONED else "id")  # where the index is
            cursor.execute(sql.SQL("DELETE FROM {} WHERE {} < %s").format(sql.Identifier(table), column), [FIRST_ID])
    for table in TABLES:
        copy_rows(cursor, table, cast.rows(table))


def copy_rows(cursor: Any, table: str, rows: Iterable[Row]) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, TABLES[table]._fields))
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)) as copy:
        for row in rows:
            copy.write_row(row)


def set_sequences(cursor: Any) -> None:
    """Let rows that somebody adds later follow ours."""
    for table in TABLES:
        if table not in PARTITIONED:
            name = sql.Identifier(table)
            cursor.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {}").format(name), [table]
            )


def count_rows(cursor: Any) -> dict[str, int]:
    counts = {}
    for table in TABLES:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        counts[table] = cursor.fetchone()[0]
    return counts


def read_stamp(cursor: Any) -> Stamp | None:
    """Return what the ledger says it holds, None when it says nothing that we wrote."""
    cursor.execute("SELECT obj_description('financial_institution'::regclass, 'pg_class')")
    comment = cursor.fetchone()[0] or ""
    return Stamp(**json.loads(comment.removeprefix(MARK))) if comment.startswith(MARK) else None


def write_stamp(cursor: Any, stamp: Stamp) -> None:
    comment = MARK + json.dumps(asdict(stamp))
    cursor.execute(sql.SQL("COMMENT ON TABLE financial_institution IS {}").format(sql.Literal(comment)))


def generator_digest() -> str:
    """Return a digest of the code that makes the bank, so that a changed generator loads anew."""
    here = Path(__file__).parent
    return hashlib.sha256(b"".join((here / f"{name}.py").read_bytes() for name in GENERATOR)).hexdigest()[:16]
