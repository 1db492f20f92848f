"""Whatever the ledger may hold, nothing in the documents that the standard does not know, and nothing missing."""

import csv
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import serializers
from accounts.contents import BalanceRow, CardRow, HolderRow
from accounts.models import OPEN_GRADES, Account, AccountRole, Balance, Party
from accounts.movement_documents import Page, transactions_document
from accounts.movements import Movement, Named
from accounts.ownership import HeldAccount, Owner
from legal.service_files import STANDARD
from tests.accounts.documents import ACCOUNT, BALANCE, BOOKED, LISTED, OWNER, REFERENCE, STORED, sent

ROWS = [*csv.DictReader(STANDARD.read_text(encoding="utf-8").splitlines())]
FIELDS = {(row["endpoint"], row["path"]): row for row in ROWS}
TYPES = {
    "string": str,
    "boolean": bool,
    "number": (int, Decimal),
    "object": dict,
    "array of object": list,
    "array of string": list,
}
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})")


def exists(read, text):
    try:
        read(text)
    except ValueError:
        return False
    return True


def holds(value, form, longest):
    """Return whether a value has the standard's form and length."""
    word, _, rest = form.partition(": ")
    return {
        "": lambda: True,
        "date": lambda: bool(DAY.fullmatch(value)) and exists(date.fromisoformat, value),
        "date-time": lambda: bool(MOMENT.fullmatch(value)) and exists(datetime.fromisoformat, value),
        "enum": lambda: value in rest.split("|"),
        "pattern": lambda: bool(re.fullmatch(rest, value)),
        "minLength": lambda: len(value) >= int(rest),
        "minItems": lambda: len(value) >= int(rest),
        "minimum": lambda: value >= int(rest),
    }[word]() and (not longest or len(value) <= int(longest))


def objections(endpoint, value, path=""):
    """Return what the standard has against a value and all that is in it."""
    if isinstance(value, list):
        return [objection for item in value for objection in objections(endpoint, item, path)]
    if not isinstance(value, dict):
        return []
    place = f"{path}." if path else ""
    required = {
        row["path"].removeprefix(place)
        for row in ROWS
        if row["endpoint"] == endpoint and row["required"] and row["path"].rpartition(".")[0] == path
    }
    found = [f"{place}{name} is missing" for name in sorted(required - value.keys())]
    for name, child in value.items():
        row = FIELDS.get((endpoint, place + name))
        if row is None:
            found.append(f"{place}{name} is unknown")
        elif not isinstance(child, TYPES[row["json_type"]]) or isinstance(child, bool) != (
            row["json_type"] == "boolean"
        ):
            found.append(f"{place}{name} has the wrong type")
        elif not holds(child, row["format"], row["max_length"]):
            found.append(f"{place}{name} has the wrong form")
        else:
            found += objections(endpoint, child, place + name)
    return found


@pytest.mark.parametrize(
    ("endpoint", "document", "found"),
    [
        pytest.param("accounts", {}, ["responseDetails is missing"], id="nothing at all"),
        pytest.param("accounts", {"responseDetails": {}}, ["responseDetails.status is missing"], id="a child missing"),
        pytest.param(
            "accounts",
            {"responseDetails": {"status": "complete"}, "accounts": [{"accountIdentifier": "9"}]},
            ["accounts.accountReference is missing"],
            id="missing in an item",
        ),
        pytest.param(
            "accounts",
            {"responseDetails": {"status": "done"}},
            ["responseDetails.status has the wrong form"],
            id="enum",
        ),
        pytest.param(
            "accounts",
            {"responseDetails": {"status": "partial", "message": "x" * 501}},
            ["responseDetails.message has the wrong form"],
            id="too long",
        ),
        pytest.param(
            "accounts",
            {"responseDetails": {"status": "partial", "message": ""}},
            ["responseDetails.message has the wrong form"],
            id="too short",
        ),
        pytest.param(
            "accounts", {"responseDetails": {"status": "complete"}, "iban": "x"}, ["iban is unknown"], id="unknown"
        ),
        pytest.param(
            "accounts",
            {"responseDetails": {"status": "complete"}, "accounts": {}},
            ["accounts has the wrong type"],
            id="type",
        ),
        pytest.param(
            "accountDetails",
            {
                "responseDetails": {"status": "complete"},
                "account": {
                    **LISTED,
                    "startDate": "20100101",
                    "endDate": "2026-02-30",
                    "balances": [
                        BALANCE | {"amount": "1.00", "creditLineIncluded": 1},
                        BALANCE | {"amount": Decimal(-1), "currency": "nok", "registered": "2026-11-21T04:00:00"},
                    ],
                },
            },
            [
                "account.startDate has the wrong form",
                "account.endDate has the wrong form",
                "account.balances.creditLineIncluded has the wrong type",
                "account.balances.amount has the wrong type",
                "account.balances.amount has the wrong form",
                "account.balances.registered has the wrong form",
                "account.balances.currency has the wrong form",
            ],
            id="forms of every kind",
        ),
    ],
)
def test_the_standard_objects(endpoint, document, found):
    assert objections(endpoint, document) == found


