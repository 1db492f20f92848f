"""Agencies, whose encryption is chosen here, and services; what governs them has files of its own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from audit.pages import ViewOnly
from legal import closing_admin, limit_admin, notice_admin, people_admin, version_admin
from legal.explaining_admin import Explaining
from legal.history_admin import WithHistory
from legal.in_force import version_in_force
from legal.models import DataConsumer, Service, ServiceVersion
from legal.numbers import is_organisation_number
from legal.opening import closing_of
from legal.people import person_of
from legal.register import today_in_oslo

__all__ = ["closing_admin", "limit_admin", "notice_admin", "people_admin", "version_admin"]


class DataConsumerForm(forms.ModelForm):
    """What one person may change about an agency; it is closed and opened on pages of their own."""

    class Meta:
        model = DataConsumer
        fields = ("name", "certificate_participant", "key_algorithm", "content_encryption")

    def clean_certificate_participant(self) -> str:
        number: str = self.cleaned_data["certificate_participant"]
        if number and not is_organisation_number(number):
            raise ValidationError(_("This is no organisation number: nine digits, the last of which is a check digit."))
        return number


class Closable(admin.ModelAdmin):
    """An admin whose page says how to close what it shows, or how to open it again."""

    kind = ""
    change_form_template = "admin/legal/closable.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        target = self.get_object(request, object_id)
        acts = person_of(request.user) is not None
        context = {
            "kind": self.kind,
            "target": target,
            "closing": closing_of(target) if target and not target.is_open else None,
            "may_close": acts and request.user.has_perm(closing_admin.CLOSE),
            "may_open": acts and request.user.has_perm(closing_admin.OPEN),
            "has_fields": isinstance(target, Service)
            and version_in_force(target.pk, today=today_in_oslo()) is not None,
        }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})


@admin.register(DataConsumer)
class DataConsumerAdmin(WithHistory, Closable):
    kind = "consumer"
    form = DataConsumerForm
    list_display = ("name", "organisation_number", "is_open", "key_algorithm", "content_encryption")
    search_fields = ("name", "organisation_number")
    fields = ("organisation_number", "is_open", *DataConsumerForm.Meta.fields)
    readonly_fields = ("organisation_number", "is_open")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Agencies come with the services that name them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: DataConsumer, form: Any, change: bool) -> None:
        """Write what was changed alone: whoever closes the agency at this moment must not be undone."""
        obj.save(update_fields=form.changed_data)


class VersionInline(ViewOnly, admin.TabularInline):
    model = ServiceVersion
    fields = ("number", "standing", "origin", "author", "approver", "effective_from", "approved_at")
    readonly_fields = fields
    show_change_link = True
    ordering = ("-number",)
    extra = 0

    @admin.display(description=_("state"))
    def standing(self, version: ServiceVersion) -> str:
        return version_admin.standing(version)


@admin.register(Service)
class ServiceAdmin(Explaining, WithHistory, ViewOnly, Closable):
    kind = "service"
    list_display = ("name", "slug", "is_open")
    inlines = (VersionInline,)
