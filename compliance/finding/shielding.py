"""Which records are about shielded persons, and so hidden from whoever lacks the right to see them."""

import uuid
from collections.abc import Sequence
from typing import Any

from accounts.parties import LedgerSilent, shielded_among
from accounts.standing import SHIELDED
from audit.models import AuditRecord
from audit.secrecy import NotRevealed, reveal

RIGHT = "compliance.view_shielded"
NEEDED = ("id", "empty_because", "control_object_sealed")
"""The columns that tell; a list that fetches few columns fetches these too."""
MOST_RECORDS, MOST_PERSONS = 5000, 100
"""Of a case that is judged whole: a longer one, or one about more persons, is hidden."""


def hidden_from(user: Any, records: Sequence[AuditRecord]) -> frozenset[uuid.UUID]:
    """Return the ids of those of the records that this account may not see, in one statement to the ledger.

    A record is about a shielded person when its list was empty for that reason, or when the person is shielded today.
    Where that cannot be told, because the ledger is silent or the key of the number is gone, it is hidden too.
    """
    if user.has_perm(RIGHT):
        return frozenset()
    numbers = {record.pk: number_of(record) for record in records if record.control_object_sealed is not None}
    try:
        shielded = shielded_among({number for number in numbers.values() if number is not None})
    except LedgerSilent:
        return frozenset(record.pk for record in records)
    hidden = {record for record, number in numbers.items() if number is None or number in shielded}
    return frozenset(hidden | {record.pk for record in records if record.empty_because == SHIELDED})


def is_case_hidden(user: Any, case: uuid.UUID) -> bool:
    """Return whether any record of a case, on whatever page of it, is about somebody whom this account may not see.

    It takes one statement to the trail and one to the ledger. A person's number is read from the newest of the records
    with one keyed hash: the key of that one is deleted last.
    """
    if user.has_perm(RIGHT):
        return False
    rows = AuditRecord.objects.filter(account_info_request_id=case).only(*NEEDED, "control_object_hash")
    records = list(rows.order_by("at", "id")[: MOST_RECORDS + 1])
    about = [record for record in records if record.control_object_sealed is not None]
    persons = {bytes(record.control_object_hash or record.control_object_sealed or b""): record for record in about}
    if len(records) > MOST_RECORDS or len(persons) > MOST_PERSONS:
        return True
    return any(record.empty_because == SHIELDED for record in records) or bool(hidden_from(user, [*persons.values()]))


def number_of(record: AuditRecord) -> str | None:
    """Return the number that was asked about; None when there is none, or its key is gone."""
    sealed = record.control_object_sealed
    try:
        return None if sealed is None else reveal(sealed, column="control_object_sealed", record=record.pk)
    except NotRevealed:
        return None
