"""The characters: for each the rows that FI-Utlegg Saldo would find, by a plain reading of the ledger's rows."""

import csv
import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache

import pytest
from django.conf import settings

from legal.numbers import is_synthetic
from legal.periods import OSLO
from sandbox.bank import Cast, characters
from sandbox.ledger_rows import TABLES, TransactionRow

SEED, DAY = 1, date(2026, 11, 22)
YESTERDAY = DAY - timedelta(days=1)
LATER = DAY + timedelta(days=37)
CASES = (
    "debtor-five-accounts",
    "negative-balance",
    "credit-line",
    "foreign-currency",
    "closed-account",
    "reopened-account",
    "bankrupt",
    "former-owner",
    "authorised-user-only",
    "co-borrower",
    "guarantor-only",
    "shielded-strictly",
    "shielded-confidential",
    "customer-without-accounts",
    "not-a-customer",
    "organisation",
    "d-number",
    "former-number",
    "deceased",
    "under-guardianship",
    "sixty-accounts",
    "many-pages",
    "history",
    "ends-of-days",
    "every-field",
    "shielded-around",
    "disposed-accounts",
    "deceased-long-ago",
    "bankrupt-person",
    "bankruptcy-annulled",
    "bankruptcy-closed",
    "bankruptcy-appealed",
    "ward-partly-disposed",
    "ward-other-task",
    "card-holders",
)

# Type, currency, status, booked and available balance of each account that the party owns at our bank.
OWNED = {
    "debtor-five-accounts": [
        "salary NOK enabled 18250.75 17800.75",
        "savings NOK enabled 64000.00 64000.00",
        "loan NOK enabled -1875300.40 0.00",
        "creditCard NOK enabled -7120.55 -7120.55",
        "currency EUR enabled 930.10 930.10",
    ],
    "negative-balance": ["salary NOK enabled -4321.09 -4321.09"],
    "credit-line": ["salary NOK enabled 5000.00 3000.00"],
    "foreign-currency": [
        "currency EUR enabled 2500.00 2500.00",
        "currency USD enabled 1200.50 1200.50",
        "currency SEK enabled -310.00 -310.00",
    ],
    "closed-account": ["salary NOK deleted 0.00 0.00"],
    "reopened-account": ["savings NOK enabled 15400.00 15400.00"],
    "bankrupt": ["business NOK disabled 3110.25 3110.25", "taxDeduction NOK disabled 12000.00 12000.00"],
    "former-owner": [],
    "authorised-user-only": [],
    "co-borrower": ["salary NOK enabled 9905.60 9905.60"],
    "guarantor-only": [],
    # There is something to withhold.
    "shielded-strictly": ["salary NOK enabled 5120.00 5120.00", "savings NOK enabled 76000.00 76000.00"],
    "shielded-confidential": ["salary NOK enabled 5120.00 5120.00", "savings NOK enabled 76000.00 76000.00"],
    "customer-without-accounts": [],
    "organisation": [
        "business NOK enabled 248000.00 233000.00",
        "taxDeduction NOK enabled 83412.00 83412.00",
        "client NOK enabled 1200000.00 1200000.00",
    ],
    "d-number": ["salary NOK enabled 6480.00 6480.00", "savings NOK enabled 1000.00 1000.00"],
    "former-number": ["salary NOK enabled 11250.00 11250.00"],
    "deceased": ["salary NOK enabled 30415.20 30415.20", "savings NOK enabled 210000.00 210000.00"],
    "under-guardianship": ["salary NOK enabled 7215.00 7215.00", "savings NOK enabled 154000.00 154000.00"],
    "many-pages": ["business NOK enabled 1250000.00 1250000.00", "business NOK enabled 77000.00 77000.00"],
    "history": ["savings NOK enabled 88000.00 88000.00", "salary NOK enabled 6101.00 6101.00"],
    "ends-of-days": ["salary NOK enabled 4410.00 4410.00"],
    "every-field": ["salary NOK enabled 15230.40 14881.40"],
    "shielded-around": ["salary NOK enabled 8020.00 8020.00"],
    "disposed-accounts": ["salary NOK enabled 3105.00 3105.00"],
    "deceased-long-ago": ["salary NOK enabled 5500.00 5500.00", "savings NOK enabled 140300.00 140300.00"],
    "bankrupt-person": ["salary NOK disabled 2075.50 2075.50", "savings NOK disabled 18400.00 18400.00"],
    "bankruptcy-annulled": ["business NOK enabled 2075.50 2075.50", "taxDeduction NOK enabled 18400.00 18400.00"],
    "bankruptcy-closed": ["business NOK disabled 2075.50 2075.50", "taxDeduction NOK disabled 18400.00 18400.00"],
    "bankruptcy-appealed": ["business NOK enabled 2075.50 2075.50", "taxDeduction NOK enabled 18400.00 18400.00"],
    "ward-partly-disposed": [
        "salary NOK enabled 4100.00 4100.00",
        "savings NOK enabled 87000.00 87000.00",
        "savings NOK enabled 250000.00 250000.00",
    ],
    "ward-other-task": ["salary NOK enabled 2810.00 2810.00"],
    "card-holders": ["salary NOK enabled 10960.00 10960.00"],
}


