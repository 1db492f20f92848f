"""The characters: for each the rows that FI-Utlegg Saldo would find, by a plain reading of the ledger's rows."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from legal.numbers import is_synthetic
from legal.periods import OSLO
from sandbox.bank import Cast, characters
from sandbox.ledger_rows import TABLES

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
    dead = [case for case in CASES if case != "not-a-customer" and today.party(case).date_of_death]
    assert dead == ["deceased"]
    ward, guardian_number = today.party("under-guardianship"), today.cases["under-guardianship"].guardian
    (guardianship,) = today.rows["guardianship"]
    assert (guardianship.ward_id, guardianship.service) == (ward.id, "representasjonDagligbank")
    (guardian,) = [row.party_id for row in today.rows["party_identifier"] if row.value == guardian_number]
    assert guardianship.guardian_id == guardian
    disposed = {role.account_id for role in today.rows["account_role"] if role.party_id == guardian}
    assert disposed == {account.id for account in today.owned("under-guardianship")}


# --- days ---


def test_only_dates_move_with_the_day(today, later):
    shift = LATER - DAY
    assert later.cast.characters == today.cast.characters
    assert characters(SEED) == today.cast.characters
    for table in ("account", "account_role"):
        assert later.rows[table] == [moved(row, shift) for row in today.rows[table]]
    assert later.rows["party_identifier"] == today.rows["party_identifier"], "numbers were given when they were given"
    assert [row.amount for row in later.rows["transaction"]] == [row.amount for row in today.rows["transaction"]]
    days = [
        [datetime.fromisoformat(row.booked_at).date() for row in rows["transaction"]]
        for rows in (today.rows, later.rows)
    ]
    assert [day + shift for day in days[0]] == days[1]


def moved(row, shift):
    return row._replace(start_date=row.start_date + shift, end_date=row.end_date + shift if row.end_date else None)


def test_balances_are_older_than_the_first_moment_of_the_day(today):
    midnight = datetime.combine(DAY, time(), OSLO)
    assert all(datetime.fromisoformat(row.registered_at) < midnight for row in today.rows["balance"])
    assert all(datetime.fromisoformat(row.booked_at) < midnight for row in today.rows["transaction"])


def test_another_seed_gives_other_numbers():
    numbers = [{character.identifier for character in characters(seed)} for seed in (1, 2)]
    assert numbers[0].isdisjoint(numbers[1])
