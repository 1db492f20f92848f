"""Who is bankrupt, as the notices tell it, and what a worker remembers of it until they change."""

import time
from datetime import date

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from audit.background import Background
from audit.key_sources import Purpose
from audit.keyring import KeyRing
from legal import bankruptcies as room
from legal.bankruptcies import Bankruptcies, Event, events_about, ruling_in_force
from legal.models import BankruptcyNotice
from legal.notice_keeping import dismiss
from legal.refusals import RegisterUnavailable
from legal.register import TRUSTED_FOR_SECONDS, Register
from tests.cluster import key
from tests.legal.notices import (
    COMPANY,
    OTHER_COMPANY,
    OTHER_PERSON,
    OTHER_UNIT,
    PERSON,
    RULED,
    UNIT,
    at,
    found,
    id_of,
    kept,
)

OPENING, DELETION, REVERSAL, CLOSING, UNKNOWN = "aapning", "sletting", "oppheving", "avslutning", ""
ENDED_BY = ["sletting", "oppheving"]
EARLIER = date(2019, 3, 1)


def history(*kinds, ruled=RULED):
    return [Event(at(place), kind, ruled if kind == OPENING else None) for place, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("events", "ruling_date"),
    [
        pytest.param([], None, id="no notice"),
        pytest.param(history(OPENING), RULED, id="opened"),
        pytest.param(history(OPENING, DELETION), None, id="opened and deleted"),
        pytest.param(history(OPENING, REVERSAL), None, id="opened and reversed on appeal"),
        pytest.param(history(OPENING, CLOSING), RULED, id="opened and closed: the trustee may still work"),
        pytest.param(history(OPENING, DELETION, CLOSING), None, id="a closing revives nothing"),
        pytest.param(history(OPENING, UNKNOWN), None, id="what cannot be read may have ended it"),
        pytest.param(history(OPENING, UNKNOWN, OPENING), RULED, id="opened anew after what cannot be read"),
        pytest.param(history(DELETION), None, id="a deletion alone"),
        pytest.param(history(CLOSING), None, id="a closing alone"),
        pytest.param(history(DELETION, OPENING), RULED, id="an older deletion"),
        pytest.param(history(OPENING, DELETION, OPENING), RULED, id="opened anew"),
        pytest.param(history(OPENING, DELETION, OPENING, DELETION), None, id="opened anew and deleted anew"),
        pytest.param(history(OPENING, DELETION)[::-1], None, id="told in another order"),
        pytest.param([Event(at(0), DELETION), Event(at(0), OPENING, RULED)], None, id="both at the same moment"),
        pytest.param([*history(OPENING, ruled=EARLIER), Event(at(9), OPENING, RULED)], RULED, id="the newer of two"),
    ],
)
def test_ruling_in_force(events, ruling_date):
    assert ruling_in_force(events, ended_by=ENDED_BY) == ruling_date


@pytest.mark.parametrize(
    ("kind", "ended_by", "ruling_date"),
    [
        pytest.param(REVERSAL, ["sletting"], RULED, id="a bank that lets a reversal pass"),
        pytest.param(CLOSING, ["sletting", "avslutning"], None, id="a bank that ends with the closing"),
        pytest.param(DELETION, ["sletting"], None, id="a deletion always ends"),
    ],
)
def test_what_ends_it_is_a_setting(kind, ended_by, ruling_date):
    assert ruling_in_force(history(OPENING, kind), ended_by=ended_by) == ruling_date


@given(st.lists(st.sampled_from([OPENING, DELETION, REVERSAL, CLOSING, UNKNOWN])), st.randoms(use_true_random=False))
def test_bankrupt_exactly_while_an_opening_is_newer_than_every_end(kinds, random):
    events = history(*kinds)
    last_end = max((place for place, kind in enumerate(kinds) if kind in {DELETION, REVERSAL, UNKNOWN}), default=-1)
    bankrupt = OPENING in kinds[last_end + 1 :]
    random.shuffle(events)
    assert ruling_in_force(events, ended_by=ENDED_BY) == (RULED if bankrupt else None)