class Reading:
    """A cast's rows, asked as plainly as can be."""

    def __init__(self, seed, day):
        self.day = day
        self.cast = Cast(seed, day, datetime.combine(day, time(), OSLO))
        self.rows = {table: list(self.cast.rows(table)) for table in TABLES}
        self.cases = {character.case: character for character in self.cast.characters}

    def party(self, case):
        ids = [row.party_id for row in self.rows["party_identifier"] if row.value == self.cases[case].identifier]
        return next((party for party in self.rows["party"] if party.id in ids), None)

    def numbers(self, case):
        return [row for row in self.rows["party_identifier"] if row.party_id == self.party(case).id]

    def roles(self, case, *, kind=None):
        """Return the party's roles on the day, of all institutions."""
        return [
            role
            for role in self.rows["account_role"]
            if role.party_id == self.party(case).id
            and role.start_date <= self.day
            and (role.end_date is None or role.end_date >= self.day)
            and kind in {None, role.kind}
        ]

    def owned(self, case, servicer=1):
        ids = [role.account_id for role in self.roles(case, kind="primaryOwner")]
        return [row for row in self.rows["account"] if row.id in ids and row.servicer_id == servicer]

    def balance(self, account, kind):
        rows = [row for row in self.rows["balance"] if (row.account_id, row.type) == (account.id, kind)]
        return max(rows, key=lambda row: datetime.fromisoformat(row.registered_at)).amount if rows else None

    def of(self, table, account):
        """Return the rows of an account, in the order of their ids."""
        return sorted(row for row in self.rows[table] if row.account_id == account.id)

    def party_of(self, number):
        ids = {row.party_id for row in self.rows["party_identifier"] if row.value == number}
        return next((party for party in self.rows["party"] if party.id in ids), None)

    def facts(self, case):
        """Return type, currency, status, booked and available balance of each account that the party owns."""
        return [
            f"{account.type.removesuffix('Account')} {account.currency} {account.status} "
            f"{self.balance(account, 'bookedBalance')} {self.balance(account, 'availableBalance')}"
            for account in self.owned(case)
        ]


@pytest.fixture(scope="module")
def today():
    return Reading(SEED, DAY)


@pytest.fixture(scope="module")
def later():
    return Reading(SEED, LATER)


def test_the_cases_have_these_names(today):
    assert tuple(today.cases) == CASES
    assert len({character.identifier for character in today.cases.values()}) == len(CASES)


@pytest.mark.parametrize(("case", "facts"), OWNED.items(), ids=OWNED)
def test_accounts_owned_today(today, later, case, facts):
    assert today.facts(case) == facts
    assert later.facts(case) == facts, "only dates move"


def test_sixty_accounts_hold_an_amount_beyond_floats(today):
    accounts = today.owned("sixty-accounts")
    assert len(accounts) == 60
    assert {account.end_date for account in accounts} == {None}
    assert len({account.type for account in accounts}) == 10
    assert sum(account.type == "accountWithoutBalance" for account in accounts) == 6
    for kind in ("bookedBalance", "availableBalance"):
        amounts = [today.balance(account, kind) for account in accounts]
        assert amounts.count(Decimal("12345678901234567890.10")) == 1
        assert amounts.count(None) == 6


def test_negative_balance_has_no_line_and_credit_line_has_one(today):
    for case, line in (("negative-balance", None), ("credit-line", Decimal("1000.00"))):
        (account,) = today.owned(case)
        rows = [row for row in today.rows["balance"] if row.account_id == account.id]
        assert {(row.credit_line_included, row.credit_line_amount) for row in rows} == {(False, line)}


