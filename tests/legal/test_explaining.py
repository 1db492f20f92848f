"""`explain`: for each field whether it leaves and who says so; for a record, what ruled it."""

import inspect
import io
import json
import os
import pwd
import re
import uuid
from dataclasses import asdict

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from audit.models import Access, AuditRecord
from audit.recording import record
from legal import refusals
from legal.endpoints import Endpoint
from legal.explaining import KIND_OF, Unexplained, explained_record, fields_in_force
from legal.models import DataConsumer, Service, ServiceVersion
from legal.service_files import CUSTOMER_ENDPOINTS, RULES, read_services, standard_paths
from tests.audit.entries import answered
from tests.legal.test_disclosure import ROWS, may_leave

pytestmark = pytest.mark.django_db


def explain(*words):
    """Return what the command prints."""
    out = io.StringIO()
    call_command("explain", *words, stdout=out)
    return out.getvalue()


def as_json(*words):
    return json.loads(explain(*words, "--json"))


@pytest.mark.parametrize(("service", "endpoint"), sorted({row[:2] for row in ROWS}))
def test_every_field_of_every_service_as_the_table_has_it(service, endpoint):
    table = {row[2]: row[3] for row in ROWS if row[:2] == (service, endpoint)}
    assert [asdict(row) for row in fields_in_force(service, endpoint)] == [
        {"path": path, "category": table[path], "delivered": may_leave(service, path, table[path]), "version": 1}
        for path in standard_paths()[endpoint]
    ]


@pytest.mark.parametrize(
    ("service", "endpoint"),
    [(rules["service"], step) for rules in read_services() for step in rules["steps"] if step in CUSTOMER_ENDPOINTS],
)
def test_every_field_of_the_customer_endpoints(service, endpoint):
    assert [asdict(row) for row in fields_in_force(service, endpoint)] == [
        {"path": path, "category": "technical", "delivered": True, "version": 1} for path in standard_paths()[endpoint]
    ]


@pytest.mark.parametrize(
    ("service", "endpoint", "path", "category", "delivered"),
    [
        ("fi-utlegg-saldo", "accountDetails", "account.name", "withhold", False),
        ("skatt-kontroll", "accountDetails", "account.name", "deliver", False),
        ("konkursbehandling", "accountDetails", "account.type", "undecided", True),
        ("oppgjor-etter-dodsfall", "transactions", "transactions.counterParties.accountIdentifier", "may_omit", False),
        ("vergekontroll", "roles", "roles.name", "deliver", True),
        ("politi-utlevering", "accountServicingProvider", "bankName", "technical", True),
    ],
)
def test_one_field_as_json(service, endpoint, path, category, delivered):
    assert as_json(service, endpoint, "--path", path) == [
        {"path": path, "category": category, "delivered": delivered, "version": 1}
    ]


def test_a_parent_stands_for_all_below_it():
    assert [row["path"] for row in as_json("skatt-kontroll", "accounts", "--path", "accounts.servicer")] == [
        "accounts.servicer.identifier.countryOfResidence",
        "accounts.servicer.identifier.value",
        "accounts.servicer.identifier.type",
        "accounts.servicer.name",
    ]


def test_the_table():
    assert explain("vergekontroll", "roles") == (
        "field                                word       delivered  version\n"
        "responseDetails.status               technical  yes        1\n"
        "responseDetails.message              deliver    yes        1\n"
        "roles.permission                     deliver    yes        1\n"
        "roles.identifier.countryOfResidence  deliver    yes        1\n"
        "roles.identifier.value               technical  yes        1\n"
        "roles.identifier.type                technical  yes        1\n"
        "roles.name                           deliver    yes        1\n"
        "roles.startDate                      deliver    yes        1\n"
        "roles.endDate                        deliver    yes        1\n"
    )
    assert explain("skatt-kontroll", "accountDetails", "--path", "account.name") == (
        "field         word       delivered  version\n"  # and no other line
        "account.name  deliver    no         1\n"
    )


