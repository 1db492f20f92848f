"""Why somebody looks: chosen from a list, with words and the number of the bank's own case. Kept in the access log."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.access import Why

# A person's number in any spelling: eleven digits, whatever blanks or points stand between them.
PERSONS_NUMBER = re.compile(r"(?<!\d)\d(?:[ .\-\u00a0]?\d){10}(?!\d)")
MASK = "***"
"""Stands in a page where such a number would."""


class Reason(models.TextChoices):
    CITIZEN = "citizen", gettext_lazy("a citizen asks (GDPR article 15)")
    COURT = "court", gettext_lazy("a court or the police ask")
    SUPERVISOR = "supervisor", gettext_lazy("a supervisor asks (Datatilsynet, Finanstilsynet)")
    AGENCY = "agency", gettext_lazy("the agency that asked wants it explained")
    ALERT = "alert", gettext_lazy("an alert or a complaint")
    BREACH = "breach", gettext_lazy("a wrong disclosure or a breach")
    CONTROL = "control", gettext_lazy("the bank's own control")


def without_number(text: str) -> str:
    """Return the text stripped. Raise ValidationError when it holds what could be a person's number."""
    if PERSONS_NUMBER.search(text):
        raise ValidationError(_("Leave out eleven digits in a row: it could be a person's number, and this is kept."))
    return text.strip()


def masked_in(text: str) -> str:
    """Return the text with a mask for whatever could be a person's number."""
    return PERSONS_NUMBER.sub(MASK, text)


class Numberless(forms.CharField):
    """Words that come back in a page without what could be a person's number: what was refused is shown to nobody."""

    def bound_data(self, data: Any, initial: Any) -> Any:
        found = super().bound_data(data, initial)
        return masked_in(found) if isinstance(found, str) else found


class WordsField(Numberless):
    """A line of words that are kept: never a person's number among them."""

    def clean(self, value: Any) -> str:
        return without_number(super().clean(value))


class ReasonForm(forms.Form):
    """Why; every form behind which a person's data stands begins with this."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=[("", "–"), *Reason.choices])
    case_reference = WordsField(
        label=gettext_lazy("The bank's case"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("The number of the case in the bank's own system. A look without a case is looked at."),
    )
    words = WordsField(
        label=gettext_lazy("In words"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Never a person's name or number: this is kept as long as the trail."),
    )

    @property
    def kept(self) -> dict[str, str]:
        """Return what the access log keeps of a valid form: `reason` and `case_reference`."""
        told = f"{self.cleaned_data['reason']}: {self.cleaned_data['words']}".removesuffix(": ")
        return {"reason": told, "case_reference": self.cleaned_data["case_reference"]}

    @property
    def why(self) -> Why:
        """Return what a look is noted with, of a valid form."""
        return Why(reason=self.kept["reason"], case_reference=self.kept["case_reference"])
