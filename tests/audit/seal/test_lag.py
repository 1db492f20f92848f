"""How far the seal is behind is told in seconds, and what holds it back by its session and never by its question."""

from datetime import UTC, datetime, timedelta

import pytest

from audit.seal.lag import IDLE, PASSED, WAITING, Lag, lag, running
from audit.seal.status import status
from audit.seal.waiting import Horizon, horizon
from tests.audit.entries import NOON
from tests.audit.seal.conftest import add

NO_OTHER_WAY = """
SET LOCAL enable_seqscan = off;
UPDATE pg_index SET indisvalid = false
WHERE indrelid = '{month}'::regclass AND indexrelid <> '{month}_xact_idx'::regclass
"""
"""Whole as long as its transaction: which of several indexes is cheapest depends on figures gathered by chance."""


@pytest.fixture
def at_once(settings):
    """Let every row be late at once."""
    settings.AUDIT_SEAL_ALARM_SECONDS = 0


@pytest.fixture
def now():
    return datetime.now(UTC)


def test_nothing_waits(sealer, seal, write, now):
    assert lag(sealer) == Lag()
    write("a row", moment=now)
    seal()
    assert lag(sealer) == Lag()


def test_the_oldest_row_that_waits_counts(sealer, seal, write, now):
    write("sealed", moment=now - timedelta(seconds=200))
    seal()
    write("older", moment=now - timedelta(seconds=100))
    write("younger", moment=now)
    found = lag(sealer)
    assert (found.waiting_since, found.cause, found.rows) == (now - timedelta(seconds=100), "", 2)
    assert 100 <= found.seconds < 200


def test_a_row_from_the_future_waits_for_no_time(sealer, write, now):
    write("a row", moment=now + timedelta(seconds=50))
    assert lag(sealer).seconds == 0


def test_late_and_free_means_that_nobody_seals(sealer, write, now, at_once):
    write("a row", moment=now)
    assert lag(sealer).cause == IDLE


@pytest.mark.parametrize("database", ["dsop", "ledger"])
def test_a_transaction_anywhere_in_the_cluster_is_the_cause(sealer, begin, write, now, at_once, seal, database):
    session = begin(database, "nightly load")
    write("a row", moment=now)
    assert seal() == (0, 0)
    since = session.execute('SELECT to_char(now(), \'YYYY-MM-DD"T"HH24:MI:SS"Z"\')').fetchone()[0]
    assert lag(sealer).cause == (
        f"an older transaction: process {session.info.backend_pid}, database {database}, application nightly load, "
        f"since {since}, idle in transaction"
    )
    session.rollback()
    assert lag(sealer).cause == IDLE
    assert seal() == (1, 1)


def test_a_row_that_is_free_outweighs_one_that_is_held_back(sealer, begin, write, now, at_once):
    write("free", moment=now)
    begin()
    write("held back", moment=now)
    assert lag(sealer).cause == IDLE


def test_a_role_that_may_not_see_states_names_the_session_all_the_same(connected_as, begin, write, now, at_once):
    session = begin(application="nightly load")
    write("a row", moment=now)
    assert lag(connected_as("auditor")).cause == (
        f"an older transaction: process {session.info.backend_pid}, database dsop, application nightly load"
    )


def test_what_has_ended_by_now_is_said_to_have(sealer):
    with sealer.cursor() as cursor:
        assert running(cursor, Horizon(3, 4, "1", {})) == PASSED


def test_an_open_transaction_shows_no_row_and_no_lag(sealer, begin, at_once):
    add(begin(), "not committed")
    assert lag(sealer) == Lag()


def test_what_waits_is_found_by_index(sealer, seal, write, as_superuser):
    """Where every other way is barred, the index on the transaction is taken: nothing in the question hides it."""
    write("a row")
    seal()
    with sealer.cursor() as cursor:
        far = horizon(cursor)
    question = WAITING.format(
        moment="minute",
        done=far.done(restored=True),
        unsealed=far.unsealed("audit_turned_away", f"r.xact < {far.above}"),
    )
    month = f"audit_turned_away_{NOON:%Y_%m}"
    with as_superuser.transaction(force_rollback=True):
        as_superuser.execute(NO_OTHER_WAY.format(month=month))
        plan = "\n".join(line for (line,) in as_superuser.execute(f"EXPLAIN {question}", [0]))
    assert f"{month}_xact_idx" in plan
    assert f"Index Cond: ((xact >= {far.looked['audit_turned_away']}) AND" in plan


def test_the_state_for_a_monitoring_system(sealer, seal, write, now, settings):
    settings.AUDIT_SEAL_ALARM_SECONDS = 60
    write("a row", moment=now)
    seal()
    made = sealer_says(sealer, "SELECT at FROM audit_checkpoint")
    assert status(sealer).splitlines() == [
        "# Every row is sealed.",
        f"# The last checkpoint is number 1, made at {made:%Y-%m-%dT%H:%M:%SZ}.",
        *gauges(0, 0, 0, 1, made.timestamp()),
    ]
    write("late", moment=now - timedelta(seconds=70))
    said = status(sealer).splitlines()
    assert said[1] == f"# That is late. The cause: {IDLE}."
    assert [line for line in said if line.startswith("dsop_audit_seal_late")] == ["dsop_audit_seal_late 1"]


def test_the_state_before_the_first_checkpoint(sealer):
    assert status(sealer).splitlines() == [
        "# Every row is sealed.",
        "# There is no checkpoint.",
        *gauges(0, 0, 0, 0, 0),
    ]


def gauges(*values):
    names = ("lag_seconds", "rows_waiting", "late", "checkpoint_number", "checkpoint_timestamp_seconds")
    meanings = {
        "lag_seconds": "How long the oldest row of the trail has waited for its seal.",
        "rows_waiting": "Rows of the trail that are in no checkpoint yet.",
        "late": "1 when the lag has reached AUDIT_SEAL_ALARM_SECONDS.",
        "checkpoint_number": "The number of the last checkpoint, 0 when there is none.",
        "checkpoint_timestamp_seconds": "When the last checkpoint was made.",
    }
    lines = []
    for name, value in zip(names, values, strict=True):
        full = f"dsop_audit_seal_{name}"
        lines += [f"# HELP {full} {meanings[name]}", f"# TYPE {full} gauge", f"{full} {value:.17g}"]
    return lines


def sealer_says(session, question):
    with session.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]
