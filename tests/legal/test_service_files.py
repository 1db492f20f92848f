"""A service file is right in every word, or refused with every fault named; and it is loaded as a version."""

import copy
import csv
import hashlib
import shutil
from urllib.parse import unquote

import pytest
from django.core.management import CommandError, call_command

from legal import service_files
from legal.endpoints import Endpoint
from legal.models import DataConsumer, Service, ServiceVersion
from legal.service_files import SWITCHES, conflicts, faults, read_services, standard_fields, standard_paths
from tests.cluster import ROOT

FILE = "fi-utlegg-saldo.toml"
CONSUMERS = "consumers must be a list with at least one agency"
CONSUMER = (
    "a consumer must have an organisation_number with a right check digit, and a name;"
    " a certificate_participant is such a number too"
)
TABLES = "steps and fields must be tables"
STEP = (
    "steps.accounts must have scope, mandates, period, owner, requester, additional_reference, precondition"
    " and nothing else"
)
SERVICE = "service must be 1 to 40 characters a-z, 0-9 and -"
NAME = "name must be text of at most 140 characters"
SCOPE = "steps.accounts.scope must be bits:kontoinformasjon"
TEXTS = "steps.accounts.mandates must list at least one text"


def right(service="fi-utlegg-saldo"):
    """Return the rules of a shipped service, to be spoilt."""
    (rules,) = [rules for rules in read_services() if rules["service"] == service]
    return copy.deepcopy(rules)


def put(value, *path):
    """Return a change that sets what stands at a path, or takes it away when the value is `...`."""

    def change(rules):
        for name in path[:-1]:
            rules = rules[name]
        if value is ...:
            del rules[path[-1]]
        else:
            rules[path[-1]] = value

    return change


def test_the_shipped_files_have_no_fault():
    assert {rules["service"]: faults(rules) for rules in read_services()} == {name: [] for name in SERVICES}
    assert conflicts(read_services()) == []


def test_the_shipped_files_bear_their_service_s_name():
    assert [path.stem for path in sorted(service_files.FOLDER.glob("*.toml"))] == sorted(SERVICES)


def test_fi_utlegg_saldo_is_the_file_of_release_0_1_0():
    """What stands in the database as its version 1 stays version 1."""
    digest = hashlib.sha256((service_files.FOLDER / FILE).read_bytes()).hexdigest()
    assert digest == "cc93432e68e4cdda239002a4437a15772d6d0a400e0b225621efa72589cb6390"


def row(scope, texts, period, owner, requester, reference="empty", precondition="none"):
    return (f"bits:{scope}", {unquote(text) for text in texts}, period, owner, requester, reference, precondition)


