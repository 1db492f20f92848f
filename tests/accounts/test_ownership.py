"""Whose is it: the owner at the end of the period, as far as the party asked about was there to see (section 6)."""

from datetime import UTC, date, datetime

import pytest

from accounts.ledger import Held
from accounts.ownership import HeldAccount, Owner, days_of, disposed_by_guardian, held_accounts
from legal.periods import Period

ME, OTHER, THIRD = 1, 2, 3
NAMES = {ME: "Rank Bjørk", OTHER: "Tett Nordavind", THIRD: "Klar Måne"}
NUMBERS = {ME: "15869010089", OTHER: "15819010029", THIRD: "55859010082"}
OPENED, TODAY, YESTERDAY = date(2010, 1, 1), date(2026, 11, 21), date(2026, 11, 20)
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
NOW = Period(TODAY, TODAY)
AS_OF = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def held(owner=ME, owner_days=(OPENED, None), *, days=(OPENED, None), grade="ugradert", **columns):
    """Return my role with one owner of the account; None for the owner where nobody owns it."""
    row = Held(
        account_id=7,
        number="97000000007",
        status="enabled",
        type="savingsAccount",
        name="Sparing",
        currency="NOK",
        account_start_date=OPENED,
        account_end_date=None,
        servicer_number="312345617",
        servicer_name="Eksempelbanken",
        servicer_country="NO",
        as_of=AS_OF,
        grade="ugradert",
        history_from=OPENED,
        data_delivered=True,
        date_of_death=None,
        kind="primaryOwner",
        role_start_date=days[0],
        role_end_date=days[1],
        party_id=ME,
        owner_id=owner,
        owner_permission="rightToUseAlone",
        owner_start_date=owner_days[0],
        owner_end_date=owner_days[1],
        owner_type="person",
        owner_name=NAMES.get(owner),
        owner_country="NO",
        owner_grade=grade,
        owner_number=NUMBERS.get(owner),
        guardianships=[],
        disposals=[],
    )
    if owner is None:
        row = row._replace(**{name: None for name in row._fields if name.startswith("owner_")})
    return row._replace(**columns)


def owner(who, start=OPENED, end=None, *, withheld=False):
    return Owner("rightToUseAlone", NUMBERS[who], "person", NAMES[who], "NO", start, end, withheld)


def the_owner(rows, period=NOW, *, withhold_shielded=True):
    (account,) = held_accounts(rows, period=period, withhold_shielded=withhold_shielded)
    return account.owner


def test_whole_account():
    assert held_accounts([held()], period=NOW, withhold_shielded=True) == [
        HeldAccount(
            id=7,
            number="97000000007",
            status="enabled",
            type="savingsAccount",
            name="Sparing",
            currency="NOK",
            start_date=OPENED,
            end_date=None,
            servicer_number="312345617",
            servicer_name="Eksempelbanken",
            servicer_country="NO",
            as_of=AS_OF,
            history_from=OPENED,
            data_delivered=True,
            party_id=ME,
            owned=True,
            spans=(NOW,),
            owner=owner(ME),
        )
    ]


MARCH, APRIL = date(2025, 3, 31), date(2025, 4, 1)
DISPOSAL_UNTIL_MARCH = {"days": (OPENED, MARCH)}


