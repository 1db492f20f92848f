"""The documents, whole: each field that is there, each that is left out, and amounts to their last digit."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import serializers
from accounts.contents import CardRow, HolderRow
from tests.accounts.documents import ACCOUNT, AS_OF, BALANCE, BOOKED, LISTED, OWNER, REFERENCE, STORED, WIDE, sent


def listed(account):
    return sent(serializers.accounts_document([(account, REFERENCE)]))["accounts"][0]


def details(account=ACCOUNT, *balances):
    return sent(serializers.account_details_document(account, REFERENCE, balances))["account"]


def without(document, *names):
    return {name: value for name, value in document.items() if name not in names}


@pytest.mark.parametrize(
    ("message", "response_details"),
    [
        pytest.param("", {"status": "complete"}, id="complete"),
        pytest.param("Ask.", {"status": "partial", "message": "Ask."}, id="partial"),
    ],
)
def test_whole_documents(message, response_details):
    assert sent(serializers.accounts_document([(ACCOUNT, REFERENCE)], message=message)) == {
        "responseDetails": response_details, "accounts": [LISTED], "links": [],
    }  # fmt: skip
    assert sent(serializers.account_details_document(ACCOUNT, REFERENCE, [BOOKED], message=message)) == {
        "responseDetails": response_details,
        "account": {**LISTED, "balances": [BALANCE], "startDate": "2010-01-01"},
    }


def test_nothing_is_an_empty_list():
    assert sent(serializers.accounts_document([])) == {
        "responseDetails": {"status": "complete"}, "accounts": [], "links": [],
    }  # fmt: skip
    assert details()["balances"] == []
    assert sent(serializers.customer_relationships_document([])) == {"banks": []}


@pytest.mark.parametrize(
    ("ownership_type", "rest"),
    [
        pytest.param(None, {}, id="not asked for"),
        pytest.param("primaryOwner", {"ownershipType": "primaryOwner"}, id="owns"),
        pytest.param("notPrimaryOwner", {"ownershipType": "notPrimaryOwner"}, id="does not own"),
    ],
)
@pytest.mark.parametrize("active", [True, False])
def test_whole_bank(active, ownership_type, rest):
    bank = serializers.bank(
        organisation_number="312345617", name="Eksempelbanken", active_account=active, ownership_type=ownership_type
    )
    assert sent(serializers.customer_relationships_document([bank])) == {
        "banks": [{"organizationID": "312345617", "bankName": "Eksempelbanken", "activeAccount": active, **rest}]
    }


PERSON = LISTED["primaryOwner"]
COMPANY = {"countryOfResidence": "NO", "value": "213456008", "type": "countryIdentificationCode"}


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        pytest.param(OWNER, PERSON, id="a person"),
        pytest.param(
            replace(OWNER, number="213456008", type="organisation"),
            PERSON | {"identifier": COMPANY},
            id="an organisation",
        ),
        pytest.param(
            replace(OWNER, country="SE"),
            PERSON | {"identifier": PERSON["identifier"] | {"countryOfResidence": "SE"}},
            id="a resident of Sweden",
        ),
        pytest.param(
            replace(OWNER, country=""),
            PERSON | {"identifier": without(PERSON["identifier"], "countryOfResidence")},
            id="a resident of nowhere known",
        ),
        pytest.param(replace(OWNER, permission=""), without(PERSON, "permission"), id="no permission"),
        pytest.param(replace(OWNER, number=None), without(PERSON, "identifier"), id="no number"),
        pytest.param(replace(OWNER, name=""), without(PERSON, "name"), id="no name"),
        pytest.param(
            replace(OWNER, end_date=date(2026, 11, 21)),
            PERSON | {"endDate": "2026-11-21"},
            id="an ownership that ended",
        ),
        pytest.param(replace(OWNER, withheld=True), without(PERSON, "name", "identifier"), id="shielded"),
        pytest.param(
            replace(OWNER, withheld=True, type="organisation"), without(PERSON, "name", "identifier"), id="shielded too"
        ),
    ],
)
def test_owner(owner, expected):
    account = replace(ACCOUNT, owner=owner)
    assert listed(account) == LISTED | {"primaryOwner": expected}
    assert details(account)["primaryOwner"] == expected


SERVICER = LISTED["servicer"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"owner": None}, without(LISTED, "primaryOwner"), id="no owner"),
        pytest.param({"name": ""}, without(LISTED, "name"), id="no name"),
        pytest.param({"status": "deleted"}, LISTED | {"status": "deleted"}, id="deleted"),
        pytest.param({"currency": "EUR"}, LISTED | {"currency": "EUR"}, id="in euro"),
        pytest.param(
            {"servicer_name": ""}, LISTED | {"servicer": without(SERVICER, "name")}, id="a servicer without name"
        ),
        pytest.param(
            {"servicer_country": ""},
            LISTED | {"servicer": SERVICER | {"identifier": without(SERVICER["identifier"], "countryOfResidence")}},
            id="a servicer of nowhere known",
        ),
    ],
)
def test_account(changes, expected):
    account = replace(ACCOUNT, **changes)
    assert listed(account) == expected
    assert details(account) == {**expected, "balances": [], "startDate": "2010-01-01"}


def test_end_of_an_account():
    ended = details(replace(ACCOUNT, end_date=date(2026, 11, 21)))
    assert ended == {**LISTED, "balances": [], "startDate": "2010-01-01", "endDate": "2026-11-21"}
    assert "endDate" not in details()


HOLDER = HolderRow(
    party_id=1,
    kind="authorisedUser",
    permission="rightToSeeOnly",
    start_date=date(2020, 1, 1),
    end_date=date(2025, 1, 1),
    type="person",
    name="Tett Nordavind",
    country="NO",
    grade="ugradert",
    number="15819010029",
)
ROLE = {
    "permission": "rightToSeeOnly",
    "identifier": {"countryOfResidence": "NO", "value": "15819010029", "type": "nationalIdentityNumber"},
    "name": "Tett Nordavind",
    "startDate": "2020-01-01",
    "endDate": "2025-01-01",
}


@pytest.mark.parametrize(
    ("changes", "hidden", "expected"),
    [
        pytest.param({}, False, ROLE, id="whole"),
        pytest.param({"end_date": None}, False, without(ROLE, "endDate"), id="that lasts"),
        pytest.param({"permission": ""}, False, without(ROLE, "permission"), id="without a permission"),
        pytest.param({"number": None}, False, without(ROLE, "identifier"), id="without a number"),
        pytest.param({"name": ""}, False, without(ROLE, "name"), id="without a name"),
        pytest.param(
            {"type": "organisation", "number": "213456008"},
            False,
            ROLE | {"identifier": COMPANY},
            id="an organisation's",
        ),
        pytest.param({}, True, without(ROLE, "identifier", "name"), id="hidden"),
    ],
)
def test_role(changes, hidden, expected):
    document = serializers.roles_document([serializers.holder_document(HOLDER._replace(**changes), hidden=hidden)])
    assert sent(document) == {"responseDetails": {"status": "complete"}, "roles": [expected]}


CARD = CardRow(
    masked_number="999001XXXXXX1234",
    type="creditCard",
    status="blocked",
    version_number="2",
    start_month="2020-01",
    expiry_month="2030-12",
    issuer_name="Utsteder",
    issuer_number="213456008",
    issuer_country="NO",
    holder_id=2,
    holder_name="Tett Nordavind",
    holder_grade="ugradert",
)
PLASTIC = {
    "cardIdentifier": "999001XXXXXX1234",
    "holderName": "Tett Nordavind",
    "startDate": "2020-01",
    "expiryDate": "2030-12",
    "cardIssuerName": "Utsteder",
    "type": "creditCard",
    "cardStatus": "blocked",
    "versionNumber": "2",
    "cardIssuerIdentifier": COMPANY,
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, PLASTIC, id="whole"),
        pytest.param({"issuer_number": ""}, without(PLASTIC, "cardIssuerIdentifier"), id="no issuer's number"),
        pytest.param(
            {"issuer_country": ""},
            PLASTIC | {"cardIssuerIdentifier": without(COMPANY, "countryOfResidence")},
            id="an issuer of nowhere known",
        ),
        pytest.param(
            dict.fromkeys(
                (
                    *("type", "status", "version_number", "start_month", "expiry_month"),
                    *("issuer_name", "issuer_number", "issuer_country", "holder_name"),
                ),
                "",
            ),
            {"cardIdentifier": "999001XXXXXX1234"},
            id="the number alone",
        ),
    ],
)
def test_card(changes, expected):
    card, hidden = serializers.card_document(CARD._replace(**changes), party_id=1, withhold_shielded=True)
    assert sent(serializers.cards_document([card], message="Ask.")) == {
        "responseDetails": {"status": "partial", "message": "Ask."}, "paymentCards": [expected],
    }  # fmt: skip
    assert not hidden


def test_servicing_provider():
    document = serializers.servicing_provider_document(organisation_number="213456008", name="Eksempelbanken")
    assert sent(document) == {"organizationId": "213456008", "bankName": "Eksempelbanken"}


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        pytest.param("1250.50000", b"1250.50", id="five decimals"),
        pytest.param("-0.00001", b"-0.00001", id="the smallest"),
        pytest.param("7", b"7.00", id="whole"),
        pytest.param("0.9876543210", b"0.987654321", id="a rate"),
    ],
)
def test_number(text, exact):
    assert orjson.dumps(serializers.number(text)) == exact


@pytest.mark.parametrize("text", ["", "-", ".", "NaN", "Infinity", "1e5", "1,5", "1.2.3", "--1", "1-1", " 1", "0x1"])
def test_what_is_no_number(text):
    with pytest.raises(ValueError, match="not a number"):
        serializers.number(text)


LINE = {"creditLineAmount": Decimal("1000.00"), "creditLineCurrency": "NOK"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, {}, id="in credit"),
        pytest.param(
            {"amount": Decimal("-4321.09")},
            {"amount": Decimal("4321.09"), "creditDebitIndicator": "debit"},
            id="in debit",
        ),
        pytest.param({"amount": Decimal("0.00")}, {"amount": Decimal("0.00")}, id="nothing, in credit"),
        pytest.param({"amount": Decimal("-0.00")}, {"amount": Decimal("0.00")}, id="minus nothing, in credit"),
        pytest.param({"type": "availableBalance"}, {"type": "availableBalance"}, id="available"),
        pytest.param({"currency": "USD"}, {"currency": "USD"}, id="in dollars"),
        pytest.param(
            {"credit_line_amount": Decimal(1000), "credit_line_currency": "NOK"}, LINE, id="with a credit line"
        ),
        pytest.param(
            {"credit_line_amount": Decimal(-1000), "credit_line_currency": "NOK"},
            LINE,
            id="with a credit line as a debt",
        ),
        pytest.param({"credit_line_amount": Decimal(1000)}, LINE, id="with a credit line in the balance's currency"),
        pytest.param(
            {"credit_line_amount": Decimal(0), "credit_line_currency": "EUR"},
            {"creditLineAmount": Decimal("0.00"), "creditLineCurrency": "EUR"},
            id="with a credit line of nothing",
        ),
        pytest.param({"credit_line_included": True}, {"creditLineIncluded": True}, id="credit line included"),
        pytest.param({"credit_line_currency": "EUR"}, {}, id="a currency without a credit line"),
    ],
)
def test_balance(changes, expected):
    assert details(ACCOUNT, BOOKED._replace(**changes))["balances"] == [BALANCE | expected]


def test_balances_keep_their_order():
    rows = [BOOKED._replace(type="availableBalance", amount=Decimal(amount)) for amount in (3, 1, 2)]
    assert [balance["amount"] for balance in details(ACCOUNT, *rows)["balances"]] == [3, 1, 2]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("12345678901234567890.10", b"12345678901234567890.10", id="beyond any float"),
        pytest.param("9999999999999999999999999.99999", b"9999999999999999999999999.99999", id="the column's largest"),
        pytest.param("0.00001", b"0.00001", id="the column's smallest"),
        pytest.param("0", b"0.00", id="zero"),
        pytest.param("0.00000", b"0.00", id="zero with decimals"),
        pytest.param("0E-20", b"0.00", id="zero with an exponent"),
        pytest.param("-1250.5", b"-1250.50", id="negative"),
        pytest.param("1", b"1.00", id="whole"),
        pytest.param("100", b"100.00", id="zeros before the point stay"),
        pytest.param("1E+3", b"1000.00", id="with an exponent"),
        pytest.param("1.5", b"1.50", id="one decimal"),
        pytest.param("1.50000", b"1.50", id="zeros beyond two decimals go"),
        pytest.param("1.05000", b"1.05", id="zeros within two decimals stay"),
        pytest.param("1.23456", b"1.23456", id="five decimals"),
        pytest.param(
            "0.1000000000000000055511151231257827", b"0.1000000000000000055511151231257827", id="many decimals"
        ),
    ],
)
def test_amount(value, text):
    assert orjson.dumps(serializers.amount(Decimal(value))) == text


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_amount(value):
    """JSON has no word for it, and a fragment is not looked at again on its way out."""
    with pytest.raises(ValueError, match="not a number"):
        serializers.amount(Decimal(value))


@given(st.integers(-(10**40), 10**40), st.integers(-5, 40))
def test_amount_is_the_very_number(digits, places):
    value = Decimal((digits < 0, tuple(map(int, str(abs(digits)))), -places))
    text = orjson.dumps(serializers.amount(value)).decode()
    assert Decimal(text) == value
    assert re.fullmatch(r"-?[0-9]+\.[0-9]{2}([0-9]*[1-9])?", text)


@given(amount=STORED, line=st.none() | STORED)
def test_no_digit_of_a_balance_is_lost(amount, line):
    (balance,) = details(ACCOUNT, BOOKED._replace(amount=amount, credit_line_amount=line))["balances"]
    sign = -1 if balance["creditDebitIndicator"] == "debit" else 1
    assert WIDE.multiply(balance["amount"], sign) == amount
    assert balance.get("creditLineAmount") == (None if line is None else line.copy_abs())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(AS_OF, "2026-11-21T04:00:00Z", id="fractions of a second go"),
        pytest.param(
            datetime(2026, 7, 1, 1, 30, tzinfo=timezone(timedelta(hours=2))), "2026-06-30T23:30:00Z", id="summer"
        ),
        pytest.param(
            datetime(2026, 11, 21, 23, 59, 59, tzinfo=timezone(timedelta(hours=-5))),
            "2026-11-22T04:59:59Z",
            id="elsewhere",
        ),
    ],
)
def test_moment(value, text):
    assert serializers.moment(value) == text
