"""Questions compiled once: the rows of the plain queryset, whatever is asked, and one text of SQL for each shape."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.db import OperationalError, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import compiled, contents, ledger, movements
from accounts.compiled import Given, Question
from accounts.movements import Position
from legal.periods import Period
from tests.accounts.conftest import OTHER, OURS

NUMBERS = ["15869010089", "55869010072", "15819010029"]
DAYS = [date(2009, 12, 31), date(2015, 3, 1), date(2025, 11, 21), date(2026, 11, 21), date.max]
NOON = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
MOMENTS = [datetime(1970, 1, 1, tzinfo=UTC), *(NOON + timedelta(hours=n) for n in range(4))]
QUESTIONS = {
    name: question
    for room in (ledger, contents, movements)
    for name, question in vars(room).items()
    if isinstance(question, Question)
}
PERIODS = st.lists(st.sampled_from(DAYS), min_size=2, max_size=2).map(lambda days: Period(*sorted(days)))
BETWEEN = st.lists(st.sampled_from(MOMENTS), min_size=2, max_size=2).map(lambda found: tuple(sorted(found)))
ONE_LEDGER = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def rows(bank):
    """Lay out something for every question, and tell the rows that can be asked for."""
    one, other, shielded = (bank.party(number) for number in NUMBERS)
    shielded.protection_grade = "strengtFortrolig"
    shielded.save(using="ledger")
    accounts = [bank.account(at=OURS), bank.account(at=OTHER, type="loanAccount")]
    for account, kind in product(accounts, ("primaryOwner", "authorisedUser", "guarantor")):
        bank.role(account, one, kind)
        bank.role(account, shielded, "secondaryOwner", start=date(2015, 3, 1), end=date(2025, 11, 21))
    bank.role(accounts[0], other, "authorisedUser", permission="seeOnly")
    bank.role(accounts[1], other, "authorisedUser")
    bank.guardianship(one, other, date(2015, 3, 1), date(2025, 11, 21))
    bank.guardianship(one, shielded, date(2025, 11, 21))
    cards = [bank.card(accounts[0], one), bank.card(accounts[0], other, "999001XXXXXX5678", expiry_month="2025-11")]
    for moment in MOMENTS[1:]:
        bank.balance(accounts[0], "availableBalance", "-1.50", moment)
        bank.balance(accounts[0], "bookedBalance", "2.50", moment, credit_line_amount=Decimal("10.00"))
        bank.booked(accounts[0], "3.50", moment)
        bank.transaction(accounts[0], moment, card=cards[0], counterparties=[{"name": "x"}])
        bank.transaction(accounts[0], moment, "-1.00")
    return {
        "account_id": st.sampled_from([0, *(account.pk for account in accounts)]),
        "party_id": st.sampled_from([0, one.pk, other.pk, shielded.pk]),
        "holder": st.sampled_from([None, one.pk, other.pk]),
        "account_number": st.sampled_from([account.number for account in accounts]),
        "accounts": st.lists(st.sampled_from([account.number for account in accounts]), unique=True),
        "cards": st.sets(st.sampled_from([card.pk for card in cards])),
        "after": st.none() | st.builds(Position, st.sampled_from(MOMENTS), st.integers(0, 2**62)),
    }


ARGUMENTS = {
    "party_number": st.sampled_from([*NUMBERS, "00000000000"]),
    "guardian_number": st.none() | st.sampled_from(NUMBERS),
    "institutions": st.lists(st.sampled_from([OURS, OTHER, "213000005"]), unique=True),
    "kinds": st.lists(st.sampled_from(["primaryOwner", "secondaryOwner", "authorisedUser", "guarantor"]), unique=True),
    "numbers": st.frozensets(st.sampled_from(NUMBERS)),
    "period": PERIODS,
    "days": st.lists(PERIODS, min_size=1, max_size=3),
    "months": st.lists(st.sampled_from([("2020-01", "2025-11"), ("2026-01", "2026-02")]), min_size=1, max_size=3),
    "at": st.sampled_from(MOMENTS),
    "before": st.sampled_from(MOMENTS),
    "begin": st.sampled_from(MOMENTS),
    "end": st.sampled_from(MOMENTS),
    "spans": st.lists(BETWEEN, max_size=3),
    "limit": st.integers(1, 9),
}


def test_every_question_of_the_rooms_is_here():
    assert set(QUESTIONS) == {
        *("standing_of", "facts_of", "accounts_of", "account_of", "servicer_of", "relationships_of"),
        *("balances_of", "booked_balance_of", "cards_valid_in", "holders_of", "transactions_of", "known_on"),
        "moments_of",
    }


@pytest.mark.parametrize("name", QUESTIONS)
@ONE_LEDGER
@given(choice=st.data())
def test_it_gives_the_rows_of_the_plain_queryset(rows, name, choice):
    question = QUESTIONS[name]
    asked = {each: choice.draw({**ARGUMENTS, **rows}[each], label=each) for each in question.arguments}
    plain = question.declare(**asked)[: asked["limit"] if question.limited else None]
    found, expected = question(**asked), [question.row(*row) for row in plain]
    if not plain.ordered:  # then PostgreSQL may give them in any order
        found, expected = sorted(found, key=repr), sorted(expected, key=repr)
    assert found == expected


ANY_ROW = {
    **dict.fromkeys(("account_id", "party_id"), st.integers(1, 2**62)),
    "holder": st.none() | st.integers(1, 2**62),
    "account_number": st.sampled_from(["97000000001"]),
    "accounts": st.lists(st.sampled_from(["97000000001", "97000000002"])),
    "cards": st.sets(st.integers(1, 2**62), max_size=3),
    "after": st.none() | st.builds(Position, st.sampled_from(MOMENTS), st.integers(0, 2**62)),
}


@pytest.mark.parametrize("name", QUESTIONS)
@settings(max_examples=15, deadline=None)
@given(choice=st.data())
def test_the_sql_is_one_text_for_a_shape_and_holds_no_value(name, choice):
    """However many are in a list, whatever is asked; so that PostgreSQL prepares it once."""
    question = QUESTIONS[name]
    one, other = (
        {each: choice.draw({**ARGUMENTS, **ANY_ROW}[each], label=each) for each in question.arguments} for _ in range(2)
    )
    (shape, values), (other_shape, _) = question.taken_apart(one), question.taken_apart(other)
    statement = question.compiled(shape)
    assert statement is question.compiled(shape)
    if shape == other_shape:
        assert question.compiled(other_shape).sql is statement.sql
    assert not [value for value in values if isinstance(value, str) and value in statement.sql]
    assert statement.sql.count("%s") == len(statement.places)
    assert {place.number for place in statement.places if isinstance(place, Given)} == set(range(len(values)))


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_may_not_be_absent_is_refused(name):
    """None would be compiled as IS NULL, which is another question."""
    question = QUESTIONS[name]
    arguments = dict.fromkeys(question.arguments)
    with pytest.raises(TypeError, match="cannot be absent"):
        question(**arguments)


def test_places_are_no_more_than_the_shapes_kept():
    """A sequence that grows costs memory up to a bound."""
    spans = [(MOMENTS[0], MOMENTS[1])]
    arguments = {"account_id": 1, "begin": NOON, "end": NOON, "after": None, "limit": 1}
    for length in range(compiled.MOST_SHAPES + 5):
        shape, _ = movements.transactions_of.taken_apart({**arguments, "spans": spans * length})
        movements.transactions_of.compiled(shape)
    assert movements.transactions_of.compiled.cache_info().currsize == compiled.MOST_SHAPES


def test_a_connection_that_was_cut_is_opened_anew_once(owning_ledger, monkeypatch):
    calls = []

    def cut(self, values):
        calls.append(values)
        raise OperationalError

    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr(compiled.Statement, "_fetched", cut)
        patch.setattr(owning_ledger, "is_usable", lambda: False)
        patch.setattr(owning_ledger, "close", lambda: calls.append("closed"))
        ledger.servicer_of("97000000001", institutions=[OURS])
    assert calls == [["97000000001", [OURS]], "closed", ["97000000001", [OURS]]]
    assert connections["ledger"] is owning_ledger
