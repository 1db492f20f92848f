"""Konkursbehandling over HTTP: what Brønnøysundregistrene gets for a trustee, and every way it is refused.

The histories are the stand-in's notices, read as the service itself reads Konkursvarsel.
"""

from datetime import timedelta
from urllib.parse import quote

import pytest

from legal.periods import Period, months_before
from sandbox.brreg.notices import notices as notices_of
from tests.agency import RULING, TODAY, refusal, told

pytestmark = pytest.mark.usefixtures("notices")

DAY = timedelta(days=1)
FIRST_DAY = months_before(RULING, 12)
WHOLE = Period(FIRST_DAY, TODAY)
UNKNOWN = "This legal mandate presupposes a bankruptcy, and none is known here."
TOO_EARLY = "Under this legal mandate fromDate must be at most twelve months before the bankruptcy ruling."
UNTIL_TODAY = "Under this legal mandate toDate must be today (Europe/Oslo)."
OWNERS_ONLY = "Under this legal mandate OnlyPrimaryOwner must be TRUE."
NO_REQUESTER = "Under this legal mandate RequesterID must be empty."
NO_REFERENCE = "Under this legal mandate AdditionalReferenceID and AdditionalReferenceIDType must be empty."


@pytest.mark.parametrize(
    ("who", "status"),
    [
        pytest.param("bankrupt", "disabled", id="a company: aapning"),
        pytest.param("bankrupt-person", "disabled", id="a person: aapning"),
        pytest.param("bankruptcy-closed", "disabled", id="aapning, avslutning: the trustee may still ask"),
    ],
)
def test_a_bankrupt_s_accounts(opens, who, status):
    """Both accounts, their balances and movements, from the first day that the law reaches to today."""
    case = opens("konkursbehandling", who, period=WHOLE)
    accounts = case.listed()
    assert [account["status"] for account in accounts] == [status, status]
    for account in accounts:
        details = told(case.ask("accountDetails", account["accountReference"]))
        assert details["responseDetails"] == {"status": "complete"}
        assert [balance["type"] for balance in details["account"]["balances"]] == ["availableBalance", "bookedBalance"]
        page = told(case.ask("transactions", account["accountReference"]))
        days = [transaction["bookingDate"][:10] for transaction in page["transactions"]]
        assert days == sorted(days)
        assert days
        assert (FIRST_DAY - DAY).isoformat() <= days[0], "Oslo's day begins in the evening before, in UTC"


@pytest.mark.parametrize(
    ("from_date", "to_date"),
    [
        pytest.param(FIRST_DAY, TODAY, id="twelve months before the ruling"),
        pytest.param(RULING, TODAY, id="from the ruling"),
        pytest.param(RULING + DAY, TODAY, id="after the ruling"),
        pytest.param(TODAY, TODAY, id="today alone"),
    ],
)
@pytest.mark.parametrize("endpoint", ["accounts", "customerRelationships"])
def test_periods_that_pass(opens, endpoint, from_date, to_date):
    assert told(opens("konkursbehandling", "bankrupt").between(from_date, to_date).ask(endpoint))


def test_no_dates_mean_today(opens):
    case = opens("konkursbehandling", "bankrupt")
    assert len(told(case.ask("accounts", query="?OnlyPrimaryOwner=true"))["accounts"]) == 2


def test_a_unit_linked_to_a_bankrupt_person_may_be_asked_about(opens):
    """It is no customer here: an empty list, not a refusal."""
    (unit,) = {unit for notice in notices_of(TODAY) for unit in notice.units}
    answer = told(opens("konkursbehandling", "bankrupt", number=unit).ask("accounts"))
    assert answer == {"responseDetails": {"status": "complete"}, "accounts": [], "links": []}


