"""Records are found by everything they say, under former numbers and former keys, and in bounded batches."""

import uuid
from base64 import b64encode
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from accounts import parties
from accounts.parties import LedgerSilent
from audit.keyring import KeyRing
from compliance.finding import records
from compliance.finding.criteria import Criteria
from compliance.finding.looking import LEAST_SLICE, TooSlow, Walk, look
from compliance.finding.records import iterated, matching, record_with, records_about, walk_of
from tests import cluster
from tests.compliance.finding.trail import CASE, OPEN, SHIELDED, STRANGER, TRACE, add

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def test_a_record_is_found_by_its_own_id():
    record = add(OPEN)
    assert record_with(record.pk) == record
    assert record_with(uuid.uuid4()) is None
    assert record_with(uuid.UUID(int=2**128 - 1)) is None


def test_a_party_is_found_by_every_number_it_has_or_had(monkeypatch):
    known = parties.KnownParty((OPEN, STRANGER), "Debtor", False, True)
    monkeypatch.setattr(records, "party_known_by", {OPEN: known, STRANGER: known}.get)
    now, before, _other = add(OPEN), add(STRANGER, minutes=1), add(SHIELDED)
    assert [*records_about(STRANGER)] == [*records_about(OPEN)] == [now, before]
    assert [*records_about(STRANGER, former=False)] == [before]
    assert [*matching(Criteria(numbers=(OPEN,)))] == [now, before]


def test_a_number_under_a_former_lookup_key_is_found():
    before = add(STRANGER, minutes=1)
    [former] = settings.AUDIT_LOOKUP_KEYS
    ring = KeyRing(f"{cluster.key('l2', 32)},l1:{b64encode(former.secret).decode()}", length=32)
    with override_settings(AUDIT_LOOKUP_KEYS=ring):
        now = add(STRANGER)
        assert bytes(now.control_object_hash).startswith(b"l2:")
        assert [*records_about(STRANGER)] == [now, before]


def silent(number):
    raise LedgerSilent


def test_a_silent_ledger_is_no_answer(monkeypatch):
    monkeypatch.setattr(records, "party_known_by", silent)
    for ask in (lambda: records_about(OPEN), lambda: matching(Criteria(numbers=(OPEN,)))):
        with pytest.raises(LedgerSilent):
            ask()
    assert [*records_about(OPEN, former=False)] == []


VALUES = {
    "consumer": "974761076",
    "service": "skatt-kontroll",
    "legal_mandate": "Skattekontroll",
    "requester_id": "saksbehandler 7",
    "endpoint": "accounts",
    "outcome": "refused",
    "code": "ACC-001",
    "account_info_request_id": CASE,
    "correlation_id": TRACE,
}


@pytest.mark.parametrize("name", VALUES)
def test_each_criterion_alone_and_all_of_them_but_one(name):
    wanted = add(OPEN, minutes=1, **VALUES)
    other = {"account_info_request_id": TRACE, "correlation_id": CASE}.get(name, "sent" if name == "outcome" else "x")
    add(OPEN, **VALUES | {name: other})
    assert [*matching(Criteria(**{name: VALUES[name]}))] == [wanted]
    assert [*iterated(Criteria(numbers=(OPEN,), **VALUES))] == [wanted]


@pytest.mark.parametrize("which", ["pk", "account_info_request_id", "correlation_id"])
def test_any_id_finds_it(which):
    wanted, _other = add(OPEN, minutes=1, account_info_request_id=CASE, correlation_id=TRACE), add(OPEN)
    assert [*matching(Criteria(id=getattr(wanted, which)))] == [wanted]


def test_days_are_days_in_oslo_both_included():
    today = timezone.localdate()
    first = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = add(minutes=(timezone.now() - first).total_seconds() / 60)
    add(minutes=(timezone.now() - first).total_seconds() / 60 + 0.001)
    assert [*matching(Criteria(first=today, last=today))][-1:] == [wanted]
    assert [*iterated(Criteria(first=today, last=today))][-1:] == [wanted]


def test_many_are_yielded_once_each_in_small_batches(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(records, "BATCH", 4)
    made = [add(minutes=minute, consumer="974761076") for minute in (0, 1, 1, 1, 1, 1, 1, 50, 61, 62, 500)]
    ahead = add(minutes=-600, consumer="974761076")  # a server's clock was wrong
    expected = sorted([ahead, *made], key=lambda record: (record.at, record.pk), reverse=True)
    assert [*iterated(Criteria(consumer="974761076"))] == expected
    assert [*iterated(Criteria(consumer="971648198"))] == []


def test_a_page_goes_on_where_the_one_before_ended():
    made = [add(minutes=minute, consumer="974761076") for minute in range(7)]
    criteria, found, after = Criteria(consumer="974761076"), [], None
    for expected in (3, 3, 1):
        page = look(walk_of(criteria, after=after), limit=3)
        assert (len(page.rows), page.back_to) == (expected, None)
        found, after = found + page.rows, page.older
    assert (found, after) == (made, None)


def test_where_the_time_is_over_the_page_says_until_when_it_looked():
    old = add(minutes=300, consumer="974761076")
    criteria = Criteria(consumer="974761076")
    page = look(walk_of(criteria), limit=3, seconds=-1)
    assert page.rows == [] and page.back_to == page.older.moment
    pages = 0
    while page.back_to:
        walk, pages = walk_of(criteria, after=page.older), pages + 1
        rows = walk.step(4, 60)
        page = look(walk, limit=3, seconds=-1 if pages < 2 else 60)
        if old in rows or old in page.rows:
            break
    assert pages == 2


def test_a_slice_that_takes_too_long_is_tried_smaller(monkeypatch):
    """What does not come in time at the least is an error, and nothing is taken for read."""
    asked = []
    monkeypatch.setattr(
        "compliance.finding.looking._read", lambda rows, lower, edge, limit: asked.append(lower) or sleep()
    )
    walk = walk_of(Criteria(code="ACC-001"))
    edge = walk.edge
    with pytest.raises(TooSlow):
        for _ in range(30):
            walk.step(3, 0.01)
    assert walk.edge == edge and walk.slice == LEAST_SLICE
    assert asked == sorted(asked) and len({*asked}) > 3


def sleep():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")


def test_the_walk_over_the_whole_trail_ends():
    walk = walk_of(Criteria(requester_id="saksbehandler 7"))
    assert isinstance(walk, Walk) and walk.step(3, 60) == [] and walk.is_over
    assert walk.edge.moment < timezone.now() - timedelta(days=9000)
