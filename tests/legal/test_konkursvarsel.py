"""Reading the feed over real HTTP: each notice once, none lost, whatever happens in the middle."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from audit.secrecy import Kind, hash_of, reveal
from legal import notice_reading
from legal.bankruptcies import events_about, ruling_in_force
from legal.konkursvarsel import Feed, FeedUnavailable
from legal.models import BankruptcyNotice, NoticeParty, NoticeReading
from legal.notice_reading import read
from tests.issuer import running_issuer, says
from tests.legal.notices import COMPANY, NOW, OTHER_COMPANY, PERSON, RULED, UNIT, at, entry, id_of, in_full, written

FIRST_READING = written(NOW - timedelta(days=365))


class Register(dict):
    """What the other side knows: a type and a debtor for each number; `pages` says how the list is cut."""

    def __init__(self, issuer):
        super().__init__()
        self.issuer = issuer
        self.page_size = 100
        self.listed = {}
        self.bad = {}

    def __setitem__(self, number, said):
        kind, debtor, *changes = said
        super().__setitem__(number, (kind, debtor))
        whole = in_full(number, kind, debtor, origin=self.issuer.origin, **(changes[0] if changes else {}))
        self.listed[number] = entry(number, kind, debtor, origin=self.issuer.origin)
        self.issuer.answers[self.path(number)] = says(whole)

    def path(self, number):
        return f"/konkursvarsler/{id_of(number)}"

    def lists(self, since=FIRST_READING):
        """Put up the list after that moment, in pages."""
        first = f"/konkursvarsler/oppdatert/{since}"
        rows = list(self.listed.values())
        pages = [rows[start : start + self.page_size] for start in range(0, len(rows), self.page_size)] or [[]]
        for place, page in enumerate(pages):
            document = {"_embedded": {"konkursvarsler": page}}
            if place + 1 < len(pages):
                document["_links"] = {"next": {"href": f"{self.issuer.origin}{first}?page={place + 1}"}}
            self.issuer.answers[first if place == 0 else f"{first}?page={place}"] = says(document)

    def asked(self):
        """Return how often each notice was asked for in full."""
        return Counter({n: self.issuer.fetches[self.path(n)] for n in self if self.issuer.fetches[self.path(n)]})


@pytest.fixture(scope="module")
def issuer():
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def register(issuer):
    issuer.answers.clear()
    issuer.fetches.clear()
    return Register(issuer)


@pytest.fixture
def source(register, db):
    return Feed(register.issuer.origin, tls=None, loopback_http=True)


def kept(**columns):
    """Return the ids of what is kept, in the order of registration."""
    return [notice.pk.int for notice in BankruptcyNotice.objects.filter(**columns).order_by("registered_at", "id")]


def position():
    return NoticeReading.objects.get().position


def ruling_date(number):
    return ruling_in_force(events_about(number), ended_by=["sletting", "oppheving"])


def test_a_first_reading(source, register):
    register[1] = ("aapning", COMPANY)
    register[2] = ("aapning", PERSON, {"tilknyttedeEnheter": [UNIT]})
    register[3] = ("sletting", COMPANY, {"kjennelsesdato": None})
    register.page_size = 2
    register.lists()
    assert read(source, now=NOW) == notice_reading.Reading(3, ())
    assert (kept(state="read"), position(), NoticeReading.objects.get().read_at) == ([1, 2, 3], at(3), NOW)
    notice = BankruptcyNotice.objects.get(pk=id_of(2))
    assert (notice.type, notice.ruling_date, notice.registered_at, notice.received_at, notice.link, notice.fault) == (
        "aapning",
        RULED,
        at(2),
        NOW,
        f"{register.issuer.origin}{register.path(2)}",
        "",
    )
    assert [ruling_date(number) for number in (COMPANY, PERSON, UNIT)] == [None, RULED, RULED]


def test_a_person_s_number_is_hashed_and_sealed_and_an_organisation_s_is_not(source, register, superuser):
    register[1] = ("aapning", PERSON, {"tilknyttedeEnheter": [UNIT]})
    register.lists()
    read(source, now=NOW)
    person, unit = NoticeParty.objects.order_by("part")
    assert (person.part, person.organisation_number, bytes(person.number_hash)) == (
        "debtor",
        "",
        hash_of(Kind.PARTY, PERSON),
    )
    assert reveal(person.person_sealed, column="person_sealed", record=id_of(1)) == PERSON
    assert (unit.part, unit.organisation_number, unit.person_sealed) == ("unit", UNIT, None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT n::text || p::text FROM legal_bankruptcynotice n, legal_noticeparty p")
        assert not any(PERSON in row or PERSON.encode().hex() in row for (row,) in cursor.fetchall())


def test_a_second_reading_begins_a_day_earlier_and_asks_for_nothing_twice(source, register):
    register[1] = ("aapning", COMPANY)
    register.lists()
    read(source, now=NOW)
    register[2] = ("aapning", OTHER_COMPANY)
    register.lists(since=written(at(1) - timedelta(days=1)))
    assert read(source, now=NOW).new == 1
    assert read_again(source, register).new == 0
    assert register.asked() == {1: 1, 2: 1}
    assert (kept(), position()) == ([1, 2], at(2))


def read_again(source, register):
    register.lists(since=written(position() - timedelta(days=1)))
    return read(source, now=NOW)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)], ids=str)
def test_a_reading_that_dies_in_the_middle_loses_nothing(source, register, order, monkeypatch):
    """Whatever the order of the list."""
    monkeypatch.setattr(notice_reading, "BATCH", 1)
    for number in order:
        register[number] = ("aapning", COMPANY)
    register.lists()
    with dying_at('INSERT INTO "legal_bankruptcynotice"', 2), pytest.raises(DatabaseError):
        read(source, now=NOW)
    assert (kept(), position()) == ([1], at(1))
    assert NoticeReading.objects.get().read_at is None
    assert read_again(source, register).new == 2
    assert kept() == [1, 2, 3]


def dying_at(statement, time):
    """Let the database be gone at that statement, the first time or a later one."""
    times = iter(range(1, 100))

    def dies(execute, sql, *arguments):
        if statement in sql and next(times) == time:
            raise DatabaseError("gone")
        return execute(sql, *arguments)

    return connection.execute_wrapper(dies)


def test_how_far_it_is_read_moves_only_with_what_is_kept(source, register):
    register[1] = ("aapning", COMPANY)
    register.lists()
    with dying_at('INSERT INTO "legal_noticeparty"', 1), pytest.raises(DatabaseError):
        read(source, now=NOW)
    assert kept() == []
    assert not NoticeReading.objects.exists()


def test_notices_of_the_same_moment_are_not_lost(source, register):
    register[1] = ("aapning", COMPANY)
    register.lists()
    read(source, now=NOW)
    register[2] = ("aapning", OTHER_COMPANY)
    register.listed[2] = entry(2, "aapning", OTHER_COMPANY, minutes=1, origin=register.issuer.origin)
    register.issuer.answers[register.path(2)] = says(in_full(2, "aapning", OTHER_COMPANY, minutes=1))
    assert read_again(source, register).new == 1
    assert (kept(), position()) == ([1, 2], at(1))


UNREADABLE = [
    pytest.param(says(b"<html>"), "json", id="no document"),
    pytest.param(says({"uuid": str(id_of(2))}), "notice", id="half a document"),
    pytest.param(says(in_full(9, "sletting", COMPANY)), "another", id="another notice"),
    pytest.param(says(in_full(2, "aapning", COMPANY)), "contradiction", id="another type than was listed"),
    pytest.param(says(in_full(2, "sletting", PERSON)), "contradiction", id="another debtor than was listed"),
    pytest.param(says(b"", 404), "status", id="not there"),
    pytest.param(says(b"", 500), "status", id="an error"),
    pytest.param(says(b"", 302, Location="/konkursvarsler"), "status", id="a redirect"),
    pytest.param(says(b"x" * 70_000), "size", id="too large"),
]


@pytest.mark.parametrize(("answer", "fault"), UNREADABLE)
def test_one_that_cannot_be_read_is_kept_reported_and_tried_again(source, register, answer, fault):
    register[1] = ("aapning", COMPANY)
    register[2] = ("sletting", COMPANY)
    register[3] = ("aapning", OTHER_COMPANY)
    register.issuer.answers[register.path(2)] = answer
    register.lists()
    assert read(source, now=NOW) == notice_reading.Reading(2, (str(id_of(2)),))
    assert (kept(state="read"), kept(state="unreadable", fault=fault), position()) == ([1, 3], [2], at(3))
    assert ruling_date(COMPANY) is None, "it may have ended the bankruptcy"
    later = NOW + timedelta(hours=1)
    register.lists(since=written(position() - timedelta(days=1)))
    assert read(source, now=later) == notice_reading.Reading(0, (str(id_of(2)),))
    register[2] = ("sletting", COMPANY)
    register.listed.clear()  # the list begins later by now
    register.lists(since=written(position() - timedelta(days=1)))
    assert read(source, now=later) == notice_reading.Reading(1, ())
    notice = BankruptcyNotice.objects.get(pk=id_of(2))
    assert (notice.state, notice.fault, notice.registered_at, notice.received_at) == ("read", "", at(2), later)
    assert NoticeParty.objects.filter(notice=notice).count() == 1


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        pytest.param({"debitor": None}, "read", id="no debtor: the notice in full tells it"),
        pytest.param({"type": None}, "read", id="no type"),
        pytest.param({"registreringstidspunkt": "soon"}, "read", id="no time"),
        pytest.param({"_links": None}, "read", id="no link: the address is known"),
        pytest.param({"_links": {"self": {"href": "https://elsewhere.example/x"}}}, "unreadable", id="another host"),
        pytest.param({"_links": {"self": {"href": "http://127.0.0.1:1/x"}}}, "unreadable", id="another port"),
        pytest.param({"_links": {"self": {"href": "file:///etc/passwd"}}}, "unreadable", id="another scheme"),
        pytest.param({"uuid": None}, "unreadable", id="no id"),
    ],
)
def test_a_list_that_tells_too_little(source, register, changes, state):
    register[1] = ("aapning", COMPANY)
    register.listed[1] = entry(1, "aapning", COMPANY, **({"origin": register.issuer.origin} | changes))
    register[2] = ("aapning", OTHER_COMPANY)
    register.lists()
    reading = read(source, now=NOW)
    assert (reading.new, len(reading.waiting)) == ((2, 0) if state == "read" else (1, 1))
    assert BankruptcyNotice.objects.exclude(pk=id_of(2)).get().state == state
    assert position() == at(2)


def test_a_time_in_the_future_does_not_move_the_next_reading(source, register):
    register[1] = ("aapning", COMPANY)
    ahead = {"registreringstidspunkt": "2126-11-21T00:00:00Z"}
    register[2] = ("aapning", OTHER_COMPANY, ahead)
    register.listed[2] = entry(2, "aapning", OTHER_COMPANY, origin=register.issuer.origin, **ahead)
    register.lists()
    assert len(read(source, now=NOW).waiting) == 1
    assert (kept(state="unreadable", fault="time"), position()) == ([2], at(1))


def test_a_feed_that_is_gone_is_left_alone_soon_and_nothing_is_lost(source, register):
    """Five in a row; the next reading goes on behind them, so that five bad ones cannot stop all others."""
    for number in range(1, 9):
        register[number] = ("aapning", COMPANY)
        if number < 7:
            register.issuer.answers[register.path(number)] = says(b"", 503)
    register.lists()
    with pytest.raises(FeedUnavailable, match=r"^notices$"):
        read(source, now=NOW)
    assert (kept(state="unreadable"), position()) == ([1, 2, 3, 4, 5], at(5))
    with pytest.raises(FeedUnavailable, match=r"^notices$"):
        read_again(source, register)
    assert (kept(state="unreadable"), kept(state="read")) == ([1, 2, 3, 4, 5, 6], [7, 8])
    for number in range(1, 7):
        register[number] = ("aapning", COMPANY)
    assert read_again(source, register) == notice_reading.Reading(6, ())


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        pytest.param(says(b"", 500), "status", id="an error"),
        pytest.param(says(b"", 404), "status", id="not there"),
        pytest.param(says(b"no JSON"), "json", id="no JSON"),
        pytest.param(says({"_embedded": {"konkursvarsler": {}}}), "list", id="no list"),
        pytest.param(says({"_links": {"next": {"href": "https://elsewhere.example/"}}}), "host", id="on another host"),
        pytest.param(says({"_links": {"next": {"href": "//x"}}}), "address", id="a next page of another form"),
        pytest.param(says({"_links": {"next": {"href": "SELF"}}}), "pages", id="a page that follows itself"),
    ],
)
def test_a_list_that_cannot_be_read_is_no_reading(source, register, answer, word):
    path = f"/konkursvarsler/oppdatert/{FIRST_READING}"
    itself = says({"_links": {"next": {"href": f"{register.issuer.origin}{path}"}}})
    register.issuer.answers[path] = itself if word == "pages" else answer
    with pytest.raises(FeedUnavailable, match=f"^{word}$"):
        read(source, now=NOW)
    assert not NoticeReading.objects.exists()


def test_two_at_once(register, superuser, django_db_blocker):
    """Two readings that meet in the middle keep each notice once; here everything is committed."""
    for number in range(1, 9):
        register[number] = ("aapning", COMPANY if number % 2 else PERSON)
    register.lists()
    feeds = [Feed(register.issuer.origin, tls=None, loopback_http=True) for _ in range(2)]
    results, meeting = [], threading.Barrier(2)

    def reads(source):
        meeting.wait(10)
        try:
            results.append(read(source, now=NOW))
        finally:
            connection.close()

    with django_db_blocker.unblock():
        try:
            threads = [threading.Thread(target=reads, args=[source]) for source in feeds]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
            assert sum(result.new for result in results) == 8
            assert kept(state="read") == list(range(1, 9))
            assert NoticeParty.objects.count() == 8
            assert BankruptcyNotice.objects.values("debtor").distinct().count() == 2
        finally:
            connection.close()
            with superuser() as session:
                session.execute("TRUNCATE legal_bankruptcynotice, legal_noticeparty, legal_noticereading")
