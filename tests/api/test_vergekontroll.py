"""Vergekontroll over HTTP: what Statens sivilrettsforvaltning gets of a ward's accounts, and every refusal."""

from datetime import date, timedelta
from urllib.parse import quote

import pytest

from tests.agency import GUARDIANS, LAST_YEAR, TODAY, refusal, told
from tests.consumer import identifier

DAY = timedelta(days=1)
FIRST, LAST = LAST_YEAR.from_date, LAST_YEAR.to_date
STEP_2 = ("accounts", "accountDetails", "transactions", "roles")
UNKNOWN = "This legal mandate presupposes a guardianship with daily banking in the period; none is known here."
NOT_LAST_YEAR = "Under this legal mandate fromDate and toDate must be in the last calendar year."
OWNERS_ONLY = "Under this legal mandate OnlyPrimaryOwner must be TRUE."
NO_REQUESTER = "Under this legal mandate RequesterID must be empty."
TYPE = "Under this legal mandate AdditionalReferenceIDType must be srf."
GUARDIAN = "Under this legal mandate AdditionalReferenceID must be the guardian, as eleven digits."
REVERSED = "fromDate must not be later than toDate."
ANOTHER = identifier("debtor-five-accounts")


def days_of(case, account):
    """Return the first and last booking days of the account's transactions, and the balance's day, if there is any."""
    page = told(case.ask("transactions", account["accountReference"]))
    days = [transaction["bookingDate"][:10] for transaction in page["transactions"]]
    assert days
    return days[0], days[-1]


@pytest.mark.parametrize(
    ("from_date", "to_date"),
    [
        pytest.param(FIRST, LAST, id="the whole of last year"),
        pytest.param(date(FIRST.year, 3, 1), date(FIRST.year, 8, 31), id="a part of it"),
    ],
)
def test_a_ward_s_accounts(opens, from_date, to_date):
    """Both accounts, with the balance, movements and role holders of the period and no other days."""
    case = opens("vergekontroll", "under-guardianship").between(from_date, to_date)
    accounts = case.listed()
    assert len(accounts) == 2
    for account in accounts:
        assert account["primaryOwner"]["identifier"]["value"] == case.number
        details = told(case.ask("accountDetails", account["accountReference"]))["account"]
        (balance,) = details["balances"]
        assert balance["type"] == "bookedBalance"
        assert balance["registered"][:10] <= to_date.isoformat()
        first, last = days_of(case, account)
        assert (from_date - DAY).isoformat() <= first <= last <= to_date.isoformat()
        roles = told(case.ask("roles", account["accountReference"]))["roles"]
        assert {role["identifier"]["value"] for role in roles} == {case.number, case.reference}


def test_only_what_the_guardian_disposed_of_in_the_time_of_the_guardianship(opens):
    """Two of the ward's three accounts, and half of the year: a guardianship that covers a part gives that part."""
    case = opens("vergekontroll", "ward-partly-disposed")
    accounts = case.listed()
    assert len(accounts) == 2
    assert all(days_of(case, account)[0] >= f"{FIRST.year}-06-30" for account in accounts)


@pytest.mark.parametrize(
    ("from_date", "to_date", "accounts"),
    [
        pytest.param(date(FIRST.year, 7, 1), LAST, 2, id="in its time"),
        pytest.param(FIRST, date(FIRST.year, 7, 1), 2, id="its first day"),
        pytest.param(FIRST, date(FIRST.year, 6, 30), None, id="before it"),
    ],
)
def test_the_time_of_the_guardianship(opens, from_date, to_date, accounts):
    answer = opens("vergekontroll", "ward-partly-disposed").between(from_date, to_date).ask("accounts")
    if accounts is None:
        assert refusal(answer) == (403, "ACC-011", UNKNOWN)
    else:
        assert len(told(answer)["accounts"]) == accounts


@pytest.mark.parametrize(
    ("who", "guardian"),
    [
        pytest.param("under-guardianship", ANOTHER, id="a guardian of nobody"),
        pytest.param("under-guardianship", GUARDIANS["ward-partly-disposed"], id="another ward's guardian"),
        pytest.param("under-guardianship", identifier("not-a-customer"), id="a guardian nobody knows"),
        pytest.param("under-guardianship", identifier("under-guardianship"), id="the ward itself"),
        pytest.param("ward-other-task", GUARDIANS["ward-other-task"], id="a guardian with another task"),
        pytest.param("debtor-five-accounts", GUARDIANS["under-guardianship"], id="no ward"),
        pytest.param("not-a-customer", GUARDIANS["under-guardianship"], id="nobody we know"),
        pytest.param("organisation", GUARDIANS["under-guardianship"], id="an organisation"),
        pytest.param("shielded-strictly", GUARDIANS["under-guardianship"], id="strictly confidential"),
        pytest.param("shielded-confidential", GUARDIANS["under-guardianship"], id="confidential"),
    ],
)
def test_no_such_guardianship(opens, who, guardian):
    case = opens("vergekontroll", who, reference=guardian)
    assert refusal(case.ask("accounts")) == (403, "ACC-011", UNKNOWN)


