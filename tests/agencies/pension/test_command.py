"""manage.py pension_agreements: what it keeps, sends, prints and ends with."""

import io
import json
import os
import re
import signal
import sys

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from agencies.pension.models import NOTHING, Agreement
from tests import warm
from tests.agencies.pension.agreements import OTHER_PROVIDER, PROVIDER, kept, state, wish
from tests.agencies.pension.killed import STEPS_OF_IMPORT

EMPLOYER = "310005568"
NAMED = ("--reference", "R/1", "--employer", EMPLOYER)
REGISTER = ("register", *NAMED, "--from", "2021-01")
ASK = ("--provider", PROVIDER, "--employer", "310001112", "--from", "2021-02", "--to", "2021-07")
SAVED = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def run(*words):
    """Return what the command printed, what it complained of, and its error."""
    output, complaints, error = io.StringIO(), io.StringIO(), ""
    try:
        call_command("pension_agreements", *words, stdout=output, stderr=complaints, no_color=True)
    except CommandError as failure:
        error = f"{failure.returncode} {failure}"
    return output.getvalue().strip(), complaints.getvalue().strip(), error


def held(online):
    return online.ask("GET", "/control/pension/agreements").json().get(f"{PROVIDER}/{EMPLOYER}", {})


def test_the_life_of_an_agreement(online):
    assert run(*REGISTER) == ("It is registered.", "", "")
    assert run(*REGISTER) == ("The agency was told already; nothing was sent.", "", "")
    assert held(online) == {"R/1": ["2021-01", None]}
    assert run(*REGISTER, "--to", "2022-12") == ("It is registered.", "", "")
    assert held(online) == {"R/1": ["2021-01", "2022-12"]}
    assert run("delete", *NAMED) == ("It is deleted.", "", "")
    assert held(online) == {}
    assert run("delete", *NAMED) == ("The agency was told already; nothing was sent.", "", "")
    assert run("sync") == ("0 registered, 0 deleted, 0 with another process, 0 failed.", "", "")
    (row,) = Agreement.objects.all()
    assert [event.pgh_context.metadata for event in row.events.all()] == [{"command": "pension_agreements"}] * 3


def test_sync_never_undoes_what_was_registered_or_deleted(online):
    run(*REGISTER)
    kept(wish("other"))
    assert run("sync")[0].startswith("1 registered, 0 deleted")
    run("delete", *NAMED)
    assert (run("sync")[0][:12], held(online)) == ("0 registered", {})


@pytest.mark.parametrize("before", [True, False], ids=["before the action", "after it"])
def test_json(online, before):
    def told(*words):
        return json.loads(run(*(("--json", *words) if before else (*words, "--json")))[0])

    (row_id,) = [told(*REGISTER)["agreement"]]
    assert told("sync") == {"registered": 0, "deleted": 0, "with_another_process": 0, "failed": 0, "untried": 0}
    assert told("delete", *NAMED) == {"agreement": row_id, "became": "deleted"}
    assert told("validity", *ASK) == {"valid": False, "missing": ["2021-04", "2021-05"]}
    findings = told("--diagnose", "sync") if before else told("sync", "--diagnose")
    assert findings["OTP_RIGHTS_PACKAGE names otp"] is True
    assert all(findings.values())


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        pytest.param(("validity", *ASK), "Not covered: 2021-04, 2021-05.", id="validity"),
        pytest.param(("effect", *ASK), "Every month is covered.", id="effect"),
        pytest.param(("validity", *ASK, "--accept", "xml"), "Not covered: 2021-04, 2021-05.", id="in XML"),
    ],
)
def test_questions(online, words, printed):
    assert run(*words) == (printed, "", "")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(
            ("register", "--reference", " ", "--employer", EMPLOYER, "--from", "2021-01"),
            "Nothing was kept or sent. The reference must have 1 to 4000 characters, and no control characters.",
            id="no reference",
        ),
        pytest.param(
            ("delete", "--reference", "r", "--employer", "12345678"),
            "Nothing was kept or sent. The employer's number is not nine digits.",
            id="no employer",
        ),
        pytest.param(
            (*REGISTER, "--provider", "1"),
            "Nothing was kept or sent. The provider's number is not nine digits.",
            id="no provider",
        ),
        pytest.param(
            ("register", *NAMED, "--from", "2021-1"),
            "Nothing was kept or sent. The first month must be written as 2021-01.",
            id="no month",
        ),
        pytest.param(
            (*REGISTER, "--to", "2999-01"),
            "Nothing was kept or sent. The last month lies ahead, and nobody has said that this is meant."
            " --future-end says so.",
            id="an end that lies ahead",
        ),
        pytest.param(
            ("validity", *ASK[:-1], "2999-01"),
            "Nothing was sent: The last month that is asked about lies ahead.",
            id="a question about what lies ahead",
        ),
        pytest.param(
            (*REGISTER, "--provider", OTHER_PROVIDER),
            "Nothing was sent: Maskinporten gave no token. (HTTP 400, invalid_grant)",
            id="a provider that has not delegated",
        ),
    ],
)
def test_one_clear_sentence(online, words, error):
    printed, complaints, told = run(*words)
    assert (printed, complaints, re.sub(r", MP-[0-9]+", "", told)) == ("", "", f"1 {error}")


def test_an_end_ahead_that_is_meant(online):
    assert run(*REGISTER, "--to", "2999-01", "--future-end") == ("It is registered.", "", "")
    assert run(*REGISTER, "--to", "2999-01")[2].startswith("1 Nothing was kept")
    assert held(online) == {"R/1": ["2021-01", "2999-01"]}


def test_a_start_before_any_effect_is_warned_of(online):
    assert run("register", *NAMED, "--from", "2020-12") == (
        "It is registered.",
        "No month before 2021-01 has any effect.",
        "",
    )


