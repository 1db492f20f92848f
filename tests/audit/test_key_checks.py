"""Keys that protect nothing stop the start, and so does the lack of a key that the trail was written with."""

import base64
import json
import secrets

import pytest
from django.db import connection
from django.db.models import CharField

from audit import key_checks
from audit.keyring import KeyRing
from audit.models import AuditRecord
from audit.recording import Entry, record

NUMBER = "01810112345"
TEXTS = [column.name for column in AuditRecord._meta.local_concrete_fields if isinstance(column, CharField)]
INSERT = f"""
INSERT INTO audit_record (id, at, duration_us, http_status, account_hashes, {", ".join(TEXTS)},
                          control_object_hash, control_object_sealed)
SELECT gen_random_uuid(), now(), 0, 200, '{{}}', {", ".join("''" for _ in TEXTS)},
       %s::bytea || CASE WHEN %s > 1 THEN convert_to(number::text, 'UTF8') ELSE '' END, %s
FROM generate_series(1, %s) AS number
"""


def key(name, secret):
    return f"{name}:{base64.b64encode(secret).decode()}"


R1, R2 = (key(name, secrets.token_bytes(64)) for name in ("r1", "r2"))
L1, L2, L1_EXCHANGED = (key(name, secrets.token_bytes(32)) for name in ("l1", "l2", "l1"))
# Not the name of the suite's own key, with which the month's keys may be encrypted already.
E1, E2, E1_EXCHANGED = (key(name, secrets.token_bytes(32)) for name in ("e7", "e8", "e7"))
HALF = secrets.token_bytes(32)


@pytest.fixture
def rings(settings):
    """Return a function that puts rings in place of the suite's own."""

    def use(references=R1, lookup=L1, encryption=E1):
        settings.REFERENCE_KEYS = KeyRing(references, length=64)
        settings.AUDIT_LOOKUP_KEYS = KeyRing(lookup, length=32)
        settings.AUDIT_ENCRYPTION_KEYS = KeyRing(encryption, length=32)

    return use


@pytest.mark.parametrize(
    ("secret", "random"),
    [
        pytest.param(secrets.token_bytes(32), True, id="random"),
        pytest.param(bytes(32), False, id="nothing but zeros"),
        pytest.param(b"\xff" * 32, False, id="one byte again and again"),
        pytest.param(b"changeme" * 4, False, id="an example's word"),
        pytest.param(b"correct horse battery staple, ok", False, id="a sentence"),
        pytest.param(secrets.token_hex(16).encode(), False, id="half as much, written as digits"),
        pytest.param(bytes(range(32)), False, id="counting"),
        pytest.param(bytes(range(200, 104, -3)), False, id="counting down by threes"),
        pytest.param(bytes([7, 201, 33, 150]) * 8, False, id="four bytes again and again"),
        pytest.param(secrets.token_bytes(16) + bytes(16), False, id="too short and filled up"),
    ],
)
def test_a_key_is_random(rings, secret, random):
    rings(lookup=f"{L2},{key('l1', secret)}")
    found = [(message.id, message.msg) for message in key_checks.check_randomness()]
    assert found == ([] if random else [("dsop.E051", "AUDIT_LOOKUP_KEYS: the key l1 is not random.")])


def test_both_halves_of_a_reference_key_are_random(rings):
    rings(references=key("r1", secrets.token_bytes(32) + b"changeme" * 4))
    assert [message.msg for message in key_checks.check_randomness()] == ["REFERENCE_KEYS: the key r1 is not random."]


def test_random_keys_are_never_called_made_up():
    assert not any(key_checks._looks_made_up(secrets.token_bytes(64)) for _ in range(5_000))


@pytest.mark.parametrize(
    ("changes", "complaints"),
    [
        pytest.param({"lookup": f"{L1},{L2}", "encryption": f"{E2},{E1}"}, set(), id="all different"),
        pytest.param(
            {"lookup": f"{L1},{L1.replace('l1', 'l2')}"},
            {"The same secret is in AUDIT_LOOKUP_KEYS l1 and in AUDIT_LOOKUP_KEYS l2."},
            id="under two names",
        ),
        pytest.param(
            {"encryption": L1},
            {"The same secret is in AUDIT_ENCRYPTION_KEYS l1 and in AUDIT_LOOKUP_KEYS l1."},
            id="in two rings",
        ),
        pytest.param(
            {"references": key("r1", secrets.token_bytes(32) + HALF), "lookup": key("l1", HALF)},
            {"The same secret is in AUDIT_LOOKUP_KEYS l1 and in REFERENCE_KEYS r1."},
            id="as half of a longer one",
        ),
        pytest.param(
            {"references": key("r1", HALF * 2)},
            {"The same secret is in REFERENCE_KEYS r1 and in REFERENCE_KEYS r1."},
            id="twice in one",
        ),
    ],
)
def test_a_secret_is_used_once(rings, changes, complaints):
    rings(**changes)
    found = key_checks.check_used_once()
    assert {message.msg for message in found} == complaints
    assert {message.id for message in found} <= {"dsop.E052"}