# As the services' pages print them, percent-encoded, without the line breaks that some pages have in between.
SKATT = [
    "Skatteforvaltningsloven%20%C2%A7%2010-2%20f%C3%B8rste%20ledd%2C%20jf.%20%C2%A7%2010-14%2C%20jf.%20"
    "skatteforvaltningsforskriften%20%C2%A7%2010-2-1"
]
KONKURS = ["kkl.%20%C2%A7156%20(3)%20og%20(4)%2C%20jf.%20kkfor.%C2%A721"]
OED = [
    "Arveloven%20%C2%A7%2092%20f%C3%B8rste%20ledd%20og%20%C2%A7%20118%2C%20jf.%20%C2%A7%2088%20a%2C%20jf.%20"
    "forskrift%20om%20Digitalt%20d%C3%B8dsbo"
]
VERGE_STEP_1 = [
    "Vergem%C3%A5lsloven%20%C2%A7%2054%20(2)%2C%20jf.%20vergem%C3%A5lsforskriften%20%C2%A720a%20(2)%2C%20jf.%20"
    "vergem%C3%A5lsforskriften%20%C2%A720a%20(1)%20a"
]
VERGE_STEP_2 = [
    "Vergem%C3%A5lsloven%20%C2%A7%2054%20(2)%2C%20jf.%20vergem%C3%A5lsforskriften%20%C2%A7%2020%20(2)%2C%20jf.%20"
    "vergem%C3%A5lsforskriften%20%C2%A7%2020a%20(1)%20b-e"
]
POLITI = [
    "Straffeprosessloven%20%C2%A7210%20(3)%20f%C3%B8rste%20punktum",
    "Straffeprosessloven%20%C2%A7210%20(3)%20andre%20punktum",
]
UTLEGG = row("kontoinformasjon", ["FI-Utlegg-Test"], "today_only", "primary_owner_only", "accepted")
KONTROLL = row("kontoinformasjon", SKATT, "ten_years", "any_owner", "required")
BANKRUPT = ("year_before_ruling", "primary_owner_only", "empty", "empty", "bankruptcy")
DEAD = ("three_months_before_death", "primary_owner_only", "empty", "empty", "death")
WARD = row(
    "kontoinformasjon", VERGE_STEP_2, "last_calendar_year", "primary_owner_only", "empty", "guardian", "guardianship"
)
POLICE = row("kontoinformasjon", POLITI, "ten_years", "any_owner", "required", "extradition_order")
SERVICES = {
    "fi-utlegg-saldo": {
        "customerRelationships": ("bits:kundeforhold", *UTLEGG[1:]),
        "accounts": UTLEGG,
        "accountDetails": UTLEGG,
    },
    "skatt-kontroll": {
        "customerRelationships": row("kundeforhold", SKATT, "ten_years", "any_owner", "accepted"),
        **dict.fromkeys(["accounts", "accountDetails", "transactions", "cards", "roles"], KONTROLL),
    },
    "konkursbehandling": {
        "customerRelationships": row("kundeforhold", KONKURS, *BANKRUPT),
        **dict.fromkeys(["accounts", "accountDetails", "transactions"], row("kontoinformasjon", KONKURS, *BANKRUPT)),
    },
    "oppgjor-etter-dodsfall": {
        "customerRelationships": row("kundeforhold", OED, *DEAD),
        **dict.fromkeys(["accounts", "accountDetails", "transactions"], row("kontoinformasjon", OED, *DEAD)),
    },
    "vergekontroll": {
        "customerRelationships": row("kundeforhold", VERGE_STEP_1, "last_calendar_year", "primary_owner_only", "empty"),
        **dict.fromkeys(["accounts", "accountDetails", "transactions", "roles"], WARD),
    },
    "politi-utlevering": {
        "customerRelationships": row("kundeforhold", POLITI, "ten_years", "any_owner", "accepted"),
        "accountServicingProvider": row("kundeforhold.konto", POLITI, "ten_years", "any_owner", "accepted"),
        **dict.fromkeys(["accounts", "accountDetails", "transactions", "cards", "roles"], POLICE),
    },
}


@pytest.mark.parametrize("service", SERVICES)
def test_each_step_has_the_rules_of_its_page(service):
    kinds = ("period", "owner", "requester", "additional_reference", "precondition")
    assert {
        endpoint: (step["scope"], set(step["mandates"]), *(step[kind] for kind in kinds))
        for endpoint, step in right(service)["steps"].items()
    } == SERVICES[service]


