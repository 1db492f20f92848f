"""The start is refused when a service file or an approved version has a fault."""

import shutil

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from legal import checks, service_files
from legal.models import Service, ServiceVersion

FILE = "fi-utlegg-saldo.toml"


def found(check, **options):
    return [(message.id, message.msg) for message in check(**options)]


def test_shipped_files():
    assert found(checks.check_service_files) == []


@pytest.mark.parametrize(
    ("text", "other", "messages"),
    [
        pytest.param("Skatteetaten", "Skattemyndigheten", [], id="another name"),
        pytest.param(
            '"accounts.name" = "withhold"',
            '"accounts.name" = "perhaps"',
            ["fi-utlegg-saldo: fields.accounts: accounts.name has an unknown word."],
            id="an unknown word",
        ),
        pytest.param(
            "[steps.accounts]",
            "[steps.balances]",
            [
                "fi-utlegg-saldo: steps.balances is no endpoint of the standard.",
                "fi-utlegg-saldo: fields.balances is missing.",
                "fi-utlegg-saldo: fields.accounts has no step.",
            ],
            id="an unknown endpoint",
        ),
        pytest.param(
            'service = "fi-utlegg-saldo"',
            'tjeneste = "fi-utlegg-saldo"',
            [
                "a service file: tjeneste is not known.",
                "a service file: service must be 1 to 40 characters a-z, 0-9 and -.",
            ],
            id="a file that does not say which service it is",
        ),
    ],
)
def test_faults_of_a_file(tmp_path, monkeypatch, text, other, messages):
    whole = (service_files.FOLDER / FILE).read_text(encoding="utf-8")
    shutil.copy(service_files.FOLDER / FILE, tmp_path)
    (tmp_path / FILE).write_text(whole.replace(text, other, 1), encoding="utf-8")
    monkeypatch.setattr(service_files, "FOLDER", tmp_path)
    assert found(checks.check_service_files) == [("dsop.E011", message) for message in messages]


def test_files_that_contradict_each_other(tmp_path, monkeypatch):
    whole = (service_files.FOLDER / FILE).read_text(encoding="utf-8")
    (tmp_path / "a.toml").write_text(whole, encoding="utf-8")
    (tmp_path / "b.toml").write_text(whole, encoding="utf-8")
    monkeypatch.setattr(service_files, "FOLDER", tmp_path)
    assert found(checks.check_service_files) == [("dsop.E011", "fi-utlegg-saldo: the service is described twice.")]


def only_version():
    """Return FI-Utlegg's version, with every other service gone."""
    ServiceVersion.objects.exclude(service__slug="fi-utlegg-saldo").delete()
    return ServiceVersion.objects.get()


@pytest.mark.parametrize(
    ("state", "period", "messages"),
    [
        pytest.param("approved", "today_only", [], id="approved and sound"),
        pytest.param(
            "approved",
            "for ever",
            [("dsop.E012", "fi-utlegg-saldo 1: steps.accounts.period names an unknown rule.")],
            id="approved with a fault",
        ),
        pytest.param(
            "waiting",
            "for ever",
            [("dsop.E012", "fi-utlegg-saldo 1: steps.accounts.period names an unknown rule.")],
            id="waiting with a fault",
        ),
        pytest.param("draft", "for ever", None, id="a draft with a fault, and nothing approved"),
        pytest.param("ended", "for ever", None, id="ended, and nothing approved"),
    ],
)
@pytest.mark.django_db
def test_versions(state, period, messages):
    version = only_version()
    version.rules["steps"]["accounts"]["period"] = period
    ServiceVersion.objects.update(number=1, state=state, rules=version.rules)  # past the guard of `save`
    nothing = [("dsop.W013", "No service is approved: every request will be refused.")]
    assert found(checks.check_versions, databases=["default"]) == (nothing if messages is None else messages)


def another_version(sound, **changes):
    service = Service.objects.create(slug="another", name="Another")
    rules = sound.rules | {"service": "another"} | changes
    version = ServiceVersion(service=service, number=3, state="approved", approved_at=sound.approved_at, rules=rules)
    ServiceVersion.objects.bulk_create([version])  # past the guard of `save`


@pytest.mark.django_db
def test_every_approved_version_is_looked_at():
    another_version(only_version(), x=1)
    assert found(checks.check_versions, databases=["default"]) == [("dsop.E012", "another 3: x is not known.")]


@pytest.mark.django_db
def test_approved_versions_that_contradict_each_other():
    sentence = "fi-utlegg-saldo: steps.{} has a mandate text that another has for 974761076 too."
    another_version(only_version())
    assert set(found(checks.check_versions, databases=["default"])) == {
        ("dsop.E012", sentence.format(endpoint)) for endpoint in ("customerRelationships", "accounts", "accountDetails")
    }


@pytest.mark.django_db
@pytest.mark.parametrize("databases", [None, [], ["ledger"]], ids=["no database", "none", "the ledger alone"])
def test_nothing_is_asked_of_a_database_that_was_not_meant(databases):
    with CaptureQueriesContext(connection) as asked:
        assert found(checks.check_versions, databases=databases) == []
    assert len(asked) == 0


@pytest.mark.django_db
def test_owner_commands_may_run_before_there_are_tables(settings):
    settings.AS_OWNER = True
    ServiceVersion.objects.all().delete()
    assert found(checks.check_versions, databases=["default"]) == []
