"""The savers: one for each thing a year may bring, with years that their books bear out."""

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from accounts.models import BsuYear
from sandbox.bank import Cast
from sandbox.ledger_rows import TABLES, BsuYearRow

DAYS = [
    pytest.param(date(2026, 11, 22), id="in autumn"),
    pytest.param(date(2027, 1, 1), id="on New Year's Day"),
    pytest.param(date(2028, 2, 29), id="on a leap day"),
]
EVENTS = [name for name in BsuYearRow._fields if name.startswith(("housing", "breach", "bank", "sec", "seiz", "moved"))]


def rows(day):
    cast = Cast(1, day, datetime(day.year, day.month, day.day, 8, tzinfo=UTC))
    return {table: list(cast.rows(table)) for table in TABLES}


@pytest.mark.parametrize("day", DAYS)
def test_three_years_of_accounts_of_which_the_latest_shows_everything(day):
    years = rows(day)["bsu_year"]
    latest = [row for row in years if row.year == day.year - 1]
    assert {row.year for row in years} == {day.year - 3, day.year - 2, day.year - 1}
    assert (len(latest), len(years)) == (10, 26)
    shown = {name for row in latest for name in EVENTS if getattr(row, name)}
    assert shown == set(EVENTS) <= {field.name for field in BsuYear._meta.concrete_fields}
    assert sum(not any(getattr(row, name) for name in EVENTS) for row in latest) == 1
    assert {getattr(row, name) for row in years if row.year < day.year - 1 for name in EVENTS} == {None, ""}


@pytest.mark.parametrize("day", DAYS)
def test_a_years_balance_is_what_the_account_held_when_it_ended(day):
    made = rows(day)
    history = defaultdict(list)
    for row in made["balance_history"]:
        history[row.account_id].append(row)
    for year in made["bsu_year"]:
        before = [row for row in history[year.account_id] if row.registered_at < f"{year.year + 1}"]
        assert max(before, key=lambda row: row.registered_at).amount == year.balance, year


def test_sums_of_a_year_follow_each_other():
    years = defaultdict(list)
    for row in rows(date(2026, 11, 22))["bsu_year"]:
        years[row.account_id].append(row)
    for first, second, third in (each for each in years.values() if len(each) == 3):
        for earlier, later in ((first, second), (second, third)):
            assert later.saved_in_all == earlier.saved_in_all + later.saved
            assert later.interest_in_all == earlier.interest_in_all + later.interest
            assert later.saved <= Decimal(27_500)
