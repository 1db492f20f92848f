"""Are all statements of an answer of one state of the ledger? A delivery may have become visible between two of them.

Each state has an `as_of` of its own. An answer whose statements name two is asked once more, and a ledger that has
moved again by then does not answer. That costs no statement, unlike a transaction around the request.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import wraps
from typing import Any

from accounts.ledger import NO_PARTY, Held, Kind, Relationship
from accounts.standing import ControlObject
from legal.enquiries import Answer, Enquiry
from legal.refusals import LedgerInconsistent


class LedgerMoved(Exception):
    """Two statements of one answer are of two states of the ledger."""


def of_one_moment(document: Callable[[Any, Enquiry], Answer]) -> Callable[[Any, Enquiry], Answer]:
    """Let a document be asked once more when the ledger moved under it. Raise LedgerInconsistent the second time."""

    @wraps(document)
    def asked_again(view: Any, enquiry: Enquiry) -> Answer:
        try:
            return document(view, enquiry)
        except LedgerMoved:
            view.forget()
        try:
            return document(view, enquiry)
        except LedgerMoved:
            raise LedgerInconsistent from None

    return asked_again


def check_moment(moments: Iterable[datetime | None], *, of: datetime) -> None:
    """Raise LedgerMoved unless there are moments, and all of them are this one."""
    if set(moments) != {of}:
        raise LedgerMoved


def check_relationships(asked: ControlObject, found: Iterable[Relationship]) -> None:
    """Raise LedgerMoved unless those are the institutions that the party's standing says it has relationships with."""
    expected = {
        (standing.institution_id, standing.as_of)
        for standing in asked.standings
        if asked.party_id != NO_PARTY and set(standing.kinds) - {Kind.GUARANTOR}
    }
    if {(row.institution_id, row.as_of) for row in found} != expected:
        raise LedgerMoved


def check_roles(asked: ControlObject, rows: Iterable[Held], *, kinds: Collection[str]) -> None:
    """Raise LedgerMoved unless the rows are of the kinds that the party's standing says it has, bank by bank."""
    expected = {
        (standing.organisation_number, standing.as_of, kind)
        for standing in asked.standings
        for kind in standing.kinds
        if asked.party_id != NO_PARTY and kind in kinds
    }
    if {(row.servicer_number, row.as_of, row.kind) for row in rows} != expected:
        raise LedgerMoved