@pytest.mark.parametrize(
    ("rows", "period", "expected"),
    [
        pytest.param([held()], YEAR, owner(ME), id="one owner throughout"),
        pytest.param(
            [held(OTHER, (OPENED, MARCH)), held(THIRD, (APRIL, None))],
            YEAR,
            owner(THIRD, APRIL),
            id="sold in the period",
        ),
        pytest.param(
            [held(THIRD, (APRIL, None)), held(OTHER, (OPENED, MARCH))],
            YEAR,
            owner(THIRD, APRIL),
            id="sold, rows in another order",
        ),
        pytest.param(
            [held(OTHER, (OPENED, MARCH))],
            Period(date(2025, 1, 1), MARCH),
            owner(OTHER, OPENED, MARCH),
            id="ended last day",
        ),
        pytest.param(
            [held(OTHER, (OPENED, MARCH))], Period(date(2025, 1, 1), APRIL), None, id="nobody on the last day"
        ),
        pytest.param(
            [held(OTHER, (date(2025, 12, 31), None))],
            YEAR,
            owner(OTHER, date(2025, 12, 31)),
            id="began on the last day",
        ),
        pytest.param([held(OTHER, (date(2026, 1, 1), None))], YEAR, None, id="began after the period"),
        pytest.param(
            [
                held(OTHER, (OPENED, MARCH), **DISPOSAL_UNTIL_MARCH),
                held(THIRD, (APRIL, None), **DISPOSAL_UNTIL_MARCH),
            ],
            YEAR,
            owner(OTHER, OPENED, MARCH),
            id="I was there until March, and so was its owner",
        ),
        pytest.param(
            [
                held(OTHER, (OPENED, MARCH), days=(OPENED, APRIL)),
                held(THIRD, (APRIL, None), days=(OPENED, APRIL)),
            ],
            YEAR,
            owner(THIRD, APRIL),
            id="I left on the day the next one came",
        ),
        pytest.param(
            [held(ME, (OPENED, MARCH), **DISPOSAL_UNTIL_MARCH), held(OTHER, (APRIL, None), **DISPOSAL_UNTIL_MARCH)],
            YEAR,
            owner(ME, OPENED, MARCH),
            id="I owned and sold: the owner was I",
        ),
        pytest.param(
            [held(ME, (OPENED, MARCH), days=(OPENED, MARCH)), held(OTHER, (MARCH, None), days=(OPENED, MARCH))],
            YEAR,
            owner(ME, OPENED, MARCH),
            id="handover day: the party asked about",
        ),
        pytest.param(
            [held(OTHER, (OPENED, TODAY)), held(THIRD, (TODAY, None))],
            NOW,
            owner(THIRD, TODAY),
            id="handover day between others: who began last",
        ),
        pytest.param(
            [held(THIRD, (TODAY, None)), held(OTHER, (OPENED, TODAY))],
            NOW,
            owner(THIRD, TODAY),
            id="handover day between others, in another order",
        ),
        pytest.param(
            [held(OTHER, (APRIL, None)), held(ME, (OPENED, None))],
            YEAR,
            owner(ME),
            id="two owners: the party asked about",
        ),
        pytest.param(
            [held(OTHER, (OPENED, None)), held(THIRD, (OPENED, None))],
            YEAR,
            owner(OTHER),
            id="two alike: the first row",
        ),
        pytest.param([held(None, (None, None))], YEAR, None, id="nobody owns it"),
        pytest.param(
            [
                held(ME, (OPENED, date(2015, 1, 1)), days=(APRIL, None)),
                held(ME, (APRIL, None), days=(APRIL, None)),
            ],
            YEAR,
            owner(ME, APRIL),
            id="reopened: the latest ownership",
        ),
        pytest.param(
            [
                held(OTHER, (OPENED, MARCH), days=(OPENED, MARCH)),
                held(THIRD, (APRIL, None), days=(OPENED, MARCH)),
                held(OTHER, (OPENED, MARCH), days=(date(2025, 6, 1), None)),
                held(THIRD, (APRIL, None), days=(date(2025, 6, 1), None)),
            ],
            YEAR,
            owner(THIRD, APRIL),
            id="several roles: the last day of the last one",
        ),
        pytest.param(
            [
                held(OTHER, (OPENED, MARCH), days=(OPENED, date(2025, 2, 1))),
                held(THIRD, (APRIL, None), days=(OPENED, date(2025, 2, 1))),
                held(OTHER, (OPENED, MARCH), days=(OPENED, date(2025, 3, 1))),
                held(THIRD, (APRIL, None), days=(OPENED, date(2025, 3, 1))),
            ],
            YEAR,
            owner(OTHER, OPENED, MARCH),
            id="several roles that both ended before the sale",
        ),
        pytest.param(
            [held(OTHER, (OPENED, date(2030, 1, 1)), days=(OPENED, date(2030, 1, 1)))],
            NOW,
            owner(OTHER, OPENED, date(2030, 1, 1)),
            id="an end that lies ahead limits nothing",
        ),
    ],
)
def test_owner_at_the_end_of_the_period(rows, period, expected):
    assert the_owner(rows, period) == expected


