"""What records are looked for by: parsed strictly, to be combined freely."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import AuditRecord
from compliance.fields import DayField
from compliance.finding.fields import IdField, Line, NumberField, WordField
from compliance.reasons import PERSONS_NUMBER

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""No record is older."""
UNKNOWN = "?"
"""Stands in the access log for words that could hold a person's number."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """Everything that a record has to fulfil; what is empty says nothing.

    `id` is a record's own id, an AccountInfoRequestID or a CorrelationID. A record is about one of the `numbers`, where
    there are any. The days are days in Oslo, both included.
    """

    id: UUID | None = None
    account_info_request_id: UUID | None = None
    correlation_id: UUID | None = None
    numbers: tuple[str, ...] = ()
    consumer: str = ""
    service: str = ""
    legal_mandate: str = ""
    requester_id: str = ""
    endpoint: str = ""
    outcome: str = ""
    code: str = ""
    first: date | None = None
    last: date | None = None

    @classmethod
    def parse(cls, mapping: Mapping[str, Any]) -> Self:
        """Return the criteria of a form or of `as_mapping`. Raise ValidationError, by field.

        The number stands under `number`. Names that mean nothing here are passed over; a name given twice is refused.
        """
        form = CriteriaForm(mapping)
        if not form.is_valid():
            raise ValidationError(form.errors.as_data())
        return cls.of(form.cleaned_data)

    @classmethod
    def of(cls, cleaned: Mapping[str, Any]) -> Self:
        """Return the criteria of a valid form's values."""
        numbers = (cleaned["number"],) if cleaned["number"] else ()
        return cls(numbers=numbers, **{name: cleaned[name] for name in NAMES if name != "numbers"})

    def as_mapping(self) -> dict[str, str]:
        """Return texts that `parse` makes these criteria of again, the number among them in clear. One number only."""
        [number] = self.numbers or ("",)
        texts = {name: str(getattr(self, name) or "") for name in NAMES if name != "numbers"}
        return {name: text for name, text in {"number": number, **texts}.items() if text}

    @property
    def said(self) -> str:
        """Return the criteria in words for the access log: never a person's number."""
        told = {name: text for name, text in self.as_mapping().items() if name != "number"}
        return " ".join(f"{name}={UNKNOWN if PERSONS_NUMBER.search(text) else text}" for name, text in told.items())

    @property
    def begins(self) -> datetime:
        """Return the first moment of the period."""
        return midnight(self.first) if self.first else BEGINNING

    @property
    def ends(self) -> datetime | None:
        """Return the first moment after the period."""
        return midnight(self.last + timedelta(days=1)) if self.last else None

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in NAMES)


NAMES = tuple(field.name for field in fields(Criteria))
PLAIN = ("consumer", "service", "legal_mandate", "requester_id", "endpoint", "outcome", "code")
"""The criteria that are columns of the record with exactly that value."""


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


class CriteriaForm(forms.Form):
    """What to look for; all of it may be combined."""

    id = IdField(
        label=gettext_lazy("Any id"),
        required=False,
        help_text=gettext_lazy("An AccountInfoRequestID, a CorrelationID or the id of a record."),
    )
    number = NumberField(
        label=gettext_lazy("Number"),
        required=False,
        help_text=gettext_lazy("Of a person or a company. Former numbers are found too."),
    )
    account_info_request_id = IdField(label="AccountInfoRequestID", required=False)
    correlation_id = IdField(label="CorrelationID", required=False)
    consumer = WordField("[0-9]{9}", label=gettext_lazy("agency"), required=False)
    service = WordField(r"[a-z][a-z0-9:\-]{0,63}", label=gettext_lazy("service"), required=False)
    legal_mandate = forms.CharField(label="Legal-Mandate", max_length=500, required=False, widget=Line)
    requester_id = forms.CharField(label="RequesterID", max_length=255, required=False, widget=Line)
    endpoint = WordField(r"[A-Za-z][A-Za-z0-9._\-]{0,63}", label=gettext_lazy("endpoint"), required=False)
    outcome = forms.ChoiceField(
        label=gettext_lazy("outcome"),
        choices=[("", "–"), *AuditRecord.Outcome.choices],
        required=False,
        error_messages={"invalid_choice": gettext_lazy("There is no such outcome.")},
    )
    code = WordField(r"[A-Z][A-Z0-9._\-]{0,15}", label=gettext_lazy("code"), required=False)
    first = DayField(label=gettext_lazy("first day"), required=False)
    last = DayField(label=gettext_lazy("last day"), required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        doubled = getattr(self.data, "getlist", lambda name: [None])
        if any(len(doubled(name)) > 1 for name in self.fields):
            raise ValidationError(_("Something was given twice."))
        first, last = values.get("first"), values.get("last")
        if first and last and last < first:
            raise ValidationError({"last": _("The period ends before it begins.")})
        return values
