"""The table says missed of whatever did not hold, and of whatever was not run."""

from dataclasses import replace

import pytest

from tests.chaos.frame import Outcome, table, verdict

HELD = Outcome(
    sent=10, right=10, errors=0, wrong=0, without_record=0, gap=0.2, recovery=1.0, recovery_limit=30.0, note="as told"
)


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        pytest.param({}, True, id="every answer right"),
        pytest.param({"wrong": 1}, False, id="a wrong answer"),
        pytest.param({"without_record": 1}, False, id="an answer without a record"),
        pytest.param({"errors": 1}, False, id="an error where none is allowed"),
        pytest.param({"errors": 1, "errors_allowed": True}, True, id="an error where one is allowed"),
        pytest.param({"recovery": None}, False, id="it never recovered"),
        pytest.param({"recovery": 30.1}, False, id="it recovered too late"),
        pytest.param({"sent": 0, "right": 0}, False, id="nothing was asked"),
    ],
)
def test_what_holds(changes, held):
    assert replace(HELD, **changes).held is held


def test_the_table():
    outcomes = {"one": HELD, "two": replace(HELD, wrong=1, recovery=None, note=""), "three": "OSError: no room"}
    assert [line.split() for line in table(outcomes)][1:] == [
        ["one", "10", "10", "0", "0", "0", "0.20", "1.0", "30", "ok", "(as", "told)"],
        ["two", "10", "10", "0", "1", "0", "0.20", "never", "30", "missed"],
        ["three", *["-"] * 8, "missed:", "not", "run,", "OSError:", "no", "room"],
    ]


@pytest.mark.parametrize(
    ("outcomes", "held"),
    [
        pytest.param({"one": HELD}, True, id="all held"),
        pytest.param({"one": HELD, "two": "not started"}, False, id="one was not run"),
        pytest.param({"one": HELD, "two": replace(HELD, wrong=1)}, False, id="one did not hold"),
        pytest.param({}, False, id="none was chosen"),
    ],
)
def test_the_verdict(outcomes, held):
    assert verdict(outcomes) is held
