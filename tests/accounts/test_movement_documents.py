"""The page of transactions as a document: whole, shielded persons left out, and nothing that the standard lacks."""

from datetime import UTC, date, datetime
from decimal import Decimal

import orjson
import pytest

from accounts.contents import CardRow
from accounts.movement_documents import NOBODY, Page, address, transactions_document
from accounts.movements import Movement, Named, Position
from legal.periods import Period
from tests.accounts.documents import sent

NOON = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
ME, OTHER = 1, 2
ROW = Movement(
    id=7,
    booked_at="2025-11-21 12:00:00+00",
    identifier="T7",
    status="booked",
    amount="1250.50000",
    currency="NOK",
    reversal=False,
    domain="",
    family="",
    sub_family="",
    free_text_code="",
    booked="2025-11-21T12:00:00Z",
    valued="2025-11-22T12:00:00Z",
    performed=None,
    references="[]",
    counterparties="[]",
    additional_info="",
    original_amount=None,
    source_currency="",
    target_currency="",
    unit_currency="",
    exchange_rate=None,
    merchant="",
    card_id=None,
)
TRANSACTION = {
    "transactionIdentifier": "T7",
    "references": [],
    "creditDebitIndicator": "credit",
    "reversalIndicator": False,
    "status": "booked",
    "transactionCode": {},
    "bookingDate": "2025-11-21T12:00:00Z",
    "valueDate": "2025-11-22T12:00:00Z",
    "counterParties": [],
    "amount": Decimal("1250.50"),
    "currency": "NOK",
}
CARD = CardRow(
    masked_number="999001XXXXXX1234",
    type="debitCard",
    status="active",
    version_number="1",
    start_month="2020-01",
    expiry_month="2030-12",
    issuer_name="Eksempelbanken",
    issuer_number="312345617",
    issuer_country="NO",
    holder_id=ME,
    holder_name="Rank Bjørk",
    holder_grade="ugradert",
)
USED = {
    "cardIdentifier": "999001XXXXXX1234",
    "holderName": "Rank Bjørk",
    "startDate": "2020-01",
    "expiryDate": "2030-12",
    "cardIssuerName": "Eksempelbanken",
    "type": "debitCard",
    "cardStatus": "active",
    "versionNumber": "1",
    "cardIssuerIdentifier": {
        "countryOfResidence": "NO",
        "value": "312345617",
        "type": "countryIdentificationCode",
    },
}
PERSON = {"countryOfResidence": "NO", "value": "15819010029", "type": "nationalIdentityNumber"}
HOME = {
    "postCode": "0150",
    "type": "residential",
    "streetName": "Storgata",
    "buildingNumber": "1 B",
    "townName": "Oslo",
    "country": "NO",
    "addressLines": ["c/o Klar Måne"],
}
WHOLE = {
    "accountIdentifier": "97000000008",
    "identifier": PERSON,
    "name": "Tett Nordavind",
    "type": "creditor",
    "postalAddress": HOME,
}


def columns(row=ROW, **values):
    """Return the row with lists in its JSON columns."""
    return row._replace(**{name: orjson.dumps(value).decode() for name, value in values.items()})


def shown(row, named=NOBODY, *, withhold_shielded=True):
    """Return the one transaction of a page, and whether somebody was left out of it."""
    page = Page([row])
    (document,) = page.transactions(named, party_id=ME, withhold_shielded=withhold_shielded)
    return sent(document), page.hidden


