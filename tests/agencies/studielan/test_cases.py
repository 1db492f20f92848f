"""Each case of Lånekassen's published test data, and those the sandbox adds, asked of the stand-in over a socket."""

from decimal import Decimal

import pytest

from agencies.studielan import logins
from agencies.studielan.debts import Kind, Remark
from agencies.studielan.logins import State
from tests.agencies.studielan.customers import asked_of

L, R, G, O = Kind.PRINCIPAL, Kind.INTEREST, Kind.FEES, Kind.COSTS  # noqa: E741
MILLION = Decimal(1_000_000)


@pytest.mark.parametrize(
    ("case", "kinds", "above_a_million"),
    [
        ("1a", [L], False),
        ("1b", [L], True),
        ("2", [], False),
        ("3a", [L, R], False),
        ("3b", [L, R], True),
        ("4a", [L, R, G], False),
        ("4b", [L, R, G], True),
        ("5", [L, G], None),
        ("6", [L, R, O], None),
        ("7", [L, R, G, O], None),
        ("8", [R, G], None),
        ("9", [R], None),
        ("10", [L, O], None),
        ("11", [G], None),
        ("12", [O], None),
        ("13", [L, G, O], None),
        ("14", [R, G, O], None),
    ],
)
def test_published_cases(consented, case, kinds, above_a_million):
    look = logins.balances(consented(case))
    assert look.state is State.ANSWERED
    assert [part.kind for part in look.debt.parts] == kinds
    assert not look.debt.total_differs
    assert (Remark.NOTHING_OWED in look.debt.remarks) == (case == "2")
    assert (Remark.INTEREST_NOT_CURRENT in look.debt.remarks) == (R in kinds)
    if above_a_million is not None:
        assert (look.debt.total > MILLION) == above_a_million


@pytest.mark.parametrize(
    ("case", "state", "attempts", "waits"),
    [
        pytest.param("negative", State.ANSWERED, 1, 0, id="an overpayment"),
        pytest.param("flawed", State.ANSWERED, 1, 0, id="a total that is not the sum"),
        pytest.param("unknown", State.NOT_A_CUSTOMER, 1, 0, id="no customer of Lånekassen"),
        pytest.param("expired", State.CONSENT_NEEDED, 2, 0, id="consent has ended there"),
        pytest.param("withdrawn", State.CONSENT_NEEDED, 2, 0, id="consent was withdrawn there"),
        pytest.param("busy", State.UNAVAILABLE, 3, 2, id="too busy each time"),
        pytest.param("failing", State.UNAVAILABLE, 2, 1, id="failing each time"),
    ],
)
def test_own_cases(bank, consented, patient, case, state, attempts, waits):
    customer = consented(case)
    look = logins.balances(customer, wait=patient.wait)
    assert look.state is state
    asked = asked_of(bank)
    assert (len(asked), len(patient.waited)) == (attempts, waits)
    assert len({request["headers"]["X-REQUEST-ID"] for request in asked}) == attempts, "a new id for each attempt"
    assert look.request_id == asked[-1]["headers"]["X-REQUEST-ID"], "what is shown to support is the last one"
    if case == "negative":
        assert look.debt.remarks == (Remark.OVERPAID,)
    if case == "flawed":
        assert look.debt.remarks == (Remark.INTEREST_NOT_CURRENT, Remark.TOTAL_DIFFERS)
        assert look.debt.total == sum(part.amount for part in look.debt.parts)


def test_too_many_at_once_are_asked_to_wait(bank, consented):
    """The bucket is empty until somebody has waited: then the second attempt is answered."""
    bank.switch(**{"lanekassen.requests_per_second": 0})
    waited = []

    def wait(seconds):
        waited.append(seconds)
        bank.switch(**{"lanekassen.requests_per_second": 100_000})

    assert logins.balances(consented("7"), wait=wait).state is State.ANSWERED
    assert (len(waited), len(asked_of(bank))) == (1, 2)


def test_the_flawed_switch(bank, consented):
    bank.switch(**{"lanekassen.flawed_total": True})
    debt = logins.balances(consented("7")).debt
    assert (debt.stated_total, debt.total_differs) == (Decimal(0), True)
