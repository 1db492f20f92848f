"""`manage.py studielan` and `studielan_sweep`, as their users meet them."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from agencies.studielan import logins
from agencies.studielan.management.commands import studielan_sweep
from agencies.studielan.models import KeptLogin
from tests import cluster
from tests.agencies.studielan.customers import SECRET, asked_of, login_of


def run(*arguments, **options):
    output = io.StringIO()
    call_command("studielan", *arguments, stdout=output, **options)
    return output.getvalue()


def test_the_debt_in_words(bank, consented):
    words = run(consented("flawed").identifier).splitlines()
    assert words[:4] == [
        "principal         12,684.79 kr",
        "interest              90.44 kr",
        "fees                 280.00 kr",
        "total             13,055.23 kr",
    ]
    assert words[4:6] == [
        "Interest is booked at certain events only; this figure is not current.",
        "Lånekassen's own total differs from the sum of its parts; the sum is shown.",
    ]
    (asked,) = asked_of(bank)
    assert words[6:] == [f"X-Request-Id {asked['headers']['X-REQUEST-ID']}"]
    assert "repaid" not in "\n".join(words)


def test_the_debt_in_json(bank, consented):
    customer = consented("9")
    document = json.loads(run(customer.identifier, "--json"))
    (asked,) = asked_of(bank)
    assert document == {
        "parts": [
            {
                "kind": "Renter",
                "amount": "152.8",
                "changedAt": "2026-01-31T23:10:45.870000+00:00",
                "account": "•••••••••87",
                "complete": True,
            }
        ],
        "statedTotal": "152.8",
        "total": "152.8",
        "remarks": ["interestNotCurrent"],
        "requestId": asked["headers"]["X-REQUEST-ID"],
    }


def test_the_number_from_stdin(consented, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(consented("2").identifier + "\n"))
    assert run("-").splitlines()[0] == "total                  0.00 kr"


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        pytest.param("unknown", "The agency has nothing on what was asked for. (HTTP 404", id="no customer"),
        pytest.param("withdrawn", "the customer has given no consent that is still valid", id="withdrawn"),
    ],
)
def test_failures_are_one_sentence(consented, case, sentence):
    customer = consented(case)
    with pytest.raises(CommandError) as failed:
        run(customer.identifier)
    assert sentence in str(failed.value)
    assert customer.identifier not in str(failed.value)
    assert failed.value.returncode == 1


def test_without_consent(bank, db):
    with pytest.raises(CommandError, match="no consent"):
        run(login_of("7").identifier)


def test_production_reads_stdin_only(bank, settings, db):
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError, match="stdin") as refused:
        run(login_of("7").identifier)
    assert refused.value.returncode == 2


def test_diagnosis_asks_lanekassen_nothing(bank, consented):
    findings = json.loads(run(consented("7").identifier, "--diagnose", "--json"))
    assert set(findings.values()) == {True}
    assert [what for what in findings if "bare" in what or "consent" in what] == [
        "it is bare: three parts, neither Bearer nor blanks",
        "the customer's consent is kept here and has not ended",
    ]
    assert asked_of(bank) == []


def test_diagnosis_tells_that_consent_is_missing(bank, db):
    output = io.StringIO()
    with pytest.raises(CommandError):
        call_command("studielan", login_of("8").identifier, "--diagnose", stdout=output)
    assert "NO  the customer's consent is kept here and has not ended" in output.getvalue()
    assert "yes it holds the scope" in output.getvalue()


# --- the sweeper ---


def test_sweeping_once(consented):
    customer = consented("7")
    logins.balances(customer)
    KeptLogin.objects.update(expires_at=timezone.now())
    output = io.StringIO()
    call_command("studielan_sweep", stdout=output)
    assert output.getvalue() == "1 rows deleted.\n"
    assert KeptLogin.objects.count() == 0


def test_a_minute_is_kept():
    """What expires just after a look, and meets one look that fails, is gone before its minute is over."""
    assert studielan_sweep.EVERY * 2 + studielan_sweep.AFTER_ERROR <= 50


def test_sweeping_on_without_a_visitor(committed, tmp_path):
    logins.start(login_of("7", SECRET))
    KeptLogin.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    command = [sys.executable, str(cluster.ROOT / "manage.py"), "studielan_sweep", "--watch"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=cluster.ROOT, env={**os.environ}, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while KeptLogin.objects.exists():
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
