"""Which day is it in Oslo? Midnight, both changes of the clock, and the leap day."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from legal.periods import Period, day_in_oslo, months_before


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
