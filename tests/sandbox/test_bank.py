"""The synthetic bank: the same every time, of the promised size, right in its numbers, sums and owners."""

import csv
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

import pytest
from django.apps import apps
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import OPEN_GRADES, Account, AccountRole, Party
from legal.numbers import is_account_number, is_party_number, is_person_number, is_synthetic, kind_of
from legal.periods import OSLO
from sandbox import products
from sandbox.bank import FULL, SMALL, Bank, Cast, years_before
from sandbox.books import balance_history, money
from sandbox.counterparties import luhn_digit
from sandbox.ledger_rows import TABLES
from sandbox.number_series import NumberSeries
from sandbox.products import PRODUCTS, Kind
from sandbox.transactions import transactions

SAVERS = 10  # beside the promised size
SEED, DAY = 1, date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
MODELS = {model._meta.db_table: model for model in apps.get_app_config("accounts").get_models()}
ELEVEN_DIGITS = re.compile(r"(?<![0-9])[0-9]{11}(?![0-9])")


def tables(bank):
    return {table: list(bank.rows(table)) for table in TABLES}


@cache
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
    assert len(full["party"]) == 1_000 + SAVERS
    assert len(full["account"]) == 5_000 + SAVERS
    assert len(full["transaction"]) == pytest.approx(250_000, rel=0.03)
    assert [(row.organisation_number, row.name, row.as_of) for row in full["financial_institution"]] == [
        ("213456008", "Eksempelbanken", NOW),
        ("312345609", "Annenbanken", NOW),
    ]
    assert full["financial_institution"][0].history_from == date(2020, 11, 22)


def test_the_small_bank_has_a_hundred_parties_beside_the_characters(small):
    assert (len(small["party"]), len(small["account"])) == (160 + SAVERS, 525 + SAVERS)
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
    assert {card.version_number for card in full["payment_card"]} == {"1", "2", "3"}
    assert {row.reversal for row in full["transaction"]} == {True, False}
    assert {row.status for row in full["transaction"]} == {"booked", "pending", "info"}
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


CAST = Cast(SEED, DAY, NOW)
BOOKS = [book for book in CAST.draft.books if book.account.type != "accountWithoutBalance"]


def by_account(rows):
    found = defaultdict(list)
    for row in rows:
        found[row.account_id].append(row)
    return found


def at(text):
    return datetime.fromisoformat(text)


def test_past_balances_are_the_first_one_and_the_booked_transactions_since(full):
    transactions, past = by_account(full["transaction"]), by_account(full["balance_history"])
    for account in full["account"]:
        if account.id in reopened_accounts() or account.type == "accountWithoutBalance":
            continue
        movements = sorted(
            (at(row.booked_at), row.amount) for row in transactions[account.id] if row.status == "booked"
        )
        balances = sorted((at(row.registered_at), row.amount) for row in past[account.id])
        assert len({moment for moment, _ in balances}) == len(balances)
        if not balances:
            assert not movements and account.end_date < HISTORY[account.servicer_id], "closed before the history begins"
            continue
        assert all(balances[0][0] <= moment for moment, _ in movements)
        total, place = balances[0][1], 0
        for moment, amount in balances[1:]:
            before = place
            while place < len(movements) and movements[place][0] <= moment:
                total += movements[place][1]
                place += 1
            assert (amount, place > before) == (total, True), account
        assert place == len(movements)
        assert account.end_date is None or total == 0, "a closed account is empty"


HISTORY = {1: date(2020, 11, 22), 2: date(2021, 11, 22)}


def test_past_balances_begin_with_the_history_or_with_nothing_on_an_opening(full):
    past = by_account(full["balance_history"])
    for account in full["account"]:
        if account.id in reopened_accounts() or not past[account.id]:
            continue
        first = min(past[account.id], key=lambda row: at(row.registered_at))
        history_from = HISTORY[account.servicer_id]
        assert first.registered_at[:19] == f"{max(account.start_date, history_from)}T00:00:00"
        assert account.start_date < history_from or first.amount == 0, "what was paid in at the opening is booked"


@cache
def bookings(place):
    """What the history and the transactions say of one of the cast's books: moments and amounts."""
    past = [(at(row.registered_at), row.amount) for row in balance_history([BOOKS[place]], 1)]
    rows = transactions([BOOKS[place]], 1, CAST.counterparties)
    return past, [(at(row.booked_at), row.amount) for row in rows if row.status == "booked"]