def without(document, *names):
    return {name: value for name, value in document.items() if name not in names}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, {}, id="what every transaction has"),
        pytest.param(
            {"amount": "-1250.50000"}, {"creditDebitIndicator": "debit"}, id="money that left the account"
        ),
        pytest.param({"amount": "0.00000"}, {"amount": Decimal("0.00")}, id="nothing, in credit"),
        pytest.param(
            {"amount": "12345678901234567890.10000"}, {"amount": Decimal("12345678901234567890.10")}, id="every digit"
        ),
        pytest.param({"reversal": True}, {"reversalIndicator": True}, id="a reversal"),
        pytest.param({"status": "pending"}, {"status": "pending"}, id="reserved"),
        pytest.param(
            {"domain": "payments", "family": "issuedCreditTransfers", "sub_family": "standingOrder"},
            {
                "transactionCode": {
                    "domain": "payments", "family": "issuedCreditTransfers", "subFamily": "standingOrder",
                }
            },
            id="an ISO code",
        ),
        pytest.param({"free_text_code": "77"}, {"transactionCode": {"freeText": "77"}}, id="the bank's own code"),
        pytest.param({"performed": "2025-11-20T08:00:00Z"}, {"registered": "2025-11-20T08:00:00Z"}, id="performed"),
        pytest.param({"additional_info": "Husleie"}, {"additionalInfo": "Husleie"}, id="a text"),
        pytest.param({"merchant": "Butikken"}, {"merchant": "Butikken"}, id="a merchant"),
        pytest.param(
            {
                "original_amount": "1000.00000",
                "source_currency": "SEK",
                "target_currency": "NOK",
                "unit_currency": "SEK",
                "exchange_rate": "1.2505000000",
            },
            {
                "currencyExchange": {
                    "originalAmount": Decimal("1000.00"),
                    "sourceCurrency": "SEK",
                    "targetCurrency": "NOK",
                    "unitCurrency": "SEK",
                    "exchangeRate": Decimal("1.2505"),
                }
            },
            id="converted",
        ),
        pytest.param({"target_currency": "NOK"}, {}, id="a currency without a conversion"),
        pytest.param({"card_id": 5}, {}, id="a card of another account"),
    ],
)  # fmt: skip
def test_whole_transaction(changes, expected):
    assert shown(ROW._replace(**changes)) == (TRANSACTION | expected, False)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", ""])
def test_what_is_no_number_is_no_amount(amount):
    with pytest.raises(ValueError, match="not a number"):
        shown(ROW._replace(amount=amount))


def test_whole_page():
    row = columns(references=[{"value": "1", "type": "archiveReference"}], counterparties=[WHOLE])
    page = Page([ROW, row._replace(id=8, card_id=5)])
    named = NOBODY._replace(cards={5: CARD})
    document = transactions_document(
        page.transactions(named, party_id=ME, withhold_shielded=True),
        own_page="/accounts/x/transactions",
        next_page="/accounts/x/transactions?cursor=y",
        message="Why.",
    )
    references = [{"value": "1", "type": "archiveReference"}]
    assert sent(document) == {
        "responseDetails": {"status": "partial", "message": "Why."},
        "transactions": [
            TRANSACTION,
            TRANSACTION | {"references": references, "counterParties": [WHOLE], "paymentCard": USED},
        ],
        "links": [
            {"rel": "self", "href": "/accounts/x/transactions"},
            {"rel": "next", "href": "/accounts/x/transactions?cursor=y"},
        ],
    }
    assert (page.numbers(), page.accounts(), page.cards()) == ({"15819010029"}, {"97000000008"}, {5})
    assert page.last == Position(NOON, 8)


