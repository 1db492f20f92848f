"""Whatever the ledger may hold, nothing in the documents that the standard does not know, and nothing missing."""

import csv
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import serializers
from accounts.contents import BalanceRow
from accounts.models import Account, AccountRole, Balance
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


@given(st.lists(st.tuples(ACCOUNTS, st.just(REFERENCE)), max_size=3), MESSAGES)
def test_any_list_of_accounts_is_the_standard_s(accounts, message):
    assert objections("accounts", sent(serializers.accounts_document(accounts, message=message))) == []


@given(ACCOUNTS, st.lists(BALANCES, max_size=2), MESSAGES)
def test_any_account_is_the_standard_s(account, balances, message):
    document = sent(serializers.account_details_document(account, REFERENCE, balances, message=message))
    assert objections("accountDetails", document) == []


@given(st.lists(BANKS, max_size=3))
def test_any_list_of_banks_is_the_standard_s(banks):
    assert objections("customerRelationships", sent(serializers.customer_relationships_document(banks))) == []


def paths(value, path=""):
    """Return every path in a document, parents too."""
    if isinstance(value, list):
        return {found for item in value for found in paths(item, path)}
    if not isinstance(value, dict):
        return set()
    here = {f"{path}.{name}".lstrip("."): child for name, child in value.items()}
    return here.keys() | {found for name, child in here.items() for found in paths(child, name)}


@pytest.mark.parametrize(
    ("endpoint", "document", "never_sent"),
    [
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
