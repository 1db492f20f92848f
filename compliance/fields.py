"""Fields that several parts of the desk have: a day in one exact form, and a line that is never shown again."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from compliance.reasons import Numberless

DAY_FORM = re.compile(r"(?:20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
OFF = {"autocomplete": "off"}


class Unshown(forms.TextInput):
    """A line that always comes back empty."""

    def format_value(self, value: Any) -> None:
        return None


class DayField(Numberless):
    """A day in Oslo as browsers send it: ten ASCII characters."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return day_of(text)
        except ValueError:
            raise ValidationError(_("Enter a day such as 2026-11-22.")) from None


def day_of(text: str) -> date:
    """Return the day of a text in ISO's long form, of the centuries in which there are records. Raise ValueError."""
    if not DAY_FORM.fullmatch(text):
        raise ValueError("no day")
    return date.fromisoformat(text)
