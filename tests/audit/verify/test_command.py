"""The command says what it found, what it looked at, and how it ended."""

import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import CommandError, call_command

from audit.management.commands import audit_verify
from tests.audit.verify.conftest import KEY
from tests.audit.verify.trail import MONTH, NEXT

LOOKED = (
    "Looked at: 2 months, 15 rows, 6 checkpoints, 4 answers, 0 witnesses, 0 months deleted by decision, "
    "1 rows not yet sealed."
)


@pytest.fixture
def run(trail, settings, tmp_path, monkeypatch, capsys):
    """Return a function that runs the command as the auditor does, and returns how it ended and what it printed."""
    keys = tmp_path / "keys.pem"
    keys.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    keys.chmod(0o600)
    settings.AUDIT_COPY, settings.AUDIT_SEAL_PUBLIC_KEYS_FILE = f"folder:{trail.folder}", str(keys)
    settings.AUDIT_WITNESS = settings.AUDIT_WITNESS_ROOTS_FILE = ""
    monkeypatch.setattr(audit_verify, "connection", trail.auditor)

    def command(*arguments):
        try:
            call_command("audit_verify", *arguments)
            ended = 0
        except SystemExit as end:
            ended = end.code
        return ended, capsys.readouterr().out.splitlines()

    return command


def test_an_untouched_trail(run):
    assert run() == (0, [LOOKED, "Everything that could be checked holds."])


def test_what_is_found(run, trail):
    trail.tamper("DELETE FROM audit_answer WHERE id = '{record1}'")
    where = "audit_record {month}, row {record1}".format(**trail.names)
    line = f"ANSWER REMOVED: {where}: The kept answer is gone without a decision."
    assert run() == (1, [line, LOOKED.replace("4 answers", "3 answers"), "1 findings."])
    ended, (found, summary) = run("--json")
    assert ended == 1
    assert json.loads(found) == {"kind": "answer removed", "where": where, "detail": ""}
    assert json.loads(summary)["summary"] | {"rows": 0} == {
        "findings": 1,
        "months": 2,
        "rows": 0,
        "checkpoints": 6,
        "answers": 3,
        "witnesses": 0,
        "months deleted by decision": 0,
        "rows not yet sealed": 1,
        "unchecked": {},
    }


def test_without_the_outside_copy(run, settings):
    settings.AUDIT_COPY = ""
    ended, lines = run()
    assert (ended, lines[1:]) == (
        3,
        ["NOT CHECKED: the copy outside: AUDIT_COPY names none.", "Everything that could be checked holds."],
    )


def test_months(run, trail):
    """Whole months, as they are sealed; the chain that comes from the month before is followed there."""
    trail.tamper("UPDATE audit_record SET http_status = 404 WHERE id = '{record1}'")
    assert run("--from", f"{NEXT:%Y-%m}-17")[0] == 0
    assert run("--to", f"{MONTH:%Y-%m}-01")[0] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--from", "20261101"], id="without dashes"),
        pytest.param(["--from", "2026-11"], id="a month"),
        pytest.param(["--to", "2026-11-31"], id="a day that there is not"),
        pytest.param(["--to", " 2026-11-01"], id="with a space"),
        pytest.param(["--from", "2026-11-02", "--to", "2026-11-01"], id="ends before it begins"),
    ],
)
def test_a_range_that_is_none(arguments):
    with pytest.raises(CommandError):
        call_command("audit_verify", *arguments)