def test_foreign_currency_has_an_account_at_the_other_institution(today):
    assert [account.type for account in today.owned("foreign-currency", servicer=2)] == ["savingsAccount"]
    others = [case for case in CASES if case != "not-a-customer" and today.owned(case, servicer=2)]
    assert others == ["foreign-currency"]


@pytest.mark.parametrize("day", [pytest.param(DAY, id="today"), pytest.param(LATER, id="another day")])
def test_closed_account_closes_on_the_day(day):
    reading = Reading(SEED, day)
    (account,) = reading.owned("closed-account")
    assert (account.status, account.end_date) == ("deleted", day)
    party = reading.party("closed-account")
    ends = [role.end_date for role in reading.rows["account_role"] if role.party_id == party.id]
    assert ends == [day, day - timedelta(days=1)]


def test_reopened_account_starts_anew(today):
    (account,) = today.owned("reopened-account")
    roles = [role for role in today.rows["account_role"] if role.account_id == account.id]
    assert [(role.start_date == account.start_date, role.end_date is None) for role in roles] == [
        (True, True),
        (False, False),
    ]
    assert roles[1].end_date < account.start_date - timedelta(days=365)
    assert account.end_date is None


def test_former_owner_lost_the_account_to_somebody_else(today):
    assert today.roles("former-owner") == []
    former = today.party("former-owner")
    (role,) = [role for role in today.rows["account_role"] if role.party_id == former.id]
    assert (role.kind, role.end_date) == ("primaryOwner", DAY - timedelta(days=31))
    (present,) = [
        other for other in today.rows["account_role"] if other.account_id == role.account_id and other is not role
    ]
    assert (present.kind, present.start_date, present.end_date) == ("primaryOwner", DAY - timedelta(days=30), None)
    assert present.party_id != former.id


@pytest.mark.parametrize(
    ("case", "kinds"),
    [
        pytest.param("authorised-user-only", ["authorisedUser"], id="authorised-user-only"),
        pytest.param("guarantor-only", ["guarantor"], id="guarantor-only"),
        pytest.param("co-borrower", ["coBorrower", "primaryOwner"], id="co-borrower"),
        pytest.param("customer-without-accounts", [], id="customer-without-accounts"),
    ],
)
def test_roles_today(today, case, kinds):
    assert sorted(role.kind for role in today.roles(case)) == kinds


def test_co_borrowers_loan_is_anothers(today):
    (role,) = today.roles("co-borrower", kind="coBorrower")
    (loan,) = [account for account in today.rows["account"] if account.id == role.account_id]
    assert loan.type == "loanAccount"


def test_protection_grades(today):
    grades = {case: today.party(case).protection_grade for case in CASES if case != "not-a-customer"}
    shielded = {case: grade for case, grade in grades.items() if grade != "ugradert"}
    assert shielded == {"shielded-strictly": "strengtFortrolig", "shielded-confidential": "fortrolig"}


def test_not_a_customer_is_nowhere(today):
    number = today.cases["not-a-customer"].identifier
    assert today.party("not-a-customer") is None
    assert number not in {row.value for row in today.rows["party_identifier"]}


def test_numbers_old_and_new(today):
    assert [(row.kind, row.end_date) for row in today.numbers("d-number")] == [("dNumber", None)]
    old, new = today.numbers("former-number")
    assert old.value == today.cases["former-number"].identifier
    assert (old.kind, new.kind) == ("dNumber", "birthNumber")
    assert old.end_date == new.start_date - timedelta(days=1)
    assert new.end_date is None
    assert [row.kind for row in today.numbers("organisation")] == ["organisationNumber"]
    assert all(is_synthetic(character.identifier) for character in today.cases.values())


def test_deceased_and_ward(today):
    assert today.party("deceased").date_of_death == DAY - timedelta(days=40)
    assert today.party("deceased-long-ago").date_of_death == DAY - timedelta(days=1_461)
    dead = [case for case in CASES if case != "not-a-customer" and today.party(case).date_of_death]
    assert dead == ["deceased", "deceased-long-ago"]
    ward, guardian_number = today.party("under-guardianship"), today.cases["under-guardianship"].guardian
    (guardianship,) = [row for row in today.rows["guardianship"] if row.ward_id == ward.id]
    assert (guardianship.ward_id, guardianship.service) == (ward.id, "representasjonDagligbank")
    (guardian,) = [row.party_id for row in today.rows["party_identifier"] if row.value == guardian_number]
    assert guardianship.guardian_id == guardian
    disposed = {role.account_id for role in today.rows["account_role"] if role.party_id == guardian}
    assert disposed == {account.id for account in today.owned("under-guardianship")}