@pytest.mark.parametrize(
    ("service", "consumers", "switches"),
    [
        ("fi-utlegg-saldo", [("974761076", "Skatteetaten", None)], {}),
        (
            "skatt-kontroll",
            [("974761076", "Skatteetaten", None)],
            {"data_not_delivered": True, "other_holders": "withhold"},
        ),
        ("konkursbehandling", [("974760673", "Brønnøysundregistrene", None)], {"undecided": "deliver"}),
        ("oppgjor-etter-dodsfall", [("974720760", "Digitaliseringsdirektoratet", "991825827")], {}),
        ("vergekontroll", [("986186999", "Statens sivilrettsforvaltning", None)], {}),
        ("politi-utlevering", [("915429785", "Politi- og lensmannsetaten", None)], {"data_not_delivered": True}),
    ],
)
def test_each_service_has_its_agency_and_its_switches(service, consumers, switches):
    rules = right(service)
    assert [
        (consumer["organisation_number"], consumer["name"], consumer.get("certificate_participant"))
        for consumer in rules["consumers"]
    ] == consumers
    assert {name: rules[name] for name in rules.keys() & SWITCHES.keys()} == switches


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param(put("x", "fielts"), ["fielts is not known"], id="unknown key"),
        pytest.param(put(..., "service"), [SERVICE], id="no service"),
        pytest.param(put("", "service"), [SERVICE], id="empty service"),
        pytest.param(put("FI Utlegg", "service"), [SERVICE], id="service that is no short name"),
        pytest.param(put("x\n", "service"), [SERVICE], id="service with a line end"),
        pytest.param(put("x" * 40, "service"), [], id="longest service"),
        pytest.param(put("x" * 41, "service"), [SERVICE], id="service too long for its column"),
        pytest.param(put(7, "service"), [SERVICE], id="service that is a number"),
        pytest.param(put(..., "name"), [NAME], id="no name"),
        pytest.param(put("  ", "name"), [NAME], id="blank name"),
        pytest.param(put("x" * 140, "name"), [], id="longest name"),
        pytest.param(put("x" * 141, "name"), [NAME], id="name too long for its column"),
        pytest.param(put(..., "consumers"), [CONSUMERS], id="no consumers"),
        pytest.param(put([], "consumers"), [CONSUMERS], id="empty consumers"),
        pytest.param(put({"974761076": "x"}, "consumers"), [CONSUMERS], id="consumers as a table"),
        pytest.param(put("974761076", "consumers", 0), [CONSUMER], id="consumer as text"),
        pytest.param(put("974761077", "consumers", 0, "organisation_number"), [CONSUMER], id="wrong check digit"),
        pytest.param(put("0192:974761076", "consumers", 0, "organisation_number"), [CONSUMER], id="with its prefix"),
        pytest.param(put("000000000", "consumers", 0, "organisation_number"), [CONSUMER], id="nine zeros"),
        pytest.param(put(974761076, "consumers", 0, "organisation_number"), [CONSUMER], id="number as a number"),
        pytest.param(put(..., "consumers", 0, "organisation_number"), [CONSUMER], id="consumer without number"),
        pytest.param(put(..., "consumers", 0, "name"), [CONSUMER], id="consumer without name"),
        pytest.param(put("x" * 141, "consumers", 0, "name"), [CONSUMER], id="consumer's name too long"),
        pytest.param(put("x", "consumers", 0, "email"), [CONSUMER], id="consumer with an extra key"),
        pytest.param(put("991825827", "consumers", 0, "certificate_participant"), [], id="participant"),
        pytest.param(put("991825828", "consumers", 0, "certificate_participant"), [CONSUMER], id="wrong participant"),
        pytest.param(put("", "consumers", 0, "certificate_participant"), [CONSUMER], id="empty participant"),
        pytest.param(put(None, "consumers", 0, "certificate_participant"), [CONSUMER], id="null as participant"),
        pytest.param(
            put([{"organisation_number": "974761076", "name": name} for name in "xy"], "consumers"),
            ["consumers names 974761076 twice"],
            id="one agency twice",
        ),
        *(
            pytest.param(put(value, name), [] if right else [f"{name} must be {words}"], id=f"{name} {what}")
            for name, words, values in (
                ("undecided", "withhold or deliver", {"withhold": True, "deliver": True, "technical": False}),
                ("other_holders", "deliver or withhold", {"deliver": True, "Deliver": False, "": False}),
                ("data_not_delivered", "false or true", {False: True, "true": False}),
            )
            for what, value, right in [
                *((repr(value), value, right) for value, right in values.items()),
                *((f"as {value!r}", value, False) for value in (None, 0, 1, [], {})),
            ]
        ),
        pytest.param(put(..., "steps"), [TABLES], id="no steps"),
        pytest.param(put({}, "steps"), [TABLES], id="empty steps"),
        pytest.param(put([], "steps"), [TABLES], id="steps as a list"),
        pytest.param(put(..., "fields"), [TABLES], id="no fields"),
        pytest.param(put([], "fields"), [TABLES], id="fields as a list"),
        pytest.param(put({}, "steps", "accounts"), [STEP], id="empty step"),
        pytest.param(put("x", "steps", "accounts"), [STEP], id="step as text"),
        pytest.param(put(..., "steps", "accounts", "period"), [STEP], id="step without its period"),
        pytest.param(put("x", "steps", "accounts", "limit"), [STEP], id="step with an extra key"),
        *(
            pytest.param(
                put(value, "steps", "accounts", kind),
                [f"steps.accounts.{kind} names an unknown rule"],
                id=f"{kind} {what}",
            )
            for kind in ("period", "owner", "requester", "additional_reference", "precondition")
            for what, value in (("unknown", "anything goes"), ("empty", ""), ("a list", ["none"]), ("a number", 0))
        ),
        pytest.param(put("bits:konto", "steps", "accounts", "scope"), [SCOPE], id="unknown scope"),
        pytest.param(put(["bits:kontoinformasjon"], "steps", "accounts", "scope"), [SCOPE], id="scope as a list"),
        pytest.param(put({}, "steps", "accounts", "scope"), [SCOPE], id="scope as a table"),
        pytest.param(put("bits:kundeforhold", "steps", "accounts", "scope"), [SCOPE], id="scope of another endpoint"),
        pytest.param(
            put("bits:kontoinformasjon", "steps", "customerRelationships", "scope"),
            ["steps.customerRelationships.scope must be bits:kundeforhold"],
            id="account information's scope in step 1",
        ),
        pytest.param(
            put(["x", "y", "x"], "steps", "accounts", "mandates"),
            ["steps.accounts.mandates names a text twice"],
            id="a mandate twice",
        ),
        pytest.param(put([], "steps", "accounts", "mandates"), [TEXTS], id="no mandate"),
        pytest.param(put("FI-Utlegg-Test", "steps", "accounts", "mandates"), [TEXTS], id="mandate that is no list"),
        pytest.param(put(["x", " "], "steps", "accounts", "mandates"), [TEXTS], id="a blank mandate among others"),
        pytest.param(put(["x" * 501], "steps", "accounts", "mandates"), [TEXTS], id="mandate that no header can name"),
        pytest.param(
            put({}, "steps", "balances"),
            ["steps.balances is no endpoint of the standard", "fields.balances is missing"],
            id="unknown endpoint",
        ),
        pytest.param(put(..., "fields", "accounts"), ["fields.accounts is missing"], id="step without its fields"),
        pytest.param(
            put(..., "steps", "accountDetails"), ["fields.accountDetails has no step"], id="fields without their step"
        ),
        pytest.param(put({}, "fields", "roles"), ["fields.roles has no step"], id="fields of an endpoint not served"),
        pytest.param(
            put({}, "fields", "customerRelationships"),
            ["fields.customerRelationships has no step"],
            id="fields of a customer endpoint",
        ),
        pytest.param(
            put([], "fields", "accounts"), ["fields.accounts must be a table of an endpoint"], id="fields as a list"
        ),
        pytest.param(
            put("deliver", "fields", "accounts", "accounts.iban"),
            ["fields.accounts: accounts.iban is no field of the standard"],
            id="unknown field",
        ),
        pytest.param(
            put("deliver", "fields", "accounts", "accounts.primaryOwner"),
            ["fields.accounts: accounts.primaryOwner is no field of the standard"],
            id="a parent is no field",
        ),
        pytest.param(
            put("deliver", "fields", "accounts", "account.balances.amount"),
            ["fields.accounts: account.balances.amount is no field of the standard"],
            id="field of another endpoint",
        ),
        pytest.param(
            put(..., "fields", "accounts", "accounts.name"),
            ["fields.accounts: accounts.name has no word"],
            id="field without a word",
        ),
        *(
            pytest.param(
                put(word, "fields", "accounts", "accounts.name"),
                ["fields.accounts: accounts.name has an unknown word"],
                id=f"word {what}",
            )
            for what, word in (
                ("unknown", "maybe"),
                ("in capitals", "Deliver"),
                ("true", True),
                ("a list", ["deliver"]),
            )
        ),
    ],
)
def test_faults(change, found):
    rules = right()
    change(rules)
    assert faults(rules) == found


