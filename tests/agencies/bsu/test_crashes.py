"""A process killed at each step, and the same command run again: one delivery, one approval, one record of each."""

import json
import os
import subprocess
import sys

import pytest

from agencies.bsu.models import Delivery, Sending
from legal.models import Person
from tests import cluster
from tests.agencies.bsu.conftest import YEAR, let_go, processed

KILLED, FINE = -9, 0
PREPARE, SEND, STATUS = "--prepare", ["--send", "--no-wait"], ["--status"]


@pytest.fixture(scope="module")
def dying(counterparts):
    """Return a function that runs the command in a process of its own, to a step at which that is killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.agencies.bsu.dying"],
        cwd=cluster.ROOT,
        env={**os.environ, **counterparts.environment, "DJANGO_SETTINGS_MODULE": "dsop.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(step, *arguments):
        process.stdin.write(json.dumps([step, [str(YEAR), *arguments]]) + "\n")
        process.stdin.flush()
        while not (line := process.stdout.readline().strip()).lstrip("-").isdecimal():
            assert line, "the process has ended"
        return int(line)

    yield run
    process.stdin.close()
    process.wait(20)
    process.stdout.close()


@pytest.fixture
def committed(intake, clean_audit, django_db_blocker):
    """Let every process see what the test does, until its end."""
    with django_db_blocker.unblock():
        yield
        Sending.objects.all().delete()
        Delivery.objects.all().delete()
        Person.objects.filter(employee_id__in=["kari", "ola"]).delete()


def states():
    return list(Delivery.objects.order_by("prepared_at").values_list("state", flat=True))


@pytest.mark.parametrize(
    "step",
    [
        pytest.param("in the middle of preparing", id="before all parts are kept"),
        pytest.param("when prepared", id="when they are kept"),
    ],
)
def test_killed_while_preparing(dying, committed, intake, step):
    assert dying(step, PREPARE) == KILLED
    assert states() == (["prepared"] if step == "when prepared" else ["withdrawn"]), "all or nothing"
    assert dying("nowhere", PREPARE) == FINE
    assert states() == ["withdrawn", "prepared"]
    assert processed(intake) == {}


@pytest.mark.parametrize(
    ("step", "arguments"),
    [
        pytest.param("when approved", SEND, id="after the approval"),
        pytest.param("before the record", SEND, id="before the record"),
        pytest.param("when recorded", SEND, id="after the record, before it is noted"),
        pytest.param("when recorded and noted", SEND, id="after the record"),
        pytest.param("when the request is sent", SEND, id="after the request, before the answer"),
        pytest.param("when the answer has begun", SEND, id="while the answer is read"),
        pytest.param("when the answer is read", SEND, id="after the answer, before it is kept"),
        pytest.param("when the answer is kept", SEND, id="when the answer is kept"),
        pytest.param("when the verdict is read", STATUS, id="during feedback, before it is kept"),
        pytest.param("when the verdict is kept", STATUS, id="during feedback, when it is kept"),
    ],
)
def test_killed_and_run_again(dying, committed, intake, records, step, arguments):
    assert dying("nowhere", PREPARE) == FINE
    delivery = Delivery.objects.defer("body_sealed").get()
    let_go(delivery)
    if arguments == STATUS:
        assert dying("nowhere", *SEND) == FINE
    assert dying(step, *arguments) == KILLED
    assert dying("nowhere", *SEND) == FINE
    assert dying("nowhere", *STATUS) == FINE
    assert processed(intake) == {delivery.reference: 1}
    delivery.refresh_from_db()
    assert (delivery.state, delivery.received_accounts) == ("accepted", delivery.accounts)
    (sending,) = delivery.sendings.all()
    assert (sending.state, sending.approved_name) == ("done", "Ola (ola)")
    told = records()
    assert {(row["endpoint"], row["outcome"], row["consumer"]) for row in told} == {
        ("bsu.innsending", "sent", "974761076")
    }
    assert len({bytes(row["control_object_hash"]) for row in told}) == delivery.accounts
    assert len(told) == delivery.accounts
