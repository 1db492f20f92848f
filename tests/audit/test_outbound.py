"""What the bank itself tells an agency: recorded and committed before its bytes leave, found as questions are."""

import hashlib
import resource
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction

from agencies import errors
from agencies.session import Api, Session
from audit.models import AuditRecord
from audit.outbound import record_sent
from audit.recording import NotRecorded, record
from audit.secrecy import Kind, hash_of, hashes_of, reveal
from tests.audit.entries import PROVEN, answered
from tests.issuer import running_issuer, says

BODY = b'{"leveranse": {}}'
TRACE = uuid.UUID("0190a1b2-0000-4000-8000-000000000002")


def told(**changes):
    values = {
        "recipient": "974761076",
        "service": "agencies:bsu",
        "operation": "bsu.innsending",
        "parties": ["01810112345"],
        "body": BODY,
        "correlation_id": TRACE,
    }
    return record_sent(**{**values, **changes})


def columns(record_id):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM audit_record WHERE id = %s", [record_id])
        row = zip((column.name for column in cursor.description), cursor.fetchone(), strict=True)
        return {name: value for name, value in row if name not in PROVEN}


@pytest.mark.django_db
def test_the_whole_record():
    before = datetime.now(UTC)
    (record_id,) = told(accounts=["97100000001"], evidence={"key": "k-1"})
    row = columns(record_id)
    assert before <= row["at"] <= datetime.now(UTC)
    assert {name: value for name, value in row.items() if value not in (None, "", 0)} == {
        "id": record_id,
        "at": row["at"],
        "consumer": "974761076",
        "service": "agencies:bsu",
        "endpoint": "bsu.innsending",
        "outcome": "sent",
        "correlation_id": TRACE,
        "document_digest": hashlib.sha256(BODY).digest(),
        "control_object_hash": hash_of(Kind.PARTY, "01810112345"),
        "account_hashes": [hash_of(Kind.ACCOUNT, "97100000001")],
        "control_object_sealed": row["control_object_sealed"],
        "control_object_commitment": row["control_object_commitment"],
        "accounts_sealed": row["accounts_sealed"],
        "evidence": '{"key": "k-1"}',
    }
    assert reveal(row["control_object_sealed"], column="control_object_sealed", record=record_id) == "01810112345"
    assert reveal(row["accounts_sealed"], column="accounts_sealed", record=record_id) == '["97100000001"]'


@pytest.mark.django_db
def test_one_search_finds_what_was_asked_and_what_was_told():
    asked, (sent,) = record(answered(control_object="01810112345")), told()
    found = AuditRecord.objects.filter(control_object_hash__in=hashes_of(Kind.PARTY, "01810112345"))
    assert set(found.values_list("id", "outcome")) == {(asked, "answered"), (sent, "sent")}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("parties", "accounts", "recorded"),
    [
        pytest.param([], [], [], id="about nobody"),
        pytest.param(["1"], [], [("1", [])], id="one party"),
        pytest.param(iter(["1", "2"]), [], [("1", []), ("2", [])], id="two"),
        pytest.param(["1"], ["a", "b"], [("1", ["a", "b"])], id="one with two accounts"),
        pytest.param(
            {"1": ["a"], "2": ["b", "c"]}, [], [("1", ["a"]), ("2", ["b", "c"])], id="whose accounts are whose"
        ),
    ],
)
def test_a_record_for_each_party(parties, accounts, recorded):
    rows = [columns(record_id) for record_id in told(parties=parties, accounts=accounts)]
    assert [(row["control_object_hash"], row["account_hashes"]) for row in rows] == [
        (hash_of(Kind.PARTY, party), [hash_of(Kind.ACCOUNT, account) for account in theirs])
        for party, theirs in recorded
    ]


@pytest.mark.django_db
def test_accounts_of_nobody_in_particular_are_refused():
    with pytest.raises(ValueError, match="nobody in particular"):
        told(parties=["1", "2"], accounts=["a"])
    assert not AuditRecord.objects.exists()


def test_all_or_none(committing, read):
    def parties():
        yield from (str(number) for number in range(600))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        told(parties=parties())
    assert read("audit_record") == []
    assert len(told(parties=map(str, range(600)))) == len(read("audit_record")) == 600


def test_never_in_a_transaction_that_may_be_taken_back(committing, read):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        told()
    assert read("audit_record") == []


@pytest.mark.django_db
def test_no_number_stands_in_clear():
    (record_id,) = told(accounts=["97100000001"])
    stored = repr(columns(record_id))
    assert "01810112345" not in stored and "97100000001" not in stored


def failing(execute, sql, params, many, context):
    if "audit_record" in sql:
        raise OperationalError(f"a full disk, and the failing row {params}")
    return execute(sql, params, many, context)


def test_not_recorded(committing, caplog):
    with (
        connection.execute_wrapper(failing),
        pytest.raises(NotRecorded, match=r"^The record could not be committed\.$"),
    ):
        told()
    (line,) = [entry for entry in caplog.records if entry.name == "audit.appending"]
    assert (line.message, line.error) == ("audit.not_recorded", "OperationalError")
    assert "01810112345" not in str(vars(line))


class Known(Session):
    """A session that has its token already."""

    def token(self):
        return "a.b.c"


@pytest.fixture
def agency(settings):
    settings.BANK_ORGANISATION_NUMBER = "213456008"
    with running_issuer() as server:
        yield server


def call(agency, before):
    session = Known(Api(name="bsu", scopes=("a",), retries=0))
    return session.call("GET", f"{agency.origin}/x", repeatable=False, before_attempt=before)


def test_no_record_no_bytes(committing, agency):
    with connection.execute_wrapper(failing), pytest.raises(errors.NotRecorded) as caught:
        call(agency, lambda trace: told(correlation_id=trace))
    assert str(caught.value) == "Nothing was sent: the disclosure could not be recorded."
    assert agency.fetches == {}


def test_the_record_is_committed_before_the_bytes_leave(committing, agency, read):
    seen = []

    def answer(handler):
        seen.extend(read("audit_record"))
        says(b"{}")(handler)

    agency.answers["/x"] = answer
    given = call(agency, lambda trace: told(correlation_id=trace))
    assert [(row["outcome"], str(row["correlation_id"])) for row in seen] == [("sent", given.correlation_id)]


def pages_in_memory():
    return int(Path("/proc/self/statm").read_text().split()[1])


def test_ten_thousand_parties_in_bounded_memory_and_time(committing, as_superuser):
    told()  # connects and prepares
    grown = []

    def parties():
        before = pages_in_memory()
        yield from (f"0181{number:07}" for number in range(10_000))
        grown.append((pages_in_memory() - before) * resource.getpagesize())

    began = time.monotonic()
    ids = told(parties=parties())
    assert time.monotonic() - began < 60
    assert len(set(ids)) == 10_000
    assert as_superuser.execute("SELECT count(*) FROM audit_record").fetchone()[0] == 10_001
    assert grown[0] < 16 * 2**20, "all rows at once would be some thirty"
