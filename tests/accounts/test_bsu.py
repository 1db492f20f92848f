"""The BSU accounts of a year: whole rows, whose they were last, page by page with as many statements for each."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from accounts.bsu import BsuAccount, bsu_accounts, count_bsu_accounts, reporting_institution
from accounts.models import BsuYear
from tests.accounts.conftest import OTHER, OURS

YEAR = 2025
HOLDER, LATER, D_NUMBER = "02819010040", "05859110019", "42819010040"


@pytest.fixture
def year(bank):
    """Return a function that adds an account with its year, owned by the party given."""

    def add(*owners, at=OURS, of=YEAR, **columns):
        account = bank.account(at=at, type="savingsAccount", start_date=date(2021, 2, 1))
        for party, start, end in owners:
            bank.role(account, party, start=start, end=end)
        amounts = dict.fromkeys(("saved", "interest", "saved_in_all", "interest_in_all", "balance"), Decimal("1.50"))
        BsuYear.objects.create(account=account, year=of, **(amounts | columns))
        return account

    return add


def holders(**options):
    return [(row.number, row.holder_number, row.holder_name) for row in bsu_accounts(OURS, year=YEAR, **options)]


SINCE = date(2021, 2, 1)


def test_a_whole_row(bank, year):
    account = year(
        (bank.party(HOLDER, name="Rank Bjørk"), SINCE, None),
        balance=Decimal("61514.31"),
        housing_date=date(2025, 6, 15),
        housing_amount=Decimal("118050.50"),
        moved_in_date=date(2025, 3, 1),
        moved_in_from_manager="312345609",
    )
    assert list(bsu_accounts(OURS, year=YEAR)) == [
        BsuAccount(
            number=account.number,
            start_date=SINCE,
            holder_number=HOLDER,
            holder_name="Rank Bjørk",
            saved=Decimal("1.5"),
            interest=Decimal("1.5"),
            saved_in_all=Decimal("1.5"),
            interest_in_all=Decimal("1.5"),
            balance=Decimal("61514.31"),
            housing_date=date(2025, 6, 15),
            housing_amount=Decimal("118050.5"),
            breach_date=None,
            bankruptcy_date=None,
            security_date=None,
            seizure_date=None,
            seizure_amount=None,
            moved_out_date=None,
            moved_out_to_spouse="",
            moved_out_to_manager="",
            moved_in_date=date(2025, 3, 1),
            moved_in_from_spouse="",
            moved_in_from_manager="312345609",
            contact_name="",
            contact_telephone="",
            contact_email="",
        )
    ]


def test_only_that_year_of_that_institution(bank, year):
    party = bank.party(HOLDER)
    ours = year((party, SINCE, None))
    year((party, SINCE, None), of=YEAR - 1)
    year((party, SINCE, None), at=OTHER)
    bank.role(bank.account(), party)
    assert [row.number for row in bsu_accounts(OURS, year=YEAR)] == [ours.number]
    assert (count_bsu_accounts(OURS, year=YEAR), count_bsu_accounts(OURS, year=YEAR + 1)) == (1, 0)


@pytest.mark.parametrize(
    ("roles", "holder"),
    [
        pytest.param([(0, SINCE, None)], HOLDER, id="the owner"),
        pytest.param([(0, SINCE, date(2025, 6, 14)), (1, date(2025, 6, 15), None)], LATER, id="the year's last owner"),
        pytest.param([(0, SINCE, date(2025, 12, 31)), (1, date(2026, 1, 1), None)], HOLDER, id="not next year's"),
        pytest.param([(0, SINCE, date(2025, 1, 1))], HOLDER, id="one who owned it on the first day alone"),
        pytest.param([(0, SINCE, date(2024, 12, 31))], "", id="nobody who had left before the year"),
        pytest.param([], "", id="nobody"),
    ],
)
def test_whose_account_it_was(bank, year, roles, holder):
    parties = bank.party(HOLDER), bank.party(LATER)
    year(*((parties[which], start, end) for which, start, end in roles))
    assert [number for _, number, _ in holders()] == [holder]


def test_a_person_is_told_by_the_newest_number(bank, year):
    party = bank.party((D_NUMBER, date(2000, 1, 1), date(2020, 1, 1)), (HOLDER, date(2020, 1, 2), None))
    year((party, SINCE, None))
    assert [number for _, number, _ in holders()] == [HOLDER]


def test_shielded_persons_are_reported_too(bank, year):
    year((bank.party(HOLDER, grade="strengtFortrolig"), SINCE, None))
    assert [number for _, number, _ in holders()] == [HOLDER]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 1000])
def test_pages_follow_each_other_with_two_statements_each(bank, year, size):
    made = [year((bank.party(f"{number:011}"), SINCE, None)).number for number in range(1, 5)]
    with CaptureQueriesContext(connections["ledger"]) as statements:
        rows = holders(page_size=size)
    assert [number for number, *_ in rows] == sorted(made)
    pages = -(-4 // size) if 4 % size else 4 // size
    assert len(statements) == 2 * pages + (4 % size == 0), "and one that finds no more"


def test_an_institution_is_known_or_not(bank):
    assert reporting_institution(OURS)[0] == f"Bank {OURS}"
    assert reporting_institution("999999999") is None
