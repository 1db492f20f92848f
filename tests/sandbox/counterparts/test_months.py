"""What the look-ups make of two sides' reports, against the page's definition month by month."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.counterparts.pension.months import agreed, effective, has_month_form, month, written

SOME_MONTHS = st.integers(month("2018-06"), month("2026-11"))
UNTIL = month("2026-11")


@st.composite
def spans(draw):
    first = draw(SOME_MONTHS)
    return first, draw(st.none() | st.integers(first, UNTIL))


def covers(span, number):
    return span[0] <= number and (span[1] is None or number <= span[1])


@settings(deadline=None)
@given(st.lists(spans(), max_size=4), st.lists(spans(), max_size=4))
def test_an_agreement_counts_where_both_sides_report_it(agreements, reported):
    expected = {
        number
        for number in range(month("2021-01"), UNTIL + 1)
        if any(covers(each, number) for each in agreements) and any(covers(each, number) for each in reported)
    }
    assert agreed(agreements, reported, UNTIL) == expected


@settings(deadline=None)
@given(st.sets(st.integers(month("2021-01"), UNTIL), max_size=12))
def test_it_has_effect_fifteen_months_before_and_one_after(agreed_months):
    expected = {
        number
        for number in range(month("2020-01"), UNTIL + 2)
        if any(number - 1 <= each <= number + 15 for each in agreed_months)
    }
    assert effective(agreed_months) == expected


@settings(deadline=None)
@given(SOME_MONTHS)
def test_a_month_is_read_as_it_is_written(number):
    assert month(written(number)) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-01", True), ("2021-12", True), ("0000-01", True),
        ("2021-00", False), ("2021-13", False), ("2021-1", False), ("2021-01-01", False), ("2021-01\n", False),
        ("٢٠٢١-01", False), (202101, False), (None, False),
    ],
)  # fmt: skip
def test_the_form_of_a_month(text, expected):
    assert has_month_form(text) is expected
