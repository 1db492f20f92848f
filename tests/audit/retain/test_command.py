"""audit_retain as its user runs it: what it lists, what it does, and what is left of a key on the disk."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from audit.models import Decision, MonthKey
from audit.retain import deciding
from audit.retain.deletions import Deletion
from dsop.databases import Role, role_of
from tests import cluster
from tests.audit.retain.conftest import CASE, KARI, OLD, SALDO, SKATT

What = Decision.What
DOCUMENTS = Deletion(What.DOCUMENTS, SALDO, OLD)
FILE = "SELECT pg_read_binary_file(pg_relation_filepath('audit_key'))"


@pytest.fixture
def retain(trail, capsys):
    """Return a function that runs the command and returns what it says."""

    def run(*arguments):
        call_command("audit_retain", *arguments)
        return capsys.readouterr().out.splitlines()

    return run


def since(years=0, days=0):
    first = date(OLD.year + years, OLD.month + 1, 1)
    return date.fromordinal(first.toordinal() + days).isoformat()


def test_it_runs_as_owner():
    assert role_of("audit_retain") == Role.OWNER


def test_what_is_due_and_not_asked_for(trail, retain):
    assert retain("--due") == [
        f"accesses {OLD:%Y-%m}: since {since(2)}",
        f"documents of {SALDO} {OLD:%Y-%m}: since {since(days=90)}",
        f"documents of {SKATT} {OLD:%Y-%m}: since {since(days=90)}",
        f"numbers of - {OLD:%Y-%m}: since {since(2)}",
        f"numbers of agencies:bsu {OLD:%Y-%m}: since {since(2)}",
        f"numbers of {SALDO} {OLD:%Y-%m}: since {since(2)}",
        f"numbers of {SKATT} {OLD:%Y-%m}: since {since(3)}",
        f"records {OLD:%Y-%m}: since {since(3)}",
        f"sums {OLD:%Y-%m}: since {since(2)}",
    ]
    trail.ask(DOCUMENTS)
    assert f"documents of {SALDO} {OLD:%Y-%m}: since {since(days=90)}" not in retain("--due")


def test_what_is_approved_is_done_and_its_key_is_nowhere_on_the_disk(trail, retain, superuser):
    trail.hold(CASE)
    trail.approved(DOCUMENTS)
    wrapped = bytes(MonthKey.objects.get(kind="document", service=SALDO, month=OLD).wrapped)
    words = "deleted, 2 rows, 1 keys destroyed, 0 tables dropped, 2 copies held"
    with superuser() as session:
        session.execute("CHECKPOINT")
        assert wrapped in session.execute(FILE).fetchone()[0]
        assert retain("--dry-run") == [f"documents of {SALDO} {OLD:%Y-%m}: would be {words}"]
        assert retain() == [f"documents of {SALDO} {OLD:%Y-%m}: {words}"]
        session.execute("CHECKPOINT")
        assert wrapped not in session.execute(FILE).fetchone()[0]
    assert retain() == []


def test_one_that_cannot_be_done_does_not_keep_the_others(trail, retain, capsys):
    trail.hold(CASE)
    trail.approved(DOCUMENTS)
    trail.write(document=b"{}")
    hold = Decision.objects.get(kind="held")
    trail.agree(deciding.request_release(hold.pk, ground="Judged", by=KARI))
    with pytest.raises(CommandError, match="1 of the approved requests could not be carried out"):
        call_command("audit_retain")
    said = capsys.readouterr()
    assert said.out == f"case {CASE}: released, 0 copies unreadable, 0 keys destroyed\n"
    assert said.err.startswith(f"documents of {SALDO} {OLD:%Y-%m}: 1 rows of audit_record are not sealed yet")


def started(command, environment):
    """Run it from nothing: what is forked from a warm start runs one after the other."""
    return subprocess.run(
        command, env=environment, cwd=cluster.ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_two_at_once_do_each_thing_once(trail, settings):
    """Two processes at the same moment, as a timer and a person would start them."""
    for service in (SALDO, SKATT):
        trail.approved(Deletion(What.DOCUMENTS, service, OLD))
    environment = {
        **os.environ,
        **cluster.OWNERS,
        "AUDIT_RETENTION": '{"*": {"years": 2, "ground": "own"}}',
        "AUDIT_COPY": settings.AUDIT_COPY,
        "AUDIT_SEAL_PUBLIC_KEYS_FILE": settings.AUDIT_SEAL_PUBLIC_KEYS_FILE,
    }
    command = [sys.executable, str(cluster.ROOT / "manage.py"), "audit_retain"]
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _: started(command, environment), range(2)))
    assert [one.returncode for one in done] == [0, 0], done
    assert Decision.objects.filter(kind="deleted").count() == 2
    said = sorted(line for one in done for line in one.stdout.splitlines())
    assert [line.partition(":")[0] for line in said] == [
        f"documents of {SALDO} {OLD:%Y-%m}",
        f"documents of {SKATT} {OLD:%Y-%m}",
    ]
    assert trail.fault() == ["", ""]
