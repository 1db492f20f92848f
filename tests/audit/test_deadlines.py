"""A request's clock: later steps wait no longer than it says, and the record has the last part for itself."""

import threading
import time

import pytest

from audit import deadlines


@pytest.fixture(autouse=True)
def no_clock():
    yield
    deadlines.end()
    deadlines.arrived(None)


def test_whoever_serves_no_request_is_not_hurried():
    assert deadlines.remaining() is None
    assert deadlines.within(5.0) == 5.0


@pytest.mark.parametrize(
    ("left", "wanted", "given"),
    [
        pytest.param(9.0, 5.0, 5.0, id="more than is wanted"),
        pytest.param(3.0, 5.0, 3.0, id="less than is wanted"),
        pytest.param(-1.0, 5.0, 0.0, id="nothing"),
    ],
)
def test_a_step_has_what_is_left(left, wanted, given):
    now = time.monotonic()
    deadlines.begin(work_until=now + left, last=now + left + 6)
    assert deadlines.within(wanted) == pytest.approx(given, abs=1)
    assert (deadlines.within(wanted) == 0.0) == (given == 0.0)


def test_the_record_has_a_part_for_itself():
    now = time.monotonic()
    deadlines.begin(work_until=now - 1, last=now + 60)
    assert deadlines.remaining() == 0.0
    deadlines.take_what_was_kept()
    assert deadlines.remaining() > 30


def test_a_clock_is_one_thread_s():
    deadlines.begin(work_until=0.0, last=0.0)
    seen = []
    other = threading.Thread(target=lambda: seen.append(deadlines.remaining()))
    other.start()
    other.join()
    assert (seen, deadlines.remaining()) == ([None], 0.0)


def test_a_duty_has_its_turn_and_then_no_clock():
    with deadlines.turn(60.0):
        assert 30 < deadlines.remaining() <= 60
    assert deadlines.remaining() is None


@pytest.mark.parametrize(
    ("left", "given"),
    [
        pytest.param(90.0, 60.0, id="the request has more time"),
        pytest.param(5.0, 5.0, id="the request has less"),
        pytest.param(-1.0, 0.0, id="the request has none"),
    ],
)
def test_a_turn_within_a_request_neither_outlasts_nor_stops_its_clock(left, given):
    now = time.monotonic()
    deadlines.begin(work_until=now + left, last=now + 200)
    with deadlines.turn(60.0):
        assert deadlines.remaining() == pytest.approx(given, abs=3)
    assert deadlines.remaining() == pytest.approx(max(left, 0.0), abs=3)
    deadlines.take_what_was_kept()
    assert deadlines.remaining() == pytest.approx(200, abs=10)
