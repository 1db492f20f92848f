"""The forms that close something or ask for an opening: always with a reason."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from legal.models import ServiceVersion
from legal.service_files import standard_paths


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Never a person's name or number: the reason is kept for good."),
    )


class FieldForm(ReasonForm):
    """Why, and which field of which endpoint."""

    field = forms.ChoiceField(label=_("Field"))
    field_order = ("field", "reason")

    def __init__(self, *args: Any, version: ServiceVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = version.rules["fields"]
        self.fields["field"] = forms.ChoiceField(
            label=_("Field"),
            choices=[
                (
                    endpoint,
                    [(f"{endpoint}:{path}", path) for path in standard_paths()[endpoint] if path in fields[endpoint]],
                )
                for endpoint in fields
            ],
        )
        self.order_fields(self.field_order)
