"""The synthetic bank: the same every time, of the promised size, right in its numbers, sums and owners."""

import csv
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.apps import apps
from django.conf import settings

from accounts.models import OPEN_GRADES, Account, AccountRole, Party
from legal.numbers import is_account_number, is_party_number, is_person_number, is_synthetic, kind_of
from sandbox import products
from sandbox.bank import FULL, SMALL, Bank, Cast, years_before
from sandbox.ledger_rows import TABLES
from sandbox.number_series import NumberSeries
from sandbox.products import PRODUCTS, Kind

SEED, DAY = 1, date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
MODELS = {model._meta.db_table: model for model in apps.get_app_config("accounts").get_models()}
ELEVEN_DIGITS = re.compile(r"(?<![0-9])[0-9]{11}(?![0-9])")


def tables(bank):
    return {table: list(bank.rows(table)) for table in TABLES}


def reopened_accounts():
    """The one account of a character whose roles and balances begin before its latest opening."""
    books = Cast(SEED, DAY, NOW).draft.books
    return {book.account.id for book in books if book.opened < book.account.start_date}


@pytest.fixture(scope="module")
def small():
    return tables(Bank(SEED, DAY, NOW, SMALL))


@pytest.fixture(scope="module")
def full():
    return tables(Bank(SEED, DAY, NOW, FULL))


def test_same_seed_and_day_give_the_same_bank(small):
    assert tables(Bank(SEED, DAY, NOW, SMALL)) == small


@pytest.mark.parametrize(
    ("seed", "day"),
    [pytest.param(SEED + 1, DAY, id="another seed"), pytest.param(SEED, DAY + timedelta(days=1), id="another day")],
)
def test_another_seed_or_day_gives_another_bank(small, seed, day):
    other = tables(Bank(seed, day, NOW, SMALL))
    assert other["balance"] != small["balance"]
    assert other["account"] != small["account"]


def test_the_full_bank_has_the_promised_size(full):
    assert len(full["party"]) == 1_000
    assert len(full["account"]) == 5_000
    assert len(full["transaction"]) == pytest.approx(250_000, rel=0.03)
    assert [(row.organisation_number, row.name, row.as_of) for row in full["financial_institution"]] == [
        ("213456008", "Eksempelbanken", NOW),
        ("312345609", "Annenbanken", NOW),
    ]
    assert full["financial_institution"][0].history_from == date(2016, 11, 22)


def test_the_small_bank_has_a_hundred_parties_beside_the_characters(small):
    assert (len(small["party"]), len(small["account"])) == (130, 500)
    assert sum(party.id >= 100_000 for party in small["party"]) >= 100


def test_the_full_bank_shows_every_kind_of_thing(full):
    accounts, roles = full["account"], full["account_role"]
    assert {account.type for account in accounts} == set(Account.Type.values)
    assert {account.type for account in accounts if account.end_date is None} == set(Account.Type.values)
    assert {account.status for account in accounts} == set(Account.Status.values)
    assert {account.currency for account in accounts} == {"NOK", "EUR", "USD", "SEK", "DKK", "GBP", "CHF"}
    assert {account.data_delivered for account in accounts} == {True, False}
    assert {role.kind for role in roles} == set(AccountRole.Kind.values)
    assert {role.permission for role in roles} == {*AccountRole.Permission.values, ""}
    for kind in AccountRole.Kind.values:
        ended = [role for role in roles if role.kind == kind and role.end_date]
        lasting = [role for role in roles if role.kind == kind and not role.end_date]
        assert ended and lasting, kind
    assert {party.type for party in full["party"]} == set(Party.Type.values)
    assert {party.protection_grade for party in full["party"]} > set(Party.ProtectionGrade.values)
    assert any(party.protection_grade not in Party.ProtectionGrade.values for party in full["party"]), "unknown grade"
    assert any(party.date_of_death for party in full["party"])
    assert {row.kind for row in full["party_identifier"]} == {"birthNumber", "dNumber", "organisationNumber"}
    assert {row.kind for row in full["party_identifier"] if row.end_date} == {"dNumber", "organisationNumber"}
    assert {row.end_date is None for row in full["guardianship"]} == {True, False}
    assert {card.type for card in full["payment_card"]} == {"debitCard", "creditCard"}
    assert {card.status for card in full["payment_card"]} == {"active", "blocked"}
    assert {row.reversal for row in full["transaction"]} == {True, False}
    assert Counter(account.servicer_id for account in accounts)[2] > 10
    assert sum(party.protection_grade in OPEN_GRADES for party in full["party"]) > 950


