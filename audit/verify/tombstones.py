"""What deletions and releases left behind: asked for and approved by two persons, and in words that fit the rest."""

from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import orjson

from audit.partitions import next_month
from audit.retain.deciding import identity
from audit.retain.deletions import BY_PARTITION, What
from audit.retain.holding import digest_of
from audit.retain.models import Decision
from audit.retain.standing import APPROVAL
from audit.verify.checkpoints import COLUMNS, signed_of
from audit.verify.decisions import Decided, Decisions
from audit.verify.findings import Finding, Found
from audit.verify.reading import Reader

Kind = Decision.Kind
COUNTED = """
SELECT count(*), min(number), max(number) FROM audit_checkpoint WHERE sealed_table = %s AND month = %s
"""
MOST_KEPT = {"days": 36_600, "years": 100}
HELD = "SELECT record::text, proof::text, opened FROM audit_held WHERE what = %s AND record::text = ANY(%s)"
NUMBERED = f"SELECT {COLUMNS} FROM audit_checkpoint WHERE number = %s"  # noqa: S608 - our own words


def check_deletions(reader: Reader, decisions: Decisions) -> Iterator[Finding]:
    """Check every deletion and every release that was carried out."""
    for released in decisions.releases():
        if fault := _fault_of_release(released, decisions):
            yield Finding(Found.DECISION_ALONE, f"decision {released.id}, release of a case", fault)
    for deleted in decisions.deletions():
        if fault := _fault_of_deletion(deleted, decisions):
            yield Finding(Found.DECISION_ALONE, _where(deleted), fault)
        if _is_early(deleted):
            yield Finding(Found.DELETED_EARLY, _where(deleted))
        if not _holds_what_it_held(reader, deleted):
            yield Finding(Found.HELD_CHANGED, _where(deleted))
        if deleted.month is None or not _fits(reader, deleted, deleted.month):
            yield Finding(Found.TOMBSTONE_WRONG, _where(deleted))


def _fault_of_deletion(deleted: Decided, decisions: Decisions) -> str:
    """Return what is wrong with who decided; nothing when one person asked and another agreed."""
    request = decisions.numbered(deleted.concerning)
    if request is None or request.kind != Kind.DELETION_REQUESTED or not _same(request, deleted):
        return "nobody asked for it"
    return _fault_of_people(request, decisions)


def _fault_of_release(released: Decided, decisions: Decisions) -> str:
    """Return the same of a release, which names its request in what it says was done."""
    request = decisions.numbered(str(released.said.get("request")))
    if request is None or request.kind != Kind.RELEASE_REQUESTED or request.concerning != released.concerning:
        return "nobody asked for it"
    return _fault_of_people(request, decisions)


def _fault_of_people(request: Decided, decisions: Decisions) -> str:
    answers = [row for row in decisions.rows if row.concerning == request.id]
    approvals = [row for row in answers if row.kind == APPROVAL[Kind(request.kind)] and _same(row, request)]
    if not any(_are_two(request.person, row.person) for row in approvals):
        return "nobody else agreed"
    if any(row.kind == Kind.TURNED_DOWN for row in answers):
        return "it was turned down"
    return ""


def _is_early(deleted: Decided) -> bool:
    """Return whether the month was deleted before the days or years had passed that the deletion itself names."""
    kept = deleted.said.get("kept")
    if deleted.month is None or not isinstance(kept, dict) or len(kept) != 1:
        return True
    [(unit, number)] = kept.items()
    if unit not in {"days", "years"} or type(number) is not int or not 0 <= number <= MOST_KEPT[unit]:
        return True
    after = next_month(deleted.month)
    due = after + timedelta(days=number) if unit == "days" else after.replace(year=after.year + number)
    return deleted.at.date() < due


def _same(one: Decided, other: Decided) -> bool:
    return (one.what, one.service, one.month) == (other.what, other.service, other.month)


def _are_two(one: str, other: str) -> bool:
    return len({identity(one), identity(other)} - {""}) == 2


def _fits(reader: Reader, deleted: Decided, month: date) -> bool:
    """Return whether the deletion says of the month's checkpoints what is there."""
    try:
        table = BY_PARTITION.get(What(deleted.what), "audit_record")
    except ValueError:
        return False
    [(count, first, last)] = reader.rows(COUNTED, table, month)
    digest = None
    if last is not None:
        [row] = reader.rows(NUMBERED, last)
        digest = signed_of(row).statement.digest.hex()
    words = {"count": count, "first": first, "last": last, "digest": digest}
    return bool(deleted.said.get("checkpoints") == words)


def _holds_what_it_held(reader: Reader, deleted: Decided) -> bool:
    """Return whether the copies that were held before the deletion are there as they were, all of them."""
    held = deleted.said.get("held")
    held = held if isinstance(held, dict) else {}
    records = held.get("records") or []
    if not records:
        return True
    found: dict[str, Any] = {
        row[0]: SimpleNamespace(record=row[0], proof=orjson.loads(row[1]), opened=row[2])
        for row in reader.rows(HELD, deleted.what, records)
    }
    if found.keys() != set(records):
        return False
    return digest_of(found[record] for record in records) == held.get("sha256")


def _where(deleted: Decided) -> str:
    about = " ".join(filter(None, [deleted.what, deleted.service, f"{deleted.month:%Y-%m}" if deleted.month else ""]))
    return f"decision {deleted.id}, deletion of {about}"
