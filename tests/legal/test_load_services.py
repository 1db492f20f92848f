"""Files and database: what a changed file does, what it never does, and how a version becomes a file again."""

import io
import tomllib
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from legal.management.commands import load_services
from legal.models import DataConsumer, Service, ServiceVersion
from legal.register import read_mandates
from tests.legal.governed import RULES, SLUG, approve, draft, person, rules, states

pytestmark = pytest.mark.django_db(databases=["default"])
CLOSED = rules(accounts_currency="withhold")


@pytest.fixture
def files(monkeypatch):
    """Return the list of files that are read; it begins with the one service."""
    held = [RULES]
    monkeypatch.setattr(load_services, "read_services", lambda: held)
    return held


def run(*arguments, command="load_services"):
    said = io.StringIO()
    call_command(command, *arguments, stdout=said)
    return said.getvalue().splitlines()


def saldo():
    return Service.objects.get(slug=SLUG)


def test_a_file_is_loaded_once(files):
    assert run() == ["Saldo two: version 1 is in force."]
    version = saldo().versions.get()
    assert (version.state, version.origin, version.author, version.approver) == ("approved", "file", None, None)
    assert {event.pgh_context.metadata["command"] for event in version.events.all()} == {"load_services"}
    assert run() == []
    assert states(saldo()) == {1: "approved"}


def test_a_changed_file_is_the_next_version(files):
    run()
    files[0] = CLOSED
    assert run() == ["Saldo two: version 2 is in force."]
    assert states(saldo()) == {1: "ended", 2: "approved"}


def test_a_file_never_undoes_what_two_people_approved(files):
    run()
    approve(draft(saldo(), person("Kari"), accounts_type="withhold"), person("Ola"))
    told = (
        "Saldo two: version 2 was made in the admin and stays;"
        " the file is draft 3, for a person to approve or withdraw."
    )
    files[0] = CLOSED
    assert run() == [told]
    assert states(saldo()) == {1: "ended", 2: "approved", 3: "draft"}
    assert run() == [told], "said again, made once"
    assert states(saldo()) == {1: "ended", 2: "approved", 3: "draft"}
    version = saldo().versions.get(number=3)
    assert (version.origin, version.author, version.rules) == ("file", None, CLOSED)
    done = approve(version, person("Ola"))
    assert (done.author, done.approver.name) == (None, "Ola")
    assert run() == []
    files[0] = RULES
    assert run() == ["Saldo two: version 4 is in force."], "from here on the file leads again"


def test_a_draft_of_somebody_is_not_in_its_way(files):
    run()
    draft(saldo(), person("Kari"))
    files[0] = CLOSED
    assert run() == ["Saldo two: version 3 is in force."]
    assert states(saldo()) == {1: "ended", 2: "draft", 3: "approved"}


def test_a_version_that_waits_counts_as_made_in_the_admin(files):
    run()
    approve(draft(saldo(), person("Kari"), date(2099, 1, 1)), person("Ola"))
    files[0] = CLOSED
    assert "is draft 3" in run()[0]
    assert states(saldo()) == {1: "approved", 2: "waiting", 3: "draft"}


def test_agencies_come_with_their_certificate_participant(files):
    files[0] = {
        **RULES,
        "consumers": [{"organisation_number": "889640782", "name": "New", "certificate_participant": "974761076"}],
    }
    run()
    assert DataConsumer.objects.get(organisation_number="889640782").certificate_participant == "974761076"


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        pytest.param({**RULES, "name": ""}, "saldo-two: name must be text of at most 140 characters.", id="a fault"),
        pytest.param(None, "saldo-two: the service is described twice.", id="two files of one service"),
    ],
)
def test_a_wrong_file_stops_them_all(files, file, sentence):
    files.append(file or dict(RULES))
    before = ServiceVersion.objects.count()
    with pytest.raises(CommandError) as refused:
        run()
    assert str(refused.value) == sentence
    assert ServiceVersion.objects.count() == before


def check():
    """Return what --check prints about the service of these tests, and its exit code."""
    said = io.StringIO()
    try:
        call_command("load_services", "--check", stdout=said)
    except SystemExit as end:
        return [line for line in said.getvalue().splitlines() if SLUG in line], end.code
    return said.getvalue().splitlines(), 0


def test_check_says_nothing_when_files_and_database_agree():
    assert run("--check") == []


def test_check_shows_each_field_and_changes_nothing(files):
    assert check() == (["saldo-two: nothing is in force."], 1)
    run()
    assert check() == ([], 1), "the shipped services have no file now"
    files[0] = CLOSED
    assert check() == (
        ["saldo-two: accounts.accounts.currency: deliver -> withhold, closes (the file against version 1)"],
        1,
    )
    assert states(saldo()) == {1: "approved"}
    files.clear()
    assert check() == (["saldo-two: it has no file."], 1)


def test_what_is_exported_is_what_is_in_force(files, tmp_path):
    run()
    approve(draft(saldo(), person("Kari"), accounts_currency="withhold"), person("Ola"))
    printed = "\n".join(run(SLUG, command="export_service")) + "\n"
    assert tomllib.loads(printed) == CLOSED
    target = tmp_path / "saldo-two.toml"
    run(SLUG, "--number", "1", "--output", str(target), command="export_service")
    assert tomllib.loads(target.read_text(encoding="utf-8")) == RULES
    files[0] = tomllib.loads(printed)
    assert run() == [], "a file that came from the database changes nothing"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["nothing"], "nothing: there is no such service.", id="no service"),
        pytest.param(
            ["fi-utlegg-saldo", "--number", "99"], "fi-utlegg-saldo: there is no such version.", id="no version"
        ),
    ],
)
def test_what_cannot_be_exported(arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(*arguments, command="export_service")


def test_what_was_loaded_serves(files):
    run()
    assert SLUG in {service.slug for service in read_mandates().services}
