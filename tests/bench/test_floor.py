"""The floor answers what the product answers, to the byte, and leaves the same record: else no ratio means anything."""

import hashlib
import json
import zlib

import pytest
from django.db import connections

from accounts.movements import Position
from audit.secrecy import reveal, reveal_bytes
from bench import floor
from bench.questions import JOSE, Asker, token
from bench.variants import Wsgi
from tests.api.test_encryption import opened
from tests.consumer import identifier

RANDOM = {"id", "at", "duration_us", "salt", "xact", "writer", "writer_number", "writer_previous"}
"""The moment, the time it took, and the place in a chain of its own."""
BY_RECORD = {"control_object_commitment", "answer_digest"}
"""Made with the record's own id or a nonce; what they stand for is compared instead."""
SEALED = {
    "account_reference_sealed",
    "accounts_sealed",
    "additional_reference_sealed",
    "control_object_sealed",
    "malformed_sealed",
}
"""Compared opened."""
OWNED = """
SELECT a.id, a.number FROM account a JOIN account_role r ON r.account_id = a.id JOIN party_identifier i USING (party_id)
WHERE i.value = %s AND r.kind = 'primaryOwner' AND r.end_date IS NULL ORDER BY a.number
"""
PLACE = 'SELECT booked_at, id FROM "transaction" WHERE account_id = %s ORDER BY booked_at, id OFFSET %s LIMIT 1'


@pytest.fixture(scope="module")
def ask_floor(server, django_db_blocker):
    """Return a function that asks the floor in this process; it reads keys and mandates as it would when it starts."""
    with django_db_blocker.unblock():
        floor.prepare()
        yield Wsgi(floor.application).ask
        connections["default"].close()
    for session in (floor.known.local.ledger, floor.known.local.trail):
        session.close()


@pytest.fixture
def both(server, ask_floor, records):
    """Return a function that asks the product and the floor the same and returns both answers and both records."""

    def ask(question):
        product = server.get(f"{question.path}?{question.query}", dict(question.headers))
        by_floor = ask_floor(question.environ())
        assert (product.status, by_floor.status) == (200, 200), (product.data, by_floor.body)
        return product.data, by_floor.body, records()

    return ask


@pytest.fixture
def asker():
    return Asker({"positions": []})


def test_what_may_differ_is_listed(superuser):
    """A column that is added later is compared until somebody says that it cannot be."""
    with superuser() as session:
        query = "SELECT column_name FROM information_schema.columns WHERE table_name = 'audit_record'"
        columns = {name for (name,) in session.execute(query)}
    assert columns > RANDOM | BY_RECORD | SEALED
    assert {name for name in columns if name.endswith("_sealed")} == SEALED


def assert_same_record(found, documents):
    product, by_floor = found
    for name in product.keys() - RANDOM - BY_RECORD - SEALED:
        assert product[name] == by_floor[name], name
    for name in SEALED:
        assert clear(product, name) == clear(by_floor, name), name
    for record, document in zip(found, documents, strict=True):
        assert record["document_digest"] == hashlib.sha256(document).digest()
        for name in BY_RECORD:
            assert (record[name] is None) == (product[name] is None)


def clear(record, name):
    return record[name] and reveal(record[name], column=name, record=record["id"])


def assert_same(asked):
    product, by_floor, found = asked
    assert by_floor == product
    assert_same_record(found, [product, by_floor])
    return json.loads(product)


@pytest.mark.parametrize(
    ("case", "accounts"),
    [
        ("debtor-five-accounts", 5),
        ("sixty-accounts", 60),
        ("not-a-customer", 0),
        ("shielded-strictly", 0),
        ("guarantor-only", 0),
    ],
)
def test_account_list(both, asker, case, accounts):
    document = assert_same(both(asker.of_party(token(asker.audience), identifier(case))))
    assert len(document["accounts"]) == accounts


@pytest.mark.parametrize("place", range(5))
def test_account_details(both, asker, superuser, place):
    number = identifier("debtor-five-accounts")
    account, account_number = accounts_of(superuser, number)[place]
    document = assert_same(both(asker.of_account(token(asker.audience), account, number)))
    assert document["account"]["accountIdentifier"] == account_number


@pytest.mark.parametrize(
    ("after", "rows"),
    [
        pytest.param(None, 1000, id="first page"),
        pytest.param(2_000, 1000, id="middle page"),
        pytest.param(-300, 300, id="last page"),
    ],
)
def test_a_page_of_transactions(both, asker, superuser, after, rows):
    number = identifier("many-pages")
    account, _ = accounts_of(superuser, number)[0]
    position = after and place(superuser, account, after)
    document = assert_same(both(asker.of_page(token(asker.audience), account, number, position)))
    assert len(document["transactions"]) == rows
    assert len(document["links"]) == (2 if rows == 1000 else 1)


def test_every_column_of_a_transaction(both, asker, superuser):
    number = identifier("every-field")
    account, _ = accounts_of(superuser, number)[0]
    listed = assert_same(both(asker.of_page(token(asker.audience), account, number, None)))["transactions"]
    assert {name for each in listed for name in each} >= {"currencyExchange", "paymentCard", "merchant", "registered"}


def test_encrypted(both, asker):
    asker.media_type = JOSE
    product, by_floor, found = both(asker.of_party(token(asker.audience), identifier("debtor-five-accounts")))
    (product_header, product_document), (floor_header, floor_document) = map(opened, (product, by_floor))
    assert (floor_header, floor_document) == (product_header, product_document)
    assert_same_record(found, [product_document, floor_document])
    assert found[0]["evidence"]["key_algorithm"] == "RSA-OAEP-256"


def test_the_answer_that_is_kept(both, asker, superuser):
    product, by_floor, found = both(asker.of_party(token(asker.audience), identifier("debtor-five-accounts")))
    with superuser() as session:
        for record, document in zip(found, (product, by_floor), strict=True):
            query = "SELECT document FROM audit_answer WHERE id = %s"
            (kept,) = session.execute(query, [record["id"]]).fetchone()
            assert hashlib.sha256(kept).digest() == record["answer_digest"]
            assert zlib.decompress(reveal_bytes(kept, column="document", record=record["id"])) == document


def accounts_of(superuser, number):
    """Return the accounts that the party owns now, by number."""
    with superuser("ledger") as session:
        return session.execute(OWNED, [number]).fetchall()


def place(superuser, account, number):
    """Return the position after so many transactions of the account, counted from its end when negative."""
    with superuser("ledger") as session:
        (rows,) = session.execute('SELECT count(*) FROM "transaction" WHERE account_id = %s', [account]).fetchone()
        return Position(*session.execute(PLACE, [account, number % rows - 1]).fetchone())
