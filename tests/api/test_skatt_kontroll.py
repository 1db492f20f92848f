"""Skatt-Kontroll over HTTP: what Skatteetaten gets in a control case, and every way it is refused."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from legal.periods import Period, months_before
from tests.agency import TODAY, refusal, told
from tests.consumer import identifier

DAY = timedelta(days=1)
TEN_YEARS = months_before(TODAY, 120)
STEP_2 = ("accounts", "accountDetails", "transactions", "cards", "roles")
COMPLETE = {"status": "complete"}
HISTORY = {
    "status": "partial",
    "message": "Part of the period lies before the history that is available through this channel.",
}
REQUESTER = "Under this legal mandate RequesterID must be sent."
NO_REFERENCE = "Under this legal mandate AdditionalReferenceID and AdditionalReferenceIDType must be empty."
TOO_LONG = "Under this legal mandate fromDate must not be more than ten years ago."
FUTURE = "Under this legal mandate toDate must not be later than today (Europe/Oslo)."
REVERSED = "fromDate must not be later than toDate."
UNKNOWN_MANDATE = "The legal mandate is not known here."
FIRST_PUNKTUM = "Skatteforvaltningsloven § 10-2 første ledd"


@pytest.mark.parametrize(
    ("who", "owners", "numbers"),
    [
        pytest.param("every-field", "TRUE", 2, id="TRUE: owned accounts, one of them closed in the period"),
        pytest.param("every-field", "FALSE", 2, id="FALSE: the same where all are owned"),
        pytest.param("disposed-accounts", "TRUE", 1, id="TRUE: without those at disposal"),
        pytest.param("disposed-accounts", "FALSE", 3, id="FALSE: with those at disposal"),
        pytest.param("authorised-user-only", "TRUE", 0, id="TRUE: at disposal only"),
        pytest.param("authorised-user-only", "FALSE", 1, id="FALSE: at disposal only"),
        pytest.param("guarantor-only", "FALSE", 0, id="a guarantor"),
        pytest.param("co-borrower", "FALSE", 1, id="a co-borrower: not the loan"),
        pytest.param("former-owner", "TRUE", 1, id="an owner until a month ago"),
        pytest.param("organisation", "TRUE", 3, id="an organisation"),
        pytest.param("d-number", "TRUE", 2, id="a D-number"),
        pytest.param("former-number", "TRUE", 1, id="an old number"),
        pytest.param("not-a-customer", "FALSE", 0, id="nobody we know"),
    ],
)
def test_account_list(opens, who, owners, numbers):
    answer = told(opens("skatt-kontroll", who, owners=owners).ask("accounts"))
    assert (answer["responseDetails"], answer["links"], len(answer["accounts"])) == (COMPLETE, [], numbers)


@pytest.mark.parametrize("endpoint", STEP_2)
def test_all_five_endpoints_ten_years_back_to_the_day(opens, endpoint):
    case = opens("skatt-kontroll", "every-field").between(TEN_YEARS, TODAY)
    answer = told(case.ask(endpoint, case.first()))
    assert answer["responseDetails"] == (COMPLETE if endpoint == "accountDetails" else HISTORY), "balances are today's"


@pytest.mark.parametrize(
    ("from_date", "to_date", "message"),
    [
        pytest.param(TEN_YEARS - DAY, TODAY, TOO_LONG, id="a day older than ten years"),
        pytest.param(TODAY, TODAY + DAY, FUTURE, id="until tomorrow"),
        pytest.param(TODAY, TODAY - DAY, REVERSED, id="reversed"),
    ],
)
def test_periods_refused(opens, from_date, to_date, message):
    case = opens("skatt-kontroll", "every-field")
    reference, refused = case.first(), case.between(from_date, to_date)
    assert refusal(refused.ask("customerRelationships")) == (400, "ERR-003", message)
    for endpoint in STEP_2:
        assert refusal(refused.ask(endpoint, reference)) == (400, "ACC-001", message)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        pytest.param({"RequesterID": None}, REQUESTER, id="RequesterID missing"),
        pytest.param({"RequesterID": ""}, REQUESTER, id="RequesterID empty"),
        pytest.param({"AdditionalReferenceID": "x"}, NO_REFERENCE, id="AdditionalReferenceID filled"),
        pytest.param({"AdditionalReferenceIDType": "pol1"}, NO_REFERENCE, id="AdditionalReferenceIDType filled"),
        *(
            pytest.param({"Legal_Mandate": quote(text, safe="")}, UNKNOWN_MANDATE, id=f"mandate: {why}")
            for why, text in {
                "as in the validation tables": "Skatteforvaltningsloven §10-2 første ledd, "
                "jf. skatteforvaltningsforskriften §10-2-1",
                "as in Om tjenesten": "skatteforvaltningsloven § 10-2 første ledd jf. § 10-14, "
                "jf. skatteforvaltningsforskriften § 10-2-1",
                "of the pilot": "Skatteforvaltningsloven § 10-2",
                "of another pilot": "Kompensasjonsordningen for næringslivet § 8 jf. forskriften §4-2(3)",
                "line break left in": f"{FIRST_PUNKTUM}, <br>jf. § 10-14, jf. skatteforvaltningsforskriften § 10-2-1",
            }.items()
        ),
    ],
)
def test_headers_refused(opens, headers, message):
    case = opens("skatt-kontroll", "every-field")
    reference = case.first()
    for endpoint in STEP_2:
        assert refusal(case.ask(endpoint, reference, **headers)) == (400, "ACC-001", message)


def test_the_mandate_encoded_twice_is_another(opens):
    case = opens("skatt-kontroll", "every-field")
    twice = quote(quote(case.mandate, safe=""), safe="")
    assert refusal(case.ask("accounts", Legal_Mandate=twice)) == (400, "ACC-001", UNKNOWN_MANDATE)


def test_step_1_needs_no_requester(opens):
    bank = {"organizationID": "213456008", "bankName": "Eksempelbanken"}
    case = opens("skatt-kontroll", "every-field")
    for owners, kind in (("TRUE", "primaryOwner"), ("false", "primaryOwner")):
        assert told(case.but(owners=owners).ask("customerRelationships")) == {
            "banks": [{**bank, "activeAccount": True, "ownershipType": kind}]
        }
    user = opens("skatt-kontroll", "authorised-user-only", owners="false")
    assert told(user.ask("customerRelationships")) == {
        "banks": [{**bank, "activeAccount": False, "ownershipType": "notPrimaryOwner"}]
    }


def test_data_not_delivered(opens):
    """The account is in the list, and nowhere else."""
    case = opens("skatt-kontroll", "disposed-accounts")
    listed = {account["accountReference"]: account for account in case.listed()}
    assert len(listed) == 3
    assert listed["dataNotDelivered"]["type"] == "savingsAccount"
    for endpoint in STEP_2[1:]:
        assert refusal(case.ask(endpoint, "dataNotDelivered")) == (404, "ACC-002", "Not found.")


def test_other_users_are_left_out_where_the_party_only_has_disposal(opens):
    """The owner and the party itself stay; the third user's card and role are not told."""
    case = opens("skatt-kontroll", "disposed-accounts")
    (disposed,) = [
        account
        for account in case.listed()
        if account["accountReference"] != "dataNotDelivered"
        and account["primaryOwner"]["identifier"]["value"] != case.number
    ]
    owner = disposed["primaryOwner"]["identifier"]["value"]
    roles = told(case.ask("roles", disposed["accountReference"]))["roles"]
    assert {role["identifier"]["value"] for role in roles} == {owner, case.number}
    assert [card["cardIdentifier"][-4:] for card in cards_of(case, disposed)] == ["2001", "8146"], (
        "its own and the owner's"
    )


