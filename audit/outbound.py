"""The record of what the bank itself tells an agency, before the first byte of it leaves.

A record for each party that it is about, found by the same keyed hash as the agencies' own questions about it.
"""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

from django.db import connection, transaction

from audit.appending import FAULTS, NotRecorded, chained, drawn, insert_into, not_recorded
from audit.models import AuditRecord
from audit.partitions import months
from audit.recording import TABLE, Entry, row_of
from audit.retain.month_keys import NUMBER, month_key
from audit.seal.writers import Writer, committed, current
from audit.texts import Text

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
    try:
        return _all_or_none(told, _owners(parties, accounts))
    except FAULTS as error:
        raise not_recorded(error) from None


def _all_or_none(told: Entry, owners: Iterable[tuple[str, Iterable[str]]]) -> list[uuid.UUID]:
    """Commit the records in one transaction. Their writer counts on once it is committed, and else ends there."""
    chain = Chain(current(TABLE))
    for first in months(datetime.now(UTC).date(), 1):
        month_key(NUMBER, told.service, first)  # made before: others would wait for the end of our transaction
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            rows = chain.rows(told, owners)
            while some := list(islice(rows, BATCH)):
                cursor.executemany(insert_into(TABLE), some)
    except BaseException:
        if not connection.in_atomic_block:
            connection.close()  # whether it was committed is known to nobody when the session was lost
        raise
    committed(chain.writer)
    return chain.ids


@dataclass(slots=True)
class Chain:
    """Records of one writer, and the writer as it is behind the last of them."""

    writer: Writer
    ids: list[uuid.UUID] = field(default_factory=list)

    def rows(self, told: Entry, owners: Iterable[tuple[str, Iterable[str]]]) -> Iterator[list[Text]]:
        """Yield what to insert for each party."""
        for party, accounts in owners:
            record_id, at = drawn()
            entry = replace(told, control_object=party, accounts=list(accounts))
            values, self.writer = chained(self.writer, row_of(entry, record_id, at))
            self.ids.append(record_id)
            yield values


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
