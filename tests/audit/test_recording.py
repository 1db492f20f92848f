"""One question, one record, committed by one INSERT; and no word leaves when it cannot be."""

import json
import socket
import time
import uuid
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from django.db import OperationalError, connection

from audit import deadlines
from audit.models import AuditRecord
from audit.recording import Entry, NotRecorded, record
from audit.seal.leaves import columns_of
from audit.secrecy import Kind, hash_of, reveal
from legal.endpoints import Endpoint
from tests.audit.entries import PROVEN, answered

SEALED = {
    "control_object_sealed": "01810112345",
    "additional_reference_sealed": "case 17 of 2026",
    "account_reference_sealed": "AAECAwQ",
    "accounts_sealed": '["97100000001", "97100000002"]',
    "malformed_sealed": '{"PartyID": "01810112345 "}',
}


def row_of(record_id):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM audit_record WHERE id = %s", [record_id])
        row = zip((column.name for column in cursor.description), cursor.fetchone(), strict=True)
        return {name: value for name, value in row if name not in PROVEN}


def revealed(row):
    """Return the row with its sealed values in clear."""
    clear = {
        name: value and reveal(value, column=name, record=row["id"]) for name, value in row.items() if "sealed" in name
    }
    return {**row, **clear}


@pytest.mark.django_db
def test_every_field_has_its_column():
    before = datetime.now(UTC)
    record_id = record(answered())
    row = revealed(row_of(record_id))
    assert before <= row["at"] <= datetime.now(UTC)
    assert row == {
        "id": record_id,
        "at": row["at"],
        "method": "GET",
        "endpoint": "accounts",
        "outcome": "answered",
        "code": "",
        "refusal": "",
        "http_status": 200,
        "audience": "https://api.bank.example/v2",
        "consumer": "974761076",
        "supplier": "310000011",
        "client_id": "c1d2",
        "jti": "j-1",
        "scopes": "bits:kontoinformasjon bits:kundeforhold",
        "service": "fi-utlegg-saldo",
        "service_version": 3,
        "legal_mandate": "FI-Utlegg-Test",
        "account_info_request_id": uuid.UUID("0190a1b2-0000-4000-8000-000000000001"),
        "correlation_id": uuid.UUID("0190a1b2-0000-4000-8000-000000000002"),
        "requester_id": "saksbehandler 7",
        "additional_reference_type": "srf",
        "from_date": date(2026, 11, 21),
        "to_date": date(2026, 11, 22),
        "only_primary_owner": True,
        "items": 2,
        "as_of": datetime(2026, 11, 21, 6, 0, 0, 1, tzinfo=UTC),
        "empty_because": "",
        "document_digest": bytes(range(32)),
        "duration_us": 1234,
        "evidence": '{"alg": "RSA-OAEP-256"}',
        "control_object_hash": hash_of(Kind.PARTY, "01810112345"),
        "additional_reference_hash": hash_of(Kind.ADDITIONAL_REFERENCE, "case 17 of 2026"),
        "account_reference_hash": hash_of(Kind.ACCOUNT_REFERENCE, "AAECAwQ"),
        "account_hashes": [hash_of(Kind.ACCOUNT, "97100000001"), hash_of(Kind.ACCOUNT, "97100000002")],
        "control_object_commitment": row["control_object_commitment"],
        "answer_digest": None,
        **SEALED,
    }


@pytest.mark.django_db
def test_an_empty_entry_is_recorded_too():
    row = row_of(record(Entry()))
    assert {name: value for name, value in row.items() if value not in (None, "")} == {
        "id": row["id"],
        "at": row["at"],
        "http_status": 0,
        "duration_us": 0,
        "account_hashes": [],
    }


@pytest.mark.django_db
def test_no_number_stands_in_clear():
    raw = ["01810112345", "97100000001", "97100000002", "case 17 of 2026", "AAECAwQ"]
    stored = repr(row_of(record(answered())))
    assert not [number for number in raw if number in stored]
    assert not [number for number in raw if number.encode().hex() in stored]


