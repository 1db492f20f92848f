"""What the dashboard and the alerts ask of whoever looks: a period, a filter, and words when something is settled."""

from collections.abc import Mapping

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.fields import DayField
from compliance.reasons import WordsField
from compliance.watching.windows import Length

PERIODS = [(length.value, length.label) for length in (Length.DAY, Length.WEEK, Length.MONTH, Length.YEAR)]
STATES = [("open", gettext_lazy("open")), ("settled", gettext_lazy("settled")), ("all", gettext_lazy("all"))]


class PeriodForm(forms.Form):
    """Which day, week, month or year, and of which agency."""

    period = forms.ChoiceField(label=gettext_lazy("Period"), choices=PERIODS, required=False)
    day = DayField(label=gettext_lazy("With the day"), required=False)
    agency = forms.ChoiceField(label=gettext_lazy("Agency"), required=False)

    def __init__(self, sent: QueryDict, *, agencies: Mapping[str, str]) -> None:
        super().__init__(once_each(sent) if sent else None)
        self.fields["agency"].choices = [("", _("all")), *agencies.items()]  # type: ignore[attr-defined]


class StateForm(forms.Form):
    """Which alerts."""

    state = forms.ChoiceField(label=gettext_lazy("Which"), choices=STATES, required=False)

    def __init__(self, sent: QueryDict) -> None:
        super().__init__(once_each(sent) if sent else None)


class SettleForm(forms.Form):
    """What was found, and what was done."""

    words = WordsField(
        label=gettext_lazy("What was found, and what was done"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Never a person's name or number: it is kept with the alert."),
    )


def once_each(sent: QueryDict) -> dict[str, str]:
    """Return what was sent; a word that stands twice is one that no field takes."""
    return {name: values[0] if len(values) == 1 else "\n".join(values) for name, values in sent.lists()}
