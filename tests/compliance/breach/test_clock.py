"""The 72 hours: hours that passed, also over the nights in which Oslo's clocks are moved."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.breach.clock import LIMIT, Clock
from legal.periods import OSLO


def oslo(*parts):
    return datetime(*parts, tzinfo=OSLO)


@pytest.mark.parametrize(
    ("aware", "ends"),
    [
        pytest.param(oslo(2026, 11, 20, 9), "2026-11-23T09:00:00+01:00", id="over a weekend, which counts"),
        pytest.param(oslo(2026, 3, 27, 9), "2026-03-30T10:00:00+02:00", id="over the night that lacks an hour"),
        pytest.param(oslo(2026, 10, 23, 9), "2026-10-26T08:00:00+01:00", id="over the night with one more"),
        pytest.param(oslo(2026, 10, 25, 2, 30), "2026-10-28T01:30:00+01:00", id="from the first 02:30 of that night"),
        pytest.param(
            oslo(2026, 10, 25, 2, 30).replace(fold=1), "2026-10-28T02:30:00+01:00", id="from the second 02:30"
        ),
    ],
)
def test_when_the_time_is_up(aware, ends):
    assert Clock(aware, aware).ends_at.isoformat() == ends


@pytest.mark.parametrize(
    ("passed", "overdue", "left", "over"),
    [
        pytest.param(timedelta(0), False, 72, 0, id="at once"),
        pytest.param(timedelta(seconds=1), False, 71, 0, id="a second later: 71 whole hours"),
        pytest.param(timedelta(hours=71), False, 1, 0, id="an hour left"),
        pytest.param(timedelta(hours=71, minutes=59), False, 0, 0, id="the last minute"),
        pytest.param(timedelta(hours=72), False, 0, 0, id="72 hours to the second"),
        pytest.param(timedelta(hours=72, microseconds=1), True, 0, 1, id="past the boundary"),
        pytest.param(timedelta(hours=73), True, 0, 1, id="an hour late"),
        pytest.param(timedelta(hours=73, seconds=1), True, 0, 2, id="the second hour begun"),
    ],
)
def test_how_it_stands(passed, overdue, left, over):
    clock = Clock(oslo(2026, 11, 20, 9), oslo(2026, 11, 20, 9) + passed)
    assert (clock.is_overdue, clock.hours_left, clock.hours_over) == (overdue, left, over)


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, MOMENTS)
def test_it_is_overdue_after_72_hours_and_not_before(aware, looked):
    clock = Clock(aware.astimezone(OSLO), looked.astimezone(OSLO))
    assert clock.is_overdue == (looked - aware > LIMIT)
    assert not (clock.hours_left and clock.hours_over)