def other_service(*changes, name="other-service"):
    """Return FI-Utlegg Saldo under another name, and changed."""
    rules = right()
    for change in (put(name, "service"), *changes):
        change(rules)
    return rules


TEXT_OF_ITS_OWN = [put(["Another"], "steps", step, "mandates") for step in right()["steps"]]
SAME_TEXT = "other-service: steps.{} has a mandate text that fi-utlegg-saldo has for {} too"
PARTICIPANT = "other-service: 974761076 has another certificate_participant in another service"


@pytest.mark.parametrize(
    ("other", "found"),
    [
        pytest.param(other_service(*TEXT_OF_ITS_OWN), [], id="a text of its own"),
        pytest.param(
            other_service(),
            [SAME_TEXT.format(step, "974761076") for step in ("customerRelationships", "accounts", "accountDetails")],
            id="the same agency and text",
        ),
        pytest.param(
            other_service(*TEXT_OF_ITS_OWN, put(["Third", "FI-Utlegg-Test"], "steps", "accounts", "mandates")),
            [SAME_TEXT.format("accounts", "974761076")],
            id="the same text among others at one endpoint",
        ),
        pytest.param(
            other_service(put([{"organisation_number": "974760673", "name": "x"}], "consumers")),
            [],
            id="the same text, another agency",
        ),
        pytest.param(
            other_service(*TEXT_OF_ITS_OWN, put(["FI-Utlegg-Test"], "steps", "accounts", "mandates"), put(..., "name")),
            [],
            id="one with faults of its own",
        ),
        pytest.param(
            other_service(*TEXT_OF_ITS_OWN, put("991825827", "consumers", 0, "certificate_participant")),
            [PARTICIPANT],
            id="another certificate for the same agency",
        ),
        pytest.param(
            other_service(*TEXT_OF_ITS_OWN, put("974761076", "consumers", 0, "certificate_participant")),
            [],
            id="its own number as participant",
        ),
        pytest.param(
            other_service(*TEXT_OF_ITS_OWN, name="fi-utlegg-saldo"),
            ["fi-utlegg-saldo: the service is described twice"],
            id="the same service",
        ),
        pytest.param(None, [], id="no table at all"),
    ],
)
def test_conflicts(other, found):
    assert conflicts([right(), other]) == found


