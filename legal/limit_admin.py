"""Limits of requests: one person sets them, either way, and the history says who."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from legal.history_admin import WithHistory
from legal.models import RateLimit


class RateLimitForm(forms.ModelForm):
    """A limit, which must let an agency ask in a second what it may go on asking."""

    class Meta:
        model = RateLimit
        fields = ("service", "consumer", "per_second", "burst")

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        per_second, burst = found.get("per_second"), found.get("burst")
        if per_second is not None and burst is not None and burst < per_second:
            self.add_error("burst", _("Not less than the requests per second."))
        same = RateLimit.objects.filter(service=found.get("service"), consumer=found.get("consumer"))
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("consumer", ValidationError(_("There is such a limit already: change that one.")))
        return found


@admin.register(RateLimit)
class RateLimitAdmin(WithHistory, admin.ModelAdmin):
    form = RateLimitForm
    fields = RateLimitForm.Meta.fields
    list_display = ("service", "agency", "per_second", "burst")
    list_display_links = ("service", "agency")
    list_select_related = ("service", "consumer")
    ordering = ("service__name", "consumer__name")

    @admin.display(description=_("agency"))
    def agency(self, limit: RateLimit) -> str:
        return str(limit.consumer or _("each other agency"))