def test_no_such_guardianship_below_a_reference(opens):
    """Each question names the guardian anew; another one has no part in the ward's accounts."""
    case = opens("vergekontroll", "under-guardianship")
    reference = case.first()
    for endpoint in STEP_2[1:]:
        answer = case.but(reference=GUARDIANS["ward-partly-disposed"]).ask(endpoint, reference)
        assert refusal(answer) == (403, "ACC-011", UNKNOWN)


@pytest.mark.parametrize(
    ("from_date", "to_date", "message"),
    [
        pytest.param(FIRST - DAY, LAST, NOT_LAST_YEAR, id="from the day before last year"),
        pytest.param(FIRST, LAST + DAY, NOT_LAST_YEAR, id="until the first day of this year"),
        pytest.param(TODAY, TODAY, NOT_LAST_YEAR, id="today"),
        pytest.param(LAST, FIRST, REVERSED, id="reversed"),
    ],
)
def test_periods_refused(opens, from_date, to_date, message):
    case = opens("vergekontroll", "under-guardianship")
    reference, refused = case.first(), case.between(from_date, to_date)
    assert refusal(refused.ask("customerRelationships")) == (400, "ERR-003", message)
    for endpoint in STEP_2:
        assert refusal(refused.ask(endpoint, reference)) == (400, "ACC-001", message)


def test_no_dates_mean_today_which_is_not_last_year(opens):
    case = opens("vergekontroll", "under-guardianship")
    answer = case.ask("accounts", query="?OnlyPrimaryOwner=true")
    assert refusal(answer) == (400, "ACC-001", NOT_LAST_YEAR)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        pytest.param({"AdditionalReferenceIDType": None}, TYPE, id="type missing"),
        pytest.param({"AdditionalReferenceIDType": ""}, TYPE, id="type empty"),
        pytest.param({"AdditionalReferenceIDType": "pol1"}, TYPE, id="type of the police"),
        pytest.param(
            {"AdditionalReferenceIDType": "SRF"},
            "AdditionalReferenceIDType must be sent at most once, as pol1 or srf.",
            id="type in capitals",
        ),
        pytest.param({"AdditionalReferenceID": None}, GUARDIAN, id="guardian missing"),
        pytest.param({"AdditionalReferenceID": ""}, GUARDIAN, id="guardian empty"),
        pytest.param({"AdditionalReferenceID": "1586901008"}, GUARDIAN, id="guardian of ten digits"),
        pytest.param({"AdditionalReferenceID": "158690100890"}, GUARDIAN, id="guardian of twelve digits"),
        pytest.param({"AdditionalReferenceID": "1586901008x"}, GUARDIAN, id="guardian not of digits"),
        pytest.param({"AdditionalReferenceID": "213456008"}, GUARDIAN, id="guardian an organisation"),
        pytest.param({"RequesterID": "saksbehandler-1"}, NO_REQUESTER, id="RequesterID filled"),
        pytest.param(
            {
                "Legal_Mandate": "Vergem%C3%A5lsloven%20%C2%A7%2054%20(2)%2C%20jf.%20vergem%C3%A5lsforskriften%20"
                "%C2%A720a%20(2)%2C%20jf.%20vergem%C3%A5lsforskriften%20%C2%A720a%20(1)%20a"
            },
            "The legal mandate is not known here.",
            id="mandate of step 1 in step 2",
        ),
    ],
)
def test_headers_refused(opens, headers, message):
    case = opens("vergekontroll", "under-guardianship")
    reference = case.first()
    for endpoint in STEP_2:
        assert refusal(case.ask(endpoint, reference, **headers)) == (400, "ACC-001", message)


def test_mandate_of_step_2_in_step_1(opens):
    case = opens("vergekontroll", "under-guardianship")
    answer = case.but(first_mandate=case.mandate).ask("customerRelationships")
    assert refusal(answer) == (400, "ERR-400", "The legal mandate is not known here.")


def test_the_mandate_s_brackets_escaped_or_not(opens):
    case = opens("vergekontroll", "under-guardianship")
    bare = quote(case.mandate, safe="()")
    assert "(" in bare
    assert told(case.ask("accounts", Legal_Mandate=bare)) == told(case.ask("accounts"))


def test_false(opens):
    case = opens("vergekontroll", "under-guardianship", owners="false")
    assert refusal(case.ask("accounts")) == (400, "ACC-001", OWNERS_ONLY)
    assert refusal(case.ask("customerRelationships")) == (400, "ERR-400", OWNERS_ONLY)


def test_cards(opens):
    case = opens("vergekontroll", "under-guardianship")
    assert refusal(case.ask("cards", case.first())) == (400, "ACC-001", "Cards are not part of the service.")


def test_customer_relationships(opens):
    """Step 1 names no guardian, and asks for last year: whether an account is active now is not said of then."""
    bank = {"organizationID": "213456008", "bankName": "Eksempelbanken"}
    assert told(opens("vergekontroll", "under-guardianship").ask("customerRelationships")) == {
        "banks": [{**bank, "activeAccount": False, "ownershipType": "primaryOwner"}]
    }