def test_every_fault_is_named():
    rules = right()
    for change in (put("x", "zeta"), put("x", "alpha"), put(..., "name"), put(..., "fields", "accounts", "links.rel")):
        change(rules)
    assert faults(rules) == ["alpha is not known", "zeta is not known", NAME, "fields.accounts: links.rel has no word"]


@pytest.mark.parametrize("rules", [None, [], "x", 7, True])
def test_rules_that_are_no_table(rules):
    assert faults(rules) == ["the rules are not a table"]


@pytest.mark.parametrize("word", ["technical", "deliver", "may_omit", "withhold", "undecided"])
def test_every_word_of_the_standard_is_known(word):
    rules = right()
    rules["fields"]["accounts"]["accounts.name"] = word
    assert faults(rules) == []


def test_standard_fields_are_the_leaves():
    fields = standard_fields()
    assert fields.keys() == set(Endpoint)
    assert fields["customerRelationships"] == {
        "banks.organizationID", "banks.bankName", "banks.activeAccount", "banks.ownershipType",
    }  # fmt: skip
    assert fields["accountServicingProvider"] == {"organizationId", "bankName"}
    for leaves in fields.values():
        assert leaves
        assert not any(other.startswith(f"{leaf}.") for leaf in leaves for other in leaves)


def test_standard_paths_are_the_leaves_in_the_standard_s_order():
    assert {endpoint: frozenset(paths) for endpoint, paths in standard_paths().items()} == standard_fields()
    assert standard_paths()["roles"] == (
        "responseDetails.status", "responseDetails.message", "roles.permission",
        "roles.identifier.countryOfResidence", "roles.identifier.value", "roles.identifier.type",
        "roles.name", "roles.startDate", "roles.endDate",
    )  # fmt: skip