def test_the_version_in_force_is_the_one_that_speaks():
    first = ServiceVersion.objects.get(service__slug="konkursbehandling")
    changed = {name: value for name, value in first.rules.items() if name != "undecided"}
    ServiceVersion.objects.filter(pk=first.pk).update(state="ended")
    ServiceVersion.objects.create(
        service=first.service, number=7, state="approved", approved_at=first.approved_at, rules=changed
    )
    ServiceVersion.objects.create(service=first.service, number=8, rules=first.rules)
    assert as_json("konkursbehandling", "accounts", "--path", "accounts.type") == [
        {"path": "accounts.type", "category": "undecided", "delivered": False, "version": 7}
    ]


EVERY_SERVICE = (
    "fi-utlegg-saldo, konkursbehandling, oppgjor-etter-dodsfall, politi-utlevering, skatt-kontroll, vergekontroll"
)
USAGE = "Name a service and an endpoint, or a record."


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(["skatt", "accounts"], f"There is no service skatt; in force are {EVERY_SERVICE}.", id="service"),
        pytest.param(
            ["skatt-kontroll", "balances"],
            f"The standard has no endpoint balances; it has {', '.join(Endpoint)}.",
            id="endpoint",
        ),
        pytest.param(
            ["vergekontroll", "cards"],
            "vergekontroll has no endpoint cards: every question there is refused.",
            id="endpoint outside the service",
        ),
        pytest.param(
            ["skatt-kontroll", "accounts", "--path", "account.name"],
            "The standard has no field account.name at accounts.",
            id="field of another endpoint",
        ),
        pytest.param(
            ["skatt-kontroll", "accounts", "--path", "accounts.nam"],
            "The standard has no field accounts.nam at accounts.",
            id="the beginning of a name",
        ),
        pytest.param(["skatt-kontroll\0", "accounts"], "A name holds no NUL.", id="NUL"),
        pytest.param([], USAGE, id="nothing"),
        pytest.param(["skatt-kontroll"], USAGE, id="no endpoint"),
        pytest.param(
            ["skatt-kontroll", "accounts", "--record", "x"],
            "Name a record, or a service and an endpoint, not both.",
            id="both",
        ),
        pytest.param(["--record", "x"], "A record's id is a uuid, as the trail shows it.", id="no uuid"),
        pytest.param(["--record", str(uuid.UUID(int=7))], "There is no record with that id.", id="no such record"),
        pytest.param(
            ["--record", str(uuid.UUID(int=2**128 - 1))],
            "A record's id is a uuid, as the trail shows it.",
            id="a uuid of no time",
        ),
    ],
)
def test_what_there_is_not(words, sentence):
    with pytest.raises(CommandError) as refused:
        explain(*words, "--json")
    assert str(refused.value) == sentence
    assert refused.value.returncode == 1


@pytest.mark.parametrize(
    "close",
    [
        pytest.param(lambda: Service.objects.filter(slug="vergekontroll").update(is_open=False), id="closed"),
        pytest.param(
            lambda: ServiceVersion.objects.filter(service__slug="vergekontroll").update(state="ended"), id="ended"
        ),
        pytest.param(
            lambda: ServiceVersion.objects.filter(service__slug="vergekontroll").update(rules={}), id="faulty"
        ),
    ],
)
def test_a_service_that_serves_nobody(close):
    close()
    with pytest.raises(Unexplained, match=r"^vergekontroll is closed or has no version in force: every question"):
        fields_in_force("vergekontroll", "roles")


def test_a_database_that_cannot_be_asked(monkeypatch):
    def down():
        raise OperationalError

    monkeypatch.setattr("legal.explaining.read_mandates", down)
    with pytest.raises(CommandError, match=r"^The database cannot be asked\.$"):
        explain("vergekontroll", "roles")


def test_an_agency_that_is_closed_changes_no_field():
    before = fields_in_force("vergekontroll", "roles")
    DataConsumer.objects.update(is_open=False)
    assert fields_in_force("vergekontroll", "roles") == before


# --- records ---


def refused(refusal, **changes):
    kind = getattr(refusals, refusal)
    changes = {"http_status": kind.status_code, "code": kind.default_code, **changes}
    return answered(outcome=kind.outcome, refusal=refusal, service_version=1, **changes)


