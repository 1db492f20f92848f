"""The forms of breaches, notices, routines and outages. Free words never hold a person's number."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.breach.models import Breach, Decided, Notice, Routine
from compliance.letters.typesetting import settable
from compliance.reasons import Numberless, WordsField, without_number
from legal.models import DataConsumer, Person
from legal.periods import OSLO

MOMENT = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
LONGEST_WORDS, LONGEST_TEXT = 4000, 60_000
BITS = ""


class MomentField(forms.CharField):
    """A moment by Oslo's clocks that comes once: not one of the hour they skip, nor of the hour they show twice."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            bare = datetime.strptime(text, "%Y-%m-%dT%H:%M") if MOMENT.fullmatch(text) else None  # noqa: DTZ007
        except ValueError:
            bare = None
        if bare is None:
            raise ValidationError(_("Enter a day and a time such as 2026-11-22T09:30."))
        if bare.replace(tzinfo=OSLO).utcoffset() != bare.replace(tzinfo=OSLO, fold=1).utcoffset():
            raise ValidationError(_("Clocks in Oslo do not show this time, or show it twice that night."))
        return bare.replace(tzinfo=OSLO)


class LongWordsField(WordsField):
    """Several lines of words."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": LONGEST_WORDS, "widget": forms.Textarea(attrs={"rows": 4}), **kwargs})


class TextField(Numberless):
    """A whole notice; the ids of records and cases in it are no numbers of persons."""

    def clean(self, value: Any) -> str:
        text = str(forms.CharField.clean(self, value)).replace("\r\n", "\n")
        without_number(ID.sub("", text))
        return settable(text)


class WordsForm(forms.Form):
    """What is known of a breach."""

    happened = LongWordsField(label=gettext_lazy("What happened"))
    categories = LongWordsField(
        label=gettext_lazy("Whom and what it concerns"),
        required=False,
        help_text=gettext_lazy("Categories of persons and of data, not names."),
    )
    consequences = LongWordsField(label=gettext_lazy("Likely consequences"), required=False)
    measures = LongWordsField(label=gettext_lazy("Measures taken and proposed"), required=False)


class BreachForm(WordsForm):
    """A new breach."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=[("", "–"), *Breach.Kind.choices])
    discovered_at = MomentField(label=gettext_lazy("Discovered at"))
    aware_at = MomentField(
        label=gettext_lazy("Known at"),
        required=False,
        help_text=gettext_lazy("From when the bank knew of it with some certainty; blank: as soon as discovered."),
    )
    case_reference = WordsField(label=gettext_lazy("The bank's case"), required=False, max_length=64)
    field_order = ("kind", "discovered_at", "aware_at", "case_reference")

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        discovered, aware = found.get("discovered_at"), found.get("aware_at")
        now = timezone.now()
        for name, moment in (("discovered_at", discovered), ("aware_at", aware)):
            if moment and moment > now:
                self.add_error(name, _("This is still to come."))
        if discovered and aware and aware < discovered:
            self.add_error("aware_at", _("Nobody knows of a breach before it is discovered."))
        found["aware_at"] = aware or discovered
        return found


class DecisionForm(forms.Form):
    """The decisions on risk, each with its ground."""

    authority = forms.ChoiceField(label=gettext_lazy("Tell Datatilsynet (article 33)"), choices=Decided.choices)
    authority_ground = LongWordsField(label=gettext_lazy("Ground"), required=False)
    subjects = forms.ChoiceField(label=gettext_lazy("Tell those hit (article 34)"), choices=Decided.choices)
    subjects_ground = LongWordsField(label=gettext_lazy("Ground"), required=False)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        for name in ("authority", "subjects"):
            if found.get(name) in {Decided.YES, Decided.NO} and not found.get(f"{name}_ground"):
                self.add_error(f"{name}_ground", _("A decision has a ground."))
        return found


class StepForm(forms.Form):
    """What somebody did."""

    done = LongWordsField(label=gettext_lazy("What was done"))


class DraftForm(forms.Form):
    """Which notice to write."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Notice"),
        choices=[choice for choice in Notice.Kind.choices if choice[0] != Notice.Kind.OUTAGE],
    )
    agency = forms.ChoiceField(label=gettext_lazy("Agency"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"] = forms.ChoiceField(
            label=gettext_lazy("Agency"), required=False, choices=[("", "–"), *agencies()]
        )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        to_agency = found.get("kind") in {Notice.Kind.AGENCY, Notice.Kind.CORRECTION}
        if to_agency and not found.get("agency"):
            self.add_error("agency", _("Say to which agency."))
        if not to_agency:
            found["agency"] = ""
        return found


class TextForm(forms.Form):
    """The words of a notice."""

    text = TextField(
        label=gettext_lazy("Text"),
        max_length=LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "cols": 100}),
    )


class SentForm(forms.Form):
    """How a notice was sent, and when."""

    how = forms.ChoiceField(label=gettext_lazy("Sent how"), choices=Notice.How.choices)
    at = MomentField(label=gettext_lazy("Sent at"))


class RoutineForm(forms.ModelForm):
    """Whose a routine is, and what it says."""

    is_reviewed = forms.BooleanField(label=gettext_lazy("I have read it again today"), required=False)

    class Meta:
        model = Routine
        fields = ("owner", "contact", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = forms.ModelChoiceField(
            Person.objects.order_by("name"), label=gettext_lazy("Owner"), required=False
        )

    def clean_contact(self) -> str:
        return without_number(self.cleaned_data["contact"])

    def clean_text(self) -> str:
        return without_number(self.cleaned_data["text"])


class ContactForm(forms.Form):
    """Who is written to at Bits or at an agency."""

    agency = forms.ChoiceField(label=gettext_lazy("At"), required=False)
    name = WordsField(label=gettext_lazy("Name"), max_length=100)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"] = forms.ChoiceField(
            label=gettext_lazy("At"), required=False, choices=[(BITS, "Bits"), *agencies()]
        )

    def clean_email(self) -> str:
        return without_number(self.cleaned_data["email"])


class OutageForm(forms.Form):
    """A planned outage."""

    starts_at = MomentField(label=gettext_lazy("From (Oslo)"))
    ends_at = MomentField(label=gettext_lazy("To (Oslo)"))
    what = WordsField(label=gettext_lazy("What is down"), max_length=200)
    reason = WordsField(label=gettext_lazy("Reason"), max_length=300)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        starts, ends = found.get("starts_at"), found.get("ends_at")
        if starts and starts <= timezone.now():
            self.add_error("starts_at", _("This time is past. What is planned is to come."))
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("It ends before it begins."))
        return found


def agencies() -> list[tuple[str, str]]:
    """Return the agencies, by name."""
    return [(agency.organisation_number, str(agency)) for agency in DataConsumer.objects.order_by("name")]