@pytest.mark.django_db
def test_the_id_holds_the_time_of_the_record():
    row = row_of(record(answered()))
    assert row["id"].version == 7
    assert row["id"].int >> 80 == int(row["at"].timestamp() * 1000)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        pytest.param("legal_mandate", "x" * 501, "x" * 500, id="mandate too long"),
        pytest.param("requester_id", "a\0b\x1b[31mc\r\nd\x7f\x85e", "ab[31mcde", id="control characters"),
        pytest.param("requester_id", "a\u202egnp.exe\u2028b\u200bc", "agnp.exebc", id="letters that turn or hide text"),
        pytest.param("requester_id", "a\udcffb", "ab", id="bytes that were no text"),
        pytest.param("legal_mandate", "§ 7-11\u00a0første ledd 🖋", "§ 7-11\u00a0første ledd 🖋", id="Norwegian stays"),
        pytest.param("endpoint", Endpoint.ACCOUNT_DETAILS, "accountDetails", id="a word of a closed list"),
        pytest.param("jti", "\0" * 300, "", id="nothing but NUL"),
        pytest.param("scopes", "s" * 5000, "s" * 2000, id="very many scopes"),
        pytest.param("method", "M" * 8000, "M" * 16, id="a made up method"),
    ],
)
def test_text_is_cut_and_cleaned(field, value, stored):
    assert row_of(record(answered(**{field: value})))[field] == stored


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        pytest.param("control_object", "1" * 300, "1" * 255, id="control object too long"),
        pytest.param("account_reference", "r" * 9000, "r" * 1024, id="reference too long"),
        pytest.param("additional_reference", "a" * 16_385, "a" * 16_384, id="order too long"),
        pytest.param("control_object", "1\0\udcff\r\n", "1\0\udcff\r\n", id="sealed text is kept as it came"),
    ],
)
def test_sealed_text_is_cut_and_kept_as_it_came(field, value, stored):
    assert revealed(row_of(record(answered(**{field: value}))))[f"{field}_sealed"] == stored


@pytest.mark.django_db
def test_what_was_malformed_is_bounded():
    sent = {f"Header-{number}": "é\udcff" * 5000 for number in range(100)}
    kept = json.loads(revealed(row_of(record(answered(malformed=sent))))["malformed_sealed"])
    assert kept == {f"Header-{number}": "é\udcff" * 1024 for number in range(32)}


@pytest.mark.django_db
def test_all_accounts_answered_are_kept_however_many():
    numbers = [f"9710{number:07d}" for number in range(500)]
    row = revealed(row_of(record(answered(accounts=numbers))))
    assert json.loads(row["accounts_sealed"]) == numbers
    assert row["account_hashes"] == [hash_of(Kind.ACCOUNT, number) for number in numbers]


@pytest.mark.django_db
def test_django_and_the_database_know_the_same_columns():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute "
            "WHERE attrelid = 'audit_record'::regclass AND attnum > 0"
        )
        stored = {name: (kind.replace("character varying", "varchar"), required) for name, kind, required in cursor}
    declared = {
        field.column: (field.db_type(connection), not field.null) for field in AuditRecord._meta.local_concrete_fields
    }
    assert stored == declared
    assert {*columns_of("audit_record"), "salt", "xact"} == set(declared)


def test_one_insert_is_all_the_database_sees_and_it_is_committed(committing, as_superuser, read):
    refused = Entry(outcome="refused", malformed={"PartyID": "x"})
    for entry in (answered(), refused):  # connects and prepares, and makes the month's keys
        record(entry)
    backend = committing.connection.info.backend_pid
    statements = []

    def listen(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with committing.execute_wrapper(listen):
        ids = [record(answered()), record(refused)]
    # A BEGIN would have needed a COMMIT, and that would be the last statement now.
    activity = as_superuser.execute("SELECT state, query FROM pg_stat_activity WHERE pid = %s", [backend])
    state, last = activity.fetchone()
    assert state == "idle" and last.startswith("INSERT INTO audit_record")
    assert len(statements) == 2 and committing.get_autocommit()
    assert [row["id"] for row in read("audit_record")][2:] == ids


def test_the_statement_is_prepared_once_whatever_is_empty(committing):
    for entry in [answered(), Entry(), answered(accounts=[], items=None), answered(service_version=2**20), answered()]:
        record(entry)
    with committing.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO audit_record%%'")
        assert cursor.fetchone() == (1,)


def test_a_session_that_the_server_ended_is_replaced_once(committing, as_superuser, read):
    first = record(answered())
    as_superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [committing.connection.info.backend_pid])
    second = record(answered())
    assert [row["id"] for row in read("audit_record")] == [first, second]