def test_what_the_agency_refuses_stays_desired(online):
    online.fault("/otp/v1/otp", code="OTP-005")
    printed, _, error = run("--json", *REGISTER)
    assert json.loads(printed)["became"] == "failed"
    assert re.sub(SAVED, "X", error) == (
        "1 The agency does not let this organisation do that. (HTTP 403, OTP-005, correlation id X):"
        " a fault of authorisation"
    )
    (row,) = Agreement.objects.all()
    assert state(row)[3:] == (NOTHING, "", "", True)
    assert run("sync")[0].startswith("1 registered")


def test_deleting_what_the_agency_does_not_have_is_an_error(online):
    _, _, error = run("delete", *NAMED)
    assert error.startswith("1 The agency has nothing on that agreement, or on that provider and employer. (HTTP 404")


def test_each_failure_of_a_sync_is_one_line(online):
    rows = kept(*(wish(f"r{number}") for number in range(3)))
    online.fault("/otp/v1/otp", code="OTP-006", times=2)
    printed, complaints, error = run("sync")
    assert printed == "1 registered, 0 deleted, 0 with another process, 2 failed."
    told = [re.sub(f"correlation id {SAVED}", "X", line) for line in complaints.splitlines()]
    assert len(told) == 2
    assert all(line[38:].startswith("The agency found a fault in the request. (HTTP 400, OTP-006, X)") for line in told)
    assert {line[:36] for line in told} < {str(row.pk) for row in rows}
    assert error == "1 2 agreements still differ, 0 of them were not tried."


def test_import_and_sync(online, tmp_path):
    file, rejects = tmp_path / "a.csv", tmp_path / "r.csv"
    header = "provider,employer,reference,from,to,wanted"
    file.write_text(f"{header}\n{PROVIDER},{EMPLOYER},R/1,2020-06,,yes\n{PROVIDER},{EMPLOYER},R/2,2021,,yes\n")
    words = ("import", str(file), "--rejects", str(rejects), "--separator", "comma")
    assert run(*words) == (
        "2 lines: 1 agreements new, 0 changed.",
        "1 agreements begin earlier. No month before 2021-01 has any effect.",
        "1 1 lines were rejected; the file of rejects says why.",
    )
    assert rejects.read_text().splitlines()[1] == "# line 3: The first month must be written as 2021-01."
    assert run(*words)[2] == "1 Nothing was kept. The file for the rejects is there already."
    rejects.unlink()
    printed, _, _ = run("--json", *words)
    assert json.loads(printed) == {"lines": 2, "added": 0, "changed": 0, "rejected": 1, "too_early": 1}
    run("sync")
    assert held(online) == {"R/1": ["2020-06", None]}


@pytest.mark.parametrize("step", STEPS_OF_IMPORT)
def test_an_import_that_is_killed_kept_nothing(online, tmp_path, step):
    file = tmp_path / "a.csv"
    file.write_text(f"provider;employer;reference;from;to;wanted\n{PROVIDER};{EMPLOYER};R/1;2021-01;;yes\nbad\n")

    def words(rejects):
        return ("import", str(file), "--rejects", str(tmp_path / rejects))

    command = [sys.executable, "-m", "tests.agencies.pension.killed", step, "1", "pension_agreements", *words("first")]
    done = warm.run(command, environment={**os.environ, **online.environment})
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not Agreement.objects.exists()
    assert run(*words("second"))[0] == "2 lines: 1 agreements new, 0 changed."
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


@pytest.mark.parametrize(
    ("file", "error"),
    [
        pytest.param("nothing.csv", "A file cannot be read or written: No such file or directory.", id="no file"),
        pytest.param(".", "A file cannot be read or written: Is a directory.", id="a folder"),
    ],
)
def test_a_file_that_cannot_be_read(online, tmp_path, file, error):
    _, _, told = run("import", str(tmp_path / file), "--rejects", str(tmp_path / "r"))
    assert told == f"1 Nothing was kept. {error}"


@pytest.mark.parametrize(
    ("name", "value", "words", "error"),
    [
        ("OTP_BASE_URL", "", ("validity", *ASK), "OTP_BASE_URL"),
        ("OTP_PROFILE", "", ("validity", *ASK), "OTP_PROFILE"),
        ("OTP_RIGHTS_PACKAGE", ["otp"], ("effect", *ASK), "nav in OTP_RIGHTS_PACKAGE"),
        ("OTP_RIGHTS_PACKAGE", ["nav"], REGISTER, "otp in OTP_RIGHTS_PACKAGE"),
    ],
)
def test_a_setting_that_is_missing(online, settings, name, value, words, error):
    setattr(settings, name, value)
    assert run(*words)[2] == f"1 Nothing was sent: {error} is not set, or does not fit the other settings."


def test_a_token_that_would_be_refused(online, settings):
    settings.OTP_RIGHTS_PACKAGE = ["nav"]
    printed, _, error = run("register", *NAMED, "--from", "2021-01", "--diagnose")
    assert "NO  OTP_RIGHTS_PACKAGE names otp" in printed.splitlines()
    assert error == "1 The agency would refuse this token."
    assert not Agreement.objects.exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(("sync",), 0, "1 registered, 0 deleted, 0 with another process, 0 failed.", id="done"),
        pytest.param(("delete", "--reference", "x", "--employer", "1"), 1, "not nine digits.", id="refused"),
        pytest.param((), 2, "Say what to do:", id="nothing to do"),
        pytest.param(("register",), 2, "the following arguments are required", id="words missing"),
    ],
)
def test_from_a_shell(online, words, code, said):
    kept(wish("r"))
    command = [sys.executable, "manage.py", "pension_agreements", *words]
    done = warm.run(command, environment={**os.environ, **online.environment})
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