@pytest.mark.parametrize(
    ("grade", "shielded"),
    [
        pytest.param("ugradert", False, id="open"),
        pytest.param("klientadresse", False, id="client address"),
        pytest.param("fortrolig", True, id="confidential"),
        pytest.param("strengtFortrolig", True, id="strictly confidential"),
        pytest.param("", True, id="no grade"),
        pytest.param("nyGradering", True, id="a grade that is not known"),
        pytest.param(None, True, id="nothing"),
    ],
)
def test_a_shielded_owner_is_withheld_from_who_asks_about_another(grade, shielded):
    assert the_owner([held(OTHER, grade=grade)]) == owner(OTHER, withheld=shielded)
    assert the_owner([held(OTHER, grade=grade)], withhold_shielded=False) == owner(OTHER), "where the setting is off"
    assert the_owner([held(ME, grade=grade)]) == owner(ME), "the party asked about is judged before"


def test_a_shielded_owner_of_before_does_not_matter():
    rows = [held(OTHER, (OPENED, YESTERDAY), grade="fortrolig"), held(THIRD, (TODAY, None))]
    assert the_owner(rows) == owner(THIRD, TODAY)


def test_each_account_once_in_the_order_of_the_rows():
    rows = [
        held(account_id=9, number="97000000001"),
        held(OTHER, account_id=9, number="97000000001"),
        held(account_id=4, number="97000000002"),
        held(OTHER, account_id=8, number="97000000002"),
    ]
    accounts = held_accounts(iter(rows), period=NOW, withhold_shielded=True)
    assert [(account.id, account.number) for account in accounts] == [
        (9, "97000000001"), (4, "97000000002"), (8, "97000000002"),
    ]  # fmt: skip
    assert [account.owner for account in accounts] == [owner(ME), owner(ME), owner(OTHER)]


def test_no_rows_no_accounts():
    assert held_accounts([], period=NOW, withhold_shielded=True) == []


def spans_of(*days, period=YEAR):
    """Return the days of the period on which I held the account, by roles of those days."""
    rows = [held(days=(start, end), owner=None, owner_days=(None, None)) for start, end in days]
    return [account.spans for account in held_accounts(rows, period=period, withhold_shielded=True)]


JUNE, JULY = date(2025, 6, 30), date(2025, 7, 1)


@pytest.mark.parametrize(
    ("days", "spans"),
    [
        pytest.param([(OPENED, None)], [YEAR], id="throughout"),
        pytest.param([(OPENED, MARCH)], [Period(date(2025, 1, 1), MARCH)], id="until March"),
        pytest.param([(APRIL, None)], [Period(APRIL, date(2025, 12, 31))], id="from April"),
        pytest.param([(APRIL, JUNE)], [Period(APRIL, JUNE)], id="in it"),
        pytest.param([(OPENED, MARCH), (APRIL, None)], [YEAR], id="one role after the other"),
        pytest.param([(APRIL, None), (OPENED, MARCH)], [YEAR], id="one role after the other, in another order"),
        pytest.param(
            [(OPENED, MARCH), (JULY, None)],
            [Period(date(2025, 1, 1), MARCH), Period(JULY, date(2025, 12, 31))],
            id="with a gap",
        ),
        pytest.param([(OPENED, JUNE), (APRIL, None)], [YEAR], id="two roles at once"),
        pytest.param([(OPENED, date(2024, 12, 31)), (APRIL, JUNE)], [Period(APRIL, JUNE)], id="one of before"),
        pytest.param([(date(2026, 1, 1), None), (APRIL, JUNE)], [Period(APRIL, JUNE)], id="one of after"),
        pytest.param([(JULY, JUNE), (APRIL, JUNE)], [Period(APRIL, JUNE)], id="one that ended before it began"),
    ],
)
def test_days_on_which_the_party_had_its_role(days, spans):
    assert spans_of(*days) == [tuple(spans)]


@pytest.mark.parametrize(
    "days", [(OPENED, date(2024, 12, 31)), (date(2026, 1, 1), None), (JULY, JUNE)], ids=["before", "after", "never"]
)
def test_a_role_that_does_not_reach_into_the_period_brings_no_account(days):
    assert spans_of(days) == []


