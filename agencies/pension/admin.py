"""Pension agreements in the admin: what is desired is changed here; what was sent is only looked at."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.pension.keeping import Wish, fault_in_wish
from agencies.pension.models import NOTHING, REGISTERED, Agreement, key_of
from agencies.pension.months import FIRST_OF_EFFECT, month_of
from agencies.pension.terms import WORDS, trimmed
from audit.filters import TypedFilter
from audit.keyset import KeysetChangeList
from audit.pages import EndlessAdmin, in_oslo
from legal.history_admin import WithHistory
from legal.register import today_in_oslo

NAMED, TERMS = ("provider", "employer", "reference"), ("from_month", "to_month", "wanted")
FIELD_OF = {
    "provider": "provider",
    "employer": "employer",
    "reference": "reference",
    "first month": "from_month",
    "last month": "to_month",
    "period": "to_month",
    "future end": "future_end",
}
LONGEST_SHOWN = 40


class AgreementForm(forms.ModelForm):
    """What is desired of an agreement. What names it stays as it was kept: another name is another agreement."""

    future_end = forms.BooleanField(required=False, label=_("An end that lies ahead is meant"))

    class Meta:
        model = Agreement
        fields = (*NAMED, *TERMS)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return given
        named = {name: given.get(name) or getattr(self.instance, name) for name in NAMED}
        named["reference"] = given["reference"] = trimmed(named["reference"])
        months = {name: given[name] for name in ("from_month", "to_month")}
        # Months that were kept with one that is not wanted any more must make sense all the same.
        wish = Wish(**named, **months, wanted=given["wanted"] or any(months.values()))
        fault = fault_in_wish(wish, this_month=month_of(today_in_oslo()), future_end=given["future_end"])
        if fault:
            self.add_error(FIELD_OF[fault] if FIELD_OF[fault] in self.fields else None, WORDS[fault])
        elif self.instance._state.adding and Agreement.objects.filter(pk=key_of(**named)).exists():
            self.add_error("reference", _("This agreement is kept already. Change it instead."))
        return given


class AgreementChangeList(KeysetChangeList):
    """The list, last changed first."""

    moment = "changed_at"


class StandingFilter(SimpleListFilter):
    """What is still to be sent, and what failed when it was last sent."""

    title, parameter_name = _("standing"), "standing"
    chosen = {"differs": Q(differs=True), "failed": ~Q(failure="")}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("differs", _("to be sent")), ("failed", _("failed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        if value not in self.chosen:
            raise IncorrectLookupParameters
        return queryset.filter(self.chosen[value])


class PartyFilter(TypedFilter):
    """A whole organisation number. A person's does not fit: it would be in an address."""

    hint, pattern = _("nine digits"), "[0-9]{9}"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value)] if re.fullmatch(self.pattern, value := self.value() or "") else []


class ProviderFilter(PartyFilter):
    title, parameter_name = _("provider"), "provider"


class EmployerFilter(PartyFilter):
    title, parameter_name = _("employer"), "employer"


@admin.register(Agreement)
class AgreementAdmin(WithHistory, EndlessAdmin):
    form = AgreementForm
    list_display = ("short_reference", *NAMED[:2], "from_month", "to_month", "wanted", "sent_state", "is_to_be_sent")
    list_filter = (StandingFilter, ProviderFilter, EmployerFilter)
    fieldsets = (
        (_("Desired"), {"fields": (*NAMED, "from_month", "to_month", "future_end", "wanted", "changed")}),
        (
            _("At the agency"),
            {"fields": ("is_to_be_sent", "sent_state", "sent_from", "sent_to", "sent", "failure", "failed")},
        ),
    )
    what_became = ("changed", "is_to_be_sent", "sent_state", "sent_from", "sent_to", "sent", "failure", "failed")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return AgreementChangeList

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*NAMED, *self.what_became) if obj else self.what_became

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"provider": settings.BANK_ORGANISATION_NUMBER}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What the agency was told must be told back: an agreement ends by not being wanted."""
        return False

    def save_model(self, request: HttpRequest, obj: Agreement, form: Any, change: bool) -> None:
        """Write what was changed alone: what a sync writes at this moment must not be undone."""
        changed = [name for name in form.changed_data if name in TERMS]
        obj.changed_at = timezone.now()
        if not change:
            obj.pk = key_of(obj.provider, obj.employer, obj.reference)
            # The agency may hold what is to be deleted, though it was never sent from here.
            obj.sent_state = NOTHING if obj.wanted else REGISTERED
            obj.save(force_insert=True)
        elif changed:
            obj.failure, obj.failed_at = "", None
            obj.save(update_fields=[*changed, "changed_at", "failure", "failed_at"])
        if obj.wanted and obj.from_month < FIRST_OF_EFFECT:
            told = _("No month before %(month)s has any effect.") % {"month": FIRST_OF_EFFECT}
            messages.warning(request, told)

    @admin.display(description=_("reference"))
    def short_reference(self, agreement: Agreement) -> str:
        text = agreement.reference
        return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"

    @admin.display(description=_("to be sent"), boolean=True)
    def is_to_be_sent(self, agreement: Agreement) -> bool:
        return bool(agreement.differs)

    @admin.display(description=_("changed (Oslo)"))
    def changed(self, agreement: Agreement) -> str:
        return in_oslo(agreement.changed_at)

    @admin.display(description=_("confirmed (Oslo)"))
    def sent(self, agreement: Agreement) -> str:
        return in_oslo(agreement.sent_at)

    @admin.display(description=_("failed (Oslo)"))
    def failed(self, agreement: Agreement) -> str:
        return in_oslo(agreement.failed_at)
