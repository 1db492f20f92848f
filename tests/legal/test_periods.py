"""Which day is it in Oslo? Midnight, both changes of the clock, and the leap day."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legal.periods import Period, day_in_oslo, merged, moments_of, months_before, next_day, within


@pytest.mark.parametrize(
    ("last_second", "day"),
    [
        pytest.param("2026-11-21T22:59:59Z", date(2026, 11, 21), id="winter"),
        pytest.param("2026-07-01T21:59:59Z", date(2026, 7, 1), id="summer"),
        pytest.param("2026-03-28T22:59:59Z", date(2026, 3, 28), id="before the clock goes forward"),
        pytest.param("2026-03-29T21:59:59Z", date(2026, 3, 29), id="on the day of 23 hours"),
        pytest.param("2026-10-24T21:59:59Z", date(2026, 10, 24), id="before the clock goes back"),
        pytest.param("2026-10-25T22:59:59Z", date(2026, 10, 25), id="on the day of 25 hours"),
        pytest.param("2028-02-28T22:59:59Z", date(2028, 2, 28), id="before a leap day"),
        pytest.param("2028-02-29T22:59:59Z", date(2028, 2, 29), id="on a leap day"),
        pytest.param("2026-02-28T22:59:59Z", date(2026, 2, 28), id="end of February in a common year"),
        pytest.param("2026-12-31T22:59:59Z", date(2026, 12, 31), id="New Year's Eve"),
    ],
)
def test_a_day_ends_at_midnight_in_oslo(last_second, day):
    moment = datetime.fromisoformat(last_second)
    assert day_in_oslo(moment) == day
    assert day_in_oslo(moment + timedelta(microseconds=999_999)) == day
    assert day_in_oslo(moment + timedelta(seconds=1)) == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(date(2026, 3, 29), 23, id="forward"),
        pytest.param(date(2026, 10, 25), 25, id="back"),
        pytest.param(date(2028, 2, 29), 24, id="leap day"),
    ],
)
def test_a_day_has_the_hours_that_the_clock_gives_it(day, hours):
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    quarters = [noon + timedelta(minutes=15 * n) for n in range(-96, 96)]
    assert sum(day_in_oslo(moment) == day for moment in quarters) == 4 * hours


@pytest.mark.parametrize("hours", [-12, -1, 0, 2, 14])
def test_the_zone_a_moment_is_written_in_does_not_matter(hours):
    moment = datetime(2026, 11, 21, 23, 0, tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
    assert day_in_oslo(moment) == date(2026, 11, 22)


def test_a_period_is_its_two_days_and_does_not_change():
    period = Period(date(2026, 11, 21), date(2026, 11, 22))
    assert period == Period(date(2026, 11, 21), date(2026, 11, 22))
    with pytest.raises(AttributeError):
        period.to_date = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        pytest.param(date(2026, 11, 21), 0, date(2026, 11, 21), id="no month"),
        pytest.param(date(2026, 11, 21), 3, date(2026, 8, 21), id="three months"),
        pytest.param(date(2026, 1, 31), 1, date(2025, 12, 31), id="over New Year"),
        pytest.param(date(2026, 12, 31), 12, date(2025, 12, 31), id="a year, from December"),
        pytest.param(date(2026, 12, 31), 1, date(2026, 11, 30), id="a month of thirty days"),
        pytest.param(date(2026, 5, 31), 3, date(2026, 2, 28), id="February"),
        pytest.param(date(2024, 5, 31), 3, date(2024, 2, 29), id="a leap year's February"),
        pytest.param(date(2024, 2, 29), 12, date(2023, 2, 28), id="a year from a leap day"),
        pytest.param(date(2024, 2, 29), 48, date(2020, 2, 29), id="four years from a leap day"),
        pytest.param(date(2104, 2, 29), 48, date(2100, 2, 28), id="2100 has no leap day"),
        pytest.param(date(2028, 2, 29), 120, date(2018, 2, 28), id="ten years from a leap day"),
        pytest.param(date(2028, 2, 28), 120, date(2018, 2, 28), id="ten years from the day before"),
    ],
)
def test_months_before(day, months, earlier):
    assert months_before(day, months) == earlier


def may(first, last):
    return Period(date(2025, 5, first), date(2025, 5, last))


@pytest.mark.parametrize(
    ("period", "bounds", "both"),
    [
        pytest.param(may(5, 10), may(1, 31), may(5, 10), id="inside"),
        pytest.param(may(1, 31), may(5, 10), may(5, 10), id="around"),
        pytest.param(may(1, 7), may(5, 10), may(5, 7), id="over the start"),
        pytest.param(may(7, 31), may(5, 10), may(7, 10), id="over the end"),
        pytest.param(may(1, 5), may(5, 10), may(5, 5), id="the first day only"),
        pytest.param(may(1, 4), may(5, 10), None, id="until the day before"),
        pytest.param(may(11, 31), may(5, 10), None, id="from the day after"),
        pytest.param(may(8, 6), may(5, 10), None, id="ended before it began"),
        pytest.param(Period(date.min, date.max), may(5, 10), may(5, 10), id="all days"),
    ],
)
def test_days_that_both_have(period, bounds, both):
    assert within(period, bounds) == both


@pytest.mark.parametrize(
    ("periods", "fewest"),
    [
        pytest.param([], (), id="none"),
        pytest.param([may(5, 10)], (may(5, 10),), id="one"),
        pytest.param([may(5, 10), may(11, 12)], (may(5, 12),), id="side by side"),
        pytest.param([may(5, 10), may(12, 13)], (may(5, 10), may(12, 13)), id="with a day between"),
        pytest.param([may(12, 13), may(5, 10)], (may(5, 10), may(12, 13)), id="in another order"),
        pytest.param([may(5, 10), may(6, 7)], (may(5, 10),), id="one inside the other"),
        pytest.param([may(5, 10), may(5, 12), may(5, 5)], (may(5, 12),), id="of one start"),
        pytest.param(
            [Period(date(2025, 5, 1), date.max), may(5, 10)], (Period(date(2025, 5, 1), date.max),), id="for ever"
        ),
    ],
)
def test_the_same_days_in_as_few_periods_as_possible(periods, fewest):
    assert merged(periods) == fewest


DAYS_OF_MAY = st.integers(1, 31)
PERIODS = st.tuples(DAYS_OF_MAY, DAYS_OF_MAY).map(lambda days: may(min(days), max(days)))


def days_of(periods):
    return {date(2025, 5, day) for period in periods for day in range(period.from_date.day, period.to_date.day + 1)}


@given(st.lists(PERIODS, max_size=6))
def test_merging_keeps_every_day_and_leaves_a_day_between(periods):
    found = merged(periods)
    assert days_of(found) == days_of(periods)
    assert all(later.from_date > next_day(earlier.to_date) for earlier, later in pairwise(found))


@given(PERIODS, PERIODS)
def test_within_is_the_days_of_both(one, other):
    both = within(one, other)
    assert days_of([both] if both else []) == days_of([one]) & days_of([other])
    assert within(other, one) == both


@pytest.mark.parametrize(
    ("period", "begin", "end"),
    [
        pytest.param(may(1, 1), "2025-04-30T22:00:00Z", "2025-05-01T22:00:00Z", id="summer"),
        pytest.param(
            Period(date(2025, 12, 31), date(2025, 12, 31)), "2025-12-30T23:00:00Z", "2025-12-31T23:00:00Z", id="winter"
        ),
        pytest.param(
            Period(date(2025, 3, 30), date(2025, 3, 30)), "2025-03-29T23:00:00Z", "2025-03-30T22:00:00Z", id="23 hours"
        ),
        pytest.param(
            Period(date(2025, 10, 26), date(2025, 10, 26)),
            "2025-10-25T22:00:00Z",
            "2025-10-26T23:00:00Z",
            id="25 hours",
        ),
        pytest.param(
            Period(date(2025, 1, 1), date(2025, 12, 31)), "2024-12-31T23:00:00Z", "2025-12-31T23:00:00Z", id="a year"
        ),
    ],
)
def test_moments_of_a_period(period, begin, end):
    assert moments_of(period) == (datetime.fromisoformat(begin), datetime.fromisoformat(end))


@given(st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)), PERIODS)  # noqa: DTZ001
def test_a_moment_is_of_a_period_when_its_day_is(moment, period):
    day = day_in_oslo(moment)
    begin, end = moments_of(Period(day, day))
    assert begin <= moment < end
    begin, end = moments_of(period)
    assert (begin <= moment < end) == (period.from_date <= day <= period.to_date)


def test_the_last_of_all_days_has_no_next():
    assert next_day(date(2025, 12, 31)) == date(2026, 1, 1)
    assert next_day(date.max) == date.max
    assert moments_of(Period(date.max, date.max))[1].date() == date.max
