"""The forms by which a case is held or released and deletions are asked for: always with a ground."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.retain.deciding import LONGEST_GROUND
from audit.retain.deletions import Deletion
from audit.retain.policy import Policy


class GroundForm(forms.Form):
    """Why."""

    ground = forms.CharField(
        label=gettext_lazy("Ground"),
        max_length=LONGEST_GROUND,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Never a person's name or number: the ground is kept for good."),
    )


class HoldForm(GroundForm):
    """Which case, and why."""

    case = forms.UUIDField(label="AccountInfoRequestID")
    field_order = ("case", "ground")


class DeletionForm(GroundForm):
    """Which of the deletions that are due, and why."""

    field_order = ("deletions", "ground")

    def __init__(self, *args: Any, due: Sequence[Deletion], policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._due = {_name(deletion): deletion for deletion in due}
        self.fields["deletions"] = forms.MultipleChoiceField(
            label=gettext_lazy("Due"),
            choices=[(name, f"{title(one)} · {_since(one, policy)}") for name, one in self._due.items()],
            widget=forms.CheckboxSelectMultiple,
        )
        self.order_fields(self.field_order)

    @property
    def chosen(self) -> list[Deletion]:
        """Return what was ticked."""
        return [self._due[name] for name in self.cleaned_data["deletions"]]


def title(deletion: Deletion) -> str:
    """Return a deletion in words: what, of which service, of which month."""
    words = [str(deletion.what.label), deletion.service, f"{deletion.month:%Y-%m}"]
    return " · ".join(word for word in words if word)


def _since(deletion: Deletion, policy: Policy) -> str:
    day: date = policy.due_from(deletion.what, deletion.service, deletion.month)
    return _("due since %(day)s") % {"day": day.isoformat()}


def _name(deletion: Deletion) -> str:
    return f"{deletion.what}|{deletion.service}|{deletion.month:%Y-%m}"