def test_rows_are_the_models_columns_and_fit_them(full):
    assert set(TABLES) == set(MODELS)
    for table, rows in full.items():
        fields = {field.column: field for field in MODELS[table]._meta.concrete_fields}
        assert set(TABLES[table]._fields) == set(fields)
        assert len({row.id for row in rows}) == len(rows)
        for name, field in fields.items():
            values = {getattr(row, name) for row in rows}
            assert field.null or None not in values, (table, name)
            if field.max_length:
                assert max(map(len, values - {None})) <= field.max_length, (table, name)
            if field.choices:
                words = {word for word, _ in field.flatchoices} | ({""} if field.blank else set())
                assert values <= words, (table, name)


# --- numbers ---


def test_every_number_is_right_and_synthetic(full):
    for row in full["party_identifier"]:
        assert is_party_number(row.value), row
        assert is_synthetic(row.value), row
        if len(row.value) == 11:
            assert row.value[2:4] > "80", row
            assert row.kind == kind_of(row.value), row
        else:
            assert row.kind == "organisationNumber", row
    for account in full["account"]:
        assert is_account_number(account.number), account


def test_no_ordinary_person_number_stands_anywhere(full):
    texts = {value for rows in full.values() for row in rows for value in row if isinstance(value, str)}
    found = {number for text in texts for number in ELEVEN_DIGITS.findall(text)}
    assert len(found) > 5_000
    assert [number for number in found if is_person_number(number) and not is_synthetic(number)] == []


def test_every_party_has_one_present_number_and_numbers_follow_each_other(full):
    numbers = defaultdict(list)
    for row in full["party_identifier"]:
        numbers[row.party_id].append(row)
    assert numbers.keys() == {party.id for party in full["party"]}
    for rows in numbers.values():
        rows.sort(key=lambda row: row.start_date)
        assert [row.end_date is None for row in rows] == [False] * (len(rows) - 1) + [True]
        for earlier, later in pairwise(rows):
            assert earlier.start_date <= earlier.end_date == later.start_date - timedelta(days=1)


def test_a_series_hands_out_each_number_once_and_says_when_it_is_empty():
    series, born = NumberSeries(), date(1990, 5, 17)
    given = []
    with pytest.raises(LookupError):
        for _ in range(501):
            given.append(series.person(born, 7))
    assert len(given) == len(set(given)) > 350


def test_cards_are_masked(full):
    assert {bool(re.fullmatch(r"999001X{6}[0-9]{4}", card.masked_number)) for card in full["payment_card"]} == {True}


# --- owners ---


def test_every_account_has_exactly_one_primary_owner_on_each_day(full):
    owners = defaultdict(list)
    for role in full["account_role"]:
        if role.kind == "primaryOwner":
            owners[role.account_id].append(role)
    for account in full["account"]:
        roles = sorted(owners[account.id], key=lambda role: role.start_date)
        for earlier, later in pairwise(roles):
            assert earlier.start_date <= earlier.end_date < later.start_date, "never two at a time"
        since_opening = [role for role in roles if role.start_date >= account.start_date]
        assert since_opening[0].start_date == account.start_date
        assert since_opening[-1].end_date == account.end_date
        for earlier, later in pairwise(since_opening):
            assert later.start_date == earlier.end_date + timedelta(days=1), "never nobody"


def test_roles_lie_within_the_accounts_life(full):
    accounts = {account.id: account for account in full["account"]}
    reopened = reopened_accounts()
    for role in full["account_role"]:
        account = accounts[role.account_id]
        assert role.end_date is None or role.start_date <= role.end_date
        assert role.start_date >= account.start_date or account.id in reopened
        assert account.end_date is None or (role.end_date and role.end_date <= account.end_date)
        assert role.start_date <= DAY
    for account in full["account"]:
        assert account.end_date is None or account.start_date < account.end_date <= DAY
        assert (account.status == "deleted") == (account.end_date is not None)
        assert not account.nics_creditable or (account.status, account.currency) == ("enabled", "NOK")


