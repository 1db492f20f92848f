"""Which rows wait to be sealed, told by the transaction that wrote them and never by their age.

A number once passed by the oldest running transaction is done for good: no row of such a transaction can still come.
What a sealer has looked at below that number need not be looked at again, in the same cluster.
"""

from dataclasses import dataclass
from typing import Any

from audit.partitions import MOMENTS, SEALED

SNAPSHOT = """
SELECT pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint,
       (SELECT system_identifier::text FROM pg_control_system())
FROM pg_current_snapshot() AS now
"""
LAST = "SELECT below, cluster FROM audit_checkpoint ORDER BY number DESC LIMIT 1"
KNOWN = """
SELECT name FROM unnest(%s::text[]) AS name
WHERE EXISTS (SELECT FROM audit_checkpoint WHERE sealed_table = name)
"""
# What is known of a table's size is of some time ago. Taken for empty, it would be read whole for each row that waits.
BY_INDEX = "SET LOCAL enable_seqscan = off"
UNSEALED = """
FROM {table} AS r WHERE r.xact >= {low} AND {condition}
AND NOT EXISTS (SELECT FROM {table}_sealed AS s WHERE s.id = r.id AND s.at = r.{moment}{months})
"""


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far one may look. Transactions below `below` are done, those from `above` on have not begun here.

    `looked[table]` is the number below which every row of that table was sealed; 0 where nobody can tell, because
    the last sealer worked in another cluster, before a restore, or none ever found a row in that table.
    """

    below: int
    above: int
    cluster: str
    looked: dict[str, int]

    def done(self, *, restored: bool) -> str:
        """Return the condition for a row whose transaction is done. `restored`: one of another cluster's too.

        A number that this cluster has not given out yet came with a restore, and is done whatever runs here.
        """
        own = f"r.xact < {self.below}"
        return f"({own} OR r.xact >= {self.above})" if restored else own

    def unsealed(self, table: str, condition: str, months: str = "") -> str:
        """Return FROM and WHERE for the rows `r` of a table that no checkpoint holds; `months` narrows where to look.

        The index on `xact` finds them: however long the trail, only what came since the last checkpoint is read.
        """
        low, moment = self.looked[table], MOMENTS[table]
        return UNSEALED.format(table=table, low=low, condition=condition, moment=moment, months=months)


def horizon(cursor: Any) -> Horizon:
    """Return how far one may look in this transaction, or at this moment."""
    cursor.execute(SNAPSHOT)
    below, above, cluster = cursor.fetchone()
    cursor.execute(LAST)
    last, last_cluster = cursor.fetchone() or (0, "")
    cursor.execute(KNOWN, [list(SEALED)])
    known = {name for (name,) in cursor.fetchall()} if last_cluster == cluster else set()
    return Horizon(below, above, cluster, {table: last if table in known else 0 for table in SEALED})
