"""Each client is held to the pages' codes over a real socket, and so is each stand-in: neither to the other.

The tables are facts of the pages. How a stand-in comes to a code by itself is tested in tests/sandbox/counterparts.
"""

import csv
import uuid
from datetime import date

import orjson
import pytest

from agencies import attempts, errors
from agencies.aktivkonto.client import AktivKonto, Service
from agencies.bsu.client import Intake
from agencies.pension.client import PensionClient, Question
from tests.agencies.code_tables import FOLDER, rows, rows_of
from tests.sandbox.counterparts.submissions import corrected, send

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
ENTERPRISE, CORRELATION_ID = "213456008", "df496591-dabc-42b8-84e2-163ad19302e6"
PERSON = "17816994780"
BY_STATUS = {
    400: errors.Invalid,
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: errors.WrongMethod,
    406: errors.NotAcceptable,
    409: errors.Conflict,
    500: errors.Failed,
    503: errors.Unavailable,
}
AUTHENTICATION_BY_500 = {("seed", "OTP-012"), ("seed", "OTP-013")}
TABLES = {"aktivkonto_codes": ("seed", "current"), "otp_codes": ("seed", "current"), "gld_codes": ("v1",)}
ANSWERS_NOT_ERRORS = {("current", "AKE-008")}


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(attempts, "FIRST_SECONDS", 0.0)


def asked(service, profile, base, settings):
    """Ask a service something, as the bank."""
    if service == "aktivkonto_codes":
        ending = "/v3" if profile == "current" else ""
        AktivKonto(Service(base_url=base + ending, profile=profile, rights_package="x")).look_up(PERSON)
    elif service == "otp_codes":
        settings.OTP_BASE_URL = f"{base}/v1" if profile == "current" else base
        settings.OTP_PROFILE, settings.OTP_RIGHTS_PACKAGE = profile, ["otp", "nav"]
        PensionClient(today=TODAY).validity(Question(ENTERPRISE, ENTERPRISE, "2021-01", "2021-06"))
    else:
        settings.BSU_BASE_URL = f"{base}/v1"
        Intake(ENTERPRISE).submit(2025, b"{}", key=uuid.uuid4())


def cases():
    for service, profiles in TABLES.items():
        for profile in profiles:
            common = rows_of(service, profile=profile) if profile != "v1" else rows(service)
            for row in common:
                if (profile, row.code) not in ANSWERS_NOT_ERRORS:
                    yield pytest.param(service, profile, row, id=f"{profile} {row}")
    for row in rows("gld_specifications"):
        yield pytest.param("gld_codes", "v1", row, id=str(row))


@pytest.mark.parametrize(("service", "profile", "row"), [*cases()])
def test_a_client_says_what_the_code_says(bank, agency, at_once, service, profile, row):
    """By the HTTP status first, by the profile's code second; what the agency's support asks for is kept."""
    found = {"kode": row.specification, "melding": row.text, "sti": "leveranse/inntektsaar", "angittVerdi": PERSON}
    body = {"kode": row.code, "melding": row.text, "korrelasjonsid": CORRELATION_ID}
    agency.answer(
        row.http, orjson.dumps({**body, **({"spesifisering": [found]} if row.specification else {})}), times=4
    )
    with pytest.raises(errors.AgencyError) as refused:
        asked(service, profile, agency.base, bank)
    error = refused.value
    about_the_token = (profile, row.code) in AUTHENTICATION_BY_500 or row.http == 401
    expected = errors.Unauthenticated if about_the_token else BY_STATUS[row.http]
    assert isinstance(error, expected)
    assert (error.status, error.code, error.correlation_id) == (row.http, row.code, CORRELATION_ID)
    assert [one.code for one in error.specifications] == ([row.specification] if row.specification else [])
    assert PERSON not in str(error) + repr(error)
    assert len(agency.seen) == (2 if about_the_token else 3 if row.http >= 500 else 1)
    tokens_used = {seen.header("Authorization") for seen in agency.seen}
    assert len(tokens_used) == (2 if about_the_token else 1), "a refused token is replaced once"


