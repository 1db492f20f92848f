"""Making a delivery visible: every table of it, and the institutions' moment, in the caller's one transaction.

Rows are compared by key. What is unchanged is not written, and readers see the state before until the commit.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from psycopg import sql

from accounts.loading.delivery import MANIFEST, Delivery, Part
from accounts.loading.refusals import Refused
from accounts.loading.staging import forget, staged_table
from accounts.loading.tables import TABLES, Table
from legal.periods import Period, moments_of

FEW = 20
"""Rows that any table may lose."""
NAMED = {other for table in TABLES.values() for other in table.references.values()}
"""The tables whose rows are named in others."""
EVERYTHING = sql.SQL("true")
NOT_AVAILABLE = sql.SQL("type <> 'availableBalance'")


@dataclass(frozen=True, slots=True)
class Changes:
    """What a delivery did to a table."""

    table: str
    new: int
    changed: int
    gone: int


def merge(cursor: Any, delivery: Delivery) -> list[Changes]:
    """Bring the ledger to what is staged. Refuse when rows that stay would name rows that go, or when too many go."""
    if institutions := delivery.part_of("financial_institution"):
        _set_moments(cursor, delivery, staged_table(institutions.table))
    _forget_gone_accounts(cursor, delivery)
    if not delivery.available_balance_is_current:
        cursor.execute("DELETE FROM balance WHERE type = 'availableBalance'")
    done = [_merge_table(cursor, delivery, part) for part in delivery.parts]
    _check_those_that_stay(cursor, delivery)
    _check_institutions(cursor, delivery)
    _set_moments(cursor, delivery, sql.Identifier("financial_institution"))
    for part in delivery.parts:
        forget(cursor, part.table)
    return done


def _merge_table(cursor: Any, delivery: Delivery, part: Part) -> Changes:
    table = part.table
    only_booked = table.name == "balance" and not delivery.available_balance_is_current
    columns = list(table.columns)
    changing = [name for name in columns if name not in {*table.key, *table.unique}]
    names = {
        "ledger": sql.Identifier(table.name),
        "staged": sql.SQL("(SELECT * FROM {} WHERE {})").format(
            staged_table(table), NOT_AVAILABLE if only_booked else EVERYTHING
        ),
        "within": _within(part),
        "same": _equal([*table.key, *table.unique]),
        "columns": _names([*columns, *table.from_manifest]),
        "changing": _names(changing),
        "news": _names(changing, "staged"),
        "olds": _names(changing, "ledger"),
        "key": sql.Identifier(table.key[0]),
    }
    changes = Changes(table.name, **{kind: _count(cursor, text, names) for kind, text in STEPS.items()})
    after = _count(cursor, "SELECT FROM {staged} AS staged", names) if only_booked else part.rows
    _check_loss(part, changes, after=after)
    return changes


# A row whose key or unique value is another is taken out first, so that two rows can exchange theirs.
STEPS = {
    "gone": "DELETE FROM {ledger} AS ledger WHERE {within}"
    " AND NOT EXISTS (SELECT FROM {staged} AS staged WHERE {same})",
    "changed": "UPDATE {ledger} AS ledger SET ({changing}) = ROW({news}) FROM {staged} AS staged"
    " WHERE {within} AND {same} AND ROW({news}) IS DISTINCT FROM ROW({olds})",
    "new": "INSERT INTO {ledger} ({columns}) SELECT {columns} FROM {staged} AS staged"
    " WHERE NOT EXISTS (SELECT FROM {ledger} AS ledger WHERE {within} AND {same})",
}


def _check_loss(part: Part, changes: Changes, *, after: int) -> None:
    """Refuse when too much of the table, or of its days, would go: a poor export counts its own rows right.

    Rows that others name keep their keys, so that each of them that goes is lost, whatever comes in its place.
    """
    fewer = changes.gone - changes.new
    before, lost = after + fewer, changes.gone if part.table.name in NAMED else fewer
    allowed = max(before * settings.LEDGER_MAX_LOSS_PERCENT // 100, FEW) if part.may_lose is None else part.may_lose
    if lost > allowed:
        raise Refused(
            f"{part.table.name} would lose {lost:,} of {before:,} rows. "
            f"If that is meant, let {MANIFEST} say may_lose = {lost} for it."
        )


def _count(cursor: Any, text: str, names: dict[str, Any]) -> int:
    cursor.execute(sql.SQL(text).format(**names))
    return int(cursor.rowcount)


def _within(part: Part) -> sql.Composable:
    """Return the condition of the ledger's rows that the delivery replaces."""
    if part.days is None or part.table.days is None:
        return EVERYTHING
    first, after = moments_of(Period(part.days.first, part.days.last))
    column = sql.Identifier("ledger", part.table.days)
    return sql.SQL("{} >= {} AND {} < {}").format(column, sql.Literal(first), column, sql.Literal(after))


def _equal(columns: list[str]) -> sql.Composed:
    each = (sql.SQL("staged.{0} = ledger.{0}").format(sql.Identifier(name)) for name in columns)
    return sql.SQL(" AND ").join(each)


def _names(columns: list[str], of: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(*filter(None, (of, name))) for name in columns)


def _forget_gone_accounts(cursor: Any, delivery: Delivery) -> None:
    """Take away transactions and past balances of accounts that go: whatever days are delivered, nobody can ask."""
    accounts = delivery.part_of("account")
    if accounts is None:
        return
    gone = sql.SQL("SELECT id FROM account WHERE NOT EXISTS (SELECT FROM {} AS staged WHERE staged.id = account.id)")
    cursor.execute(gone.format(staged_table(accounts.table)))
    ids = [account_id for (account_id,) in cursor.fetchall()]
    for table in TABLES.values() if ids else ():
        if table.days:
            statement = sql.SQL("DELETE FROM {} WHERE account_id = ANY (%s)").format(sql.Identifier(table.name))
            cursor.execute(statement, [ids])


def _check_those_that_stay(cursor: Any, delivery: Delivery) -> None:
    """Refuse when rows of a table that is not delivered name rows that are gone."""
    delivered = {part.table.name for part in delivery.parts}
    for table in TABLES.values():
        if table.name in delivered or table.days:
            continue
        for column, other in table.references.items():
            if other in delivered:
                cursor.execute(_dangling(table, column, other))
                if cursor.rowcount:
                    raise Refused(f"{table.name} has rows of a {other} that is gone. Deliver {table.name} too.")


def _dangling(table: Table, column: str, other: str) -> sql.Composed:
    return sql.SQL(
        "SELECT FROM {} AS mine WHERE NOT EXISTS (SELECT FROM {} AS other WHERE other.id = mine.{}) LIMIT 1"
    ).format(sql.Identifier(table.name), sql.Identifier(other), sql.Identifier(column))


def _check_institutions(cursor: Any, delivery: Delivery) -> None:
    """Refuse unless the delivery names every institution that the ledger has then, and no other."""
    cursor.execute("SELECT organisation_number FROM financial_institution")
    if {number for (number,) in cursor.fetchall()} != delivery.as_of.keys():
        raise Refused("as_of must name the institutions of the ledger, each and no other.")


def _set_moments(cursor: Any, delivery: Delivery, table: sql.Identifier) -> None:
    statement = sql.SQL("UPDATE {} SET as_of = %s WHERE organisation_number = %s").format(table)
    for number, moment in delivery.as_of.items():
        cursor.execute(statement, [moment, number])
