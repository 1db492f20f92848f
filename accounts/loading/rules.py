"""What rows owe each other, asked of all staged rows at once; those that fail are found again in their files."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import sql

from accounts.loading.delivery import Delivery, Part
from accounts.loading.lines import Rows, values_of
from accounts.loading.refusals import MOST, Reject, Rejects
from accounts.loading.sources import opened
from accounts.loading.staging import staged_table
from legal.periods import Period, moments_of


class Finding(NamedTuple):
    """What is wrong with some staged rows: the query gives their ids."""

    column: str
    reason: str
    query: sql.Composed


def check(cursor: Any, delivery: Delivery, rejects: Rejects) -> None:
    """Find the rows that break a rule across rows or columns."""
    for part in delivery.parts:
        for finding in findings(delivery, part):
            cursor.execute(sql.SQL("SELECT id FROM ({}) AS bad LIMIT {}").format(finding.query, MOST))
            if ids := {str(row_id) for (row_id,) in cursor.fetchall()}:
                for reject in _found_again(part, ids, finding):
                    rejects.add(reject)


def findings(delivery: Delivery, part: Part) -> Iterator[Finding]:
    table, staged = part.table, staged_table(part.table)
    for column, reason, condition in table.rules:
        yield Finding(column, reason, sql.SQL("SELECT id FROM {} WHERE {}").format(staged, sql.SQL(condition)))
    for unique in filter(None, (table.key, table.unique)):
        yield Finding(", ".join(unique), "stands here more than once", _repeated(staged, unique))
    for column, other in table.references.items():
        delivered = delivery.part_of(other)
        there = staged_table(delivered.table) if delivered else sql.Identifier(other)
        yield Finding(column, f"names no row of {other}", _dangling(staged, column, there))
    if part.days and table.days:
        first, after = moments_of(Period(part.days.first, part.days.last))
        outside = "SELECT id FROM {} WHERE {column} < {} OR {column} >= {}"
        query = sql.SQL(outside).format(staged, first, after, column=sql.Identifier(table.days))
        yield Finding(table.days, "lies outside the days that are delivered", query)
    if table.name == "financial_institution":
        unnamed = sql.SQL("SELECT id FROM {} WHERE organisation_number <> ALL ({})")
        yield Finding("organisation_number", "is not named in as_of", unnamed.format(staged, [*delivery.as_of]))
    if table.name == "balance":
        late = sql.SQL("SELECT id FROM {} WHERE registered_at > {}").format(staged, _latest(delivery))
        yield Finding("registered_at", "lies after the moment of the delivery", late)


def _latest(delivery: Delivery) -> datetime:
    return max(delivery.as_of.values())


def _repeated(staged: sql.Identifier, columns: tuple[str, ...]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    if columns[-1] == "id":
        return sql.SQL("SELECT id FROM {} GROUP BY {} HAVING count(*) > 1").format(staged, names)
    twice = "SELECT unnest(array_agg(id)) AS id FROM {} GROUP BY {} HAVING count(*) > 1"
    return sql.SQL(twice).format(staged, names)


def _dangling(staged: sql.Identifier, column: str, there: sql.Identifier) -> sql.Composed:
    return sql.SQL(
        "SELECT id FROM {} AS mine WHERE mine.{column} IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM {} AS other WHERE other.id = mine.{column})"
    ).format(staged, there, column=sql.Identifier(column))


def _found_again(part: Part, ids: set[str], finding: Finding) -> Iterator[Reject]:
    """Read the files once more for the lines on which rows with these ids stand."""
    for file in part.files:
        with opened(file) as source:
            place = Rows(part.table, source.header).header.index("id")
            for block in source.blocks(0, 0):
                for line, row in enumerate(block.text.split("\n"), block.line):
                    values = values_of(row.removesuffix("\r"))
                    if values and len(values) > place and values[place] in ids:
                        yield Reject(part.table.name, file.name, line, finding.column, finding.reason)
