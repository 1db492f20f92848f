"""Fields that take one exact form each, and nothing that could be a person's number where none is asked for."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from compliance.fields import OFF, Unshown
from compliance.reasons import PERSONS_NUMBER
from legal.numbers import has_party_form

ID_FORM = re.compile(r"[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}")


class Line(forms.TextInput):
    """A line of text. What could be a person's number is not shown again when the page comes back."""

    def format_value(self, value: Any) -> str | None:
        text = super().format_value(value)
        return None if text is None or PERSONS_NUMBER.search(text) else text


class IdField(forms.CharField):
    """A uuid, as it is written in the standard's headers."""

    widget = Line(attrs={**OFF, "size": 38})

    def clean(self, value: Any) -> UUID | None:
        text = super().clean(value)
        if not text:
            return None
        if not ID_FORM.fullmatch(text):
            raise ValidationError(_("Enter a whole id, such as 0190a1b2-0000-4000-8000-000000000001."))
        return UUID(text)


class NumberField(forms.CharField):
    """A person's number of eleven digits, or a company's of nine. The page never shows it again."""

    widget = Unshown(attrs={**OFF, "inputmode": "numeric", "size": 14})

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if text and not has_party_form(text):
            raise ValidationError(_("Enter eleven digits for a person or nine for a company, and nothing else."))
        return str(text)


class WordField(forms.CharField):
    """A value of a record whose form is known; eleven digits in a row are never part of it."""

    widget = Line

    def __init__(self, pattern: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._pattern = re.compile(pattern)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if text and (not self._pattern.fullmatch(text) or PERSONS_NUMBER.search(text)):
            raise ValidationError(_("This is not of the form that such a value has."))
        return text
