"""Windows are those of clocks in Oslo, also on the two days when the clocks change."""

from datetime import UTC, date, datetime

import pytest

from compliance.watching.windows import Length, is_night, weeks_before, window_of, window_of_day


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "moment", "start", "end"),
    [
        pytest.param("hour", utc(2026, 11, 22, 12, 34), utc(2026, 11, 22, 12), utc(2026, 11, 22, 13), id="an hour"),
        pytest.param("day", utc(2026, 11, 22, 23, 30), utc(2026, 11, 22, 23), utc(2026, 11, 23, 23), id="a day"),
        pytest.param("day", utc(2026, 10, 25, 12), utc(2026, 10, 24, 22), utc(2026, 10, 25, 23), id="of 25 hours"),
        pytest.param("day", utc(2026, 3, 29, 12), utc(2026, 3, 28, 23), utc(2026, 3, 29, 22), id="of 23 hours"),
        pytest.param("week", utc(2026, 11, 22, 12), utc(2026, 11, 15, 23), utc(2026, 11, 22, 23), id="until Sunday"),
        pytest.param("month", utc(2026, 10, 31, 23), utc(2026, 10, 31, 23), utc(2026, 11, 30, 23), id="a month"),
        pytest.param("month", utc(2026, 12, 31, 22), utc(2026, 11, 30, 23), utc(2026, 12, 31, 23), id="December"),
        pytest.param("year", utc(2026, 6, 1), utc(2025, 12, 31, 23), utc(2026, 12, 31, 23), id="a year"),
    ],
)
def test_a_window(length, moment, start, end):
    window = window_of(Length(length), moment)
    assert (window.start, window.end) == (start, end)


@pytest.mark.parametrize(
    ("hour", "night"),
    [
        pytest.param(utc(2026, 11, 22, 20), False, id="21 in winter"),
        pytest.param(utc(2026, 11, 22, 21), True, id="22 in winter"),
        pytest.param(utc(2026, 11, 22, 4), True, id="05 in winter"),
        pytest.param(utc(2026, 11, 22, 5), False, id="06 in winter"),
        pytest.param(utc(2026, 7, 1, 20), True, id="22 in summer"),
        pytest.param(utc(2026, 7, 1, 4), False, id="06 in summer"),
        pytest.param(utc(2026, 10, 25, 0), True, id="02 the first time"),
        pytest.param(utc(2026, 10, 25, 1), True, id="02 the second time"),
    ],
)
def test_night_is_by_the_clock_in_oslo(hour, night):
    assert is_night(hour) is night


def test_the_same_hour_of_the_weeks_before_is_the_same_by_the_clock():
    assert weeks_before(utc(2026, 10, 26, 8), 2) == [utc(2026, 10, 19, 7), utc(2026, 10, 12, 7)]  # 09 in Oslo


def test_days_of_a_window():
    days = window_of_day(Length.WEEK, date(2026, 10, 28)).days
    assert (len(days), days[0], days[-1]) == (7, date(2026, 10, 26), date(2026, 11, 1))
    assert len(list(window_of_day(Length.DAY, date(2026, 10, 25)).hours)) == 25