@pytest.mark.parametrize(
    ("service", "endpoint", "refusal", "rule"),
    [
        pytest.param("fi-utlegg-saldo", "accounts", "PeriodNotToday", ("period", "today_only"), id="a period"),
        pytest.param("skatt-kontroll", "cards", "PeriodTooLong", ("period", "ten_years"), id="another period"),
        pytest.param(
            "konkursbehandling", "accounts", "BankruptcyUnknown", ("precondition", "bankruptcy"), id="a precondition"
        ),
        pytest.param("oppgjor-etter-dodsfall", "accounts", "OwnersOnly", ("owner", "primary_owner_only"), id="owners"),
        pytest.param("politi-utlevering", "roles", "RequesterMissing", ("requester", "required"), id="a requester"),
        pytest.param("vergekontroll", "roles", "GuardianMissing", ("additional_reference", "guardian"), id="guardian"),
        pytest.param("vergekontroll", "roles", "ScopeMissing", ("scope", "bits:kontoinformasjon"), id="a scope"),
        pytest.param(
            "politi-utlevering",
            "cards",
            "EndpointNotInOrder",
            ("additional_reference", "extradition_order"),
            id="an extradition order",
        ),
        pytest.param("fi-utlegg-saldo", "accounts", "PeriodReversed", None, id="what holds under every mandate"),
        pytest.param("fi-utlegg-saldo", "accounts", "LedgerOutdated", None, id="a failure of ours"),
    ],
)
def test_which_rule_refused_a_record(service, endpoint, refusal, rule):
    told = explained_record(str(record(refused(refusal, service=service, endpoint=endpoint))))
    assert (told.service, told.version, told.endpoint, told.refusal) == (service, 1, endpoint, refusal)
    assert told.sentence == getattr(refusals, refusal).default_detail
    assert (told.rule and (told.rule.kind, told.rule.name)) == rule
    assert (told.fields, told.missing) == ((), "")


def test_a_refused_record_in_lines():
    record_id = record(refused("PeriodTooLong", service="skatt-kontroll", endpoint="cards"))
    at, *lines = explain("--record", str(record_id)).splitlines()
    assert re.fullmatch(r"[0-9]{4}-[0-9-]{5} [0-9:]{8}\+0000  cards  asked by 974761076", at)
    assert lines == [
        "service: skatt-kontroll version 1",
        "outcome: refused, 400 ACC-001",
        "refusal: PeriodTooLong: Under this legal mandate fromDate must not be more than ten years ago.",
        "rule: period = ten_years: Refuse more than ten years back, and days to come.",
    ]


def test_a_refused_record_as_json():
    record_id = record(refused("PeriodNotToday"))
    told = as_json("--record", str(record_id))
    assert told | {"at": ""} == {
        "record": str(record_id),
        "at": "",
        "consumer": "974761076",
        "service": "fi-utlegg-saldo",
        "version": 1,
        "endpoint": "accounts",
        "outcome": "refused",
        "http_status": 400,
        "code": "ACC-001",
        "refusal": "PeriodNotToday",
        "sentence": "Under this legal mandate fromDate and toDate must be today (Europe/Oslo).",
        "rule": {"kind": "period", "name": "today_only", "does": "Refuse any day but today."},
        "fields": [],
        "missing": "",
    }


def test_an_answered_record_has_the_fields_of_the_version_that_ruled():
    first = ServiceVersion.objects.get(service__slug="konkursbehandling")
    then = {name: value for name, value in first.rules.items() if name != "undecided"}
    ServiceVersion.objects.create(service=first.service, number=7, state="ended", rules=then)
    record_id = record(answered(service="konkursbehandling", service_version=7, endpoint="accounts"))
    told = as_json("--record", str(record_id))
    assert (told["rule"], told["refusal"], told["sentence"]) == (None, "", "")
    assert {row["path"] for row in told["fields"] if row["delivered"]} == {
        row[2] for row in ROWS if row[:2] == ("konkursbehandling", "accounts") and row[3] in {"technical", "deliver"}
    }
    assert {row["version"] for row in told["fields"]} == {7}