@pytest.mark.parametrize("endpoint", ["accounts", "accountDetails", "transactions", "cards", "roles"])
def test_standard_fields_are_those_of_the_disclosure_table(endpoint):
    table = ROOT / "tests" / "standard" / "disclosure.csv"
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    assert standard_fields()[endpoint] == {row["path"] for row in rows if row["endpoint"] == endpoint}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of service files that may be changed; `change` replaces a text that stands there once."""
    shutil.copy(service_files.FOLDER / FILE, tmp_path)
    monkeypatch.setattr(service_files, "FOLDER", tmp_path)
    return tmp_path


def change(file, text, other):
    before = file.read_text(encoding="utf-8")
    assert before.count(text) == 1
    file.write_text(before.replace(text, other), encoding="utf-8")


def in_database():
    """Return everything that loading may touch."""
    return {
        "consumers": list(DataConsumer.objects.order_by("pk").values()),
        "services": list(Service.objects.order_by("pk").values()),
        "versions": list(ServiceVersion.objects.order_by("service", "number").values()),
    }


def versions():
    columns = ServiceVersion.objects.order_by("service__slug", "number").values_list("service__slug", "number", "state")
    return list(columns)


@pytest.fixture
def empty(db):
    """No agency, no service: a database as migrate leaves it."""
    for model in (ServiceVersion, Service, DataConsumer):
        model.objects.all().delete()


def test_first_load_makes_version_one(empty, folder, capsys):
    call_command("load_services")
    assert capsys.readouterr().out == "FI-Utlegg Saldo: version 1 is in force.\n"
    assert versions() == [("fi-utlegg-saldo", 1, "approved")]
    version = ServiceVersion.objects.get()
    assert version.rules == right()
    assert version.approved_at is not None
    assert list(DataConsumer.objects.values_list("organisation_number", "name", "is_open")) == [
        ("974761076", "Skatteetaten", True)
    ]


def test_second_load_changes_nothing(empty, folder, capsys):
    call_command("load_services")
    before = in_database()
    capsys.readouterr()
    call_command("load_services")
    assert in_database() == before
    assert capsys.readouterr().out == ""


def test_a_file_that_differs_becomes_the_next_version(empty, folder, capsys):
    call_command("load_services")
    first = ServiceVersion.objects.get()
    capsys.readouterr()
    change(folder / FILE, '"accounts.name" = "withhold"', '"accounts.name" = "may_omit"')
    call_command("load_services")
    assert capsys.readouterr().out == "FI-Utlegg Saldo: version 2 is in force.\n"
    assert versions() == [("fi-utlegg-saldo", 1, "ended"), ("fi-utlegg-saldo", 2, "approved")]
    ended, approved = ServiceVersion.objects.order_by("number")
    assert (ended.rules, ended.approved_at) == (first.rules, first.approved_at)
    assert approved.rules["fields"]["accounts"]["accounts.name"] == "may_omit"


def test_going_back_is_a_new_version_too(empty, folder):
    call_command("load_services")
    change(folder / FILE, '"accounts.name" = "withhold"', '"accounts.name" = "may_omit"')
    call_command("load_services")
    change(folder / FILE, '"accounts.name" = "may_omit"', '"accounts.name" = "withhold"')
    call_command("load_services")
    assert [(number, state) for _, number, state in versions()] == [(1, "ended"), (2, "ended"), (3, "approved")]


def test_an_agency_that_somebody_closed_stays_closed(empty, folder):
    call_command("load_services")
    DataConsumer.objects.update(is_open=False)
    Service.objects.update(is_open=False)
    change(folder / FILE, '"accounts.name" = "withhold"', '"accounts.name" = "may_omit"')
    call_command("load_services")
    assert list(DataConsumer.objects.values_list("is_open", flat=True)) == [False]
    assert list(Service.objects.values_list("is_open", flat=True)) == [False]


def test_a_draft_that_waits_is_left_alone(empty, folder):
    call_command("load_services")
    held = ServiceVersion.objects.get()
    ServiceVersion.objects.create(service=held.service, number=2, rules=held.rules)
    call_command("load_services")
    assert [(number, state) for _, number, state in versions()] == [(1, "approved"), (2, "draft")]
    change(folder / FILE, '"accounts.name" = "withhold"', '"accounts.name" = "may_omit"')
    call_command("load_services")
    assert [(number, state) for _, number, state in versions()] == [(1, "ended"), (2, "draft"), (3, "approved")]


def test_a_faulty_file_is_refused_and_the_others_with_it(empty, folder):
    call_command("load_services")
    before = in_database()
    change(folder / FILE, '"accounts.name" = "withhold"', '"accounts.name" = "may_omit"')
    other = (folder / FILE).read_text(encoding="utf-8").replace('"fi-utlegg-saldo"', '"other-service"', 1)
    other = other.replace('period = "today_only"', 'period = "for ever"', 1)
    (folder / "other-service.toml").write_text(other, encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        call_command("load_services")
    assert str(refused.value) == "other-service: steps.customerRelationships.period names an unknown rule."
    assert in_database() == before


def test_two_services_are_two_versions_one(empty, folder):
    other = (folder / FILE).read_text(encoding="utf-8").replace('"fi-utlegg-saldo"', '"other-service"', 1)
    (folder / "other-service.toml").write_text(other.replace('"FI-Utlegg-Test"', '"Another"'), encoding="utf-8")
    call_command("load_services")
    assert versions() == [("fi-utlegg-saldo", 1, "approved"), ("other-service", 1, "approved")]
