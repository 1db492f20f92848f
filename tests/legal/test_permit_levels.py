"""The shared buckets in the database itself: what the statements do, and four workers at them at once."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext

from audit.appending import NotRecorded
from legal import permit_levels
from legal.limits import Limit, Permits
from legal.models import LimitedMinute, PermitLevel
from legal.permit_levels import draw, first_of_minute
from legal.refusals import TooManyRequests

SKATT, NAV, SLUG = "974761076", "889640782", "fi-utlegg-saldo"
LIMIT = Limit(per_second=10, burst=30)
MINUTE = 29_000_000


def bucket():
    return PermitLevel.objects.get(consumer=SKATT, service=SLUG)


def moved(**by):
    """Make the bucket's last reading older, or one of the future."""
    PermitLevel.objects.update(at=bucket().at - timedelta(**by))


@pytest.mark.django_db
def test_a_new_bucket_is_full():
    assert draw(SKATT, SLUG, 0, LIMIT) == 30
    assert draw(NAV, SLUG, 12, LIMIT) == 18


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("spent", "before", "level"),
    [
        pytest.param(5, {"seconds": 0}, 25, id="spent"),
        pytest.param(90, {"seconds": 0}, -60, id="overspent by three workers more"),
        pytest.param(25, {"seconds": 1}, 15, id="a second fills ten"),
        pytest.param(90, {"seconds": 3}, -30, id="from below zero too"),
        pytest.param(25, {"days": 1}, 30, id="to the burst and no further"),
        pytest.param(25, {"seconds": -5}, 5, id="another server's clock was a little ahead: nothing is filled twice"),
        pytest.param(25, {"hours": -5}, 5, id="the clock was set back: nothing is filled"),
    ],
)
def test_draw(spent, before, level):
    draw(SKATT, SLUG, spent, LIMIT)
    moved(**before)
    assert draw(SKATT, SLUG, 0, LIMIT) == pytest.approx(level, abs=0.9), "a test's own time fills less than that"


@pytest.mark.django_db
def test_a_clock_that_was_set_back_by_hours_is_followed():
    draw(SKATT, SLUG, 25, LIMIT)
    moved(hours=-5)
    draw(SKATT, SLUG, 0, LIMIT)
    moved(seconds=1)
    assert draw(SKATT, SLUG, 0, LIMIT) == pytest.approx(15, abs=0.9)


@pytest.mark.django_db
def test_a_lower_limit_holds_at_once():
    draw(SKATT, SLUG, 0, LIMIT)
    assert draw(SKATT, SLUG, 2, Limit(per_second=1, burst=5)) == 3


@pytest.mark.django_db
def test_a_settled_lease_is_one_statement():
    draw(SKATT, SLUG, 0, LIMIT)
    with CaptureQueriesContext(connection) as asked:
        draw(SKATT, SLUG, 1, LIMIT)
    assert len(asked) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("faults", "tried"),
    [
        pytest.param(["40001", "40P01"], 3, id="twice: tried a third time"),
        pytest.param(["40001"] * 3, 3, id="three times: given up"),
        pytest.param(["57P01"], 1, id="another fault: left to the next turn"),
    ],
)
def test_clashes_are_tried_again(monkeypatch, faults, tried):
    left, calls = iter(faults), []

    def drawn(values):
        calls.append(values)
        if state := next(left, None):
            error = OperationalError()
            error.__cause__ = type("Cause", (Exception,), {"sqlstate": state})()
            raise error
        return 1.0

    monkeypatch.setattr(permit_levels, "_drawn", drawn)
    if len(faults) == tried:
        with pytest.raises(OperationalError):
            draw(SKATT, SLUG, 1, LIMIT)
    else:
        assert draw(SKATT, SLUG, 1, LIMIT) == 1.0
    assert len(calls) == tried


@pytest.mark.django_db
def test_the_first_of_a_minute_is_one():
    asked = [(SKATT, 0), (SKATT, 0), (NAV, 0), (SKATT, 1), (SKATT, 0), (NAV, 1)]
    firsts = [first_of_minute(consumer, MINUTE + minute) for consumer, minute in asked]
    assert firsts == [True, False, True, True, False, True]


@pytest.mark.django_db
def test_a_clock_that_was_set_back_is_followed_to_the_minute():
    asked = [60, 0, 0, 1, 0]
    assert [first_of_minute(SKATT, MINUTE + minute) for minute in asked] == [True, True, False, True, False]


@pytest.fixture
def committing(django_db_setup, django_db_blocker, superuser):
    """Let the test commit, on connections of its own, and leave nothing behind."""
    with django_db_blocker.unblock():
        connection.close()
        yield connection
        connection.close()
    with superuser() as session:
        session.execute("DELETE FROM legal_permitlevel; DELETE FROM legal_limitedminute")


def test_the_first_of_a_minute_is_asked_again_over_another_session(committing, superuser):
    first_of_minute(SKATT, MINUTE)
    with superuser() as session:
        session.execute("SELECT pg_terminate_backend(%s)", [committing.connection.info.backend_pid])
    assert first_of_minute(SKATT, MINUTE + 1)
    assert [row.minute for row in LimitedMinute.objects.filter(consumer=SKATT)] == [MINUTE + 1]


def test_nobody_says_which_is_the_first_when_the_database_is_away(committing, monkeypatch, caplog):
    monkeypatch.setitem(committing.settings_dict, "PORT", "1")
    with pytest.raises(NotRecorded):
        first_of_minute(SKATT, MINUTE)
    assert [record.getMessage() for record in caplog.records] == ["audit.not_recorded"]


def test_four_workers_at_one_bucket(committing):
    """Each answers as fast as it can, with its own connection, and settles far more often than it needs to."""
    deadline, begun, answered = time.monotonic() + 1.5, time.monotonic(), []

    def work():
        worker, count = Permits(draw, wake=lambda: None), 0
        try:
            while time.monotonic() < deadline:
                try:
                    worker.spend(SKATT, SLUG, LIMIT)
                    count += 1
                except TooManyRequests:
                    worker.turn()
        finally:
            answered.append(count)
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bound = LIMIT.burst + LIMIT.per_second * (time.monotonic() - begun) + 4 * LIMIT.lease
    assert len(answered) == 4
    assert LIMIT.burst <= sum(answered) <= bound