def test_other_users_are_told_where_the_party_owns(opens):
    case = opens("skatt-kontroll", "card-holders")
    (account,) = case.listed()
    cards = sorted(card["cardIdentifier"][-4:] for card in cards_of(case, account))
    assert cards == ["3001", "3001", "3002", "3003", "3004"]
    assert len(told(case.ask("roles", account["accountReference"]))["roles"]) == 2


def test_cards_are_masked(opens):
    case = opens("skatt-kontroll", "card-holders")
    for card in cards_of(case, case.listed()[0]):
        number = card["cardIdentifier"]
        assert number[:6].isdigit() and number[-4:].isdigit() and set(number[6:-4]) == {"X"}


def cards_of(case, account):
    return told(case.ask("cards", account["accountReference"]))["paymentCards"]


def test_a_former_owner_s_account_shows_what_was_then(opens):
    """Owner, balance and transactions of the last day on which the party still had the account."""
    case = opens("skatt-kontroll", "history")
    last_day = TODAY - timedelta(days=400)
    accounts = [a for a in case.listed() if a["primaryOwner"].get("endDate") == last_day.isoformat()]
    assert [account["primaryOwner"]["identifier"]["value"] for account in accounts] == [identifier("history")]
    reference = accounts[0]["accountReference"]
    details = told(case.ask("accountDetails", reference))["account"]
    assert [balance["type"] for balance in details["balances"]] == ["bookedBalance"]
    assert details["balances"][0]["registered"][:10] <= last_day.isoformat()
    page = told(case.ask("transactions", reference))
    assert page["transactions"]
    assert max(transaction["bookingDate"][:10] for transaction in page["transactions"]) <= last_day.isoformat()


@pytest.mark.parametrize(
    ("days_ago", "types"),
    [
        pytest.param(0, ["availableBalance", "bookedBalance"], id="today: both"),
        pytest.param(1, ["bookedBalance"], id="yesterday: booked"),
        pytest.param(1_500, ["bookedBalance"], id="four years ago: booked"),
    ],
)
def test_the_balance_of_a_day(opens, days_ago, types):
    day = TODAY - timedelta(days=days_ago)
    case = opens("skatt-kontroll", "history", period=Period(day, day))
    (savings,) = [account for account in case.listed() if account["type"] == "savingsAccount"]
    details = told(case.ask("accountDetails", savings["accountReference"]))["account"]
    assert [balance["type"] for balance in details["balances"]] == types


def test_an_account_that_closed_in_the_period_has_no_balance(opens):
    case = opens("skatt-kontroll", "every-field")
    (closed,) = [account for account in case.listed() if account["status"] == "deleted"]
    details = told(case.ask("accountDetails", closed["accountReference"]))["account"]
    assert (details["balances"], details["endDate"]) == ([], (TODAY - timedelta(days=20)).isoformat())


def test_the_other_service_of_the_same_agency_is_another_context(opens):
    """A reference of Skatt-Kontroll means nothing under FI-Utlegg Saldo, in the same case too."""
    case = opens("skatt-kontroll", "debtor-five-accounts")
    attachment = opens("fi-utlegg-saldo", "debtor-five-accounts", id=case.id)
    assert told(attachment.ask("accountDetails", attachment.first()))
    assert refusal(attachment.ask("accountDetails", case.first())) == (404, "ACC-002", "Not found.")


@pytest.mark.parametrize("endpoint", ["transactions", "cards", "roles"])
def test_the_other_service_of_the_same_agency_has_fewer_endpoints(opens, endpoint):
    case = opens("fi-utlegg-saldo", "debtor-five-accounts")
    message = f"{endpoint.capitalize()} are not part of the service."
    assert refusal(case.ask(endpoint, case.first())) == (400, "ACC-001", message)
