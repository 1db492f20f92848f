"""What agencies really asked and got, told in plain words: every service and endpoint, in both languages."""

import uuid
from pathlib import Path

import pytest
from django.utils import translation

from audit.models import AuditRecord
from audit.outbound import record_sent
from audit.recording import record
from compliance.explaining.numbers import numbers_of
from compliance.explaining.words import explanation_of, printed
from legal.refusals import LedgerOutdated
from legal.service_files import CUSTOMER_ENDPOINTS, read_services, standard_paths
from sandbox.police.orders import CRIMINAL_CASE
from tests.agency import GUARDIANS, told
from tests.api.test_records_of_services import SERVICES
from tests.audit.entries import answered
from tests.compliance.explaining.told import fixed
from tests.legal.test_disclosure import ROWS, may_leave

pytestmark = [pytest.mark.usefixtures("notices", "clean_audit"), pytest.mark.django_db]

FOLDER = Path(__file__).with_name("texts")
STEPS = {rules["service"]: [*rules["steps"]] for rules in read_services()}
AGENCIES = {
    "fi-utlegg-saldo": "Skatteetaten",
    "skatt-kontroll": "Skatteetaten",
    "konkursbehandling": "Brønnøysundregistrene",
    "oppgjor-etter-dodsfall": "Digitaliseringsdirektoratet",
    "vergekontroll": "Statens sivilrettsforvaltning",
    "politi-utlevering": "Politi- og lensmannsetaten",
}
LISTS = {
    "customerRelationships": "banks",
    "accounts": "accounts",
    "transactions": "transactions",
    "cards": "paymentCards",
    "roles": "roles",
}
SAID = {
    "en": {
        "customerRelationships": ("1 institution was named.", ""),
        "accountServicingProvider": ("1 institution was named.", ""),
        "accounts": ("1 account was listed.", "{} accounts were listed."),
        "accountDetails": ("1 account was told of.", ""),
        "transactions": ("1 transaction was given.", "{} transactions were given."),
        "cards": ("1 card was given.", "{} cards were given."),
        "roles": ("1 role was given.", "{} roles were given."),
        "none": "Nothing was given: the list was empty.",
        "fields": "Of the standard's {} fields at {} the version withholds {}.",
        "law": "Legal mandate, in the agency's words: “{}”.",
        "asked": "{} asked, and was answered",
    },
    "nb": {
        "customerRelationships": ("1 finansforetak ble oppgitt.", ""),
        "accountServicingProvider": ("1 finansforetak ble oppgitt.", ""),
        "accounts": ("1 konto ble oppgitt.", "{} kontoer ble oppgitt."),
        "accountDetails": ("Det ble gitt opplysninger om 1 konto.", ""),
        "transactions": ("1 transaksjon ble utlevert.", "{} transaksjoner ble utlevert."),
        "cards": ("1 kort ble utlevert.", "{} kort ble utlevert."),
        "roles": ("1 rolle ble utlevert.", "{} roller ble utlevert."),
        "none": "Ingenting ble utlevert: listen var tom.",
        "fields": "Av standardens {} felt i {} holder versjonen tilbake {}.",
        "law": "Hjemmel, med etatens ord: «{}».",
        "asked": "{} spurte og fikk svar",
    },
}


def newest():
    return AuditRecord.objects.order_by("-at", "-id").first()


def asked(case, endpoint, listed):
    """Return the answer at an endpoint about the first account of the list."""
    about = listed["accountIdentifier"] if endpoint == "accountServicingProvider" else listed["accountReference"]
    return case.ask(endpoint, about)


def count_of(words, endpoint, document):
    """Return the sentence that says how much an answer held."""
    items = len(document[LISTS[endpoint]]) if endpoint in LISTS else 1
    one, many = words[endpoint]
    return words["none"] if not items else one if items == 1 else many.format(items)


def withheld_by_the_table(service, endpoint):
    """Return how many fields the standard's own table has there, and how many of them stay with the bank."""
    if endpoint in CUSTOMER_ENDPOINTS:
        return len(standard_paths()[endpoint]), 0
    rows = [row for row in ROWS if row[:2] == (service, endpoint)]
    return len(rows), sum(not may_leave(service, row[2], row[3]) for row in rows)


@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_of_every_service(opens, service):
    case = opens(service, SERVICES[service][2])
    listed = case.listed()[0]
    for endpoint in STEPS[service]:
        document = told(asked(case, endpoint, listed))
        record = newest()
        fields, kept = withheld_by_the_table(service, endpoint)
        for language, words in SAID.items():
            with translation.override(language):
                explained = explanation_of(record)
                text = printed(explained)
            assert explained.title == words["asked"].format(AGENCIES[service])
            assert explained.law[0] == words["law"].format(record.legal_mandate)
            assert explained.given[0] == count_of(words, endpoint, document)
            assert explained.withheld[0] == words["fields"].format(fields, endpoint, kept)
            assert [field.path for field in explained.fields] == list(standard_paths()[endpoint])
            assert explained.refused == ()
            assert [number for number in numbers_of(record).all() if number in text] == []


