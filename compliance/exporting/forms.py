"""What is asked for an export besides the criteria: why, for whom, which columns, and whether numbers are in full."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.exporting.columns import CHOSEN, label_of
from compliance.reasons import Reason, ReasonForm

FOR = (Reason.COURT, Reason.SUPERVISOR)
"""Whom records leave the bank for; citizens have their own answers."""
ONE_VALUE = ("reason", "case_reference", "words", "with_numbers")


class ExportForm(ReasonForm):
    """Why, and what of each record. Numbers are offered to those alone who may see them."""

    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns"), required=False, widget=forms.CheckboxSelectMultiple, initial=CHOSEN
    )
    with_numbers = forms.BooleanField(
        label=gettext_lazy("With numbers in full"),
        required=False,
        help_text=gettext_lazy(
            "Persons and accounts, and what was refused for its form. Without: a mark that tells "
            "which records are about the same one."
        ),
    )

    def __init__(self, *args: Any, may_see_numbers: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["reason"].choices = [("", "–"), *((why.value, why.label) for why in FOR)]
        fields["columns"].choices = [(name, label_of(name)) for name in CHOSEN]
        if not may_see_numbers:
            del self.fields["with_numbers"]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        given: Any = getattr(self.data, "getlist", lambda name: [])
        if any(len(given(name)) > 1 for name in ONE_VALUE):
            raise ValidationError(_("Something was given twice."))
        if "with_numbers" not in self.fields and given("with_numbers"):
            raise ValidationError(_("You may not see numbers in full."))
        return values