@pytest.mark.parametrize("service", TABLES)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 500, 503])
def test_what_is_not_in_the_page_s_format_did_not_reach_the_application(bank, agency, at_once, service, status):
    agency.answer(status, b"Unknown instance. ID=8ac2", times=4)
    with pytest.raises(errors.NotTheApplication) as refused:
        asked(service, TABLES[service][0], agency.base, bank)
    assert (refused.value.status, str(refused.value)) == (status, "The request did not reach the application.")


# --- the stand-in of Aktiv konto and the client, each against the page's test persons ---


def persons():
    with (FOLDER / "aktivkonto_persons.csv").open(encoding="utf-8", newline="") as file:
        return [pytest.param(row, id=f"{row['profile']}: {row['kind']}") for row in csv.DictReader(file)]


@pytest.fixture
def sandbox(stand_ins, settings):
    for name, value in stand_ins.settings.items():
        setattr(settings, name, value)
    return stand_ins


def client_of(sandbox, profile):
    if profile == "seed":
        return AktivKonto(Service(base_url=sandbox.base, profile="seed"))
    return AktivKonto(Service.from_settings())


def fits(value, expected):
    return bool(value) if expected == "some" else (value or "") == expected


@pytest.mark.parametrize("row", persons())
def test_a_test_person(sandbox, row):
    answer = client_of(sandbox, row["profile"]).look_up(row["identifier"])
    account = answer.account
    assert answer.present_identifier == row["identifier"]
    assert account.is_payout_card is (row["payout_card"] == "yes")
    assert account.is_foreign is bool(row["iban"])
    assert fits(account.iban, row["iban"])
    assert fits(account.bic, row["bic"])
    if row["iban"]:
        assert (account.number, fits(account.bank_country, row["country"])) == (None, True)
    if row["number"]:
        assert account.number == row["number"]
    if row["chosen_on"]:
        assert account.chosen_on == date.fromisoformat(row["chosen_on"])


@pytest.mark.parametrize("profile", ["seed", "current"])
def test_the_person_without_an_account(sandbox, profile):
    assert client_of(sandbox, profile).look_up("23818699190").account is None


@pytest.mark.parametrize(("profile", "code"), [("seed", "AKE-002"), ("current", "AKE-007")])
def test_anybody_else_is_unknown(sandbox, profile, code):
    with pytest.raises(errors.NotFound) as refused:
        client_of(sandbox, profile).look_up("15869010089")
    assert (refused.value.status, refused.value.code) == (404, code)


@pytest.mark.parametrize("profile", ["seed", "current"])
@pytest.mark.parametrize("form", ["object", "list", "lists", "empty", "missing"])
def test_the_account_in_every_form(sandbox, profile, form):
    sandbox.switch(**{"aktivkonto.account_as": form, "aktivkonto.more_members": True})
    account = client_of(sandbox, profile).look_up(PERSON).account
    assert (account and account.number) == (None if form in {"empty", "missing"} else "32432567604")


@pytest.mark.parametrize("profile", ["seed", "current"])
def test_a_shielded_person(sandbox, profile):
    sandbox.switch(**{"aktivkonto.shielded": [PERSON]})
    answer = client_of(sandbox, profile).look_up(PERSON)
    assert (answer.account, answer.is_shielded) == (None, True)


# --- the stand-in of the BSU intake against the page's codes ---


@pytest.mark.parametrize("row", [pytest.param(row, id=str(row)) for row in rows("gld_codes")])
def test_the_intake_s_codes(sandbox, row):
    sandbox.switch(**{"bsu.answer_with": row.code})
    answer = send(sandbox, corrected())
    told = answer.json()
    assert (answer.status, told["kode"], told["melding"]) == (row.http, row.code, row.text)
