"""A flood without valid tokens costs memory for sums, never a row for each request."""

import subprocess
import sys
import threading
import timeit
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import turned_away
from audit.models import TurnedAway
from audit.turned_away import MOST_KEYS, MOST_WAITING, Sums
from tests.audit.entries import NOON

MINUTE = int(NOON.timestamp()) // 60
REASONS = ("tok.missing", "tok.expired", "tok.signature")
CONSUMERS = ("974761076", "971648198")


@pytest.fixture
def sums(monkeypatch):
    """Begin from nothing, and without the thread that writes."""
    fresh = Sums()
    monkeypatch.setattr(turned_away, "_sums", fresh)
    monkeypatch.setattr(turned_away._writer, "ensure", lambda: None)
    monkeypatch.setattr(turned_away.time, "time", lambda: MINUTE * 60 + 30)
    return fresh


HOUR = timedelta(hours=1)


def rows():
    """Return what these tests wrote: the server beside them writes the minutes of today."""
    ours = TurnedAway.objects.filter(minute__gte=NOON - HOUR, minute__lte=NOON + HOUR)
    return sorted(ours.values_list("minute", "reason", "consumer", "count"))


@pytest.fixture
def committed(read):
    """Return a function that gives those of them that were committed."""
    return lambda: [row for row in read("audit_turned_away") if abs(row["minute"] - NOON) <= HOUR]


@pytest.mark.django_db
def test_five_thousand_bad_tokens_are_a_handful_of_rows_and_no_statement_before_the_flush(sums):
    with CaptureQueriesContext(connection) as counting:
        for number in range(5000):
            turned_away.count(REASONS[number % 3], CONSUMERS[number % 2] if number % 3 else "")
    assert len(counting) == 0
    with CaptureQueriesContext(connection) as flushing:
        turned_away.flush()
    assert len(flushing) == 1
    assert rows() == [
        (NOON, "tok.expired", "971648198", 834),
        (NOON, "tok.expired", "974761076", 833),
        (NOON, "tok.missing", "", 1667),
        (NOON, "tok.signature", "971648198", 833),
        (NOON, "tok.signature", "974761076", 833),
    ]


@pytest.mark.django_db
def test_what_is_flushed_is_not_flushed_again(sums):
    turned_away.count("tok.expired")
    turned_away.flush()
    with CaptureQueriesContext(connection) as flushing:
        turned_away.flush()
    assert len(flushing) == 0 and len(rows()) == 1


@pytest.mark.django_db
def test_a_minute_is_written_when_it_is_over(sums):
    for minute in (MINUTE - 2, MINUTE - 1, MINUTE, MINUTE):
        sums.add(minute, "tok.expired", "")
    assert sums.write(before=MINUTE) == 2
    assert [minute.minute for minute, *_ in rows()] == [58, 59]
    assert sums.write(before=MINUTE + 1) == 1
    assert rows()[-1] == (NOON, "tok.expired", "", 2)


@pytest.mark.django_db
def test_a_minute_that_a_clock_ran_ahead_to_is_written_when_it_is_set_back(sums):
    for minute in (MINUTE, MINUTE + 1, MINUTE + 60):
        sums.add(minute, "tok.times", "")
    assert sums.write(before=MINUTE) == 1
    assert [minute - NOON for minute, *_ in rows()] == [HOUR]


@pytest.mark.django_db
def test_consumers_past_the_bound_are_counted_together(sums):
    for number in range(MOST_KEYS + 500):
        sums.add(MINUTE, "tok.audience", f"{number:09d}")
    sums.add(MINUTE, "tok.audience", f"{0:09d}")
    sums.add(MINUTE + 1, "tok.audience", "999999999")
    sums.write(before=None)
    counted = {(minute, consumer): count for minute, _, consumer, count in rows()}
    after = NOON + timedelta(minutes=1)
    assert len(counted) == MOST_KEYS + 2
    assert (counted[NOON, "other"], counted[NOON, "000000000"], counted[after, "999999999"]) == (500, 2, 1)


@pytest.mark.django_db
def test_whatever_a_token_says_of_its_consumer_can_be_written(sums):
    sums.add(MINUTE, "r" * 100, "\0\udcff\u202e" + "9" * 100)
    sums.write(before=None)
    assert rows() == [(NOON, "r" * 64, "9" * 29, 1)]


@pytest.fixture
def unreachable(committing, monkeypatch):
    """Return a function that takes the database away or gives it back."""

    def cut(away):
        committing.close()
        monkeypatch.setitem(committing.settings_dict, "PORT", "1" if away else port)

    port = committing.settings_dict["PORT"]
    return cut


def test_sums_that_could_not_be_written_are_kept_and_written_later(sums, unreachable, committed, caplog):
    turned_away.count("tok.expired", CONSUMERS[0])
    unreachable(True)
    turned_away.flush()
    assert [(line.getMessage(), line.error) for line in caplog.records] == [("turned_away.lost", "OperationalError")]
    turned_away.count("tok.expired", CONSUMERS[0])
    unreachable(False)
    turned_away.flush()
    assert [(row["consumer"], row["count"]) for row in committed()] == [(CONSUMERS[0], 1)] * 2


def test_sums_whose_commit_was_not_confirmed_are_not_doubled(sums, committing, committed):
    def lose_answer(execute, sql, params, many, context):
        execute(sql, params, many, context)
        context["connection"].connection.close()
        raise ConnectionError

    turned_away.count("tok.expired")
    with committing.execute_wrapper(lose_answer), pytest.raises(ConnectionError):
        sums.write(before=None)
    committing.close()
    turned_away.flush()
    assert [row["count"] for row in committed()] == [1]


def test_while_the_database_is_away_memory_is_bounded(sums, unreachable):
    unreachable(True)
    for minute in range(MINUTE, MINUTE + 30):
        for number in range(MOST_KEYS):
            sums.add(minute, "tok.audience", f"{number:09d}")
        turned_away.flush()
    assert MOST_WAITING <= len(sums._waiting) <= MOST_WAITING + 30


def test_the_thread_writes_what_is_over_and_comes_back_after_the_minute(sums, committing, committed):
    sums.add(MINUTE - 1, "tok.expired", "")
    sums.add(MINUTE, "tok.expired", "")
    assert turned_away._write_finished_minutes() == 31
    assert [row["minute"].minute for row in committed()] == [59]
    assert committing.connection is None


def test_no_count_is_lost_between_threads(sums):
    def flood():
        for _ in range(2000):
            turned_away.count("tok.expired")

    threads = [threading.Thread(target=flood) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sums._minutes == {MINUTE: Counter({("tok.expired", ""): 16_000})}


def test_counting_starts_the_thread_and_a_child_begins_from_nothing():
    script = """
import os
import django
django.setup()
from audit import turned_away
turned_away.count("tok.expired")
assert turned_away._writer.alive and turned_away._sums._minutes
child = os.fork()
if child == 0:
    empty = not turned_away._sums._minutes and not turned_away._writer.alive
    turned_away.count("tok.expired")
    os._exit(0 if empty and turned_away._writer.alive else 1)
assert os.waitpid(child, 0)[1] == 0
assert sum(sums.total() for sums in turned_away._sums._minutes.values()) == 1
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[2], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_counting_is_cheap(sums):
    best = min(timeit.repeat(lambda: turned_away.count("tok.expired", CONSUMERS[0]), number=2000, repeat=5))
    assert best / 2000 < 20e-6