def test_a_role_of_another_time_says_nothing_about_ownership():
    """The rows may be of a longer period than the one that the law reaches."""
    rows = [held(days=(OPENED, MARCH)), held(days=(APRIL, None), kind="authorisedUser")]
    (account,) = held_accounts(rows, period=Period(APRIL, JUNE), withhold_shielded=True)
    assert (account.owned, account.spans) == (False, (Period(APRIL, JUNE),))


@pytest.mark.parametrize(
    ("kinds", "owned"),
    [
        pytest.param(["primaryOwner"], True, id="owner"),
        pytest.param(["secondaryOwner"], True, id="second owner"),
        pytest.param(["authorisedUser"], False, id="user"),
        pytest.param(["authorisedUser", "secondaryOwner"], True, id="both"),
    ],
)
def test_whether_the_party_is_an_owner(kinds, owned):
    (account,) = held_accounts([held(kind=kind) for kind in kinds], period=NOW, withhold_shielded=True)
    assert account.owned is owned


def span(start, end=None):
    return {"start": start.isoformat(), "end": end and end.isoformat()}


@pytest.mark.parametrize(
    ("days", "disposals", "shown"),
    [
        pytest.param((OPENED, None), [], False, id="never"),
        pytest.param((OPENED, None), [span(OPENED)], True, id="always"),
        pytest.param((OPENED, None), [span(OPENED, date(2024, 12, 31))], False, id="before the period"),
        pytest.param((OPENED, None), [span(date(2026, 1, 1))], False, id="after the period"),
        pytest.param((OPENED, None), [span(OPENED, date(2025, 1, 1))], True, id="on its first day"),
        pytest.param((OPENED, None), [span(date(2025, 12, 31))], True, id="on its last day"),
        pytest.param((OPENED, None), [span(date(2026, 1, 1)), span(MARCH, MARCH)], True, id="one of several"),
        pytest.param((OPENED, MARCH), [span(APRIL)], False, id="after the ward"),
        pytest.param((OPENED, MARCH), [span(MARCH)], True, id="on the ward's last day"),
        pytest.param((APRIL, None), [span(OPENED, MARCH)], False, id="before the ward"),
        pytest.param((date(2026, 1, 1), None), [span(OPENED)], False, id="the ward never in the period"),
    ],
)
def test_accounts_that_the_guardian_could_use(days, disposals, shown):
    row, other = held(days=days, disposals=disposals), held(account_id=8)
    assert disposed_by_guardian([row, other], period=YEAR) == ([row] if shown else [])


@pytest.mark.parametrize(
    ("days", "tasks", "spans"),
    [
        pytest.param((OPENED, None), [span(OPENED)], [YEAR], id="throughout"),
        pytest.param((OPENED, None), [span(APRIL, JUNE)], [Period(APRIL, JUNE)], id="in it"),
        pytest.param(
            (OPENED, None),
            [span(JULY), span(OPENED, MARCH)],
            [Period(date(2025, 1, 1), MARCH), Period(JULY, date(2025, 12, 31))],
            id="two, with a gap",
        ),
        pytest.param(
            (OPENED, JUNE), [span(JULY), span(OPENED, MARCH)], [Period(date(2025, 1, 1), MARCH)], id="one of two"
        ),
        pytest.param((APRIL, JUNE), [span(JULY), span(OPENED, MARCH)], None, id="the ward's role in the gap"),
    ],
)
def test_days_of_a_ward_s_account_are_those_of_the_task(days, tasks, spans):
    row = held(days=days, guardianships=tasks, disposals=[span(OPENED)])
    accounts = held_accounts([row], period=YEAR, withhold_shielded=True)
    assert [list(account.spans) for account in accounts] == ([spans] if spans else [])
    assert disposed_by_guardian([row], period=YEAR) == ([row] if spans else [])


def test_a_guardian_who_could_use_it_between_two_tasks_only():
    row = held(guardianships=[span(OPENED, MARCH), span(JULY)], disposals=[span(APRIL, JUNE)])
    assert disposed_by_guardian([row], period=YEAR) == []


def test_a_span_that_lasts_has_no_last_day():
    assert days_of(span(MARCH, APRIL)) == (MARCH, APRIL)
    assert days_of(span(MARCH)) == (MARCH, date.max)
