"""How far the seal is behind, and what holds it back when it is late."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from audit.cleaning import clean
from audit.partitions import MOMENTS, SEALED
from audit.seal.waiting import BY_INDEX, Horizon, horizon

# Whether a row could be sealed tells who is late: the sealer, or a transaction as old as the row's own.
WAITING = """
SELECT count(*), min(r.{moment}),
       count(*) FILTER (WHERE r.{moment} <= now() - make_interval(secs => %s) AND {done})
{unsealed}
"""
SECONDS = "SELECT greatest(extract(epoch FROM now() - %s::timestamptz), 0)::float8"
# What a session asks is nobody's business here. A transaction that has no number writes nothing and holds nothing back.
RUNNING = """
SELECT pid, datname, application_name, xact_start, state FROM pg_stat_activity WHERE backend_xid::text = %(number)s
UNION ALL
SELECT NULL, database, gid, prepared, 'prepared' FROM pg_prepared_xacts WHERE transaction::text = %(number)s
"""
NUMBERS = 2**32
"""Sessions are shown with the lower half of their transaction's number."""
IDLE = "the sealer is not running, or cannot seal"
PASSED = "an older transaction, which has just ended"


@dataclass(frozen=True, slots=True)
class Lag:
    """How long the oldest row outside the seal has waited, and how many wait; `cause` says why, once that is late."""

    seconds: float = 0.0
    waiting_since: datetime | None = None
    cause: str = ""
    rows: int = 0


def lag(connection: Any) -> Lag:
    """Return how far the seal is behind at this moment: nothing when every row is in a checkpoint.

    Rows that came with a restore into a cluster that has sealed since count only once the sealer has found them.
    """
    alarm = settings.AUDIT_SEAL_ALARM_SECONDS
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(BY_INDEX)
        far = horizon(cursor)
        found = [_waiting(cursor, far, table, alarm) for table in SEALED]
        rows = sum(count for count, _, _ in found)
        if not rows:
            return Lag()
        since = min(moment for _, moment, _ in found if moment)
        cursor.execute(SECONDS, [since])
        (seconds,) = cursor.fetchone()
        if seconds < alarm:
            return Lag(seconds, since, rows=rows)
        idle = any(free for _, _, free in found)
        return Lag(seconds, since, IDLE if idle else running(cursor, far), rows)


def _waiting(cursor: Any, far: Horizon, table: str, alarm: int) -> tuple[int, datetime | None, int]:
    """Return how many rows wait, since when, and how many of them are late though nothing holds them back."""
    unsealed = far.unsealed(table, f"r.xact < {far.above}" if far.looked[table] else "true")
    question = WAITING.format(moment=MOMENTS[table], done=far.done(restored=True), unsealed=unsealed)
    cursor.execute(question, [alarm])
    count, since, free = cursor.fetchone()
    return count, since, free


def running(cursor: Any, far: Horizon) -> str:
    """Return which session of the whole cluster runs the oldest transaction, as far as this role may see it."""
    cursor.execute(RUNNING, {"number": str(far.below % NUMBERS)})
    found = cursor.fetchone()
    if found is None:
        return PASSED
    pid, database, application, since, state = found
    words = [f"process {pid}" if pid else "no process", f"database {clean(database or '-', 63)}"]
    words += [f"application {clean(application or '-', 64)}"]
    words += [f"since {since:%Y-%m-%dT%H:%M:%SZ}"] if since else []
    words += [clean(state, 40)] if state else []
    return f"an older transaction: {', '.join(words)}"