# --- the further services ---


def moment(row):
    return datetime.fromisoformat(row.booked_at)


def ago(days, hour=time()):
    return datetime.combine(DAY - timedelta(days=days), hour, OSLO)


def test_many_pages(today):
    long, known = today.owned("many-pages")
    rows = today.of("transaction", long)
    assert len(rows) == 10_500
    assert sum(moment(row) == ago(120, time(12)) for row in rows) == 1_300
    assert min(map(moment, rows)) < ago(1_700)
    moments = [moment(row) for row in today.of("transaction", known)]
    assert (len(moments), sum(at >= ago(200) for at in moments)) == (1_500, 1_000)
    assert {ago(200), ago(201, time.max)} <= set(moments), "one at each side of the line"


def test_history(today):
    party = today.party("history")
    (former,) = [role for role in today.rows["account_role"] if role.party_id == party.id and role.end_date]
    (account,) = [row for row in today.rows["account"] if row.id == former.account_id]
    assert (account.start_date, former.end_date) == (DAY - timedelta(days=4_100), DAY - timedelta(days=400))
    (present,) = [role for role in today.rows["account_role"] if role.account_id == account.id and role != former]
    assert (present.kind, present.start_date, present.end_date) == ("primaryOwner", DAY - timedelta(days=399), None)
    history_from = today.cast.institutions[0].history_from
    assert account.start_date < history_from < DAY - timedelta(days=2_000)
    for held in (account, *today.owned("history")):
        past = today.of("balance_history", held)
        assert past[0].registered_at[:10] == max(history_from, held.start_date).isoformat()
        assert len({row.amount for row in past}) > 100


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(DAY, id="in November"),
        pytest.param(date(2027, 1, 1), id="on New Year's Day"),
        pytest.param(date(2028, 2, 29), id="on 29 February"),
        pytest.param(date(2026, 3, 29), id="on the day that summer time begins"),
        pytest.param(date(2026, 10, 26), id="on the day after it ended"),
    ],
)
def test_ends_of_days(day):
    reading = Reading(SEED, day)
    (account,) = reading.owned("ends-of-days")
    told = {row.booked_at for row in reading.of("transaction", account)}
    yesterday, last = day - timedelta(days=1), day.replace(day=1) - timedelta(days=1)
    assert {f"{at:%Y-%m-%dT%H:%M:%S}" for at in map(datetime.fromisoformat, told)} >= {
        f"{yesterday}T00:00:00",
        f"{yesterday}T23:59:59",
        f"{last}T23:59:59",
        f"{last:%Y-%m}-01T00:00:00",
        f"{yesterday.year}-01-01T00:00:00",
        f"{yesterday.year - 1}-12-31T23:59:59",
    }
    hours = {text[10:].replace(".999999", "") for text in told}
    assert {"T01:59:59+01:00", "T03:00:00+02:00", "T02:30:00+02:00", "T02:30:00+01:00"} <= hours
    assert len(told) == 14 or day != DAY
    assert max(map(datetime.fromisoformat, told)) < datetime.combine(day, time(), OSLO)


def columns(path):
    """Return the paths of the standard's leaf fields below a path."""
    with (settings.BASE_DIR / "legal" / "standard" / "fields.csv").open(encoding="utf-8") as file:
        paths = [row["path"] for row in csv.DictReader(file) if row["path"].startswith(f"{path}.")]
    return {found for found in paths if not any(other.startswith(f"{found}.") for other in paths)}


def paths(value, path):
    if isinstance(value, list):
        return set().union(*(paths(item, path) for item in value))
    if isinstance(value, dict):
        return set().union(*(paths(child, f"{path}.{name}") for name, child in value.items()))
    return {path}


def test_every_field_of_transactions(today):
    (account,) = today.owned("every-field")
    rows = today.of("transaction", account)
    references = [item for row in rows for item in json.loads(row.bank_references)]
    parties = [item for row in rows for item in json.loads(row.counterparties)]
    assert paths(parties, "p") == {
        f"p{path[len('transactions.counterParties') :]}" for path in columns("transactions.counterParties")
    }
    assert {item["type"] for item in references} == words("transactions.references.type")
    assert {item["type"] for item in parties} == words("transactions.counterParties.type")
    assert {item["postalAddress"]["type"] for item in parties if "postalAddress" in item} == words(
        "transactions.counterParties.postalAddress.type"
    )
    assert {item["identifier"]["type"] for item in parties if "identifier" in item} == words(
        "transactions.counterParties.identifier.type"
    )
    assert max(len(json.loads(row.counterparties)) for row in rows) > 1
    assert {row.status for row in rows} == words("transactions.status")
    assert {row.reversal for row in rows} == {True, False}
    for column in TransactionRow._fields:
        assert any(getattr(row, column) not in {None, "", "[]"} for row in rows), column