UNHURRIED = settings(deadline=None, max_examples=60)  # the machine may be busy with other tests
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=70)
DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))
COUNTRIES = st.from_regex(r"[A-Z]{2}", fullmatch=True) | st.just("")
CURRENCIES = st.from_regex(r"[A-Z]{3}", fullmatch=True)
NUMBERS = st.from_regex(r"[0-9]{9}|[0-9]{11}", fullmatch=True)
OWNERS = st.builds(
    Owner,
    permission=st.sampled_from(["", *AccountRole.Permission.values]),
    number=st.none() | NUMBERS,
    type=st.sampled_from(["person", "organisation"]),
    name=NAMES,
    country=COUNTRIES,
    start_date=DAYS,
    end_date=st.none() | DAYS,
    withheld=st.booleans(),
)
ACCOUNTS = st.builds(
    HeldAccount,
    id=st.integers(1),
    number=NUMBERS,
    status=st.sampled_from(Account.Status.values),
    type=st.sampled_from(Account.Type.values),
    name=NAMES,
    currency=CURRENCIES,
    start_date=DAYS,
    end_date=st.none() | DAYS,
    servicer_number=NUMBERS,
    servicer_name=NAMES,
    servicer_country=COUNTRIES,
    as_of=st.builds(datetime.combine, DAYS, st.times(), st.just(UTC)),
    history_from=DAYS,
    spans=st.just(()),
    owner=st.none() | OWNERS,
)
BALANCES = st.builds(
    BalanceRow,
    type=st.sampled_from(Balance.Type.values),
    amount=STORED,
    currency=CURRENCIES,
    credit_line_included=st.booleans(),
    credit_line_amount=st.none() | STORED,
    credit_line_currency=CURRENCIES | st.just(""),
    registered_at=st.none() | st.builds(datetime.combine, DAYS, st.times(), st.just(UTC)),
)
MESSAGES = st.text("abc. ", max_size=500)
BANKS = st.builds(
    serializers.bank,
    organisation_number=st.from_regex(r"[0-9]{9}", fullmatch=True),
    name=NAMES,
    active_account=st.booleans(),
    ownership_type=st.sampled_from([None, "primaryOwner", "notPrimaryOwner"]),
)


@UNHURRIED
@given(st.lists(st.tuples(ACCOUNTS, st.just(REFERENCE)), max_size=3), MESSAGES)
def test_any_list_of_accounts_is_the_standard_s(accounts, message):
    assert objections("accounts", sent(serializers.accounts_document(accounts, message=message))) == []


@UNHURRIED
@given(ACCOUNTS, st.lists(BALANCES, max_size=2), MESSAGES)
def test_any_account_is_the_standard_s(account, balances, message):
    document = sent(serializers.account_details_document(account, REFERENCE, balances, message=message))
    assert objections("accountDetails", document) == []


@UNHURRIED
@given(st.lists(BANKS, max_size=3))
def test_any_list_of_banks_is_the_standard_s(banks):
    assert objections("customerRelationships", sent(serializers.customer_relationships_document(banks))) == []


@UNHURRIED
@given(st.from_regex(r"[0-9]{9}", fullmatch=True), NAMES)
def test_any_servicing_provider_is_the_standard_s(number, name):
    document = serializers.servicing_provider_document(organisation_number=number, name=name)
    assert objections("accountServicingProvider", sent(document)) == []


def words(path, endpoint="transactions"):
    """Return the standard's own words for a field."""
    return st.sampled_from(FIELDS[endpoint, path]["format"].removeprefix("enum: ").split("|"))


