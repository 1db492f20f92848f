"""Words that are kept: never a person's number among them, nor in the page that says so."""

import pytest

from compliance.breach.forms import StepForm, TextForm
from compliance.reasons import ReasonForm


@pytest.mark.parametrize(
    ("form", "name"),
    [
        pytest.param(ReasonForm, "words", id="why somebody looks"),
        pytest.param(ReasonForm, "case_reference", id="the bank's case"),
        pytest.param(StepForm, "done", id="several lines"),
        pytest.param(TextForm, "text", id="a notice"),
    ],
)
@pytest.mark.parametrize("number", ["01810112345", "018101 12345", "01.81.01 12345"])
def test_a_number_that_is_refused_is_not_shown_again(form, name, number):
    filled = form({"reason": "breach", name: f"About {number} again"})
    assert name in filled.errors
    page = filled.as_p()
    assert number not in page and "12345" not in page
    assert "About *** again" in page


def test_other_words_come_back_as_they_were():
    filled = ReasonForm({"reason": "", "words": "Case 2026/0412, phone 22 33 44 55"})
    assert not filled.is_valid() and "Case 2026/0412, phone 22 33 44 55" in filled.as_p()
