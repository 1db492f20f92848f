"""Oppgjør etter dødsfall over HTTP: what Digdir gets for the heirs, and every way it is refused."""

import json
from datetime import timedelta

import pytest

from legal.periods import Period, months_before
from sandbox.certpub.decryption import JOSE, opened
from tests import cluster
from tests.agency import TODAY, refusal, told

DAY = timedelta(days=1)
DIED = {"deceased": TODAY - timedelta(days=40), "deceased-long-ago": TODAY - timedelta(days=1_461)}
DEATH = DIED["deceased"]
FIRST_DAY = months_before(DEATH, 3)
STEP_2 = ("accounts", "accountDetails", "transactions")
UNKNOWN = "This legal mandate presupposes a death, and none is known here."
TOO_EARLY = "Under this legal mandate fromDate must be at most three months before the date of death."
UNTIL_TODAY = "Under this legal mandate toDate must be today (Europe/Oslo)."
OWNERS_ONLY = "Under this legal mandate OnlyPrimaryOwner must be TRUE."
NO_REQUESTER = "Under this legal mandate RequesterID must be empty."
NO_REFERENCE = "Under this legal mandate AdditionalReferenceID and AdditionalReferenceIDType must be empty."


@pytest.mark.parametrize("who", DIED)
def test_a_dead_person_s_accounts(opens, who):
    """Both accounts with balances of today, and movements from three months before the death to the day."""
    first_day = months_before(DIED[who], 3)
    case = opens("oppgjor-etter-dodsfall", who, period=Period(first_day, TODAY))
    accounts = case.listed()
    assert len(accounts) == 2
    for account in accounts:
        details = told(case.ask("accountDetails", account["accountReference"]))
        assert details["responseDetails"] == {"status": "complete"}
        assert [balance["type"] for balance in details["account"]["balances"]] == ["availableBalance", "bookedBalance"]
        page = told(case.ask("transactions", account["accountReference"]))
        assert page["transactions"]
        assert (first_day - DAY).isoformat() <= page["transactions"][0]["bookingDate"][:10]


@pytest.mark.parametrize(
    ("from_date", "to_date"),
    [
        pytest.param(FIRST_DAY, TODAY, id="three months before the death"),
        pytest.param(DEATH, TODAY, id="from the death"),
        pytest.param(TODAY, TODAY, id="today alone"),
    ],
)
@pytest.mark.parametrize("endpoint", ["accounts", "customerRelationships"])
def test_periods_that_pass(opens, endpoint, from_date, to_date):
    assert told(opens("oppgjor-etter-dodsfall", "deceased").between(from_date, to_date).ask(endpoint))


@pytest.mark.parametrize(
    "who",
    [
        pytest.param("debtor-five-accounts", id="a living person"),
        pytest.param("organisation", id="an organisation"),
        pytest.param("not-a-customer", id="nobody we know"),
        pytest.param("shielded-strictly", id="strictly confidential"),
        pytest.param("shielded-confidential", id="confidential"),
        pytest.param("guarantor-only", id="a guarantor"),
    ],
)
@pytest.mark.parametrize(("endpoint", "code"), [("accounts", "ACC-011"), ("customerRelationships", "ERR-001")])
def test_no_death(opens, endpoint, code, who):
    assert refusal(opens("oppgjor-etter-dodsfall", who).ask(endpoint)) == (403, code, UNKNOWN)


@pytest.mark.parametrize(
    ("from_date", "to_date", "message"),
    [
        pytest.param(FIRST_DAY - DAY, TODAY, TOO_EARLY, id="a day older"),
        pytest.param(FIRST_DAY, TODAY - DAY, UNTIL_TODAY, id="until yesterday"),
        pytest.param(FIRST_DAY, TODAY + DAY, UNTIL_TODAY, id="until tomorrow"),
        pytest.param(TODAY, TODAY - DAY, "fromDate must not be later than toDate.", id="reversed"),
    ],
)
def test_periods_refused(opens, from_date, to_date, message):
    case = opens("oppgjor-etter-dodsfall", "deceased")
    reference, refused = case.first(), case.between(from_date, to_date)
    assert refusal(refused.ask("customerRelationships")) == (400, "ERR-003", message)
    for endpoint in STEP_2:
        assert refusal(refused.ask(endpoint, reference)) == (400, "ACC-001", message)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        pytest.param({"RequesterID": "arving-1"}, NO_REQUESTER, id="RequesterID filled"),
        pytest.param({"AdditionalReferenceID": "15869010089"}, NO_REFERENCE, id="AdditionalReferenceID filled"),
        pytest.param({"AdditionalReferenceIDType": "srf"}, NO_REFERENCE, id="AdditionalReferenceIDType filled"),
        pytest.param(
            {"Legal_Mandate": "Arveloven%20%C2%A7%2092%20f%C3%B8rste%20ledd"},
            "The legal mandate is not known here.",
            id="mandate as on the legal page",
        ),
    ],
)
def test_headers_refused(opens, headers, message):
    case = opens("oppgjor-etter-dodsfall", "deceased")
    reference = case.first()
    for endpoint in STEP_2:
        assert refusal(case.ask(endpoint, reference, **headers)) == (400, "ACC-001", message)


def test_false(opens):
    case = opens("oppgjor-etter-dodsfall", "deceased", owners="false")
    assert refusal(case.ask("accounts")) == (400, "ACC-001", OWNERS_ONLY)
    assert refusal(case.ask("customerRelationships")) == (400, "ERR-400", OWNERS_ONLY)


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [("cards", "Cards are not part of the service."), ("roles", "Roles are not part of the service.")],
)
def test_endpoints_of_other_services(opens, endpoint, message):
    case = opens("oppgjor-etter-dodsfall", "deceased")
    assert refusal(case.ask(endpoint, case.first())) == (400, "ACC-001", message)


def test_the_number_of_its_certificate_is_not_its_own(opens):
    """Digdir's certificate is published under another number, which gives no access by itself."""
    case = opens("oppgjor-etter-dodsfall", "deceased", consumer="991825827")
    assert refusal(case.ask("accounts")) == (403, "ACC-011", "The consumer is not authorised here.")


def test_encrypted_to_the_other_number(opens):
    """The certificate is looked up under that number, and its private key opens the list."""
    case = opens("oppgjor-etter-dodsfall", "deceased")
    answer = case.ask("accounts", Accept=JOSE)
    assert (answer.status, answer.headers["Content-Type"]) == (200, JOSE)
    inside = opened(answer.data.decode("ascii"), cluster.FOLDER / "agencies" / "991825827.pem")
    assert json.loads(inside.document) == told(case.ask("accounts"))


def test_customer_relationships(opens):
    bank = {"organizationID": "213456008", "bankName": "Eksempelbanken"}
    assert told(opens("oppgjor-etter-dodsfall", "deceased").ask("customerRelationships")) == {
        "banks": [{**bank, "activeAccount": True, "ownershipType": "primaryOwner"}]
    }
