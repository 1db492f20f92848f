"""Sessions that the database cannot open: the cookie's key is in it as a hash, the contents as ciphertext."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.db.models.functions import Now

from agencies.studielan.models import BrowserSession
from agencies.studielan.sessions import SessionStore

pytestmark = pytest.mark.django_db
STRANGE = [None, "", "a" * 31, "a" * 33, "A" * 32, "a" * 31 + "é", "a" * 31 + "\n", 17]


def stored(**values):
    session = SessionStore()
    session.update(values)
    session.create()
    return session


def test_a_session_is_read_back():
    session = stored(person="22899410096")
    assert SessionStore(session.session_key).load() == {"person": "22899410096"}
    assert session.exists(session.session_key)


def test_rows_hold_neither_key_nor_contents():
    session = stored(person="22899410096")
    row = BrowserSession.objects.get()
    assert session.session_key not in repr((row.name, bytes(row.sealed)))
    assert b"22899410096" not in bytes(row.sealed)


def test_a_change_is_kept():
    session = stored(a=1)
    session["b"] = 2
    session.save()
    assert SessionStore(session.session_key).load() == {"a": 1, "b": 2}
    assert BrowserSession.objects.count() == 1


@pytest.mark.parametrize("key", STRANGE)
def test_a_key_that_is_none_opens_nothing(key):
    stored(a=1)
    session = SessionStore(key)
    assert session.load() == {}
    assert session.session_key is None


def test_an_unknown_key_is_never_taken_over():
    session = SessionStore("k" * 32)
    assert session.get("a") is None
    session["a"] = 1
    session.save()
    assert session.session_key not in {None, "k" * 32}


def test_a_row_of_another_key_opens_nothing():
    one, other = stored(a=1), stored(a=2)
    rows = {row.name: bytes(row.sealed) for row in BrowserSession.objects.all()}
    for name, sealed in zip(rows, reversed(rows.values()), strict=True):
        BrowserSession.objects.filter(name=name).update(sealed=sealed)
    assert SessionStore(one.session_key).load() == SessionStore(other.session_key).load() == {}


def test_an_expired_session_is_empty_and_swept():
    session = stored(a=1)
    BrowserSession.objects.update(expires_at=Now() - timedelta(seconds=1))
    assert SessionStore(session.session_key).load() == {}
    SessionStore.clear_expired()
    assert BrowserSession.objects.count() == 0


def test_what_was_ended_is_not_saved_again():
    session = stored(a=1)
    same = SessionStore(session.session_key)
    assert same["a"] == 1
    session.flush()
    same["a"] = 2
    with pytest.raises(UpdateError):
        same.save()
    assert BrowserSession.objects.count() == 0


def test_a_key_is_never_given_twice():
    session = stored(a=1)
    again = SessionStore()
    again._session_key = session.session_key
    with pytest.raises(CreateError):
        again.save(must_create=True)


def test_cycling_the_key_keeps_the_contents():
    session = stored(a=1)
    before = session.session_key
    session.cycle_key()
    assert SessionStore(before).load() == {}
    assert SessionStore(session.session_key).load() == {"a": 1}


def test_deleting_what_is_not_there():
    SessionStore().delete("k" * 32)
    SessionStore().delete("not a key")