@cache
def words(path):
    with (settings.BASE_DIR / "legal" / "standard" / "fields.csv").open(encoding="utf-8") as file:
        (found,) = {row["format"] for row in csv.DictReader(file) if row["path"] == path}
    return set(found.removeprefix("enum: ").split("|"))


def test_every_field_of_details_cards_and_roles(today):
    party, (account,) = today.party("every-field"), today.owned("every-field")
    for row in today.of("payment_card", account):
        assert all(value not in {None, ""} for value in row), row
    roles = [role for role in today.rows["account_role"] if role.account_id == account.id]
    assert {role.permission for role in roles} == {"rightToUseAlone", "rightToUseWithOther", "rightToSeeOnly"}
    assert {role.end_date is None for role in roles} == {True, False}
    assert {row.credit_line_amount for row in today.of("balance", account)} == {Decimal("20000.00")}
    ended = [role for role in today.rows["account_role"] if role.party_id == party.id and role.end_date]
    (closed,) = [row for row in today.rows["account"] if row.id == ended[0].account_id]
    assert closed.end_date == ended[0].end_date == DAY - timedelta(days=20)


def test_shielded_around(today):
    (account,) = today.owned("shielded-around")
    grades = {party.id: party.protection_grade for party in today.rows["party"]}
    roles = [(role.kind, grades[role.party_id]) for role in today.rows["account_role"] if role.account_id == account.id]
    assert sorted(roles) == [
        ("authorisedUser", "strengtFortrolig"),
        ("authorisedUser", "ugradert"),
        ("primaryOwner", "ugradert"),
        ("secondaryOwner", "strengtFortrolig"),
    ]
    holders = {grades[card.holder_id] for card in today.of("payment_card", account)}
    assert holders == {"ugradert", "strengtFortrolig"}
    owners = {
        row.number: grades[role.party_id]
        for row in today.rows["account"]
        for role in today.rows["account_role"]
        if (role.account_id, role.kind) == (row.id, "primaryOwner")
    }
    told = [json.loads(row.counterparties)[0] for row in today.of("transaction", account)]
    known = [
        today.party_of(other["identifier"]["value"]).protection_grade
        if "identifier" in other
        else owners[other["accountIdentifier"]]
        for other in told
    ]
    assert known == ["strengtFortrolig", "strengtFortrolig", "ugradert", "ugradert"]
    (disposed,) = today.roles("shielded-around", kind="authorisedUser")
    (owner,) = [row for row in today.rows["account_role"] if row.account_id == disposed.account_id and row != disposed]
    assert grades[owner.party_id] == "strengtFortrolig"


def test_disposed_accounts(today):
    party = today.party("disposed-accounts")
    ids = [role.account_id for role in today.roles("disposed-accounts", kind="authorisedUser")]
    accounts = [row for row in today.rows["account"] if row.id in ids]
    assert [row.data_delivered for row in accounts] == [True, False]
    holders = {card.holder_id for card in today.of("payment_card", accounts[0])}
    assert party.id in holders and len(holders) == 3
    kinds = sorted(role.kind for role in today.rows["account_role"] if role.account_id == accounts[0].id)
    assert kinds == ["authorisedUser", "authorisedUser", "primaryOwner"]


@pytest.mark.parametrize("case", ["deceased", "deceased-long-ago"])
def test_the_dead_have_transactions_before_out_of_reach_and_since(today, case):
    death = today.party(case).date_of_death
    for account in today.owned(case):
        days = [moment(row).date() for row in today.of("transaction", account)]
        assert any(day > death for day in days)
        assert any(death - timedelta(days=90) <= day <= death for day in days)
        assert any(day < death - timedelta(days=93) for day in days)


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith(("bankrupt-person", "bankruptcy"))])
def test_bankrupts_have_transactions_of_the_months_before(today, case):
    business = today.owned(case)[0]
    days = [moment(row).date() for row in today.of("transaction", business)]
    assert any(day < DAY - timedelta(days=90 + 366) for day in days)
    assert any(DAY - timedelta(days=90 + 365) < day < DAY - timedelta(days=90) for day in days)
    assert any(day > DAY - timedelta(days=90) for day in days)


