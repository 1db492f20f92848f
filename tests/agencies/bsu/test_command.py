"""`manage.py bsu_report` from outside: what it prints, how it ends, and that it names nobody."""

import json
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from agencies.bsu import preparing
from agencies.bsu.management.commands.bsu_report import bar
from agencies.bsu.models import Delivery
from tests.agencies.bsu.conftest import NOW, YEAR, let_go, processed
from tests.agencies.bsu.kept_deliveries import kept_delivery
from tests.agencies.code_tables import FOLDER
from tests.cluster import manage

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
SUMS = {
    "antallOppgaver",
    "sumAaretsSparebeloep",
    "sumAaretsRenter",
    "sumBundetAkkumulertSparebeloep",
    "sumBundetAkkumulertRenter",
    "sumSaldo",
    "sumUttaksbeloepBolig",
}
EXAMPLE = str(FOLDER / "bsu_example.json")


def run(*arguments, year=YEAR):
    """Return what was printed and how it ended: 0, or the failure's code and sentence."""
    out, err = StringIO(), StringIO()
    given = [str(year)] if year else []
    try:
        call_command("bsu_report", *given, *arguments, stdout=out, stderr=err)
    except CommandError as failure:
        return out.getvalue() + err.getvalue(), (failure.returncode, str(failure))
    return out.getvalue() + err.getvalue(), 0


def run_json(*arguments, **options):
    printed, end = run(*arguments, "--json", **options)
    return json.loads(printed), end


def test_from_the_ledger_to_the_verdict(intake):
    said, end = run_json("--prepare")
    delivery = Delivery.objects.get()
    facts = {
        "id": str(delivery.pk),
        "reference": delivery.reference,
        "part": 1,
        "parts": 1,
        "replaces": None,
        "type": "ordinaer",
        "accounts": 10,
        "sums": delivery.sums,
        "sha256": bytes(delivery.digest).hex(),
        "bytes": delivery.size,
        "state": "prepared",
        "status": None,
        "code": "",
        "dialogId": "",
        "forsendelseId": "",
        "feedback": None,
    }
    assert (said, end) == ({"year": YEAR, "deliveries": [facts], "findings": []}, 0)
    assert delivery.sums.keys() == SUMS
    assert run("--check") == ("0 faults, 0 doubts.\n", 0)
    assert run("--send", "--no-wait")[1][0] == 1, "nobody has let it go"
    let_go(delivery)
    said, end = run_json("--send", "--no-wait")
    assert (said["deliveries"][0]["state"], said["deliveries"][0]["status"], end) == ("received", 200, 0)
    said, end = run_json("--status")
    assert (said["deliveries"][0]["state"], said["deliveries"][0]["feedback"]["status"], end) == (
        "accepted",
        "godkjent",
        0,
    )
    assert run("--send", "--no-wait")[1] == 0, "there is nothing left to do"
    assert processed(intake) == {delivery.reference: 1}


def test_a_year_without_accounts_has_nothing_to_report(intake):
    said, end = run_json("--prepare", year=YEAR - 5)
    assert (said["deliveries"][0]["type"], said["deliveries"][0]["accounts"], end) == ("ingenoppgaver", 0, 0)


@pytest.mark.parametrize(
    ("arguments", "year", "sentence"),
    [
        pytest.param(["--prepare"], YEAR + 1, "the ledger is from before the end of that year", id="a year not over"),
        pytest.param(["--send"], YEAR, "no report of that year is prepared", id="nothing prepared"),
        pytest.param(["--check", EXAMPLE], 2023, "it has faults", id="the page's example"),
        pytest.param(["--prepare", str(FOLDER / "gld_codes.csv")], 2023, "the file holds no report", id="no JSON"),
    ],
)
def test_one_sentence_on_each_failure(intake, arguments, year, sentence):
    _, (code, said) = run(*arguments, year=year)
    assert code == 1
    assert sentence in said
    assert said.count("\n") == 0


@pytest.mark.parametrize(
    ("arguments", "year"),
    [
        pytest.param([], YEAR, id="nothing to do"),
        pytest.param(["--send"], None, id="no year"),
        pytest.param(["--send"], 23, id="a year of two digits"),
        pytest.param(["--check", "/nowhere/report.json"], YEAR, id="no such file"),
    ],
)
def test_bad_usage_ends_with_2(intake, arguments, year):
    assert run(*arguments, year=year)[1][0] == 2


def test_the_pages_example_is_named_by_check_and_refused_by_send(intake, settings):
    settings.BSU_SYSTEM_USER_ORGANISATION = "987654321"
    fault = "leveranse/oppgaveoppsummering/sumUttaksbeloepBolig: 118500 is stated, the accounts have 118050"
    for what in ("--check", "--prepare"):
        printed, _ = run(what, EXAMPLE, year=2023)
        assert fault in printed
        for account in json.loads((FOLDER / "bsu_example.json").read_bytes())["leveranse"]["oppgave"]:
            assert account["oppgaveeier"]["foedselsnummer"] not in printed
            assert account["kontonummer"] not in printed
    _, (code, said) = run("--send", year=2023)
    assert (code, "faults" in said) == (1, True)
    assert processed(intake) == {}


