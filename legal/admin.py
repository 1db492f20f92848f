"""Agencies and services, to look at."""

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from legal.models import DataConsumer, Service, ServiceVersion


class ViewOnly:
    """Nothing is added, changed or deleted here."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(DataConsumer)
class DataConsumerAdmin(ViewOnly, admin.ModelAdmin):
    list_display = ("name", "organisation_number", "is_open")
    search_fields = ("name", "organisation_number")


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
