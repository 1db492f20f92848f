"""Whether a month may go: it is whole, sealed to the last row, and what was signed of it still holds."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from audit.partitions import MOMENTS, bounds
from audit.retain.deletions import NO_SERVICE, Deletion, What
from audit.seal.checkpoints import Statement
from audit.seal.models import Checkpoint

UNSEALED = """
SELECT count(*) FROM {table} r WHERE r.{moment} >= %s AND r.{moment} < %s
AND NOT EXISTS (SELECT FROM {table}_sealed s WHERE s.id = r.id AND s.at = r.{moment} AND s.at >= %s AND s.at < %s)
"""
ROWS = "SELECT count(*) FROM {table} WHERE {moment} >= %s AND {moment} < %s{further}"
OF_SERVICE = " AND service = %s"
WITH_ANSWER = f"{OF_SERVICE} AND answer_digest IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Signed:
    """The checkpoints over one table's month: how many, the first and the last number, and the last one's digest."""

    count: int
    first: int | None
    last: int | None
    digest: str | None

    @property
    def words(self) -> dict[str, Any]:
        return {"count": self.count, "first": self.first, "last": self.last, "digest": self.digest}


def signed(table: str, month: date) -> Signed:
    """Return what was signed over a month."""
    checkpoints = Checkpoint.objects.filter(sealed_table=table, month=month).order_by("number")
    first, last = checkpoints.first(), checkpoints.last()
    if first is None or last is None:
        return Signed(0, None, None, None)
    return Signed(checkpoints.count(), first.number, last.number, Statement.of(last).digest.hex())


def unsealed(table: str, month: date) -> int:
    """Return how many of a month's rows are in no checkpoint."""
    query = UNSEALED.format(table=table, moment=MOMENTS[table])
    return _number(query, [*bounds(month), *bounds(month)])


def rows_of(deletion: Deletion) -> int:
    """Return how many rows lose something."""
    table, service = deletion.table, deletion.service
    further = {What.DOCUMENTS: WITH_ANSWER, What.NUMBERS: OF_SERVICE}.get(deletion.what, "")
    query = ROWS.format(table=table, moment=MOMENTS[table], further=further)
    return _number(query, [*bounds(deletion.month), *([written(service)] if further else [])])


def written(service: str) -> str:
    """Return the name of a service as records have it."""
    return "" if service == NO_SERVICE else service


def _number(query: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])