def about(number):
    return ruling_in_force(events_about(number), ended_by=ENDED_BY)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("notices", "number", "ruling_date"),
    [
        pytest.param([found(1, OPENING, COMPANY)], COMPANY, RULED, id="a company"),
        pytest.param([found(1, OPENING, COMPANY)], OTHER_COMPANY, None, id="another company"),
        pytest.param([found(1, OPENING, PERSON)], PERSON, RULED, id="a person"),
        pytest.param([found(1, OPENING, PERSON)], OTHER_PERSON, None, id="another person"),
        pytest.param([found(1, OPENING, PERSON, units=[UNIT])], UNIT, RULED, id="a person's unit"),
        pytest.param([found(1, OPENING, PERSON, units=[UNIT])], OTHER_UNIT, None, id="a unit that is not named"),
        pytest.param(
            [found(1, OPENING, PERSON, units=[UNIT]), found(2, DELETION, PERSON)],
            UNIT,
            None,
            id="a deletion counts for the units, though it names none",
        ),
        pytest.param(
            [found(2, DELETION, PERSON), found(1, OPENING, PERSON, units=[UNIT])],
            UNIT,
            None,
            id="also when it came first",
        ),
        pytest.param(
            [found(1, OPENING, PERSON, units=[UNIT]), found(2, DELETION, PERSON), found(3, OPENING, PERSON)],
            UNIT,
            None,
            id="an opening counts for the units that it names",
        ),
        pytest.param(
            [found(1, OPENING, PERSON, units=[UNIT]), found(2, DELETION, PERSON), found(3, OPENING, PERSON)],
            PERSON,
            RULED,
            id="and for the debtor",
        ),
        pytest.param(
            [found(1, OPENING, PERSON, units=[UNIT]), found(2, DELETION, UNIT)], UNIT, None, id="the unit as debtor"
        ),
        pytest.param(
            [found(1, OPENING, PERSON, units=[UNIT]), found(2, DELETION, UNIT)],
            PERSON,
            RULED,
            id="which is not its owner",
        ),
        pytest.param([found(1, OPENING, COMPANY, fault="json")], COMPANY, None, id="an opening that cannot be read"),
        pytest.param(
            [found(1, OPENING, COMPANY), found(2, CLOSING, COMPANY, fault="json")],
            COMPANY,
            None,
            id="what cannot be read, whatever the list says of it",
        ),
    ],
)
def test_whom_a_notice_is_about(notices, number, ruling_date):
    kept(*notices)
    assert about(number) == ruling_date


@pytest.mark.django_db
def test_what_a_person_has_dealt_with_counts_no_longer():
    kept(found(1, OPENING, COMPANY), found(2, CLOSING, COMPANY, fault="json"))
    assert about(COMPANY) is None
    assert dismiss(id_of(2))
    assert about(COMPANY) == RULED


@pytest.mark.django_db
def test_notices_are_found_after_the_key_was_changed(settings):
    """The opening is hashed with the old key, the deletion with the new one; the unit stands in the opening alone."""
    old, new = key("n1", 32), key("n2", 32)
    settings.AUDIT_LOOKUP_KEYS = KeyRing(old, length=32, purpose=Purpose.AUDIT_LOOKUP)
    kept(found(1, OPENING, PERSON, units=[UNIT]))
    settings.AUDIT_LOOKUP_KEYS = KeyRing(f"{new},{old}", length=32, purpose=Purpose.AUDIT_LOOKUP)
    assert (about(PERSON), about(UNIT)) == (RULED, RULED)
    kept(found(2, DELETION, PERSON))
    assert (about(PERSON), about(UNIT)) == (None, None)


# --- what a worker remembers ---


class Followed:
    """What tells of changes, moved by the test."""

    def __init__(self):
        self.number = 1

    def generation(self):
        return self.number


@pytest.fixture
def followed():
    return Followed()


@pytest.mark.django_db
def test_only_the_first_look_costs_statements(followed):
    kept(found(1, OPENING, COMPANY))
    bankruptcies = Bankruptcies(followed)
    with CaptureQueriesContext(connection) as asked:
        answers = [bankruptcies.ruling_date_of(number) for number in [COMPANY, PERSON, COMPANY, PERSON, COMPANY]]
    assert answers == [RULED, None, RULED, None, RULED]
    assert len(asked) == 4, "three for a debtor, one for anybody else"


@pytest.mark.django_db
def test_a_change_empties_the_memory(followed):
    bankruptcies = Bankruptcies(followed)
    assert bankruptcies.ruling_date_of(COMPANY) is None
    kept(found(1, OPENING, COMPANY))
    assert bankruptcies.ruling_date_of(COMPANY) is None, "until the change is known"
    followed.number = 2
    assert bankruptcies.ruling_date_of(COMPANY) == RULED
    kept(found(2, DELETION, COMPANY))
    followed.number = 1  # a database that was restored counts from where it was
    assert bankruptcies.ruling_date_of(COMPANY) is None


