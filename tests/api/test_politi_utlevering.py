"""Politi-Utlevering over HTTP: what the police's service has for itself beside the extradition order.

The order is in test_extradition_order.py.
"""

import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from accounts.views import AccountList
from legal.endpoints import Endpoint
from legal.enquiries import Enquiry
from legal.grants import Grant
from legal.mandates import service_in_force
from legal.periods import Period, months_before
from legal.service_files import read_services
from sandbox.police.orders import CRIMINAL_CASE
from tests import cluster
from tests.agency import TODAY, TWO_YEARS, refusal, told
from tests.authority import NOW as SIGNED_AT
from tests.consumer import identifier
from tests.extradition import order, reader

DAY = timedelta(days=1)
STEP_2 = ("accounts", "accountDetails", "transactions", "cards", "roles")
FLAGS = STEP_2[1:]
REQUESTER = "Under this legal mandate RequesterID must be sent."
TYPE = "Under this legal mandate AdditionalReferenceIDType must be pol1."
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def police(opens):
    """A case about one party, with its order for every endpoint and the reference of its first account."""
    case = opens("politi-utlevering", "every-field")
    return case, case.first()


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        pytest.param({"RequesterID": None}, REQUESTER, id="RequesterID missing"),
        pytest.param({"RequesterID": ""}, REQUESTER, id="RequesterID empty"),
        pytest.param({"AdditionalReferenceIDType": None}, TYPE, id="type missing"),
        pytest.param({"AdditionalReferenceIDType": "srf"}, TYPE, id="type srf"),
        pytest.param(
            {"AdditionalReferenceIDType": "pol"},
            "AdditionalReferenceIDType must be sent at most once, as pol1 or srf.",
            id="type of before",
        ),
        pytest.param(
            {"Legal_Mandate": "Straffeprosessloven%20%C2%A7%20210%20f%C3%B8rste%20ledd"},
            "The legal mandate is not known here.",
            id="mandate of before",
        ),
    ],
)
def test_headers_refused(police, headers, message):
    case, reference = police
    for endpoint in STEP_2:
        assert refusal(case.ask(endpoint, reference, **headers)) == (400, "ACC-001", message)


@pytest.mark.parametrize("unescaped", ["", "()", "(), "], ids=["brackets escaped", "brackets bare", "blanks bare too"])
def test_the_mandate_s_brackets_escaped_or_not(police, unescaped):
    case, _ = police
    assert told(case.ask("accounts", Legal_Mandate=quote(case.mandate, safe=unescaped)))


@pytest.mark.parametrize(
    ("from_date", "to_date", "message"),
    [
        pytest.param(
            months_before(TODAY, 120) - DAY,
            TODAY,
            "Under this legal mandate fromDate must not be more than ten years ago.",
            id="a day older than ten years",
        ),
        pytest.param(
            TODAY,
            TODAY + DAY,
            "Under this legal mandate toDate must not be later than today (Europe/Oslo).",
            id="until tomorrow",
        ),
    ],
)
def test_periods_refused_in_step_1(opens, from_date, to_date, message):
    answer = opens("politi-utlevering", "every-field").between(from_date, to_date).ask("customerRelationships")
    assert refusal(answer) == (400, "ERR-003", message)


def test_until_tomorrow_even_when_it_is_ordered(opens):
    case = opens("politi-utlevering", "every-field", period=Period(TODAY, TODAY + DAY)).ordered()
    message = "Under this legal mandate toDate must not be later than today (Europe/Oslo)."
    assert refusal(case.ask("accounts")) == (400, "ACC-001", message)


def test_step_1_has_no_order(opens):
    bank = {"organizationID": "213456008", "bankName": "Eksempelbanken"}
    case = opens("politi-utlevering", "every-field")
    assert told(case.ask("customerRelationships")) == {
        "banks": [{**bank, "activeAccount": True, "ownershipType": "primaryOwner"}]
    }
    answer = case.ask("customerRelationships", AdditionalReferenceIDType="pol1", AdditionalReferenceID=case.reference)
    message = "Under this legal mandate AdditionalReferenceID and AdditionalReferenceIDType must be empty."
    assert refusal(answer) == (400, "ERR-400", message)


def test_alternative_2_all_accounts_are_listed(opens):
    """POLICE_DISPOSALS=listed: owned, disposed, and one without its data."""
    case = opens("politi-utlevering", "disposed-accounts")
    answer = told(case.ask("accounts"))
    assert answer["responseDetails"] == {"status": "complete"}
    assert [a["accountReference"] == "dataNotDelivered" for a in answer["accounts"]].count(True) == 1
    assert len(answer["accounts"]) == 3
    for endpoint in FLAGS:
        assert refusal(case.ask(endpoint, "dataNotDelivered")) == (404, "ACC-002", "Not found.")
    disposed = [a for a in answer["accounts"] if a["primaryOwner"]["identifier"]["value"] != case.number]
    reference = next(a["accountReference"] for a in disposed if a["accountReference"] != "dataNotDelivered")
    for endpoint in FLAGS:
        assert told(case.ask(endpoint, reference))


PARTIAL = {
    "status": "partial",
    "message": "The party has or had rights of disposal over accounts that are not listed here.",
}
COMPLETE = {"status": "complete"}


@pytest.mark.django_db(databases=["ledger"])
@pytest.mark.parametrize(
    ("who", "owners", "accounts", "details"),
    [
        pytest.param("disposed-accounts", False, 1, PARTIAL, id="owns one, may use two"),
        pytest.param("authorised-user-only", False, 0, PARTIAL, id="may use one: an empty list"),
        pytest.param("disposed-accounts", True, 1, COMPLETE, id="asked for owned ones"),
        pytest.param("every-field", False, 2, COMPLETE, id="owns all"),
        pytest.param("guarantor-only", False, 0, COMPLETE, id="a guarantor"),
        pytest.param("shielded-strictly", False, 0, COMPLETE, id="strictly confidential"),
        pytest.param("not-a-customer", False, 0, COMPLETE, id="nobody we know"),
    ],
)
def test_alternative_1_disposals_are_told_of(settings, who, owners, accounts, details):
    """POLICE_DISPOSALS=told."""
    settings.POLICE_DISPOSALS = "told"
    answer = AccountList().document(enquiry_with_order(identifier(who), owners)).document
    assert (len(answer["accounts"]), answer["responseDetails"]) == (accounts, details)


def enquiry_with_order(number, owners):
    """Return the police's question as the corridor hands it over."""
    rules = next(rules for rules in read_services() if rules["service"] == "politi-utlevering")
    grant = Grant(
        consumer="915429785",
        supplier="",
        client_id="x",
        client_amr="",
        jti="x",
        issuer="x",
        audience=f"http://127.0.0.1:{cluster.PORT}/v2",
        key_id="x",
        scopes=frozenset(),
        issued_at=0,
        expires_at=120,
        pid="",
        has_authorization_details=False,
    )
    return Enquiry(
        grant=grant,
        mandate=service_in_force(rules, version=1).mandates[Endpoint.ACCOUNTS],
        legal_mandate=CRIMINAL_CASE,
        account_info_request_id=uuid.uuid4(),
        correlation_id=uuid.uuid4(),
        asked_for=TWO_YEARS,
        period=TWO_YEARS,
        asked_at=NOW,
        party_number=number,
        account_reference=None,
        only_primary_owner=owners,
        order=reader().read(order(partyID=number), now=SIGNED_AT),
    )
