"""What a clock that was set showed while something was answered, and which tokens that lets through."""

import time

import pytest

from tests.chaos.faketime import TOLERANCE, Clock, judged

HOUR = 3600.0


def test_a_clock_shows_what_it_was_set_to_from_then_on():
    clock = Clock()
    before = time.monotonic()
    clock.jump(HOUR)
    after = time.monotonic()
    real = time.time() - time.monotonic()
    [[low, high]] = clock.readings(before, before)
    assert (low, high) == pytest.approx((before + real - TOLERANCE, before + real + TOLERANCE), abs=0.05)
    [[low, high]] = clock.readings(after + 1, after + 2)
    assert (low, high) == pytest.approx((after + 1 + real + HOUR, after + 2 + real + HOUR), abs=0.2)
    assert len(clock.readings(before, after + 1)) == 2, "both, for what was answered meanwhile"
    assert clock.file.read_text() == "+3600.000\n"


@pytest.mark.parametrize(
    ("readings", "accepted"),
    [
        pytest.param([(1000, 1001)], {True}, id="of this moment"),
        pytest.param([(990, 990)], {True}, id="issued as far ahead as clocks may differ"),
        pytest.param([(989, 989)], {False}, id="a second further"),
        pytest.param([(1129, 1129)], {True}, id="expired for less than clocks may differ"),
        pytest.param([(1130, 1130)], {False}, id="for as much"),
        pytest.param([(1129, 1131)], {True, False}, id="it ends under way"),
        pytest.param([(1000, 1001), (4600, 4601)], {True, False}, id="the clock is set under way"),
    ],
)
def test_which_tokens_are_let_through(readings, accepted):
    assert judged((1000, 1120), readings) == accepted