@pytest.mark.django_db
def test_what_was_looked_up_while_something_changed_is_not_remembered(followed):
    bankruptcies = Bankruptcies(followed)

    def changed_meanwhile(execute, *arguments):
        rows = execute(*arguments)
        if followed.number == 1:
            followed.number = 2
            bankruptcies.ruling_date_of(OTHER_COMPANY)
        return rows

    with connection.execute_wrapper(changed_meanwhile):
        bankruptcies.ruling_date_of(COMPANY)
    with CaptureQueriesContext(connection) as asked:
        bankruptcies.ruling_date_of(OTHER_COMPANY)
        assert len(asked) == 0
        bankruptcies.ruling_date_of(COMPANY)
        assert len(asked) == 1


@pytest.mark.django_db
def test_the_memory_is_bounded_and_the_least_asked_for_goes(followed):
    bankruptcies = Bankruptcies(followed, largest=2)
    for number in [COMPANY, PERSON, COMPANY, OTHER_PERSON]:
        bankruptcies.ruling_date_of(number)
    assert len(bankruptcies) == 2
    with CaptureQueriesContext(connection) as asked:
        for number in [COMPANY, OTHER_PERSON]:
            bankruptcies.ruling_date_of(number)
        assert len(asked) == 0
        bankruptcies.ruling_date_of(PERSON)
        assert len(asked) == 1


@pytest.mark.django_db
def test_no_number_is_held_in_memory(followed):
    bankruptcies = Bankruptcies(followed)
    bankruptcies.ruling_date_of(PERSON)
    assert PERSON not in repr(vars(bankruptcies))


@pytest.mark.django_db
def test_a_database_that_fails_is_no_answer(followed):
    bankruptcies = Bankruptcies(followed)

    def broken(*_):
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(broken), pytest.raises(RegisterUnavailable):
        bankruptcies.ruling_date_of(COMPANY)
    assert len(bankruptcies) == 0


@pytest.fixture
def register(db):
    """A register whose thread does nothing, so that the test alone says when it asks."""
    register = Register()
    register._background = Background("register of a test", lambda: 3600.0)
    register.refresh()
    return register


def test_notices_are_followed_as_the_mandates_are(register):
    bankruptcies = Bankruptcies(register)
    assert bankruptcies.ruling_date_of(COMPANY) is None
    kept(found(1, OPENING, COMPANY))
    assert bankruptcies.ruling_date_of(COMPANY) is None
    register.refresh()
    assert bankruptcies.ruling_date_of(COMPANY) == RULED
    before = register.generation()
    register.refresh()
    assert register.generation() == before, "nothing has changed"
    assert dismiss(id_of(1)) is False
    BankruptcyNotice.objects.all().delete()
    register.refresh()
    assert bankruptcies.ruling_date_of(COMPANY) is None


def test_without_a_confirmed_register_nothing_is_answered(register):
    bankruptcies = Bankruptcies(register)
    bankruptcies.ruling_date_of(COMPANY)
    register._confirmed_at = time.monotonic() - TRUSTED_FOR_SECONDS - 0.01
    with pytest.raises(RegisterUnavailable):
        bankruptcies.ruling_date_of(COMPANY)
    with pytest.raises(RegisterUnavailable):
        register.generation()


def test_the_worker_follows_its_own_register():
    assert room.bankruptcies._followed is room.register


NUMBER = "SELECT number FROM legal_register_change"
NOTICE = (
    "INSERT INTO legal_bankruptcynotice (id, state, type, link, fault, registered_at, received_at)"
    " VALUES ('00000000-0000-4000-8000-000000000099', 'unreadable', '', '', 'json', now(), now())"
)
PARTY = (
    "INSERT INTO legal_noticeparty (notice_id, part, number_hash, organisation_number)"
    " SELECT id, 'unit', 'h', '213000003' FROM legal_bankruptcynotice"
)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(NOTICE, id="a notice is added"),
        pytest.param(f"{NOTICE}; {PARTY}", id="a party is added"),
        pytest.param("UPDATE legal_bankruptcynotice SET type = 'sletting'", id="notices are changed in bulk"),
        pytest.param("DELETE FROM legal_noticeparty", id="parties are deleted in bulk"),
        pytest.param("TRUNCATE legal_bankruptcynotice CASCADE", id="notices are emptied out"),
        pytest.param("TRUNCATE legal_noticeparty", id="parties are emptied out"),
    ],
)
def test_any_change_moves_the_number(superuser, statement):
    with superuser() as session, session.transaction(force_rollback=True):
        (before,) = session.execute(NUMBER).fetchone()
        session.execute(statement)
        (after,) = session.execute(NUMBER).fetchone()
    assert after > before
