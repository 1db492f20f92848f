"""A day comes in one exact form, and what could be a person's number never comes back."""

from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError

from compliance.fields import DayField, Unshown, day_of


@pytest.mark.parametrize(
    ("text", "day"),
    [
        pytest.param("2026-11-22", date(2026, 11, 22), id="a day"),
        pytest.param(" 2026-11-22 ", date(2026, 11, 22), id="with blanks around it"),
        pytest.param("2024-02-29", date(2024, 2, 29), id="a leap day"),
        pytest.param("2100-01-01", date(2100, 1, 1), id="of the next century"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_day(text, day):
    assert DayField(required=False).clean(text) == day


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-02-30", id="a day that there is not"),
        pytest.param("1999-12-31", id="before there were records"),
        pytest.param("22.11.2026", id="another form"),
        pytest.param("20261122", id="without dashes"),
        pytest.param("2026-W47-7", id="a week"),
        pytest.param("2026-11-22T00:00", id="a moment"),
        pytest.param("2026-11-2\u0662", id="a digit of another script"),
        pytest.param("2026-11-22\x00", id="NUL"),
    ],
)
def test_what_is_no_day(text):
    with pytest.raises(ValidationError):
        DayField().clean(text)
    with pytest.raises(ValueError, match="day"):
        day_of(text)


def test_a_day_that_is_wanted_is_missed():
    with pytest.raises(ValidationError):
        DayField().clean("")


class Form(forms.Form):
    day = DayField()
    number = forms.CharField(widget=Unshown())


def test_what_could_be_a_number_does_not_come_back():
    form = Form({"day": "01810112345", "number": "01810112345"})
    assert not form.is_valid() and "01810112345" not in form.as_p()
    assert 'value="2026-11-22"' in Form(initial={"day": date(2026, 11, 22)}).as_p()
