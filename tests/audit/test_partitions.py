"""Months are there before a record needs them, and each one refuses changes from its first moment."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command

from audit.guards import guard, unguarded
from audit.partitions import TABLES, WHOLE, bounds, months, partition_name
from tests import cluster

ATTACHED = """
SELECT relname, tgname FROM pg_partition_tree(%s) JOIN pg_class c ON c.oid = relid
LEFT JOIN pg_trigger ON tgrelid = c.oid AND tgenabled = 'O' WHERE level = 1 ORDER BY relname
"""


@pytest.mark.parametrize(
    ("today", "ahead", "expected"),
    [
        pytest.param(date(2026, 6, 1), 0, [date(2026, 6, 1)], id="this month alone"),
        pytest.param(
            date(2026, 11, 30),
            3,
            [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)],
            id="over the new year",
        ),
        pytest.param(date(2026, 12, 31), 1, [date(2026, 12, 1), date(2027, 1, 1)], id="from the last day of the year"),
        pytest.param(date(2028, 2, 29), 1, [date(2028, 2, 1), date(2028, 3, 1)], id="from a leap day"),
        pytest.param(
            date(2027, 1, 31), 2, [date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1)], id="over a short month"
        ),
    ],
)
def test_months(today, ahead, expected):
    assert months(today, ahead) == expected


@pytest.mark.parametrize(
    ("first", "days"),
    [
        pytest.param(date(2026, 12, 1), 31, id="ends with the year"),
        pytest.param(date(2027, 2, 1), 28, id="February"),
        pytest.param(date(2028, 2, 1), 29, id="February of a leap year"),
        pytest.param(date(2026, 3, 1), 31, id="the clocks go forward in Oslo"),
        pytest.param(date(2026, 10, 1), 31, id="the clocks go back in Oslo"),
    ],
)
def test_a_month_is_whole_and_meets_the_next(first, days):
    start, end = bounds(first)
    assert start == datetime(first.year, first.month, 1, tzinfo=UTC)
    assert (end - start).total_seconds() == days * 86_400
    assert bounds(end.date())[0] == end


def test_the_name_of_a_partition():
    assert partition_name("audit_record", date(2027, 2, 1)) == "audit_record_2027_02"


@pytest.fixture
def start():
    """Return a function that starts the command as owner. What still runs after the test is ended."""
    started = []

    def command(*arguments):
        started.append(
            subprocess.Popen(
                [sys.executable, "manage.py", "audit_partitions", *arguments],
                cwd=cluster.ROOT,
                env={**os.environ, **cluster.OWNERS, "PYTHONUNBUFFERED": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield command
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.fixture
def run():
    """Return a function that runs the command to its end and returns what it said."""

    def command():
        done = cluster.manage("audit_partitions", **cluster.OWNERS)
        return done.stdout, done.stderr

    return command


@pytest.fixture
def attached(as_superuser):
    """Return a function that tells which partitions a table has and the trigger on each."""
    return lambda table: as_superuser.execute(ATTACHED, [table]).fetchall()


@pytest.fixture
def fewer(as_superuser, attached, run):
    """Take away what lies beyond this month. Whatever the test did, the suite has its months again afterwards."""
    this = partition_name("", months(datetime.now(UTC).date(), 0)[0])
    for table in TABLES:
        for name, _ in attached(table):
            if name > table + this:
                as_superuser.execute(f"DROP TABLE {name}")
    yield
    if [attached(table) for table in TABLES] != [expected(table, 3) for table in TABLES]:
        run()


def expected(table, ahead):
    return [(partition_name(table, first), "audit_append_only") for first in months(datetime.now(UTC).date(), ahead)]


def test_three_makers_at_once_make_each_month_once(fewer, attached, start, run):
    makers = [start() for _ in range(3)]
    answers = [maker.communicate(timeout=60) for maker in makers]
    assert [maker.returncode for maker in makers] == [0] * 3, answers
    assert [errors for _, errors in answers] == [""] * 3
    said = sorted("".join(output for output, _ in answers).splitlines())
    assert said == sorted(f"made {name}" for table in TABLES for name, _ in expected(table, 3)[1:])
    assert [attached(table) for table in TABLES] == [expected(table, 3) for table in TABLES]
    assert run() == ("", "")


def test_making_does_not_wait_for_records_nor_let_them_wait(fewer, as_superuser, attached, run):
    insert = "INSERT INTO audit_turned_away VALUES (gen_random_uuid(), now(), 'tok.expired', '', 1)"
    with as_superuser.transaction(force_rollback=True) as transaction:
        transaction.connection.execute(insert)
        assert run()[1] == ""
        transaction.connection.execute(insert)
    assert attached("audit_turned_away") == expected("audit_turned_away", 3)


@pytest.mark.parametrize("ahead", [1, 0, -1, 25])
def test_too_few_or_too_many_months_are_refused(ahead):
    with pytest.raises(CommandError, match="--months must lie between 2 and 24"):
        call_command("audit_partitions", months=ahead)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("DROP TRIGGER audit_append_only ON {name}", id="dropped"),
        pytest.param("ALTER TABLE {name} DISABLE TRIGGER audit_append_only", id="disabled"),
    ],
)
def test_a_trigger_that_was_taken_away_is_put_back_and_said_aloud(as_superuser, attached, run, damage):
    name = expected("audit_record", 1)[1][0]
    as_superuser.execute(damage.format(name=name))
    output, errors = run()
    assert output == ""
    assert f"The trigger that refuses changes was gone or disabled on {name}. It is back." in errors
    assert attached("audit_record")[1] == (name, "audit_append_only")


def test_so_are_those_of_the_tables_without_partitions(as_superuser, run):
    as_superuser.execute("DROP TRIGGER audit_append_only ON audit_checkpoint")
    as_superuser.execute("ALTER TABLE audit_held DISABLE TRIGGER audit_append_only")
    as_superuser.execute(guard("audit_key", "TRUNCATE"))
    output, errors = run()
    assert output == ""
    assert [f"gone or disabled on {table}. It is back." in errors for table in WHOLE] == [True] * len(WHOLE)
    assert [unguarded(as_superuser.cursor(), table, refused) for table, refused in WHOLE.items()] == [[]] * len(WHOLE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_watching_makes_them_and_ends_when_told(fewer, attached, start, number):
    watcher = start("--watch")
    assert watcher.stdout.readline() == f"made {expected('audit_record', 1)[1][0]}\n"
    deadline = time.monotonic() + 20
    while attached("audit_turned_away") != expected("audit_turned_away", 3) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert watcher.poll() is None
    watcher.send_signal(number)
    watcher.communicate(timeout=10)
    assert watcher.returncode == 0
    assert [attached(table) for table in TABLES] == [expected(table, 3) for table in TABLES]
