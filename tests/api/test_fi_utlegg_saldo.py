"""FI-Utlegg Saldo from end to end, as Skatteetaten sees it over HTTP: one row for each character of the bank."""

import re
import uuid
from datetime import UTC, datetime

import pytest

from legal.periods import day_in_oslo
from tests.consumer import body, identifier

COMPLETE = {"status": "complete"}
REFERENCE = re.compile(r"[A-Za-z0-9_-]{44,47}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def today():
    return day_in_oslo(datetime.now(UTC)).isoformat()


def ask(skatteetaten, case):
    """Return the account list, and the details of each account, of a character."""
    number, case_id = identifier(case), str(uuid.uuid4())
    listed = skatteetaten.accounts(number, AccountInfoRequestID=case_id)
    assert (listed.status, listed.headers["Content-Type"]) == (200, "application/json")
    document = body(listed)
    details = [body(skatteetaten.details(account["accountReference"], case_id)) for account in document["accounts"]]
    return document, details


@pytest.mark.parametrize(
    ("case", "accounts"),
    [
        pytest.param("debtor-five-accounts", 5, id="a debtor with five accounts"),
        pytest.param("sixty-accounts", 60, id="sixty accounts, never paged"),
        pytest.param("organisation", None, id="an organisation"),
        pytest.param("d-number", None, id="a D-number"),
        pytest.param("former-number", None, id="found by an old number"),
        pytest.param("bankrupt", None, id="a bankrupt"),
        pytest.param("deceased", None, id="a deceased person"),
        pytest.param("under-guardianship", None, id="a ward"),
        pytest.param("closed-account", None, id="an account that closes today"),
        pytest.param("reopened-account", None, id="a reopened account"),
        pytest.param("former-owner", 0, id="a former owner"),
        pytest.param("authorised-user-only", 0, id="at disposal only"),
        pytest.param("co-borrower", 1, id="a co-borrower"),
        pytest.param("guarantor-only", 0, id="a guarantor"),
        pytest.param("shielded-strictly", 0, id="strictly confidential"),
        pytest.param("shielded-confidential", 0, id="confidential"),
        pytest.param("customer-without-accounts", 0, id="a customer without accounts"),
        pytest.param("not-a-customer", 0, id="nobody we know"),
    ],
)
def test_account_list(skatteetaten, case, accounts):
    document, details = ask(skatteetaten, case)
    assert document["responseDetails"] == COMPLETE
    assert document["links"] == []
    assert document.keys() == {"responseDetails", "accounts", "links"}
    if accounts is None:
        assert document["accounts"]
    else:
        assert len(document["accounts"]) == accounts
    for account, detail in zip(document["accounts"], details, strict=True):
        assert "name" not in account and "name" not in detail["account"], "withheld"
        assert REFERENCE.fullmatch(account["accountReference"])
        assert detail["responseDetails"] == COMPLETE
        shared = {name: value for name, value in detail["account"].items() if name in account}
        assert shared == account


def test_one_whole_account(skatteetaten):
    document, details = ask(skatteetaten, "debtor-five-accounts")
    place = [account["type"] for account in document["accounts"]].index("salaryAccount")
    account, detail = document["accounts"][place], details[place]["account"]
    owner = account["primaryOwner"]
    assert account == {
        "status": "enabled",
        "servicer": {
            "identifier": {"countryOfResidence": "NO", "value": "213456008", "type": "countryIdentificationCode"},
            "name": "Eksempelbanken",
        },
        "accountIdentifier": account["accountIdentifier"],
        "accountReference": account["accountReference"],
        "type": account["type"],
        "currency": account["currency"],
        "primaryOwner": {
            "permission": "rightToUseAlone",
            "identifier": {
                "countryOfResidence": "NO",
                "value": identifier("debtor-five-accounts"),
                "type": "nationalIdentityNumber",
            },
            "name": owner["name"],
            "startDate": owner["startDate"],
        },
    }
    assert detail == {**account, "balances": detail["balances"], "startDate": detail["startDate"]}
    assert [balance["type"] for balance in detail["balances"]] == ["availableBalance", "bookedBalance"]
    for balance in detail["balances"]:
        assert MOMENT.fullmatch(balance["registered"])
        assert balance.keys() == {
            "creditLineIncluded",
            "amount",
            "creditDebitIndicator",
            "registered",
            "type",
            "currency",
        }


def test_five_accounts_are_of_different_types(skatteetaten):
    document, _ = ask(skatteetaten, "debtor-five-accounts")
    assert len({account["type"] for account in document["accounts"]}) == 5


def test_negative_balance_is_a_positive_amount_in_debit(skatteetaten):
    _, details = ask(skatteetaten, "negative-balance")
    booked = [balance for detail in details for balance in detail["account"]["balances"]]
    assert any(balance["creditDebitIndicator"] == "debit" and balance["amount"] > 0 for balance in booked)


def test_credit_line_is_shown_and_not_included(skatteetaten):
    _, details = ask(skatteetaten, "credit-line")
    lines = [b for detail in details for b in detail["account"]["balances"] if "creditLineAmount" in b]
    assert lines
    assert all(b["creditLineIncluded"] is False and b["creditLineAmount"] > 0 for b in lines)
    assert all(b["creditLineCurrency"] == "NOK" for b in lines)


def test_foreign_currency_stays_foreign(skatteetaten):
    _, details = ask(skatteetaten, "foreign-currency")
    foreign = [detail["account"] for detail in details if detail["account"]["currency"] != "NOK"]
    assert foreign
    for account in foreign:
        assert {balance["currency"] for balance in account["balances"]} == {account["currency"]}


def test_account_that_closes_today_has_no_balance(skatteetaten):
    _, details = ask(skatteetaten, "closed-account")
    closed = [detail["account"] for detail in details if detail["account"].get("endDate") == today()]
    assert [(account["status"], account["balances"]) for account in closed] == [("deleted", [])]


def test_bankrupts_accounts_are_disabled(skatteetaten):
    document, _ = ask(skatteetaten, "bankrupt")
    assert {account["status"] for account in document["accounts"]} == {"disabled"}


def test_organisation_is_identified_by_its_register_number(skatteetaten):
    document, _ = ask(skatteetaten, "organisation")
    identifiers = {tuple(sorted(account["primaryOwner"]["identifier"].items())) for account in document["accounts"]}
    assert identifiers == {
        (("countryOfResidence", "NO"), ("type", "countryIdentificationCode"), ("value", identifier("organisation")))
    }


def test_old_number_finds_the_party_under_its_new_one(skatteetaten):
    document, _ = ask(skatteetaten, "former-number")
    owners = {account["primaryOwner"]["identifier"]["value"] for account in document["accounts"]}
    assert len(owners) == 1
    assert owners != {identifier("former-number")}


def test_amount_is_exact(skatteetaten):
    number, case_id = identifier("sixty-accounts"), str(uuid.uuid4())
    document = body(skatteetaten.accounts(number, AccountInfoRequestID=case_id))
    answers = [skatteetaten.details(a["accountReference"], case_id).data for a in document["accounts"]]
    assert any(b'"amount":12345678901234567890.10,' in answer for answer in answers)


@pytest.mark.parametrize(
    ("case", "query", "banks"),
    [
        pytest.param("debtor-five-accounts", "", [{"activeAccount": True}], id="an owner"),
        pytest.param(
            "debtor-five-accounts",
            "?onlyPrimaryOwner=TRUE",
            [{"activeAccount": True, "ownershipType": "primaryOwner"}],
            id="an owner, asked for ownership",
        ),
        pytest.param(
            "authorised-user-only",
            "?OnlyPrimaryOwner=true",
            [{"activeAccount": False, "ownershipType": "notPrimaryOwner"}],
            id="at disposal only",
        ),
        pytest.param("bankrupt", "", [{"activeAccount": False}], id="no account that NICS can credit"),
        pytest.param("guarantor-only", "", [], id="a guarantor"),
        pytest.param("shielded-strictly", "", [], id="strictly confidential"),
        pytest.param("shielded-confidential", "", [], id="confidential"),
        pytest.param("customer-without-accounts", "", [], id="without accounts"),
        pytest.param("not-a-customer", "", [], id="nobody we know"),
    ],
)
def test_customer_relationships(skatteetaten, case, query, banks):
    answer = skatteetaten.customer_relationships(identifier(case), query)
    assert answer.status == 200
    bank = {"organizationID": "213456008", "bankName": "Eksempelbanken"}
    assert body(answer) == {"banks": [{**bank, **rest} for rest in banks]}


def test_dates_of_today_pass_and_are_the_default(skatteetaten):
    number = identifier("debtor-five-accounts")
    case_id = str(uuid.uuid4())
    dated = skatteetaten.accounts(
        number, f"?fromDate={today()}&toDate={today()}&OnlyPrimaryOwner=TRUE", AccountInfoRequestID=case_id
    )
    assert dated.data == skatteetaten.accounts(number, AccountInfoRequestID=case_id).data


def test_consumer_flow_with_one_token_for_all_accounts(skatteetaten):
    """A consumer reuses its token for all details of a case (protocol section 16)."""
    token, case_id = f"Bearer {skatteetaten.token()}", str(uuid.uuid4())
    document = body(
        skatteetaten.accounts(identifier("sixty-accounts"), AccountInfoRequestID=case_id, Authorization=token)
    )
    statuses = {
        skatteetaten.details(account["accountReference"], case_id, Authorization=token).status
        for account in document["accounts"]
    }
    assert statuses == {200}
