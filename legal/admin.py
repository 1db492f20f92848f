"""Agencies, whose encryption is chosen here, and services to look at."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit.admin import ViewOnly
from legal import notice_admin
from legal.models import DataConsumer, Service, ServiceVersion
from legal.numbers import is_organisation_number

__all__ = ["notice_admin"]


class DataConsumerForm(forms.ModelForm):
    """What one person may change about an agency."""

    class Meta:
        model = DataConsumer
        fields = ("name", "is_open", "certificate_participant", "key_algorithm", "content_encryption")

    def clean_certificate_participant(self) -> str:
        number: str = self.cleaned_data["certificate_participant"]
        if number and not is_organisation_number(number):
            raise ValidationError("This is no organisation number: nine digits, the last of which is a check digit.")
        return number

    def clean_is_open(self) -> bool:
        is_open: bool = self.cleaned_data["is_open"]
        if is_open and not self.initial["is_open"]:
            raise ValidationError(
                "One person can close an agency. To open it takes two, which cannot be done here yet."
            )
        return is_open


@admin.register(DataConsumer)
class DataConsumerAdmin(admin.ModelAdmin):
    form = DataConsumerForm
    list_display = ("name", "organisation_number", "is_open", "key_algorithm", "content_encryption")
    search_fields = ("name", "organisation_number")
    fields = ("organisation_number", *DataConsumerForm.Meta.fields)
    readonly_fields = ("organisation_number",)

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
    fields = ("number", "state", "created_at", "approved_at")
    readonly_fields = fields
    show_change_link = True
    ordering = ("-number",)
    extra = 0


@admin.register(Service)
class ServiceAdmin(ViewOnly, admin.ModelAdmin):
    list_display = ("name", "slug", "is_open")
    inlines = (VersionInline,)


@admin.register(ServiceVersion)
class ServiceVersionAdmin(ViewOnly, admin.ModelAdmin):
    list_display = ("service", "number", "state", "approved_at")
    list_select_related = ("service",)
    ordering = ("service__name", "-number")
    fields = ("service", "number", "state", "created_at", "approved_at", "rules_as_written")
    readonly_fields = ("rules_as_written",)

    @admin.display(description=_("rules"))
    def rules_as_written(self, version: ServiceVersion) -> SafeString:
        return format_html("<pre>{}</pre>", json.dumps(version.rules, indent=2, ensure_ascii=False))
