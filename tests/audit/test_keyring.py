"""A ring of keys: the first writes, all read, and a text that is not right is refused without being repeated."""

import base64

import pytest

from audit.keyring import Key, KeyRing


def text(name, number, length=32):
    return f"{name}:{base64.b64encode(bytes([number]) * length).decode()}"


def test_the_first_writes_and_all_read():
    ring = KeyRing(f"{text('new', 2)}, {text('old-1', 1)}", length=32)
    assert ring.writing == Key("new", b"\2" * 32)
    assert [*ring] == [Key("new", b"\2" * 32), Key("old-1", b"\1" * 32)]
    assert ring.named("old-1").secret == b"\1" * 32
    with pytest.raises(KeyError):
        ring.named("gone")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        pytest.param("", "a key needs a name of 1 to 16 characters a-z, 0-9 and -, then a colon", id="nothing"),
        pytest.param(
            text("k1", 1) + ",",
            "a key needs a name of 1 to 16 characters a-z, 0-9 and -, then a colon",
            id="a comma too many",
        ),
        pytest.param(
            base64.b64encode(b"\1" * 32).decode(),
            "a key needs a name of 1 to 16 characters a-z, 0-9 and -, then a colon",
            id="a secret without a name",
        ),
        pytest.param(
            text("k" * 17, 1),
            "a key needs a name of 1 to 16 characters a-z, 0-9 and -, then a colon",
            id="a name too long",
        ),
        pytest.param(
            text("K1", 1), "a key needs a name of 1 to 16 characters a-z, 0-9 and -, then a colon", id="capitals"
        ),
        pytest.param(text("k1", 1) + "," + text("k1", 2), "two keys have the same name", id="one name twice"),
        pytest.param("k1", "the key k1 is not 32 bytes long", id="no secret"),
        pytest.param("k1:", "the key k1 is not 32 bytes long", id="an empty secret"),
        pytest.param("k1:pa55word!", "the key k1 is not base64", id="not base64"),
        pytest.param("k1:blåbær", "the key k1 is not base64", id="not ASCII"),
        pytest.param(text("k1", 1) + "\n" + "AAAA", "the key k1 is not base64", id="two lines"),
        pytest.param(text("k1", 1, 31), "the key k1 is not 32 bytes long", id="a byte too few"),
        pytest.param(text("k1", 1, 64), "the key k1 is not 32 bytes long", id="a key of another ring"),
        pytest.param(
            "k1:file:keys/k1", "the key k1 lies in a file that must be named by its whole path", id="a relative path"
        ),
        pytest.param(
            "k1:file:", "the key k1 lies in a file that must be named by its whole path", id="a file without a path"
        ),
        pytest.param(
            "k1:file:/no/such/file",
            "the key k1 lies in a file that cannot be opened (No such file or directory)",
            id="a file that is not there",
        ),
        pytest.param(
            "k1:pkcs11:dsop",
            "the key k1 needs a security module: set PKCS11_MODULE, PKCS11_TOKEN and its PIN",
            id="no security module",
        ),
        pytest.param("k1:vault:dsop", "the key k1 is not base64", id="a source that does not exist"),
    ],
)
def test_refused(wrong, sentence):
    with pytest.raises(ValueError) as refused:
        KeyRing(wrong, length=32)
    assert str(refused.value) == sentence


def test_a_secret_is_not_shown_by_accident():
    ring = KeyRing(text("k1", 65), length=32)
    assert "AAAA" not in f"{ring} {ring!r} {ring.writing} {ring.writing!r} {[*ring]}"
    assert repr(ring.writing) == "Key(name='k1')"