MONTHS = st.dates(date(1900, 1, 1), date(2100, 1, 1)).map("{:%Y-%m}".format)
GRADES = st.sampled_from(["", "nyGradering", *Party.ProtectionGrade.values])
CARDS = st.builds(
    CardRow,
    masked_number=st.from_regex(r"[0-9]{0,6}X{2,9}[0-9]{0,4}", fullmatch=True),
    type=st.just("") | words("paymentCards.type", "cards"),
    status=st.just("") | words("paymentCards.cardStatus", "cards"),
    version_number=st.sampled_from(["", "1", "9"]),
    start_month=MONTHS,
    expiry_month=MONTHS,
    issuer_name=NAMES,
    issuer_number=NUMBERS | st.just(""),
    issuer_country=COUNTRIES,
    holder_id=st.sampled_from([1, 2]),
    holder_name=NAMES,
    holder_grade=GRADES,
)
HOLDERS = st.builds(
    HolderRow,
    party_id=st.sampled_from([1, 2]),
    kind=st.sampled_from(AccountRole.Kind.values),
    permission=st.sampled_from(["", *AccountRole.Permission.values]),
    start_date=DAYS,
    end_date=st.none() | DAYS,
    type=st.sampled_from(["person", "organisation"]),
    name=NAMES,
    country=COUNTRIES,
    grade=GRADES,
    number=st.none() | NUMBERS,
)


@UNHURRIED
@given(st.lists(CARDS, max_size=3), st.booleans(), MESSAGES)
def test_any_cards_are_the_standard_s(rows, withhold, message):
    cards = [serializers.card_document(row, party_id=1, withhold_shielded=withhold) for row in rows]
    document = sent(serializers.cards_document([card for card, _ in cards], message=message))
    assert objections("cards", document) == []
    for row, (card, hidden) in zip(rows, cards, strict=True):
        assert hidden == (withhold and row.holder_id != 1 and row.holder_grade not in OPEN_GRADES)
        assert not (hidden and "holderName" in card)


@UNHURRIED
@given(st.lists(st.tuples(HOLDERS, st.booleans()), max_size=3), MESSAGES)
def test_any_roles_are_the_standard_s(rows, message):
    holders = [serializers.holder_document(row, hidden=hidden) for row, hidden in rows]
    assert objections("roles", sent(serializers.roles_document(holders, message=message))) == []
    for holder, (_, hidden) in zip(holders, rows, strict=True):
        assert not (hidden and {"identifier", "name"} & holder.keys())


MOMENTS = st.builds(datetime.combine, DAYS, st.times(), st.just(UTC)).map(serializers.moment)
UNSIGNED = STORED.map(lambda amount: format(amount.copy_abs(), "f"))
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)
INSIDE = {path.rpartition(".")[2] for at, path in FIELDS if at == "transactions" and path.count(".") > 1}
OFTEN = ["value", "accountIdentifier", "identifier", "name", "type", "iban"]
NAMES_IN_JSON = st.sampled_from([*sorted(INSIDE), *OFTEN])
WORDS_IN_JSON = st.sampled_from(
    ["creditor", "debtor", "archiveReference", "nationalIdentityNumber", "residential", "NO", "15819010029"]
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | WORDS_IN_JSON,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES_IN_JSON, inner, max_size=6),
    max_leaves=20,
)
LISTS_IN_JSON = (st.lists(st.dictionaries(NAMES_IN_JSON, ANY_JSON, max_size=6), max_size=3) | ANY_JSON).map(json.dumps)
MOVEMENTS = st.builds(
    Movement,
    id=st.integers(),
    booked_at=st.just("2025-01-01 00:00:00+00"),
    identifier=st.text(max_size=64),
    status=words("transactions.status"),
    amount=STORED.map(lambda amount: format(amount, "f")),
    currency=CURRENCIES,
    reversal=st.booleans(),
    domain=st.just("") | words("transactions.transactionCode.domain"),
    family=st.just("") | words("transactions.transactionCode.family"),
    sub_family=st.just("") | words("transactions.transactionCode.subFamily"),
    free_text_code=TEXTS,
    booked=MOMENTS,
    valued=MOMENTS,
    performed=st.none() | MOMENTS,
    references=LISTS_IN_JSON | st.text(max_size=10),
    counterparties=LISTS_IN_JSON | st.text(max_size=10),
    additional_info=TEXTS,
    original_amount=st.none() | UNSIGNED,
    source_currency=CURRENCIES | st.just(""),
    target_currency=CURRENCIES | st.just(""),
    unit_currency=CURRENCIES | st.just(""),
    exchange_rate=st.none() | UNSIGNED,
    merchant=NAMES,
    card_id=st.none() | st.just(5),
)