# --- balances ---


def test_booked_balances_are_the_opening_and_the_transactions_since(full):
    moved = defaultdict(list)
    for row in full["transaction"]:
        moved[row.account_id].append((datetime.fromisoformat(row.booked_at), row.amount))
    booked = defaultdict(list)
    for row in full["balance"]:
        if row.type == "bookedBalance":
            booked[row.account_id].append((datetime.fromisoformat(row.registered_at), row.amount))
    reopened = reopened_accounts()
    for account in full["account"]:
        if account.id in reopened or account.type == "accountWithoutBalance":
            continue
        opening, *balances = sorted(booked[account.id])
        movements = sorted(moved[account.id])
        assert len({moment for moment, _ in balances}) == len(balances)
        assert all(opening[0] < moment for moment, _ in movements)
        total, place = opening[1], 0
        for moment, amount in balances:
            while place < len(movements) and movements[place][0] <= moment:
                total += movements[place][1]
                place += 1
            assert amount == total, account
        assert place == len(movements)
        assert account.end_date is None or not movements or total == 0, "a closed account is empty"


def test_each_account_has_one_latest_booked_and_available_balance(full):
    latest = defaultdict(dict)
    for row in full["balance"]:
        moment = datetime.fromisoformat(row.registered_at)
        known = latest[row.account_id].get(row.type)
        if known is None or known[0] < moment:
            latest[row.account_id][row.type] = (moment, row)
    for account in full["account"]:
        if account.type == "accountWithoutBalance":
            assert account.id not in latest
            continue
        (booked_at, booked), (available_at, available) = (
            latest[account.id][kind] for kind in ("bookedBalance", "availableBalance")
        )
        assert booked_at == available_at <= NOW
        assert (booked.currency, available.currency) == (account.currency, account.currency)
        assert available.amount <= max(booked.amount, Decimal(0)), "the credit line is no part of it"
        lines = {
            (row.credit_line_included, row.credit_line_amount, row.credit_line_currency) for row in (booked, available)
        }
        assert len(lines) == 1
        ((included, line, currency),) = lines
        assert included is False
        assert currency == ("" if line is None else account.currency)


def test_nothing_lies_in_the_future_or_before_the_history(full):
    history = {bank.id: bank.history_from for bank in full["financial_institution"]}
    servicers = {account.id: account.servicer_id for account in full["account"]}
    assert all(datetime.fromisoformat(row.registered_at) < NOW for row in full["balance"])
    for row in full["transaction"]:
        booked = datetime.fromisoformat(row.booked_at)
        assert booked < NOW
        assert booked.date() >= history[servicers[row.account_id]] or row.account_id < 100_000
        assert row.performed_at is None or datetime.fromisoformat(row.performed_at) < booked


# --- what transactions say ---


def test_kinds_of_movement_use_the_standards_words():
    with (settings.BASE_DIR / "legal" / "standard" / "fields.csv").open(encoding="utf-8") as file:
        words = {row["path"]: set(row["format"].removeprefix("enum: ").split("|")) for row in csv.DictReader(file)}
    kinds = [value for value in vars(products).values() if isinstance(value, Kind)]
    assert {kind for product in PRODUCTS.values() for kind in product.kinds} <= set(kinds)
    for kind in kinds:
        code = "transactions.transactionCode"
        assert kind.domain in words[f"{code}.domain"], kind
        assert kind.family in words[f"{code}.family"], kind
        assert kind.sub_family in words[f"{code}.subFamily"], kind
        assert kind.counterparty in words["transactions.counterParties.type"] | {""}, kind


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        pytest.param(date(2026, 11, 22), 10, date(2016, 11, 22), id="an ordinary day"),
        pytest.param(date(2028, 2, 29), 10, date(2018, 2, 28), id="29 February"),
        pytest.param(date(2028, 2, 28), 10, date(2018, 2, 28), id="28 February"),
    ],
)
def test_years_before(day, years, expected):
    assert years_before(day, years) == expected
