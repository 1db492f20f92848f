"""Writing the record of one question and its answer, before the first byte leaves."""

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models

from audit import answers, deadlines
from audit.appending import NotRecorded, Row, commit, drawn, insert_into, may_pass
from audit.cleaning import clean
from audit.models import AuditRecord
from audit.retain.month_keys import NUMBER, ORDER, commitment_salt, month_key, seal_in
from audit.seal.leaves import commitment
from audit.secrecy import Kind, hash_of
from audit.texts import Text, canonical, hexadecimal, hexadecimals, moment, plain, truth

__all__ = ["Entry", "NotRecorded", "may_pass", "record", "row_of"]

TABLE = "audit_record"


@dataclass(slots=True)
class Entry:
    """What the corridor has learnt so far about one question; written whatever the outcome.

    `control_object`, `additional_reference`, `account_reference`, `accounts` and `malformed` are raw here and
    leave this room only as keyed hash and ciphertext.
    """

    method: str = ""
    endpoint: str = ""
    outcome: str = ""  # answered, refused, failed; sent by outbound.py
    code: str = ""  # ACC-… or ERR-…, empty when answered
    refusal: str = ""  # name of the refusal class
    http_status: int = 0
    audience: str = ""
    consumer: str = ""
    supplier: str = ""
    client_id: str = ""
    jti: str = ""
    scopes: str = ""
    service: str = ""
    service_version: int | None = None
    legal_mandate: str = ""
    account_info_request_id: uuid.UUID | None = None
    correlation_id: uuid.UUID | None = None
    requester_id: str = ""
    additional_reference_type: str = ""
    from_date: date | None = None
    to_date: date | None = None
    only_primary_owner: bool | None = None
    items: int | None = None
    as_of: datetime | None = None
    empty_because: str = ""
    document_digest: bytes | None = None
    duration_us: int = 0
    control_object: str = ""
    additional_reference: str = ""
    account_reference: str = ""  # path value of step 2b as received
    accounts: list[str] = field(default_factory=list)  # account numbers answered
    malformed: dict[str, str] = field(default_factory=dict)  # header or parameter -> raw value refused for its form
    evidence: dict[str, Any] | None = None  # how the answer was encrypted, and for whom
    document: bytes | None = field(default=None, repr=False)  # what was answered, before it was encrypted


LONGEST = {
    column.name: column.max_length or 0
    for column in AuditRecord._meta.local_concrete_fields
    if isinstance(column, models.CharField)
}
"""The columns of text, and how many characters each holds."""
LONGEST_SEALED = {"control_object": 255, "additional_reference": 16_384, "account_reference": 1024}
LONGEST_MALFORMED, MOST_MALFORMED = 2048, 32
HASHED_AS = {
    "control_object": Kind.PARTY,
    "additional_reference": Kind.ADDITIONAL_REFERENCE,
    "account_reference": Kind.ACCOUNT_REFERENCE,
}
WRITTEN: dict[str, Callable[[Any], Text]] = {
    **dict.fromkeys(("service_version", "http_status", "duration_us", "items", "from_date", "to_date"), plain),
    **dict.fromkeys(("account_info_request_id", "correlation_id"), plain),
    "as_of": moment,
    "only_primary_owner": truth,
    "document_digest": hexadecimal,
}
"""The other columns that an entry's value goes into as it is."""


WITH_ANSWER = f"""
WITH kept AS (INSERT INTO {answers.TABLE} (id, at, document) VALUES (%s, %s, %s))
{insert_into(TABLE)}"""  # noqa: S608 - our own words


def record(entry: Entry) -> uuid.UUID:
    """Commit the record by one autocommit INSERT and return its id. Raise NotRecorded."""
    deadlines.take_what_was_kept()
    record_id, at = drawn()
    commit(TABLE, lambda: _row(entry, record_id, at))
    return record_id


def _row(entry: Entry, record_id: uuid.UUID, at: datetime) -> Row:
    """Return the record, and in the same statement the document where one was answered and is kept."""
    texts, answer = row_of(entry, record_id, at), None
    if entry.document is not None and entry.outcome == AuditRecord.Outcome.ANSWERED:
        answer = answers.sealed_answer(entry.document, entry.service, record_id, at.date())
    if answer is None:
        return Row(texts, insert_into(TABLE))
    texts["answer_digest"] = hexadecimal(hashlib.sha256(answer).digest())
    return Row(texts, WITH_ANSWER, [texts["id"], texts["at"], answer])


def row_of(entry: Entry, record_id: uuid.UUID, at: datetime) -> dict[str, Text]:
    """Return the record's columns as PostgreSQL prints them, all but its salt and its writer."""
    raw = {name: getattr(entry, name)[:longest] for name, longest in LONGEST_SEALED.items()}
    malformed = {name: value[:LONGEST_MALFORMED] for name, value in [*entry.malformed.items()][:MOST_MALFORMED]}
    return {
        "id": str(record_id),
        "at": moment(at),
        **{name: clean(getattr(entry, name), longest) for name, longest in LONGEST.items()},
        **{name: write(getattr(entry, name)) for name, write in WRITTEN.items()},
        "evidence": canonical(entry.evidence) if entry.evidence else None,
        **{f"{name}_hash": _hash(name, value) for name, value in raw.items()},
        "account_hashes": hexadecimals([hash_of(Kind.ACCOUNT, account) for account in entry.accounts]),
        **_sealed(
            {**raw, "accounts": _json(entry.accounts), "malformed": _json(malformed)}, entry.service, record_id, at
        ),
        "answer_digest": None,
    }


def _json(value: object) -> str:
    return json.dumps(value) if value else ""


def _hash(name: str, value: str) -> Text:
    return hexadecimal(hash_of(HASHED_AS[name], value)) if value else None


def _sealed(values: dict[str, str], service: str, record_id: uuid.UUID, at: datetime) -> dict[str, Text]:
    """Return the values encrypted with the month's keys, and the commitment to the number asked about."""
    columns: dict[str, Text] = {"control_object_commitment": None}
    for name, value in values.items():
        column = f"{name}_sealed"
        if value:
            key = month_key(ORDER if name == "additional_reference" else NUMBER, service, at.date())
            columns[column] = hexadecimal(seal_in(key, value, column=column, record=record_id))
            if name == "control_object":
                committed = commitment(value, commitment_salt(key, record_id))
                columns["control_object_commitment"] = hexadecimal(committed)
        else:
            columns[column] = None
    return columns