def test_a_refusal_and_a_rejection_are_seen_by_whoever_watches(ready, intake):
    (delivery,) = ready()
    intake.switch(**{"bsu.open_years": [1999]})
    printed, (code, said) = run("--send", "--no-wait")
    assert code == 1
    assert "HTTP 400, GLD_006" in printed and "GLD_006" in said
    assert run("--status")[1] == (1, "The agency did not accept all of it; the admin shows why.")
    intake.switch(**{"bsu.open_years": None, "bsu.feedback_status": "avvist"})
    let_go(delivery)
    assert run("--send", "--no-wait")[1] == 0
    assert run("--status")[1] == (1, "The agency did not accept all of it; the admin shows why.")


@pytest.mark.parametrize(
    ("states", "told", "end"),
    [
        pytest.param({}, [], 0, id="nothing was ever reported"),
        pytest.param({YEAR: "accepted"}, [YEAR], 0, id="the last year, which is over"),
        pytest.param({YEAR - 2: "accepted"}, [], 0, id="an earlier one that is over"),
        pytest.param({YEAR - 2: "rejected"}, [], 0, id="an earlier one, of which it was said when it came"),
        pytest.param({YEAR - 2: "received", YEAR: "accepted"}, [YEAR - 2, YEAR], 0, id="an earlier one that waits"),
        pytest.param({YEAR: "rejected"}, [YEAR], 1, id="the last year, rejected"),
        pytest.param({YEAR: "refused", YEAR - 2: "received"}, [YEAR - 2, YEAR], 1, id="one refused, one waiting"),
    ],
)
def test_status_of_every_year_that_is_awaited(intake, states, told, end):
    """What runs each day needs no year on its line."""
    for year, state in states.items():
        sent = {"sent_at": NOW, "dialog_id": "unknown", "submission_id": "unknown"}
        kept_delivery(year=year, state=state, institution=preparing.reporting_organisation(), **sent)
    printed, ended = run("--status", "--json", year=None)
    answers = [json.loads(line) for line in printed.splitlines()]
    assert [answer["year"] for answer in answers if answer["deliveries"]] == told
    assert YEAR in {answer["year"] for answer in answers}
    assert ended == (0 if end == 0 else (1, "The agency did not accept all of it; the admin shows why."))


def test_one_part_that_is_not_let_go_does_not_hold_the_others_up(intake):
    deliveries = preparing.prepare(YEAR, now=NOW - timedelta(seconds=1), largest=3_000)
    for delivery in deliveries[1:]:
        let_go(delivery)
    _, (code, said) = run("--send", "--no-wait")
    assert (code, "no approved request waits" in said) == (1, True)
    assert processed(intake) == {delivery.reference: 1 for delivery in deliveries[1:]}


def test_bytes_are_forgotten_when_their_time_has_passed(ready, intake):
    ready()
    assert run("--purge", "0")[0] == "0 forgotten.\n", "what is to be sent is kept"
    run("--send", "--no-wait")
    assert run("--purge", "0")[0] == "0 forgotten.\n", "so is what has no verdict yet"
    run("--status")
    assert run("--purge", "1")[0] == "0 forgotten.\n"
    assert run_json("--purge", "0") == ({"year": YEAR, "forgotten": 1}, 0)
    kept = Delivery.objects.get()
    assert (kept.body_sealed, bool(kept.digest), bool(kept.feedback_sealed), kept.state) == (
        None,
        True,
        True,
        "accepted",
    )


@pytest.mark.parametrize(
    ("arguments", "entry"),
    [
        pytest.param(
            [],
            {
                "rights": [
                    {"resource": [{"id": "urn:altinn:resource", "value": "ske-innrapportering-boligsparing-ungdom"}]}
                ]
            },
            id="as later pages spell it",
        ),
        pytest.param(
            ["--spelling", "first"],
            {
                "Rights": [
                    {"Resource": [{"value": "ske-innrapportering-boligsparing-ungdom", "id": "urn:altinn:resource"}]}
                ]
            },
            id="as the first page spells it",
        ),
        pytest.param(
            ["--package", "skattegrunnlag"],
            {
                "rights": [
                    {"resource": [{"id": "urn:altinn:resource", "value": "ske-innrapportering-boligsparing-ungdom"}]}
                ],
                "accessPackages": [{"urn": "urn:altinn:accesspackage:skattegrunnlag"}],
            },
            id="with an access package",
        ),
    ],
)
def test_the_rights_for_the_system_register(arguments, entry):
    printed, end = run("--system-register", *arguments, year=None)
    assert (json.loads(printed), end) == (entry, 0)


def test_the_token_is_diagnosed_without_being_shown(intake):
    printed, end = run("--diagnose", year=None)
    assert end == 0
    assert "eyJ" not in printed
    assert len(printed.splitlines()) > 5


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "drawn"), [(Terminal, True), (StringIO, False)], ids=["a terminal", "a file"])
def test_a_bar_is_drawn_for_a_terminal_alone(monkeypatch, stream, drawn):
    monkeypatch.setattr(sys, "stderr", stream())
    assert list(bar(range(3), 3)) == [0, 1, 2]
    assert bool(sys.stderr.getvalue()) == drawn


def test_it_ends_as_a_process_does():
    done = manage("bsu_report", "2025")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip().endswith("Say what to do: --prepare, --check, --send, --status or --purge.")