@pytest.fixture
def slow_once(committing, monkeypatch):
    """Have the next connection asked of a server that takes it and never says a word, and those after it of ours."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        there = [("127.0.0.1", silent.getsockname()[1])]

        def connect(parameters, real=committing.get_new_connection):
            host, port = there.pop() if there else (parameters["host"], parameters.get("port"))
            return real({**parameters, "host": host, "port": port})

        committing.close()
        monkeypatch.setattr(committing, "get_new_connection", connect)
        yield there


def test_a_server_that_is_slow_to_take_a_connection_is_asked_once_more(slow_once, read):
    record_id = record(answered())
    assert (slow_once, [row["id"] for row in read("audit_record")]) == ([], [record_id])


def test_but_no_longer_than_the_request_has_time(slow_once, read):
    begun = time.monotonic()
    deadlines.begin(work_until=begun, last=begun + 2.5)
    try:
        with pytest.raises(NotRecorded):
            record(answered())
    finally:
        deadlines.end()
    assert (slow_once, read("audit_record")) == ([], [])


class Failing:
    """Lets some statements fail by the given error, before or after the database has done them."""

    def __init__(self, cause, *, times=1, done=False):
        self.cause, self.times, self.done, self.calls = cause, times, done, 0

    def __call__(self, execute, sql, params, many, context):
        self.calls += 1
        if self.calls > self.times:
            return execute(sql, params, many, context)
        if self.done:
            execute(sql, params, many, context)
            context["connection"].connection.close()
        raise OperationalError from self.cause


def test_an_answer_that_was_lost_after_the_commit_leaves_one_record(committing, read):
    record(answered())
    failing = Failing(psycopg.OperationalError(), done=True)
    with committing.execute_wrapper(failing):
        second = record(answered())
    assert failing.calls == 2
    assert [row["id"] for row in read("audit_record")][1:] == [second]


@pytest.mark.parametrize(
    "cause",
    [
        pytest.param(psycopg.errors.SerializationFailure(), id="a clash"),
        pytest.param(psycopg.errors.DeadlockDetected(), id="a deadlock"),
        pytest.param(psycopg.errors.AdminShutdown(), id="a restart"),
    ],
)
def test_what_may_pass_is_tried_once_more_and_no_more(committing, read, cause):
    first = record(answered())
    passing = Failing(cause)
    with committing.execute_wrapper(passing):
        second = record(answered())
    assert (passing.calls, [row["id"] for row in read("audit_record")]) == (2, [first, second])
    staying = Failing(cause, times=2)
    with committing.execute_wrapper(staying), pytest.raises(NotRecorded):
        record(answered())
    assert (staying.calls, len(read("audit_record"))) == (2, 2)


@pytest.mark.parametrize(
    "cause",
    [
        pytest.param(psycopg.errors.DiskFull(), id="a full disk"),
        pytest.param(psycopg.errors.QueryCanceled(), id="a time out"),
        pytest.param(psycopg.errors.ReadOnlySqlTransaction(), id="a replica"),
        pytest.param(psycopg.errors.InsufficientPrivilege(), id="a right that is missing"),
    ],
)
def test_what_stays_is_not_tried_again(committing, read, cause):
    first = record(answered())
    failing = Failing(cause)
    with committing.execute_wrapper(failing), pytest.raises(NotRecorded):
        record(answered())
    assert (failing.calls, [row["id"] for row in read("audit_record")]) == (1, [first])


def test_no_database_no_record(committing, monkeypatch):
    committing.close()
    monkeypatch.setitem(committing.settings_dict, "PORT", "1")
    with pytest.raises(NotRecorded):
        record(answered())


@pytest.mark.django_db
def test_no_partition_no_record(monkeypatch):
    in_forty_years = datetime.now(UTC) + timedelta(days=14_600)
    monkeypatch.setattr("audit.appending.time.time_ns", lambda: int(in_forty_years.timestamp() * 1e9))
    with pytest.raises(NotRecorded) as caught:
        record(answered())
    assert "01810112345" not in repr(caught.value) and caught.value.__cause__ is None


@pytest.mark.django_db
def test_the_error_is_logged_without_the_failing_row(monkeypatch, caplog):
    monkeypatch.setattr("audit.appending.time.time_ns", lambda: int(4e18))
    with pytest.raises(NotRecorded):
        record(answered())
    [line] = [line for line in caplog.records if line.name == "audit.appending"]
    assert (line.getMessage(), line.error, line.sqlstate) == ("audit.not_recorded", "IntegrityError", "23514")
