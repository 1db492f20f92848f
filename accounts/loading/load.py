"""From a folder to the ledger: read, stage, check, and make visible in one step, or refuse with lines and reasons."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, OperationalError, connections, transaction
from psycopg import Error, sql
from psycopg.errors import LockNotAvailable

from accounts.freshness import CLOCKS_DIFFER_BY
from accounts.loading import rules
from accounts.loading.delivery import MANIFEST, Delivery
from accounts.loading.merging import Changes, merge
from accounts.loading.refusals import Refused, Rejects, RowsRefused
from accounts.loading.staging import Progress, hold, look_at, prepare, stage, staged_table
from accounts.partitions import missing_months

PATIENT = "SET lock_timeout = '5s'"
ALONE = "LOCK TABLE financial_institution IN SHARE ROW EXCLUSIVE MODE"
DELIVERED = "SELECT digest FROM loading.delivered WHERE id = %s"
MOMENTS = "SELECT organisation_number, as_of FROM financial_institution"


def load(delivery: Delivery, *, now: datetime, rejects: Rejects, progress: Progress) -> Sequence[Changes] | None:
    """Bring the ledger to what is delivered and return what that changed; None when it had the delivery already.

    Raise Refused; then the ledger is what it was.
    """
    check_moments(delivery, now=now)
    try:
        with connections["ledger"].cursor() as cursor:
            cursor.execute(PATIENT)
            prepare(cursor)
            if is_delivered(cursor, delivery):
                return None
            check_ledger(cursor, delivery)
        stage(delivery, rejects=rejects, progress=progress)
        check_rejects(rejects)
        with transaction.atomic(using="ledger"), connections["ledger"].cursor() as cursor:
            return make_visible(cursor, delivery, rejects)
    except IntegrityError as error:  # whatever the rules did not find; PostgreSQL's own words would repeat the row
        constraint = error.__cause__.diag.constraint_name if isinstance(error.__cause__, Error) else ""
        raise Refused(f"The rows do not keep the ledger's constraint {constraint}.") from None
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise Refused("Another load, or a migration, is running. Wait for it, and run the command again.") from None
        raise


def make_visible(cursor: Any, delivery: Delivery, rejects: Rejects) -> list[Changes]:
    """Check what rows owe each other and merge all tables, in the caller's transaction."""
    cursor.execute(ALONE)
    if is_delivered(cursor, delivery):
        return []
    check_ledger(cursor, delivery)
    hold(cursor, delivery)
    check_counts(delivery)
    for part in delivery.parts:
        look_at(cursor, part.table)
    rules.check(cursor, delivery, rejects)
    check_rejects(rejects)
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    changes = merge(cursor, delivery)
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("INSERT INTO loading.delivered (id, digest) VALUES (%s, %s)", [delivery.id, delivery.digest])
    return changes


def is_delivered(cursor: Any, delivery: Delivery) -> bool:
    """Return whether the ledger has had this delivery. Refuse another one under its id."""
    cursor.execute(DELIVERED, [delivery.id])
    found = cursor.fetchone()
    if found and found[0] != delivery.digest:
        raise Refused(f"A delivery {delivery.id} was loaded, and it was another. Give this one an id of its own.")
    return found is not None


def check_moments(delivery: Delivery, *, now: datetime) -> None:
    if max(delivery.as_of.values()) > now + CLOCKS_DIFFER_BY:
        raise Refused(f"{MANIFEST} has an as_of that is still to come.")


def check_ledger(cursor: Any, delivery: Delivery) -> None:
    """Refuse a delivery that is no later than the ledger, or has days of months that the owner has not made.

    A moment of its own for each state of the ledger is what tells an answer that it was asked across two of them.
    """
    cursor.execute(MOMENTS)
    for number, moment in cursor.fetchall():
        if number in delivery.as_of and delivery.as_of[number] <= moment:
            raise Refused(f"The ledger is as of {moment.isoformat()} for {number}; a delivery must be later than that.")
    for part in delivery.parts:
        if part.days and (missing := missing_months(cursor, part.table.name, part.days.first, part.days.last)):
            raise Refused(
                f"{part.table.name} has no partition for {len(missing)} of the months delivered. Run as owner: "
                f"manage.py ledger_partitions {missing[0]:%Y-%m} {missing[-1]:%Y-%m}"
            )


def check_counts(delivery: Delivery) -> None:
    """Refuse a file that was cut, or that grew: the manifest says how many rows each table has."""
    with connections["ledger"].cursor() as cursor:
        for part in delivery.parts:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(staged_table(part.table)))
            (there,) = cursor.fetchone()
            if there != part.rows:
                raise Refused(f"{part.table.name} has {there:,} rows, and {MANIFEST} declares {part.rows:,}.")


def check_rejects(rejects: Rejects) -> None:
    if rejects.count:
        raise RowsRefused(f"{rejects.count:,} rows cannot be taken.")