@given(place=st.integers(0, len(BOOKS) - 1), days_ago=st.integers(0, 6 * 366))
@hypothesis_settings(deadline=None)
def test_the_balance_of_any_past_day_is_a_naive_sum(place, days_ago):
    """What a reader of the history finds for the end of a day, against adding up every transaction until then."""
    past, booked = bookings(place)
    midnight = datetime.combine(DAY - timedelta(days=days_ago - 1), time(), OSLO)
    found = [amount for moment, amount in past if moment < midnight]
    if found:
        naive = money(BOOKS[place].opening) + sum(amount for moment, amount in booked if moment < midnight)
        assert found[-1] == naive
    else:
        assert midnight.date() <= BOOKS[place].begins


def test_each_account_has_one_booked_and_one_available_balance(full):
    present, past = by_account(full["balance"]), by_account(full["balance_history"])
    reserved = by_account(row for row in full["transaction"] if row.status == "pending")
    for account in full["account"]:
        rows = present[account.id]
        if account.type == "accountWithoutBalance":
            assert rows == []
            continue
        assert [row.type for row in rows] == ["bookedBalance", "availableBalance"]
        booked, available = rows
        assert at(booked.registered_at) == at(available.registered_at) <= NOW
        if past[account.id]:
            latest = max(past[account.id], key=lambda row: at(row.registered_at))
            assert (latest.amount, latest[4:]) == (booked.amount, booked[4:8])
        held_back = sum(-row.amount for row in reserved[account.id])
        assert available.amount == (0 if account.type == "loanAccount" else booked.amount - held_back)
        assert booked[4:] == available[4:]
        currency, included, line, line_currency, _ = booked[4:]
        assert (currency, included) == (account.currency, False), "the credit line is no part of it"
        assert line_currency == ("" if line is None else currency)


def test_nothing_lies_in_the_future_or_before_the_history(full):
    servicers = {account.id: account.servicer_id for account in full["account"]}
    assert {bank.id: bank.history_from for bank in full["financial_institution"]} == HISTORY
    for row in full["balance_history"]:
        assert HISTORY[servicers[row.account_id]] <= at(row.registered_at).date()
        assert at(row.registered_at) < NOW
    assert all(at(row.registered_at) < NOW for row in full["balance"])
    for row in full["transaction"]:
        booked = at(row.booked_at)
        assert booked < NOW
        assert booked.date() >= HISTORY[servicers[row.account_id]]
        assert row.performed_at is None or at(row.performed_at) < booked


def test_moments_lie_all_over_the_day(full):
    hours = Counter(row.booked_at[11:13] for row in full["transaction"])
    assert {"06", "09", "12", "15", "21", "23"} <= hours.keys()
    assert all(
        row.registered_at[11:26] in {"00:00:00+01:00", "00:00:00+02:00", "23:59:59.999999"}
        for row in full["balance_history"]
    )


# --- what transactions and cards say ---


def standard():
    """The standard's fields by path, as legal/standard/fields.csv lists them."""
    with (settings.BASE_DIR / "legal" / "standard" / "fields.csv").open(encoding="utf-8") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


@cache
def words(path):
    return set(FIELDS[path]["format"].removeprefix("enum: ").split("|"))


def leaves(value, path):
    """Yield the path and value of each leaf, refusing names that the standard has not."""
    if isinstance(value, list):
        for item in value:
            yield from leaves(item, path)
    elif isinstance(value, dict):
        assert value, path
        for name, child in value.items():
            assert f"{path}.{name}" in FIELDS, f"{path}.{name}"
            yield from leaves(child, f"{path}.{name}")
    else:
        yield path, value


FIELDS = standard()


def fits(path, value):
    """Return whether a text is one that the standard allows there."""
    form, longest = FIELDS[path]["format"], FIELDS[path]["max_length"]
    if form.startswith("enum: "):
        return value in words(path)
    if form.startswith("pattern: "):
        return re.fullmatch(form.removeprefix("pattern: "), value) is not None
    return isinstance(value, str) and 1 <= len(value) <= int(longest or 100)


