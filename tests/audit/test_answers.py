"""The answered document lies beside its record, encrypted, as long as its service wants, and opens to itself alone."""

import hashlib
import zlib

import psycopg
import pytest
from django.db import OperationalError

from audit import answers
from audit.answers import answer_of, kept_days
from audit.models import Answer, AuditRecord
from audit.recording import NotRecorded, record
from audit.retain.month_keys import DOCUMENT, month_key, seal_in
from audit.secrecy import NotRevealed
from tests.audit.chains import chains
from tests.audit.entries import answered

DOCUMENT_TEXT = b'{"accounts": [' + b'{"accountIdentifier": "97100000001"}, ' * 50 + b"]}"
DAYS = {"*": 90, "fi-utlegg-saldo": 365, "skatt-kontroll": 0}


def told(document=DOCUMENT_TEXT, **changes):
    return answered(document=document, document_digest=hashlib.sha256(document).digest(), **changes)


def recorded(**changes):
    return AuditRecord.objects.get(id=record(told(**changes)))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "document",
    [DOCUMENT_TEXT, b"", b'{"accounts": []}', bytes(range(256)) * 500],
    ids=["a list", "nothing", "an empty list", "whatever"],
)
def test_what_was_answered_is_read_back(document):
    row = recorded(document=document)
    assert answer_of(row) == document


@pytest.mark.django_db
def test_it_lies_there_compressed_and_encrypted_and_its_record_has_its_digest():
    row = recorded()
    kept = Answer.objects.get(id=row.id, at=row.at)
    assert hashlib.sha256(kept.document).digest() == bytes(row.answer_digest)
    assert b"9710" not in bytes(kept.document) and len(kept.document) < len(DOCUMENT_TEXT) / 4
    assert bytes(kept.document).startswith(f"{row.at:%Y%m}.document.fi-utlegg-saldo:".encode())


@pytest.mark.parametrize(
    ("service", "days"),
    [("fi-utlegg-saldo", 365), ("skatt-kontroll", 0), ("vergekontroll", 90), ("", 90)],
    ids=["named", "never", "as all others", "none"],
)
def test_each_service_has_its_days(settings, service, days):
    settings.AUDIT_ANSWER_DAYS = DAYS
    assert kept_days(service) == days


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"service": "skatt-kontroll"}, id="a service whose documents are not kept"),
        pytest.param({"outcome": "failed"}, id="an answer that failed behind it"),
        pytest.param({"outcome": "refused"}, id="a refusal"),
        pytest.param({"outcome": "sent"}, id="what the bank told"),
    ],
)
def test_nothing_is_kept(settings, changes):
    settings.AUDIT_ANSWER_DAYS = DAYS
    row = recorded(**changes)
    assert (row.answer_digest, Answer.objects.count()) == (None, 0)
    with pytest.raises(NotRevealed):
        answer_of(row)


def kept_as(ciphertext, row, **changes):
    """Return the record as it would be with that ciphertext beside it."""
    Answer.objects.create(id=row.id, at=row.at, document=ciphertext)
    row.answer_digest = hashlib.sha256(ciphertext).digest()
    for name, value in changes.items():
        setattr(row, name, value)
    return row


def resealed(row, content, *, record_id=None):
    key = month_key(DOCUMENT, row.service, row.at.date())
    return seal_in(key, content, column="document", record=record_id or row.id)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ciphertext", "changes"),
    [
        pytest.param(lambda row: resealed(row, zlib.compress(b"another")), {}, id="another document"),
        pytest.param(lambda row: resealed(row, zlib.compress(DOCUMENT_TEXT), record_id=row.correlation_id), {},
                     id="another record's"),
        pytest.param(lambda row: resealed(row, DOCUMENT_TEXT), {}, id="not compressed"),
        pytest.param(lambda row: resealed(row, zlib.compress(DOCUMENT_TEXT)[:-5]), {}, id="cut"),
        pytest.param(lambda row: resealed(row, zlib.compress(bytes(10**6))), {}, id="too long when it is unpacked"),
        pytest.param(lambda row: b"202001.document.x:" + bytes(40), {}, id="a key that is gone"),
        pytest.param(lambda row: b"", {}, id="nothing"),
        pytest.param(lambda row: resealed(row, zlib.compress(DOCUMENT_TEXT)), {"answer_digest": bytes(32)},
                     id="not what the record has the digest of"),
        pytest.param(lambda row: resealed(row, zlib.compress(DOCUMENT_TEXT)), {"document_digest": None},
                     id="a record of no document"),
    ],
)  # fmt: skip
def test_nothing_else_is_revealed(settings, monkeypatch, ciphertext, changes):
    settings.AUDIT_ANSWER_DAYS = DAYS
    monkeypatch.setattr(answers, "LONGEST", 100_000)
    row = recorded(service="skatt-kontroll")
    with pytest.raises(NotRevealed):
        answer_of(kept_as(ciphertext(row), row, **changes))


def test_record_and_document_are_one_statement(committing):
    record(told())
    statements = []

    def listen(execute, sql, params, many, context):
        statements.append(sql.split()[0])
        return execute(sql, params, many, context)

    with committing.execute_wrapper(listen):
        record(told())
    assert statements == ["WITH"]
    with committing.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%INTO audit_answer%%'")
        assert cursor.fetchone() == (1,)


def test_an_answer_that_was_lost_after_the_commit_is_there_once_and_opens(committing, as_superuser):
    def lose(execute, sql, params, many, context):
        execute(sql, params, many, context)
        if not lost:
            lost.append(True)
            context["connection"].connection.close()
            raise OperationalError from psycopg.OperationalError()

    lost = []
    record(told())
    with committing.execute_wrapper(lose):
        row = AuditRecord.objects.get(id=record(told()))
    record(told())
    assert answer_of(row) == DOCUMENT_TEXT
    assert (Answer.objects.count(), chains(as_superuser, "audit_record")) == (3, [2, 1])


def test_no_document_without_its_record(committing, read):
    with pytest.raises(NotRecorded):
        record(told(http_status=10**6))
    assert (read("audit_record"), read("audit_answer")) == ([], [])