REFUSED = {
    "fi-utlegg-saldo": (
        {"owners": "false"},
        "The mandate reaches primary owners alone, and the agency did not limit itself to them.",
        "The rule of that version behind it: Owners – primary owners alone (primary_owner_only).",
        "Regelen i denne versjonen som ligger bak: Eiere – bare hovedeiere (primary_owner_only).",
    ),
    "skatt-kontroll": (
        {"requester": ""},
        "Under the mandate the agency must say who asks (RequesterID), and it did not.",
        "The rule of that version behind it: RequesterID – must be given (required).",
        "Regelen i denne versjonen som ligger bak: RequesterID – må oppgis (required).",
    ),
    "konkursbehandling": (
        {"number": "213456008"},
        "The mandate presupposes a bankruptcy, and the bank knew of none.",
        "The rule of that version behind it: Precondition – a bankruptcy that stands (bankruptcy).",
        "Regelen i denne versjonen som ligger bak: Forutsetning – en konkurs som står ved lag (bankruptcy).",
    ),
    "oppgjor-etter-dodsfall": (
        {"number": "213456008"},
        "The mandate presupposes a death, and the bank knew of none.",
        "The rule of that version behind it: Precondition – the death is known (death).",
        "Regelen i denne versjonen som ligger bak: Forutsetning – dødsfallet er kjent (death).",
    ),
    "vergekontroll": (
        {"reference": GUARDIANS["ward-other-task"]},
        "The mandate presupposes a guardianship with the daily banking in the period, and the bank knew of none.",
        "The rule of that version behind it: Precondition – a guardianship with the daily banking (guardianship).",
        "Regelen i denne versjonen som ligger bak: Forutsetning – et vergemål som omfatter dagligbank (guardianship).",
    ),
    "politi-utlevering": (
        {"number": "213456008"},
        "The extradition order is about somebody else.",
        "The rule of that version behind it: Additional reference – holds an extradition order (pol1)"
        " (extradition_order).",
        "Regelen i denne versjonen som ligger bak: Tilleggsreferanse – inneholder et utleveringspålegg (pol1)"
        " (extradition_order).",
    ),
}


@pytest.mark.parametrize("service", REFUSED)
def test_a_refusal_by_a_rule_of_every_service(opens, service):
    changes, why, rule, regel = REFUSED[service]
    opens(service, SERVICES[service][2]).but(**changes).ask("accounts")
    explained = explanation_of(newest())
    assert (explained.refused[0], explained.refused[3]) == (why, rule)
    with translation.override("nb"):
        assert explanation_of(newest()).refused[3] == regel
    assert (explained.given, explained.withheld, explained.fields) == ((), (), ())


@pytest.mark.parametrize("service", SERVICES)
def test_every_endpoint_refuses_in_words(opens, service):
    """A period that ends before it begins; at the one endpoint that has none, a form of answer that is not given."""
    case = opens(service, SERVICES[service][2])
    listed = case.listed()[0]
    period = case.period
    wrong = case.between(period.to_date, period.from_date.replace(year=2020))
    for endpoint in STEPS[service]:
        if endpoint == "accountServicingProvider":
            case.ask(endpoint, listed["accountIdentifier"], Accept="text/html")
            why = "The agency asked for a form of answer that is not given, such as plain JSON."
        else:
            wrong.ask(endpoint, listed["accountReference"])
            why = "The period ends before it begins."
        explained = explanation_of(newest())
        assert explained.refused[0] == why
        assert explained.encrypted == ("Not encrypted: a refusal is a fixed sentence in plain JSON.",)


def test_an_endpoint_that_the_service_lacks(opens):
    opens("fi-utlegg-saldo", "debtor-five-accounts").ask("cards", "AAAA")
    explained = explanation_of(newest())
    assert explained.rules == ("No version of a service ruled: it was refused before one was found.",)
    assert explained.refused[0] == "The service has no questions of this kind."


# --- whole texts ---


def ask_for_encrypted_accounts(opens):
    opens("skatt-kontroll", "disposed-accounts").ask("accounts", Accept="application/jose")


def ask_beyond_the_order(opens):
    case = opens("politi-utlevering", "every-field").ordered(cards=False)
    case.ask("cards", case.first())
    assert case.mandate == CRIMINAL_CASE


def ask_about_a_shielded_person(opens):
    opens("fi-utlegg-saldo", "shielded-strictly").ask("accounts")


def ask_while_the_ledger_is_old(opens):
    kind = LedgerOutdated
    changes = {"outcome": kind.outcome, "http_status": kind.status_code, "code": kind.default_code, "supplier": ""}
    record(answered(**changes, refusal=kind.__name__, service_version=1, items=None, as_of=None, malformed={}))


def send_the_yearly_report(opens):
    told_to = {"recipient": "974761076", "service": "agencies:bsu", "operation": "bsu.innsending"}
    record_sent(
        **told_to, parties=["26854412345"], accounts=["97100000001"], body=b"{}", correlation_id=uuid.UUID(int=7)
    )


def ask_under_a_version_that_is_gone(opens):
    record(answered(service_version=99, malformed={}, evidence=None))


TEXTS = {
    "encrypted": ask_for_encrypted_accounts,
    "refused": ask_beyond_the_order,
    "shielded": ask_about_a_shielded_person,
    "failed": ask_while_the_ledger_is_old,
    "sent": send_the_yearly_report,
    "unreadable": ask_under_a_version_that_is_gone,
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_whole_of_it(opens, name):
    """As they stand in texts/, to be read by people who know the law."""
    TEXTS[name](opens)
    explained = {}
    for language in SAID:
        with translation.override(language):
            explained[language] = fixed(printed(explanation_of(newest())))
    assert explained == {language: (FOLDER / f"{name}.{language}.txt").read_text(encoding="utf-8") for language in SAID}
