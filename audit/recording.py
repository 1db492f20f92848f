"""Writing the record of one question and its answer, before the first byte leaves."""

import json
import logging
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import DatabaseError, IntegrityError, InterfaceError, connection, models
from uuid_utils.compat import uuid7

from audit.cleaning import clean
from audit.models import AuditRecord
from audit.secrecy import Kind, hash_of, seal

logger = logging.getLogger(__name__)


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


class NotRecorded(Exception):
    """The record could not be committed; nothing may leave."""


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
PRINTED = (
    *("service_version", "http_status", "duration_us", "items", "from_date", "to_date", "as_of"),
    *("account_info_request_id", "correlation_id", "only_primary_owner"),
)
COLUMNS = (
    *("id", "at", *LONGEST, *PRINTED, "evidence", "document_digest"),
    *("control_object_hash", "additional_reference_hash", "account_reference_hash", "account_hashes"),
    *("control_object_sealed", "additional_reference_sealed", "account_reference_sealed"),
    *("accounts_sealed", "malformed_sealed"),
)
INSERT = f"INSERT INTO audit_record ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"  # noqa: S608 - our own words

LOST = {"57P01", "57P02", "57P03"}  # the server ended the session
CLASHED = {"40001", "40P01"}  # serialisation failure, deadlock
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def record(entry: Entry) -> uuid.UUID:
    """Commit the record by one autocommit INSERT and return its id. Raise NotRecorded."""
    nanoseconds = time.time_ns()
    record_id = uuid7(nanoseconds=nanoseconds)
    row = row_of(entry, record_id, EPOCH + timedelta(microseconds=nanoseconds // 1000))
    was_connected = connection.connection is not None
    try:
        _insert(row)
    except (DatabaseError, InterfaceError) as error:
        if connection.in_atomic_block or not (was_connected and may_pass(error)):
            raise not_recorded(error) from None
        _insert_again(row)
    return record_id


def _insert(row: list[str | None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, row)


def _insert_again(row: list[str | None]) -> None:
    """Try once more. The id is the same: where it exists already, the first try was committed after all."""
    connection.close()
    try:
        _insert(row)
    except IntegrityError as error:
        if _sqlstate(error) != "23505":
            raise not_recorded(error) from None
    except (DatabaseError, InterfaceError) as error:
        raise not_recorded(error) from None


def may_pass(error: Exception) -> bool:
    """Return whether another session, or the same a moment later, may do what this one did not."""
    lost = connection.connection is None or connection.connection.closed
    return bool(lost) or _sqlstate(error) in LOST | CLASHED


def _sqlstate(error: Exception) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def not_recorded(error: Exception) -> NotRecorded:
    """Return what to raise for a database error, which is logged without its text."""
    # The text of a database error holds the failing row.
    logger.error("audit.not_recorded", extra={"error": type(error).__name__, "sqlstate": _sqlstate(error)})
    return NotRecorded("The record could not be committed.")


def row_of(entry: Entry, record_id: uuid.UUID, at: datetime) -> list[str | None]:
    """Return the values of COLUMNS.

    All go as text and PostgreSQL takes the types from the columns: with one list of types, whatever is empty,
    the statement is prepared once in each connection.
    """
    raw = {name: getattr(entry, name)[:longest] for name, longest in LONGEST_SEALED.items()}
    malformed = {name: value[:LONGEST_MALFORMED] for name, value in [*entry.malformed.items()][:MOST_MALFORMED]}
    return [
        str(record_id),
        at.isoformat(),
        *[clean(getattr(entry, name), longest) for name, longest in LONGEST.items()],
        *[_text(getattr(entry, name)) for name in PRINTED],
        _json(entry.evidence),
        _hex(entry.document_digest),
        *[_hex(hash_of(HASHED_AS[name], value)) if value else None for name, value in raw.items()],
        _hex_array([hash_of(Kind.ACCOUNT, account) for account in entry.accounts]),
        *[_sealed(name, value, record_id) for name, value in raw.items()],
        _sealed("accounts", _json(entry.accounts), record_id),
        _sealed("malformed", _json(malformed), record_id),
    ]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _json(value: object) -> str | None:
    return json.dumps(value) if value else None


def _hex(value: bytes | None) -> str | None:
    return None if value is None else f"\\x{value.hex()}"


def _hex_array(values: list[bytes]) -> str:
    elements = ",".join(f'"\\{_hex(value)}"' for value in values)
    return f"{{{elements}}}"


def _sealed(name: str, text: str | None, record_id: uuid.UUID) -> str | None:
    return _hex(seal(text, column=f"{name}_sealed", record=record_id)) if text else None
