"""Identifiers are found by keyed hash and read by key, and by nothing else."""

import uuid

import pytest

from audit.keyring import KeyRing
from audit.secrecy import Kind, NotRevealed, hash_of, hashes_of, reveal, seal, shown

RECORD, ANOTHER = uuid.UUID(int=1), uuid.UUID(int=2)
NUMBER = "01810112345"
KEYS = {
    "old": "old:" + "A" * 43 + "=",
    "new": "new:" + "B" * 42 + "A=",
    "new, then old": "new:" + "B" * 42 + "A=,old:" + "A" * 43 + "=",
    "another secret under the old name": "old:" + "C" * 42 + "A=",
}


@pytest.fixture
def keys(settings):
    def use(name):
        settings.AUDIT_LOOKUP_KEYS = settings.AUDIT_ENCRYPTION_KEYS = KeyRing(KEYS[name], length=32)

    use("old")
    return use


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(NUMBER, id="a number"),
        pytest.param("", id="nothing"),
        pytest.param("blåbær\N{SNOWMAN}", id="letters"),
        pytest.param("a\0b\x1b[2J\r\n", id="control characters, as they came"),
        pytest.param("a\udcffb", id="bytes that were no text"),
        pytest.param("9" * 16_384, id="a long order"),
    ],
)
def test_what_is_sealed_is_revealed_as_it_was(keys, text):
    sealed = seal(text, column="control_object_sealed", record=RECORD)
    assert reveal(sealed, column="control_object_sealed", record=RECORD) == text
    assert len(text) < 5 or text.encode("utf-8", "surrogatepass") not in sealed


def test_one_text_is_never_sealed_twice_alike(keys):
    assert len({seal(NUMBER, column="c", record=RECORD) for _ in range(100)}) == 100


def flipped(sealed, position):
    return sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]


@pytest.mark.parametrize(
    ("column", "record", "spoil", "ring"),
    [
        pytest.param("accounts_sealed", RECORD, bytes, "old", id="moved to another column"),
        pytest.param("control_object_sealed", ANOTHER, bytes, "old", id="moved to another record"),
        pytest.param("control_object_sealed", RECORD, lambda s: flipped(s, 4), "old", id="nonce changed"),
        pytest.param("control_object_sealed", RECORD, lambda s: flipped(s, 20), "old", id="ciphertext changed"),
        pytest.param("control_object_sealed", RECORD, lambda s: flipped(s, len(s) - 1), "old", id="tag changed"),
        pytest.param("control_object_sealed", RECORD, lambda s: s[:-1], "old", id="cut"),
        pytest.param("control_object_sealed", RECORD, lambda s: s[:4], "old", id="only the name left"),
        pytest.param("control_object_sealed", RECORD, lambda s: b"", "old", id="nothing left"),
        pytest.param("control_object_sealed", RECORD, lambda s: b"\xff" + s, "old", id="name that is no text"),
        pytest.param("control_object_sealed", RECORD, bytes, "new", id="key destroyed"),
        pytest.param("control_object_sealed", RECORD, bytes, "another secret under the old name", id="key exchanged"),
    ],
)
def test_nothing_else_is_revealed(keys, column, record, spoil, ring):
    sealed = spoil(seal(NUMBER, column="control_object_sealed", record=RECORD))
    keys(ring)
    with pytest.raises(NotRevealed):
        reveal(sealed, column=column, record=record)


def test_a_new_key_writes_and_the_old_one_still_reads(keys):
    sealed, stored = seal(NUMBER, column="c", record=RECORD), hash_of(Kind.PARTY, NUMBER)
    keys("new, then old")
    assert reveal(sealed, column="c", record=RECORD) == NUMBER
    assert seal(NUMBER, column="c", record=RECORD).startswith(b"new:")
    assert hashes_of(Kind.PARTY, NUMBER) == [hash_of(Kind.PARTY, NUMBER), stored]
    assert hash_of(Kind.PARTY, NUMBER).startswith(b"new:")


def test_a_hash_is_the_same_for_the_same_and_differs_in_every_other_kind_and_key(keys):
    assert hash_of(Kind.PARTY, NUMBER) == hash_of(Kind.PARTY, NUMBER)
    hashes = {hash_of(kind, NUMBER) for kind in Kind} | {hash_of(Kind.PARTY, NUMBER + "0")}
    keys("another secret under the old name")
    hashes.add(hash_of(Kind.PARTY, NUMBER))
    assert len(hashes) == len(Kind) + 2


def test_what_is_shown_of_a_hash_is_too_little_to_guess_from(keys):
    stored = hash_of(Kind.PARTY, NUMBER)
    assert stored[:4] == b"old:" and len(stored) == 36
    assert shown(stored) == f"old:{stored[4:8].hex()}"
    assert shown(memoryview(stored)) == shown(stored)
