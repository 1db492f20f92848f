"""Carrying out what two people have agreed to: held copies first, then the deletion, then what it leaves behind.

One transaction for each request: whatever stops it, all of it was done or nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from audit.appending import NotRecorded, append
from audit.retain.deciding import Actor, identity
from audit.retain.deletions import BY_PARTITION, Deletion, What, months_of
from audit.retain.holding import NotHeld, copy_held, digest_of, key_of
from audit.retain.models import Decision, Held, MonthKey
from audit.retain.months import rows_of, signed, unsealed
from audit.retain.policy import Policy
from audit.retain.standing import approval_of, approved, held_cases, holds

Kind = Decision.Kind
Verified = Callable[[date], str]
"""Returns in words what does not hold of a month of the trail, and nothing when all of it does."""

# Nobody else writes held copies: whoever has this lock is the only one at work. The serving role only reads them.
ALONE = "LOCK TABLE audit_held IN SHARE ROW EXCLUSIVE MODE"
# From here on no decision comes between: a case held before is copied, one held afterwards is held too late.
NO_DECISIONS = "LOCK TABLE audit_decision IN SHARE MODE"
PATIENCE = "SET LOCAL lock_timeout = '5s'"
# Whoever waits for a lock lets everybody behind wait too: no question waits longer than this for a deletion. It is less
# than PostgreSQL takes to look for a deadlock, so the deletion gives way, never a record.
GLANCE, GLANCES, BETWEEN = "SET LOCAL lock_timeout = '200ms'", 40, 0.1
LOCKED = "55P03"


class NotCarriedOut(Exception):
    """Why a request was not carried out. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was carried out: rows that lost something, keys destroyed, tables dropped, records copied because held."""

    rows: int = 0
    copies: int = 0
    keys: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)


def carry_out(
    request: Decision, *, policy: Policy, today: date, by: Actor, verified: Verified, rehearse: bool = False
) -> Done | None:
    """Carry out an approved request; None when somebody else has, or it was turned down. Raise NotCarriedOut.

    A rehearsal finds out the same, and takes everything back.
    """
    if request.kind == Kind.DELETION_REQUESTED:
        _check_month(Deletion.of(request), policy=policy, today=today, verified=verified)
    elif fault := verified(request.at.date().replace(day=1)):
        # A decision that nobody took would let go of what a court may ask for.
        raise NotCarriedOut(f"The decisions do not verify: {fault}")
    try:
        with transaction.atomic(durable=True):
            done = _carry_out(request, policy, by)
            transaction.set_rollback(rehearse)
            return done
    except NotHeld as reason:
        raise NotCarriedOut(str(reason)) from None
    except NotRecorded:
        raise NotCarriedOut("What was done could not be written down.") from None
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != LOCKED:
            raise
        raise NotCarriedOut("Another audit_retain is at work, or the trail is busy: run it again.") from None


def _carry_out(request: Decision, policy: Policy, by: Actor) -> Done | None:
    _run(PATIENCE, ALONE, NO_DECISIONS)
    if not approved().filter(pk=request.pk).exists():
        return None
    _check_people(request)
    return _release(request, by) if request.kind == Kind.RELEASE_REQUESTED else _delete(request, policy, by)


def _check_month(deletion: Deletion, *, policy: Policy, today: date, verified: Verified) -> None:
    """Refuse a month that is not due, not sealed to its end, or not as it was sealed."""
    first = policy.due_from(deletion.what, deletion.service, deletion.month)
    if first > today:
        raise NotCarriedOut(f"It is not due before {first.isoformat()}.")
    if open_rows := unsealed(deletion.table, deletion.month):
        raise NotCarriedOut(f"{open_rows} rows of {deletion.table} are not sealed yet: run audit_seal.")
    if fault := verified(deletion.month):
        raise NotCarriedOut(f"The month does not verify: {fault}")


def _check_people(request: Decision) -> None:
    approval = approval_of(request)
    people = {identity(decision.person) for decision in (request, approval) if decision}
    if len(people) != 2 or "" in people:
        raise NotCarriedOut("It was not asked for and approved by two people.")


def _release(request: Decision, by: Actor) -> Done:
    """End a hold. The case's key stays while another hold stands."""
    case = request.account_info_request_id
    assert case is not None
    again = holds().filter(account_info_request_id=case).exclude(pk=request.concerning).first()
    copies = Held.objects.filter(account_info_request_id=case).count()
    keys = [] if again else _destroyed(MonthKey.objects.filter(name=key_of(case)))
    told = {"request": str(request.pk), "copies": copies, "keys": keys, "held_again": again and str(again.pk)}
    _tell(Kind.RELEASED, by, concerning=request.concerning, account_info_request_id=case, evidence=told)
    return Done(copies=0 if again else copies, keys=keys)


def _delete(request: Decision, policy: Policy, by: Actor) -> Done:
    deletion = Deletion.of(request)
    rows, checkpoints = rows_of(deletion), signed(deletion.table, deletion.month)
    copies = copy_held(deletion, held_cases(), now=datetime.now(UTC))
    keys = _destroyed(deletion.keys())
    tables = _dropped(deletion)
    told = {
        "rows": rows,
        "checkpoints": checkpoints.words,
        "keys": keys,
        "tables": tables,
        "held": {"records": [str(held.record) for held in copies], "sha256": digest_of(copies)},
        "kept": kept(deletion, policy),
    }
    ground = policy.ground_of(deletion.what, deletion.service)
    _tell(Kind.DELETED, by, concerning=request.pk, ground=ground, evidence=told, **deletion.columns)
    return Done(rows, len(copies), keys, tables)


def kept(deletion: Deletion, policy: Policy) -> dict[str, int]:
    """Return how long it was kept, in days or years."""
    if deletion.what == What.DOCUMENTS:
        return {"days": policy.answer_days(deletion.service)}
    return {"years": policy.years_of(deletion.what, deletion.service)}


def _destroyed(keys: Any) -> list[str]:
    """Destroy keys and return their names."""
    names = sorted(keys.values_list("name", flat=True))
    MonthKey.objects.filter(name__in=names).delete()
    return names


def _dropped(deletion: Deletion) -> list[str]:
    """Drop the partitions that go with it, and return their names."""
    tables = _tables(deletion)
    found = [months_of(table).get(deletion.month) for table in tables]
    names = [name for name in found if name]
    if names:
        _lock(tables)
        _run(f"DROP TABLE {', '.join(names)}")
    return names


def _lock(tables: list[str]) -> None:
    """Let nobody else at these tables until the end of the transaction, as soon as that takes no time."""
    for rest in reversed(range(GLANCES)):
        try:
            with transaction.atomic():
                _run(GLANCE, f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
                return
        except OperationalError as error:
            if not rest or getattr(error.__cause__, "sqlstate", "") != LOCKED:
                raise
        time.sleep(BETWEEN)


def _tables(deletion: Deletion) -> list[str]:
    """Return which tables lose the month. Documents go as a whole once the month's last key for them is gone."""
    table = BY_PARTITION.get(deletion.what)
    if table is None:
        documents = MonthKey.objects.filter(kind=MonthKey.Kind.DOCUMENT, month=deletion.month)
        return [] if deletion.what != What.DOCUMENTS or documents.exists() else ["audit_answer"]
    return [*(["audit_answer"] if table == "audit_record" else []), table, f"{table}_sealed"]


def _tell(kind: Kind, by: Actor, **columns: Any) -> None:
    append("audit_decision", {"kind": kind, "person": by.person, "account": by.account, **columns})


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
