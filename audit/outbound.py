"""The record of what the bank itself tells an agency, before the first byte of it leaves.

A record for each party that it is about, found by the same keyed hash as the agencies' own questions about it.
"""

import hashlib
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import chain, islice
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, transaction
from uuid_utils.compat import uuid7

from audit.models import AuditRecord
from audit.recording import EPOCH, INSERT, Entry, NotRecorded, not_recorded, row_of

BATCH = 500

__all__ = ["NotRecorded", "record_sent"]


def record_sent(
    *,
    recipient: str,
    service: str,
    operation: str,
    parties: Iterable[str] | Mapping[str, Iterable[str]],
    accounts: Iterable[str] = (),
    body: bytes | None,
    correlation_id: uuid.UUID | None,
    evidence: dict[str, Any] | None = None,
) -> list[uuid.UUID]:
    """Commit a record for each party, all or none, and return their ids. Raise NotRecorded.

    `accounts` are those of the only party; where there are several, `parties` says which are whose. May not be called
    in a transaction: what that rolls back would have left without a record.
    """
    told = Entry(
        endpoint=operation,
        outcome=AuditRecord.Outcome.SENT,
        consumer=recipient,
        service=service,
        correlation_id=correlation_id,
        document_digest=None if body is None else hashlib.sha256(body).digest(),
        evidence=evidence,
    )
    ids: list[uuid.UUID] = []
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            rows = _rows(told, _owners(parties, accounts), ids)
            while some := list(islice(rows, BATCH)):
                cursor.executemany(INSERT, some)
    except (DatabaseError, InterfaceError) as error:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        raise not_recorded(error) from None
    return ids


def _owners(
    parties: Iterable[str] | Mapping[str, Iterable[str]], accounts: Iterable[str]
) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield each party with its accounts."""
    if isinstance(parties, Mapping):
        yield from parties.items()
        return
    numbers, those = iter(parties), list(accounts)
    first = list(islice(numbers, 2 if those else 1))
    if those and len(first) > 1:
        raise ValueError("Several parties, and accounts of nobody in particular.")
    yield from ((number, those) for number in chain(first, numbers))


def _rows(told: Entry, owners: Iterable[tuple[str, Iterable[str]]], ids: list[uuid.UUID]) -> Iterator[list[str | None]]:
    for party, accounts in owners:
        nanoseconds = time.time_ns()
        ids.append(uuid7(nanoseconds=nanoseconds))
        entry = replace(told, control_object=party, accounts=list(accounts))
        yield row_of(entry, ids[-1], EPOCH + timedelta(microseconds=nanoseconds // 1000))
