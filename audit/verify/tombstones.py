"""What deletions left behind: asked for and approved by two persons, and in words that fit the checkpoints."""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import orjson

from audit.retain.deciding import identity
from audit.retain.deletions import BY_PARTITION, What
from audit.retain.holding import digest_of
from audit.retain.models import Decision
from audit.verify.checkpoints import COLUMNS, signed_of
from audit.verify.decisions import Decided, Decisions
from audit.verify.findings import Finding, Found
from audit.verify.reading import Reader

Kind = Decision.Kind
COUNTED = """
SELECT count(*), min(number), max(number) FROM audit_checkpoint WHERE sealed_table = %s AND month = %s
"""
HELD = "SELECT record::text, proof::text, opened FROM audit_held WHERE what = %s AND record::text = ANY(%s)"
NUMBERED = f"SELECT {COLUMNS} FROM audit_checkpoint WHERE number = %s"  # noqa: S608 - our own words


def check_deletions(reader: Reader, decisions: Decisions) -> Iterator[Finding]:
    """Check every deletion that was carried out."""
    for deleted in decisions.deletions():
        if fault := _fault_of_people(deleted, decisions):
            yield Finding(Found.DECISION_ALONE, _where(deleted), fault)
        if not _holds_what_it_held(reader, deleted):
            yield Finding(Found.HELD_CHANGED, _where(deleted))
        if deleted.month is None or not _fits(reader, deleted, deleted.month):
            yield Finding(Found.TOMBSTONE_WRONG, _where(deleted))


def _fault_of_people(deleted: Decided, decisions: Decisions) -> str:
    """Return what is wrong with who decided; nothing when one person asked and another agreed."""
    request = next((row for row in decisions.rows if row.id == deleted.concerning), None)
    if request is None or request.kind != Kind.DELETION_REQUESTED or not _same(request, deleted):
        return "nobody asked for it"
    answers = [row for row in decisions.rows if row.concerning == request.id]
    approvals = [row for row in answers if row.kind == Kind.DELETION_APPROVED and _same(row, deleted)]
    if not any(_are_two(request.person, row.person) for row in approvals):
        return "nobody else agreed"
    if any(row.kind == Kind.TURNED_DOWN for row in answers):
        return "it was turned down"
    return ""


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