@pytest.mark.parametrize(
    "who",
    [
        pytest.param("debtor-five-accounts", id="no notice"),
        pytest.param("bankruptcy-annulled", id="aapning, sletting"),
        pytest.param("bankruptcy-appealed", id="aapning, oppheving"),
        pytest.param("not-a-customer", id="nobody we know"),
        pytest.param("shielded-strictly", id="strictly confidential"),
        pytest.param("shielded-confidential", id="confidential"),
    ],
)
@pytest.mark.parametrize(("endpoint", "code"), [("accounts", "ACC-011"), ("customerRelationships", "ERR-001")])
def test_no_bankruptcy(opens, endpoint, code, who):
    assert refusal(opens("konkursbehandling", who).ask(endpoint)) == (403, code, UNKNOWN)


PERIODS = [
    pytest.param(FIRST_DAY - DAY, TODAY, TOO_EARLY, id="a day older"),
    pytest.param(FIRST_DAY, TODAY - DAY, UNTIL_TODAY, id="until yesterday"),
    pytest.param(FIRST_DAY, TODAY + DAY, UNTIL_TODAY, id="until tomorrow"),
    pytest.param(TODAY, TODAY - DAY, "fromDate must not be later than toDate.", id="reversed"),
]


@pytest.mark.parametrize(("from_date", "to_date", "message"), PERIODS)
def test_periods_refused(opens, from_date, to_date, message):
    case = opens("konkursbehandling", "bankrupt")
    reference, refused = case.first(), case.between(from_date, to_date)
    assert refusal(refused.ask("customerRelationships")) == (400, "ERR-003", message)
    for endpoint in ("accounts", "accountDetails", "transactions"):
        assert refusal(refused.ask(endpoint, reference)) == (400, "ACC-001", message)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        pytest.param({"RequesterID": "saksbehandler-1"}, NO_REQUESTER, id="RequesterID filled"),
        pytest.param({"AdditionalReferenceID": "15869010089"}, NO_REFERENCE, id="AdditionalReferenceID filled"),
        pytest.param({"AdditionalReferenceIDType": "srf"}, NO_REFERENCE, id="AdditionalReferenceIDType filled"),
        pytest.param(
            {"Legal_Mandate": "kkl.%20%C2%A7%20156%20(3)%20og%20(4)%2C%20jf.%20kkfor.%20%C2%A7%2021"},
            "The legal mandate is not known here.",
            id="mandate with other blanks",
        ),
    ],
)
def test_headers_refused(opens, headers, message):
    case = opens("konkursbehandling", "bankrupt")
    reference = case.first()
    for endpoint in ("accounts", "accountDetails", "transactions"):
        assert refusal(case.ask(endpoint, reference, **headers)) == (400, "ACC-001", message)


def test_the_mandate_s_brackets_escaped_or_not(opens):
    case = opens("konkursbehandling", "bankrupt")
    bare = quote(case.mandate, safe="()")
    assert "(" in bare
    assert told(case.ask("accounts", Legal_Mandate=bare)) == told(case.ask("accounts"))


def test_false(opens):
    case = opens("konkursbehandling", "bankrupt", owners="FALSE")
    assert refusal(case.ask("accounts")) == (400, "ACC-001", OWNERS_ONLY)
    assert refusal(case.ask("customerRelationships")) == (400, "ERR-400", OWNERS_ONLY)


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [("cards", "Cards are not part of the service."), ("roles", "Roles are not part of the service.")],
)
def test_endpoints_of_other_services(opens, endpoint, message):
    case = opens("konkursbehandling", "bankrupt")
    assert refusal(case.ask(endpoint, case.first())) == (400, "ACC-001", message)


def test_another_agency(opens):
    case = opens("konkursbehandling", "bankrupt", consumer="974761076")
    message = "The consumer is not authorised under this legal mandate."
    assert refusal(case.ask("accounts")) == (403, "ACC-011", message)


def test_customer_relationships(opens):
    bank = {"organizationID": "213456008", "bankName": "Eksempelbanken"}
    assert told(opens("konkursbehandling", "bankrupt").ask("customerRelationships")) == {
        "banks": [{**bank, "activeAccount": False, "ownershipType": "primaryOwner"}]
    }