MISSING = ("dsop.E053", "AUDIT_LOOKUP_KEYS: the key l1 is missing, and the trail holds records written with it.")
LOOKUP_EXCHANGED = ("dsop.E054", "AUDIT_LOOKUP_KEYS: the key l1 is not the one that the trail was written with.")
ENCRYPTION_EXCHANGED = (
    "dsop.E054",
    "AUDIT_ENCRYPTION_KEYS: the key e7 is not the one that the trail was written with.",
)


def complaints():
    return {(message.id, message.msg) for message in key_checks.check_trail_keys(databases=["default"])}


@pytest.mark.django_db(databases=["default", "ledger"])
@pytest.mark.parametrize(
    ("lookup", "encryption", "expected"),
    [
        pytest.param(L1, E1, set(), id="the same keys"),
        pytest.param(f"{L2},{L1}", f"{E2},{E1}", set(), id="new ones first"),
        pytest.param(f"{L1},{L2}", f"{E1},{E2}", set(), id="new ones announced"),
        pytest.param(L2, E1, {MISSING}, id="look-up key retired too soon"),
        pytest.param(f"{L2},{L1_EXCHANGED}", E1, {LOOKUP_EXCHANGED}, id="another look-up key under the name"),
        pytest.param(L1, E1_EXCHANGED, {ENCRYPTION_EXCHANGED}, id="another encryption key under the name"),
        pytest.param(L1, E2, set(), id="encryption key destroyed: that is how numbers are deleted"),
        pytest.param(L1_EXCHANGED, E2, set(), id="nothing left to compare with"),
        pytest.param(L2, E2, {MISSING}, id="both gone"),
    ],
)
def test_the_trail_keeps_its_keys(rings, clean_audit, lookup, encryption, expected):
    rings()
    for number in range(7):
        record(Entry(control_object=f"0181011234{number}"))
    record(Entry())
    rings(lookup=lookup, encryption=encryption)
    assert complaints() == expected


@pytest.mark.django_db(databases=["default", "ledger"])
def test_no_record_misses_no_key(rings, clean_audit):
    rings()
    assert complaints() == set()
    record(Entry())
    rings(lookup=L2)
    assert complaints() == set()


@pytest.mark.django_db(databases=["default", "ledger"])
def test_each_key_is_found_whatever_its_name(rings, clean_audit):
    """Names that begin alike stand beside each other in the index."""
    names = ["a", "a-", "a-1", "a1", "aa", "ab", "z", "0", "-"]
    for name in names:
        rings(lookup=key(name, secrets.token_bytes(32)))
        record(Entry(control_object=NUMBER))
        record(Entry(control_object=NUMBER + "0"))
    rings()
    assert complaints() == {(MISSING[0], MISSING[1].replace("l1", name)) for name in names}


@pytest.mark.django_db(databases=["default", "ledger"])
def test_one_damaged_record_does_not_stop_the_start(rings, clean_audit):
    rings()
    record(Entry(control_object=NUMBER))
    insert(stored=b"l1:" + bytes(32), sealed=b"e7:" + bytes(40))
    assert complaints() == set()


@pytest.mark.django_db(databases=["default", "ledger"])
@pytest.mark.parametrize("stored", [b"\xff\x00", b":", b"", b"L1\n:x"], ids=["bytes", "a colon", "nothing", "a line"])
def test_a_hash_that_no_key_made_is_found_and_not_repeated(rings, clean_audit, stored):
    rings()
    insert(stored=stored)
    assert complaints() == {(MISSING[0], MISSING[1].replace("l1", "?"))}


@pytest.mark.django_db(databases=["default", "ledger"])
def test_what_it_costs_does_not_grow_with_the_trail(rings, clean_audit):
    rings()
    record(Entry(control_object=NUMBER))
    few = blocks_read()
    for name in (b"l0", b"l1", b"l2"):
        insert(20_000, stored=name + b":", sealed=b"")
    assert blocks_read() < few + 100


def insert(rows=1, *, stored, sealed=None):
    """Write records by hand; where there are many, each hash ends in its number."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [stored, rows, sealed, rows])


def blocks_read():
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {key_checks.WRITTEN_WITH}", [200, 5])
        [[explained]] = cursor.fetchall()
    (plan,) = json.loads(explained) if isinstance(explained, str) else explained
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]


@pytest.mark.parametrize("databases", [None, [], ["ledger"]], ids=["no database", "none", "the ledger alone"])
def test_nothing_is_asked_of_a_database_that_was_not_meant(databases):
    assert key_checks.check_trail_keys(databases=databases) == []
