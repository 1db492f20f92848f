"""The sealer's command: once, as a duty that ends in order, or only to say how far the seal is behind."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.core import checks

from audit.key_making import Order, make_key
from audit.key_sources import Purpose
from audit.seal import lag_checks
from audit.seal.lag import IDLE
from tests import cluster


@pytest.fixture
def environment(tmp_path):
    """What the sealer's process is given, and nobody else: its address, and its key."""
    source, _, _ = make_key(Order(Purpose.SEAL, file=str(tmp_path / "key.pem")), None).partition("\n")
    (tmp_path / "copy").mkdir(mode=0o700)
    return {
        "DATABASE_SEALER_URL": cluster.OWNERS["DATABASE_SEALER_URL"],
        "AUDIT_SEAL_KEY": source,
        "AUDIT_COPY": f"folder:{tmp_path / 'copy'}",
        "AUDIT_SEAL_SECONDS": "600",
    }


def test_once(write, environment, sealed, undisturbed):
    write("a row")
    done = cluster.manage("audit_seal", **environment)
    assert (done.returncode, done.stdout) == (0, "Sealed 1 rows in 1 checkpoints.\n")
    assert sealed() == {1: ["a row"]}
    said = cluster.manage("audit_seal", "--status", **environment).stdout
    assert "# Every row is sealed.\n" in said and "dsop_audit_seal_checkpoint_number 1\n" in said


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"AUDIT_SEAL_KEY": ""}, "Set AUDIT_SEAL_KEY, in this process's environment alone.", id="no key"),
        pytest.param(
            {"AUDIT_SEAL_KEY": "file:/nowhere/key.pem"},
            "AUDIT_SEAL_KEY: the key lies in a file that cannot be opened (No such file or directory).",
            id="the key's file is missing",
        ),
    ],
)
def test_what_cannot_seal_says_so(environment, changes, sentence):
    done = cluster.manage("audit_seal", **{**environment, **changes})
    assert (done.returncode, done.stderr) == (1, f"CommandError: {sentence}\n")


def test_watching_seals_at_once_and_once_more_at_the_end(write, environment, sealed, undisturbed):
    write("first")
    process = subprocess.Popen(
        [sys.executable, str(cluster.ROOT / "manage.py"), "audit_seal", "--watch"],
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        told = json.loads(process.stderr.readline())
        assert (told["event"], told["rows"], told["checkpoints"]) == ("audit.sealed", 1, 1)
        write("last")
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0
    assert [json.loads(line)["event"] for line in rest.splitlines()] == ["audit.sealed"]
    assert sealed() == {1: ["first"], 2: ["last"]}


@pytest.fixture
def asked(connected_as, clean_audit, monkeypatch, settings):
    """Return a function that runs the check as the server does."""
    monkeypatch.setattr(lag_checks, "connection", connected_as("serving"))

    def check(alarm, databases=("default",)):
        settings.AUDIT_SEAL_ALARM_SECONDS = alarm
        return lag_checks.check_lag(databases=databases)

    return check


def test_the_server_warns_of_a_seal_that_is_late(asked, write):
    assert asked(0) == []
    write("a row", moment=datetime.now(UTC))
    assert asked(300) == []
    assert [(type(found), found.id) for found in asked(0)] == [(checks.Warning, "dsop.W047")]
    assert asked(0)[0].msg.endswith(f" seconds behind: {IDLE}.")


@pytest.mark.parametrize("databases", [None, (), ("ledger",)], ids=["no database", "none", "the ledger alone"])
def test_no_database_is_asked_that_was_not_meant(asked, write, databases):
    write("a row")
    assert asked(0, databases) == []


@pytest.mark.parametrize("role", ["owner", "sealer", "auditor"])
def test_only_the_server_warns(asked, write, settings, role):
    write("a row")
    settings.DATABASE_ROLE = role
    assert asked(0) == []
