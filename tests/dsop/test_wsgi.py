"""A service that is not sound does not start: one line for each fault, without secrets, and no second try."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests import warm
from tests.cluster import ROOT, free_port

SECRET = "pa55word"
STARTS = "The service does not start. "
IMPORT = [sys.executable, "-c", "import dsop.wsgi"]
GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "python:dsop.gunicorn", "dsop.wsgi:application"]
PRODUCTION = {
    "DSOP_ENVIRONMENT": "production",
    "MASKINPORTEN_ISSUER": "https://maskinporten.no/",
    "DSOP_AUDIENCES": '{"https://bank.example/v2": ["213456008"]}',
    "KEYS_COOLDOWN_SECONDS": "60",
}


def start(command, changes, *, run=warm.run):
    """Return exit status and complaints of a start in a changed environment; None removes a variable."""
    environment = {name: value for name, value in {**os.environ, **changes}.items() if value is not None}
    done = run(command, environment=environment)
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert all(line.startswith(STARTS) for line in lines), lines
    return done.returncode, [line.removeprefix(STARTS) for line in lines]


def from_nothing(command, *, environment):
    """Run the command as it is run in a shell."""
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"DSOP_ENVIRONMENT": None}, "Set DSOP_ENVIRONMENT to sandbox, test or production.", id="nowhere"),
        pytest.param(
            {"DSOP_ENVIRONMENT": "prod"}, "Set DSOP_ENVIRONMENT to sandbox, test or production.", id="misspelt"
        ),
        pytest.param({"REFERENCE_KEYS": f"r1:{SECRET}"}, "REFERENCE_KEYS: ", id="key that is none"),
        pytest.param(
            {"TOKEN_LEEWAY_SECONDS": SECRET}, "TOKEN_LEEWAY_SECONDS must be a whole number.", id="number that is none"
        ),
        pytest.param(
            {"DATABASE_URL": f"postgres://u@h:{SECRET}/d"}, "DATABASE_URL must be an address", id="address that is none"
        ),
        pytest.param({"TOKEN_LEEWAY_SECONDS": "31"}, "dsop.E005: ", id="check that fails"),
        pytest.param(
            {"DATABASE_URL": f"postgres://u:{SECRET}@127.0.0.1:1/d"},
            "The database in DATABASE_URL cannot be reached (OperationalError).",
            id="database that is down",
        ),
        pytest.param(
            {"LEDGER_DATABASE_URL": f"postgres://u:{SECRET}@127.0.0.1:1/d"},
            "The database in LEDGER_DATABASE_URL cannot be reached (OperationalError).",
            id="ledger that is down",
        ),
        pytest.param(PRODUCTION, "dsop.E001: PLAIN_JSON must be off", id="production with plain answers"),
    ],
)
def test_unsound(changes, complaint):
    status, complaints = start(IMPORT, changes)
    assert status == 4
    assert [line for line in complaints if line.startswith(complaint)], complaints


def test_every_fault_is_named_at_once():
    status, complaints = start(IMPORT, {"TOKEN_LEEWAY_SECONDS": "31", "LEDGER_MAX_AGE_HOURS": "0"})
    assert status == 4
    assert [complaint.partition(":")[0] for complaint in complaints] == ["dsop.E005", "dsop.E006"]


def test_server_ends_at_once_and_starts_no_worker():
    begun = time.monotonic()
    changes = {"TOKEN_LEEWAY_SECONDS": "31", "DSOP_BIND": f"127.0.0.1:{free_port()}"}
    status, [complaint] = start(GUNICORN, changes, run=from_nothing)
    assert (status, complaint.partition(":")[0]) == (4, "dsop.E005")
    assert time.monotonic() - begun < 10


def test_sound_and_no_connection_left_for_the_fork():
    """Connections copied by a fork would let two processes talk to one server at a time."""
    script = (
        "import dsop.wsgi; from django.db import connections; assert not any(c.connection for c in connections.all())"
    )
    assert start([sys.executable, "-c", script], {}, run=from_nothing) == (0, [])


def test_server_ends_with_the_signal_and_leaves_nothing(tmp_path):
    port, log = free_port(), tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            GUNICORN,
            cwd=ROOT,
            env={**os.environ, "DSOP_BIND": f"127.0.0.1:{port}"},
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + 20
    while log.read_text().count("Booting worker") < 2:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    with socket.create_connection(("127.0.0.1", port)):
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