@pytest.mark.parametrize(
    ("column", "path"),
    [
        pytest.param("bank_references", "transactions.references", id="references"),
        pytest.param("counterparties", "transactions.counterParties", id="counterparties"),
    ],
)
def test_json_holds_the_standards_names_and_words_alone(small, column, path):
    texts = {getattr(row, column) for row in small["transaction"]}
    assert [found for text in texts for found in leaves(json.loads(text), path) if not fits(*found)] == []
    required = {"value", "type"} if column == "bank_references" else {"type"}
    assert all(required <= item.keys() for text in texts for item in json.loads(text))


def test_a_counterpartys_number_is_right_and_synthetic(full):
    texts = {row.counterparties for row in full["transaction"]}
    parties = [party for text in texts for party in json.loads(text)]
    numbers = {
        party["identifier"]["value"]
        for party in parties
        if party.get("identifier", {}).get("countryOfResidence") == "NO"
    }
    assert len(numbers) > 100
    assert [number for number in numbers if not (is_party_number(number) and is_synthetic(number))] == []
    accounts = {party["accountIdentifier"] for party in parties if "accountIdentifier" in party}
    assert [number for number in accounts if number.isdigit() and not is_account_number(number)] == []
    foreign = [number for number in accounts if not number.isdigit()]
    assert len(foreign) > 20
    assert {int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 for iban in foreign} == {1}


def test_what_was_converted_is_the_amount(full):
    accounts = {account.id: account for account in full["account"]}
    converted = [row for row in full["transaction"] if row.exchange_rate is not None]
    assert len(converted) > 1_000
    for row in converted:
        assert row.target_currency == row.currency == accounts[row.account_id].currency != row.source_currency
        assert row.unit_currency == row.source_currency
        assert abs(row.original_amount * row.exchange_rate - abs(row.amount)) <= row.exchange_rate / 100
    rest = [row[-6:-1] for row in full["transaction"] if row.exchange_rate is None]
    assert set(rest) == {(None, "", "", "", None)}


def test_a_card_is_the_accounts_own_and_was_valid(full):
    cards = {card.id: card for card in full["payment_card"]}
    paid = [row for row in full["transaction"] if row.card_id]
    assert len(paid) > 50_000
    for row in paid:
        card = cards[row.card_id]
        assert card.account_id == row.account_id
        assert card.start_month <= row.booked_at[:7] <= card.expiry_month
    assert {row.family for row in paid} == {"customerCardTransactions"}


def test_cards_name_their_issuer_and_versions_follow_each_other(full):
    issuers = {account.id: full["financial_institution"][account.servicer_id - 1] for account in full["account"]}
    types = {account.id: PRODUCTS[account.type].card for account in full["account"]}
    numbers = defaultdict(list)
    for card in full["payment_card"]:
        bank = issuers[card.account_id]
        assert (card.issuer_name, card.issuer_number, card.issuer_country) == (
            bank.name,
            bank.organisation_number,
            "NO",
        )
        assert card.type == types[card.account_id]
        assert card.start_month < card.expiry_month
        numbers[card.account_id, card.masked_number].append(card)
    for cards in numbers.values():
        assert [card.version_number for card in cards] == [str(n + 1) for n in range(len(cards))]
        for earlier, later in pairwise(cards):
            assert earlier.expiry_month == later.start_month
            assert earlier.status == "blocked"


def test_kinds_of_movement_use_the_standards_words():
    kinds = [value for value in vars(products).values() if isinstance(value, Kind)]
    assert {kind for product in PRODUCTS.values() for kind in product.kinds} <= set(kinds)
    code = "transactions.transactionCode"
    for kind in kinds:
        uncoded = {""} if kind.code else set()
        assert kind.domain in words(f"{code}.domain") | uncoded, kind
        assert kind.family in words(f"{code}.family") | uncoded, kind
        assert kind.sub_family in words(f"{code}.subFamily") | uncoded, kind
        assert kind.counterparty in words("transactions.counterParties.type") | {""}, kind
        assert kind.status in words("transactions.status"), kind


@pytest.mark.parametrize(
    ("digits", "control"),
    [
        pytest.param("123456789", "7", id="an example of MOD10"),
        pytest.param("000000000", "0", id="nothing but zeros"),
        pytest.param("234567890", "4", id="a zero at the end"),
    ],
)
def test_a_kid_ends_with_its_control_digit(digits, control):
    assert luhn_digit(digits) == control


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