@pytest.mark.parametrize(
    ("case", "service", "start", "disposed"),
    [
        pytest.param("under-guardianship", "representasjonDagligbank", DAY - timedelta(days=1_500), 2, id="a ward"),
        pytest.param(
            "ward-partly-disposed", "representasjonDagligbank", date(2025, 7, 1), 2, id="two of three accounts"
        ),
        pytest.param("ward-other-task", "refusjonForPrivatpersoner", DAY - timedelta(days=1_500), 1, id="another task"),
    ],
)
def test_wards(today, case, service, start, disposed):
    ward, guardian = today.party(case), today.party_of(today.cases[case].guardian)
    (row,) = [row for row in today.rows["guardianship"] if row.ward_id == ward.id]
    assert row[2:] == (guardian.id, service, start, None)
    owned = {account.id for account in today.owned(case)}
    roles = [role for role in today.rows["account_role"] if role.party_id == guardian.id]
    assert {role.account_id for role in roles} <= owned
    assert [(role.kind, role.end_date) for role in roles] == [("authorisedUser", None)] * disposed
    for account in today.owned(case):
        halves = {(moment(row).year, moment(row).month > 6) for row in today.of("transaction", account)}
        assert {(2025, False), (2025, True)} <= halves, "both halves of last calendar year"


def test_card_holders(today):
    (account,) = today.owned("card-holders")
    cards = today.of("payment_card", account)
    assert [(card.masked_number[-4:], card.version_number, card.status) for card in cards] == [
        ("3001", "1", "blocked"),
        ("3001", "2", "active"),
        ("3002", "1", "blocked"),
        ("3003", "1", "blocked"),
        ("3004", "1", "active"),
    ]
    expired = [card.expiry_month < f"{DAY:%Y-%m}" for card in cards]
    assert expired == [True, False, True, False, False]
    assert [card.holder_id == today.party("card-holders").id for card in cards] == [True, True, True, True, False]


def test_a_character_of_another_service_says_what_that_answers(today):
    told = [character for character in today.cases.values() if character.service]
    assert {character.service for character in told} == {
        "skatt-kontroll",
        "konkursbehandling",
        "oppgjor-etter-dodsfall",
        "vergekontroll",
    }
    assert all(character.answers.endswith(".") for character in told)
    assert not [character for character in today.cases.values() if character.answers and not character.service]


# --- days ---


def test_only_dates_move_with_the_day(today, later):
    shift = LATER - DAY
    assert later.cast.characters == today.cast.characters
    assert characters(SEED) == today.cast.characters
    for table in ("account", "account_role"):
        assert characters_rows(later, table) == [moved(row, shift) for row in characters_rows(today, table)]
    assert later.rows["party_identifier"] == today.rows["party_identifier"], "numbers were given when they were given"
    assert [row.amount for row in later.rows["transaction"]] == [row.amount for row in today.rows["transaction"]]
    days = [
        [moment(row).date() for row in characters_rows(reading, "transaction") if row.account_id != calendars.id]
        for reading, calendars in ((today, today.owned("ends-of-days")[0]), (later, later.owned("ends-of-days")[0]))
    ]
    assert [day + shift for day in days[0]] == days[1], "but for those that lie where the calendar says"


def characters_rows(reading, table):
    """Return the rows but those of the savers' accounts, which follow the calendar's years."""
    years = {row.account_id for row in reading.rows["bsu_year"]}
    return [row for row in reading.rows[table] if getattr(row, "account_id", row.id) not in years]


def moved(row, shift):
    return row._replace(start_date=row.start_date + shift, end_date=row.end_date + shift if row.end_date else None)


def test_balances_are_older_than_the_first_moment_of_the_day(today):
    midnight = datetime.combine(DAY, time(), OSLO)
    assert all(datetime.fromisoformat(row.registered_at) < midnight for row in today.rows["balance"])
    assert all(datetime.fromisoformat(row.booked_at) < midnight for row in today.rows["transaction"])


def test_another_seed_gives_other_numbers():
    numbers = [{character.identifier for character in characters(seed)} for seed in (1, 2)]
    assert numbers[0].isdisjoint(numbers[1])