def test_the_last_page_has_no_next():
    assert sent(transactions_document([], own_page="/x", next_page=None)) == {
        "responseDetails": {"status": "complete"}, "transactions": [], "links": [{"rel": "self", "href": "/x"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cursor", "query"),
    [
        pytest.param(None, "fromDate=2025-01-01&toDate=2025-12-31", id="first page"),
        pytest.param("abc", "fromDate=2025-01-01&toDate=2025-12-31&cursor=abc", id="a later page"),
    ],
)
def test_address(cursor, query):
    year = Period(date(2025, 1, 1), date(2025, 12, 31))
    assert address("REF", year, cursor) == f"/accounts/REF/transactions?{query}"
    assert len(address("x" * 47, year, "y" * 43)) <= 500, "the standard's longest"


NUMBER, ACCOUNT = PERSON["value"], WHOLE["accountIdentifier"]
BY_NUMBER = NOBODY._replace(shielded_numbers=frozenset({NUMBER}))
BY_ACCOUNT = NOBODY._replace(shielded_accounts=frozenset({ACCOUNT}))
LEFT = without(WHOLE, "identifier", "name", "postalAddress")


@pytest.mark.parametrize(
    ("counterparty", "named", "expected", "hidden"),
    [
        pytest.param(WHOLE, NOBODY, WHOLE, False, id="nobody is shielded"),
        pytest.param(WHOLE, BY_NUMBER, LEFT, True, id="by number"),
        pytest.param(WHOLE, BY_ACCOUNT, LEFT, True, id="by account"),
        pytest.param(without(WHOLE, "accountIdentifier"), BY_NUMBER, {"type": "creditor"}, True, id="by number alone"),
        pytest.param(without(WHOLE, "identifier"), BY_ACCOUNT, LEFT, True, id="by account alone"),
        pytest.param(LEFT, BY_ACCOUNT, LEFT, False, id="nothing was there to leave out"),
        pytest.param(
            WHOLE | {"identifier": {"value": NUMBER}},
            BY_NUMBER,
            LEFT,
            True,
            id="by the number of a malformed identifier",
        ),
        pytest.param(
            WHOLE | {"identifier": PERSON | {"value": "158190 10029"}}, BY_NUMBER, LEFT, True, id="number with a blank"
        ),
        pytest.param(
            WHOLE | {"accountIdentifier": "9700.00.00008"},
            BY_ACCOUNT,
            LEFT | {"accountIdentifier": "9700.00.00008"},
            True,
            id="account with points",
        ),
        pytest.param(
            WHOLE | {"accountIdentifier": "NO93 9700 0000 008"},
            BY_ACCOUNT,
            LEFT | {"accountIdentifier": "NO93 9700 0000 008"},
            True,
            id="account as an IBAN",
        ),
        pytest.param(
            WHOLE | {"identifier": PERSON | {"value": "15869010089"}, "accountIdentifier": "97000000009"},
            Named(frozenset({NUMBER}), frozenset({ACCOUNT}), {}),
            WHOLE | {"identifier": PERSON | {"value": "15869010089"}, "accountIdentifier": "97000000009"},
            False,
            id="somebody else",
        ),
    ],
)
def test_a_shielded_counterparty(counterparty, named, expected, hidden):
    row = columns(counterparties=[counterparty])
    page = Page([row])
    assert named.shielded_numbers <= page.numbers() or named.shielded_accounts <= page.accounts() or not hidden
    assert shown(row, named) == (TRANSACTION | {"counterParties": [expected]}, hidden)
    open_to_all, _ = shown(row, NOBODY)
    assert shown(row, named, withhold_shielded=False) == (open_to_all, False), "where the setting is off"


@pytest.mark.parametrize(
    ("card", "expected", "hidden"),
    [
        pytest.param(CARD, USED, False, id="the party's own"),
        pytest.param(CARD._replace(holder_grade="fortrolig"), USED, False, id="the party's, who is judged before"),
        pytest.param(CARD._replace(holder_id=OTHER), USED, False, id="another's"),
        pytest.param(
            CARD._replace(holder_id=OTHER, holder_grade="fortrolig"),
            without(USED, "holderName"),
            True,
            id="a shielded one's",
        ),
        pytest.param(
            CARD._replace(holder_id=OTHER, holder_grade="nyGradering"),
            without(USED, "holderName"),
            True,
            id="one of a grade that is not known",
        ),
    ],
)
def test_a_card(card, expected, hidden):
    row, named = ROW._replace(card_id=5), NOBODY._replace(cards={5: card})
    assert shown(row, named) == (TRANSACTION | {"paymentCard": expected}, hidden)
    assert shown(row, named, withhold_shielded=False) == (TRANSACTION | {"paymentCard": USED}, False)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param({}, [], id="an object"),
        pytest.param("x", [], id="a text"),
        pytest.param(None, [], id="null"),
        pytest.param([None, 1, "x", [WHOLE], True], [], id="a list of other things"),
        pytest.param([WHOLE | {"iban": "x", "ssn": {"value": "x"}}], [WHOLE], id="unknown names"),
        pytest.param(
            [dict.fromkeys(WHOLE, 1), {name: [] for name in WHOLE}, {name: {} for name in WHOLE}, {"name": ["x"]}],
            [{}, {}, {}, {}],
            id="wrong types",
        ),
        pytest.param(
            [{"accountIdentifier": {}, "identifier": {"value": [1], "type": {}}, "type": ["creditor"]}],
            [{}],
            id="lists and objects for numbers and words",
        ),
        pytest.param([{"name": "", "type": "debtor"}], [{"type": "debtor"}], id="an empty text"),
        pytest.param([{"name": "x" * 141}], [{"name": "x" * 140}], id="a text too long is cut"),
        pytest.param([{"name": "x", "type": "payee"}], [{"name": "x"}], id="an unknown kind"),
        pytest.param([{"identifier": {"value": "1"}}], [{}], id="an identifier without its type"),
        pytest.param([{"identifier": {"type": PERSON["type"]}}], [{}], id="an identifier without its value"),
        pytest.param([{"identifier": NUMBER, "name": "x"}], [{"name": "x"}], id="an identifier that is no object"),
        pytest.param(
            [{"identifier": PERSON | {"countryOfResidence": "nor", "x": 1}}],
            [{"identifier": without(PERSON, "countryOfResidence")}],
            id="a country of another form",
        ),
        pytest.param([{"postalAddress": "Storgata 1"}], [{}], id="an address that is no object"),
        pytest.param(
            [{"postalAddress": HOME | {"type": "home", "postCode": 150, "country": "Norge", "addressLines": "x"}}],
            [{"postalAddress": without(HOME, "type", "postCode", "country", "addressLines")}],
            id="an address of other forms",
        ),
        pytest.param(
            [{"postalAddress": {"addressLines": ["x" * 71, 1, "", None, ["y"]]}}],
            [{"postalAddress": {"addressLines": ["x" * 70]}}],
            id="address lines",
        ),
    ],
)
def test_counterparties_of_any_form(column, expected):
    another = Named(frozenset({"1"}), frozenset({"1"}), {})
    assert shown(columns(counterparties=column), another)[0]["counterParties"] == expected


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        pytest.param([{"value": "1", "type": "invoiceNumber"}], [("1", "invoiceNumber")], id="known"),
        pytest.param([{"value": "1", "type": "kid"}], [("1", "otherReference")], id="an unknown type"),
        pytest.param([{"value": "1"}], [("1", "otherReference")], id="no type"),
        pytest.param([{"value": "1", "type": []}], [("1", "otherReference")], id="a type that is no word"),
        pytest.param([{"type": "invoiceNumber"}], [], id="no value"),
        pytest.param([{"value": 1, "type": "invoiceNumber"}, {"value": ""}, "x"], [], id="a value that is no text"),
        pytest.param({"value": "1", "type": "invoiceNumber"}, [], id="an object"),
    ],
)
def test_references_of_any_form(column, expected):
    document, _ = shown(columns(references=column))
    assert document["references"] == [{"value": value, "type": kind} for value, kind in expected]


@pytest.mark.parametrize("text", ["", "x", "[", "[" * 3000 + "]" * 3000, '[{"name": "\\ud800"}]', None])
def test_what_cannot_be_read_is_passed_over(text):
    assert shown(ROW._replace(counterparties=text, references=text)) == (TRANSACTION, False)


def test_a_character_that_postgresql_does_not_take_is_not_asked_about():
    page = Page([columns(counterparties=[{"identifier": {"value": "1\0"}, "accountIdentifier": "2\0"}])])
    assert (page.numbers(), page.accounts()) == ({"1"}, {"2"})