@pytest.mark.parametrize(
    ("changes", "missing", "service_line"),
    [
        pytest.param(
            {"service": "", "service_version": None}, "", "service: none, refused before that", id="before a mandate"
        ),
        pytest.param(
            {"service_version": 99},
            "This release cannot read that version of the service.",
            "service: fi-utlegg-saldo version 99",
            id="a version that is gone",
        ),
        pytest.param({"endpoint": "unknown", "service_version": 1}, "", None, id="an unknown path"),
    ],
)
@pytest.mark.parametrize("outcome", ["answered", "refused"])
def test_records_of_which_little_is_known(changes, missing, service_line, outcome):
    entry = answered(outcome=outcome, refusal="" if outcome == "answered" else "OfAnotherRelease", **changes)
    record_id = str(record(entry))
    told = explained_record(record_id)
    assert (told.sentence, told.rule, told.fields, told.missing) == ("", None, (), missing)
    lines = explain("--record", record_id).splitlines()
    assert service_line is None or service_line in lines
    assert ("refusal: OfAnotherRelease: This release does not know it." in lines) == (outcome == "refused")


def test_what_the_bank_itself_told_an_agency_is_ruled_by_no_version():
    record_id = record(
        answered(outcome="sent", service="agencies:bsu", service_version=None, endpoint="bsu.innsending")
    )
    at = AuditRecord.objects.get(pk=record_id).at
    assert explain("--record", str(record_id)).splitlines() == [
        f"{at:%Y-%m-%d %H:%M:%S%z}  bsu.innsending  told to 974761076",
        "service: agencies:bsu, an errand of the bank's own, ruled by no mandate",
    ]
    told = explained_record(str(record_id))
    assert (told.missing, told.rule, told.fields, told.outcome) == ("", None, (), "sent")


def test_a_version_that_this_release_cannot_read_explains_nothing():
    ServiceVersion.objects.filter(service__slug="fi-utlegg-saldo").update(rules={"steps": {"accounts": {}}})
    told = explained_record(str(record(refused("PeriodNotToday"))))
    assert (told.rule, told.fields) == (None, ())
    assert told.missing == "This release cannot read that version of the service."


def test_nothing_about_anybody_is_told():
    record_id = record(answered(service_version=1))
    everything = explain("--record", str(record_id)) + explain("--record", str(record_id), "--json")
    for personal in ("01810112345", "97100000001", "97100000002", "case 17 of 2026", "AAECAwQ", "saksbehandler"):
        assert personal not in everything


@pytest.mark.parametrize(
    ("words", "concerning", "said"),
    [
        pytest.param(["--record", str(uuid.UUID(int=7))], uuid.UUID(int=7), "", id="a record, though there is none"),
        pytest.param(["--record", "01810112345"], None, "?", id="no record's id"),
    ],
)
def test_who_asks_about_a_record_is_noted_first(words, concerning, said):
    with pytest.raises(CommandError):
        explain(*words)
    [access] = Access.objects.values_list("person", "account", "page", "concerning", "words")
    assert access == ("command line", pwd.getpwuid(os.getuid()).pw_name, "explain", concerning, said)


def test_who_asks_about_a_service_has_not_looked_at_the_trail():
    explain("vergekontroll", "roles")
    assert not Access.objects.exists()


def test_what_cannot_be_noted_is_not_told(superuser):
    record_id, role = str(record(refused("PeriodNotToday"))), connection.settings_dict["USER"]
    with superuser() as session:
        session.execute(f"REVOKE INSERT ON audit_access FROM {role}")
        try:
            with pytest.raises(CommandError, match=r"^It could not be noted that you look at the trail: nothing is"):
                explain("--record", record_id)
        finally:
            session.execute(f"GRANT INSERT ON audit_access TO {role}")


def test_one_record_is_looked_for_in_one_partition(django_assert_num_queries):
    record_id = record(refused("PeriodNotToday"))
    with django_assert_num_queries(2):
        explained_record(str(record_id))
    window = AuditRecord.objects.filter(pk=record_id).get().at
    assert str(record_id.int >> 80) == str(int(window.timestamp() * 1000))


def raised_in(*code):
    return {name for part in code for name in re.findall(r"raise (\w+)", inspect.getsource(part))}


def test_every_rule_s_refusals_are_known_to_come_from_it():
    """A rule that learns to refuse in a new way must be told apart here too."""
    for kind, known in RULES.items():
        for name in raised_in(*known.values()):
            assert KIND_OF[name] in {kind, "precondition"}, "a period before an event that is not known"
    about_orders = {kind.__name__ for kind in vars(refusals).values() if "Order" in getattr(kind, "__name__", "")}
    assert about_orders <= KIND_OF.keys()
    assert {KIND_OF[name] for name in about_orders} == {"additional_reference"}
