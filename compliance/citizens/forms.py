"""The forms of this part, strict at the edge."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.citizens.contents import Asker
from compliance.citizens.grounds import Decision, Ground, Identity, Refusal
from compliance.citizens.models import CitizenLetter, CitizenRequest
from compliance.fields import OFF, DayField, Unshown
from compliance.letters.typesetting import settable
from compliance.reasons import WordsField, without_number
from legal.numbers import has_organisation_form, has_person_check_digits, has_person_form
from legal.register import today_in_oslo

CHOOSE = ("", "–")
ANY = ("", gettext_lazy("any"))
MOST_LINES = 6
LONGEST_WORDS = 500
NUMBER_INPUT = Unshown(attrs={**OFF, "inputmode": "numeric"})


class RegisterForm(forms.Form):
    """A request as it comes in; name and address follow."""

    number = forms.CharField(label=gettext_lazy("Number of whoever asks"), max_length=32, widget=NUMBER_INPUT)
    case_reference = WordsField(label=gettext_lazy("The bank's case"), max_length=64)
    identity = forms.ChoiceField(label=gettext_lazy("Identity"), choices=[CHOOSE, *Identity.choices])
    received_on = DayField(label=gettext_lazy("Received"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs = {"initial": {"received_on": today_in_oslo()}, "auto_id": "citizen_%s", **kwargs}
        super().__init__(*args, **kwargs)

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if has_organisation_form(number):
            raise ValidationError(_("A company has no right of access: GDPR article 15 is for people."))
        if not has_person_form(number) or not has_person_check_digits(number):
            raise ValidationError(_("This is no national identity number or D-number: eleven digits, without blanks."))
        return number

    def clean_received_on(self) -> Any:
        return not_in_future(self.cleaned_data["received_on"])


class AskerForm(forms.Form):
    """To whom the letters go."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=140)
    address = forms.CharField(
        label=gettext_lazy("Address"), max_length=300, widget=forms.Textarea(attrs={"rows": 4, "cols": 40})
    )
    identity = forms.ChoiceField(label=gettext_lazy("Identity"), choices=Identity.choices)

    def clean_name(self) -> str:
        return settable(without_number(self.cleaned_data["name"]))

    def clean_address(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["address"].splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise ValidationError(_("An address has %(most)d lines at most.") % {"most": MOST_LINES})
        return settable(without_number("\n".join(lines)))

    def asker(self, number: str) -> Asker:
        """Return who asks, as a valid form says it."""
        return Asker(number, self.cleaned_data["name"], tuple(self.cleaned_data["address"].splitlines()))


class VerdictForm(forms.Form):
    """A decision, with its ground where it withholds."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[CHOOSE, (Decision.INCLUDED, Decision.INCLUDED.label), (Decision.WITHHELD, Decision.WITHHELD.label)],
    )
    ground = forms.ChoiceField(
        label=gettext_lazy("Ground for withholding"), choices=[CHOOSE, *Ground.choices], required=False
    )
    words = forms.CharField(
        label=gettext_lazy("In words"),
        max_length=LONGEST_WORDS,
        required=False,
        help_text=gettext_lazy("Kept encrypted, and deleted with the request's contents."),
    )


class ManyForm(VerdictForm):
    """Which rows one decision is for; those that somebody decided by themselves are left out."""

    service = forms.ChoiceField(label=gettext_lazy("Of the service"), required=False)
    standing = forms.ChoiceField(label=gettext_lazy("That are now"), choices=[ANY, *Decision.choices], required=False)
    standing_ground = forms.ChoiceField(
        label=gettext_lazy("On the ground"), choices=[ANY, *Ground.choices], required=False
    )
    field_order = ("service", "standing", "standing_ground", "decision", "ground", "words")

    def __init__(self, *args: Any, services: list[str], **kwargs: Any) -> None:
        kwargs = {"auto_id": "many_%s", **kwargs}
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["service"]
        chosen.choices = [ANY, *((service, service) for service in services)]


class LetterForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Letter"), choices=CitizenLetter.Kind.choices)
    refusal = forms.ChoiceField(
        label=gettext_lazy("Why it is refused"), choices=[CHOOSE, *Refusal.choices], required=False
    )

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("kind") != CitizenLetter.Kind.REFUSAL and told.get("refusal"):
            raise ValidationError(_("Only a refusal has a reason to choose."))
        return told


class SentForm(forms.Form):
    sent_on = DayField(label=gettext_lazy("Sent"))


class EndForm(forms.Form):
    ending = forms.ChoiceField(
        label=gettext_lazy("Why it ends without a letter"),
        choices=[
            CHOOSE,
            (CitizenRequest.Ending.WITHDRAWN, CitizenRequest.Ending.WITHDRAWN.label),
            (CitizenRequest.Ending.MISTAKE, CitizenRequest.Ending.MISTAKE.label),
        ],
    )


def not_in_future(day: Any) -> Any:
    """Return the day. Raise ValidationError when it is still to come."""
    if day > today_in_oslo():
        raise ValidationError(_("This day is still to come."))
    return day
