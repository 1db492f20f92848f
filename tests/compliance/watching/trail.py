"""Rows of the trail for tests of the watcher, at any moment: all but what they say is of no interest here."""

import uuid
from datetime import UTC, datetime, timedelta

from django.db import connection
from uuid_utils.compat import uuid7

from audit.secrecy import Kind, hash_of

NOON = datetime.now(UTC).replace(day=10, hour=12, minute=0, second=0, microsecond=0)
"""A moment for which there is a partition, whenever the suite runs."""
AGENCY, OTHER_AGENCY = "974761076", "971648198"
RECORD = {
    "consumer": AGENCY,
    "service": "fi-utlegg-saldo",
    "endpoint": "accounts",
    "outcome": "answered",
    "http_status": 200,
    "duration_us": 40_000,
    "account_hashes": [],
}
TEXTS = ("consumer", "supplier", "client_id", "jti", "scopes", "audience", "requester_id", "service", "legal_mandate")
TEXTS += ("additional_reference_type", "method", "endpoint", "outcome", "code", "refusal", "empty_because")


def asked(at=NOON, *, person=None, case=None, times=1, **values):
    """Add a question to the trail."""
    row = {**dict.fromkeys(TEXTS, ""), **RECORD, "account_info_request_id": case or uuid.uuid4(), **values}
    if person is not None:
        row["control_object_hash"] = hash_of(Kind.PARTY, person)
    for _ in range(times):
        insert("audit_record", id=uuid7(), at=at, **row)


def turned_away(minute=NOON, *, reason="tok.audience", consumer=AGENCY, count=1):
    insert("audit_turned_away", id=uuid7(), minute=minute, reason=reason, consumer=consumer, count=count)


def looked(at=NOON, *, person="kari", marks=None, account="kari", times=1):
    row = {"person": person, "account": account, "page": "desk search", "words": "", "marks": marks}
    for n in range(times):
        insert("audit_access", id=uuid7(), at=at + timedelta(microseconds=n), **row)


def insert(table, **row):
    columns, places = ", ".join(row), ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", list(row.values()))


def empty_sums(superuser):
    """Empty what the watcher keeps, but not the limits. Only a superuser can: histories are never deleted."""
    with superuser() as session:
        session.execute("SET session_replication_role = replica")
        for table in ("alertmail", "alertevent", "alert", "tally", "stafftally", "standout", "folding"):
            session.execute(f"DELETE FROM watching_{table}")