@UNHURRIED
@given(
    rows=st.lists(MOVEMENTS, max_size=3),
    card=CARDS,
    shielded=st.booleans(),
    withhold=st.booleans(),
    following=st.none() | st.just("/accounts/x"),
    message=MESSAGES,
)
def test_any_transactions_are_the_standard_s(rows, card, shielded, withhold, following, message):
    """Whatever a bank's view has in the JSON columns."""
    page = Page(rows)
    named = Named(
        frozenset(page.numbers() if shielded else ()), frozenset(page.accounts() if shielded else ()), {5: card}
    )
    transactions = page.transactions(named, party_id=1, withhold_shielded=withhold)
    document = sent(transactions_document(transactions, own_page="/x", next_page=following, message=message))
    assert objections("transactions", document) == []
    for transaction in document["transactions"]:
        for counterparty in transaction["counterParties"]:
            known = counterparty.keys() & {"identifier", "accountIdentifier"}
            assert not (shielded and withhold and known and counterparty.keys() & {"name", "identifier"})


def paths(value, path=""):
    """Return every path in a document, parents too."""
    if isinstance(value, list):
        return {found for item in value for found in paths(item, path)}
    if not isinstance(value, dict):
        return set()
    here = {f"{path}.{name}".lstrip("."): child for name, child in value.items()}
    return here.keys() | {found for name, child in here.items() for found in paths(child, name)}


WHOLE_IDENTIFIER = {"countryOfResidence": "NO", "value": "1", "type": "nationalIdentityNumber"}
WHOLE_COUNTERPARTY = {
    "accountIdentifier": "1",
    "identifier": WHOLE_IDENTIFIER,
    "name": "x",
    "type": "debtor",
    "postalAddress": {
        **dict.fromkeys(("postCode", "streetName", "buildingNumber", "townName"), "x"),
        "type": "business",
        "country": "NO",
        "addressLines": ["x"],
    },
}
WHOLE_CARD = CardRow("XX", "debitCard", "active", "1", "2020-01", "2030-12", "x", "1", "NO", 1, "x", "ugradert")
WHOLE_HOLDER = HolderRow(
    1, "authorisedUser", "rightToSeeOnly", date.min, date.max, "person", "x", "NO", "ugradert", "1"
)
WHOLE_MOVEMENT = Movement(
    **dict.fromkeys(Movement._fields, "1")
    | {
        "references": json.dumps([{"value": "1", "type": "invoiceNumber"}]),
        "counterparties": json.dumps([WHOLE_COUNTERPARTY]),
        "card_id": 5,
    }
)


def whole_page():
    named = Named(frozenset(), frozenset(), {5: WHOLE_CARD})
    return Page([WHOLE_MOVEMENT]).transactions(named, party_id=1, withhold_shielded=True)


@pytest.mark.parametrize(
    ("endpoint", "document", "never_sent"),
    [
        pytest.param(
            "transactions",
            transactions_document(whole_page(), own_page="x", next_page="x", message="x"),
            set(),
            id="transactions",
        ),
        pytest.param(
            "cards",
            serializers.cards_document(
                [serializers.card_document(WHOLE_CARD, party_id=1, withhold_shielded=True)[0]], message="x"
            ),
            set(),
            id="cards",
        ),
        pytest.param(
            "roles",
            serializers.roles_document([serializers.holder_document(WHOLE_HOLDER, hidden=False)], message="x"),
            set(),
            id="roles",
        ),
        pytest.param(
            "accountServicingProvider",
            serializers.servicing_provider_document(organisation_number="1", name="x"),
            set(),
            id="account servicing provider",
        ),
        pytest.param(
            "accounts",
            serializers.accounts_document(
                [(replace(ACCOUNT, owner=replace(OWNER, end_date=date.max)), "x")], message="x"
            ),
            {"links.rel", "links.href"},
            id="accounts, never paged",
        ),
        pytest.param(
            "accountDetails",
            serializers.account_details_document(
                replace(ACCOUNT, owner=replace(OWNER, end_date=date.max), end_date=date.max),
                "x",
                [BOOKED._replace(credit_line_amount=Decimal(1))],
                message="x",
            ),
            set(),
            id="account details",
        ),
        pytest.param(
            "customerRelationships",
            serializers.customer_relationships_document(
                [
                    serializers.bank(
                        organisation_number="1", name="x", active_account=True, ownership_type="primaryOwner"
                    )
                ]
            ),
            set(),
            id="customer relationships",
        ),
    ],
)
def test_every_field_of_the_standard_can_be_sent(endpoint, document, never_sent):
    assert paths(sent(document)) | never_sent == {path for at, path in FIELDS if at == endpoint}
