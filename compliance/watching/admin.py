"""The limits of what is strange, in the admin: whoever may change them chooses number, window and whether it is on."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.pages import ViewOnly
from compliance.watching.kinds import STAFF
from compliance.watching.models import WatchRule
from legal.history_admin import WithHistory

SEE, SEE_STAFF, CHANGE = "compliance.view_watch", "compliance.view_staff_watch", "compliance.change_watch_rule"


@admin.register(WatchRule)
class WatchRuleAdmin(WithHistory, ViewOnly, admin.ModelAdmin):
    """Rules about the bank's own are there only for those who look after them."""

    list_display = ("__str__", "whom", "threshold", "window", "is_on")
    list_display_links = ("__str__",)
    fields = ("does", "whom", "threshold", "unit", "window", "is_on")
    readonly_fields = ("does", "whom", "unit")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[WatchRule]:
        rules = super().get_queryset(request)
        return rules if request.user.has_perm(SEE_STAFF) else rules.exclude(kind__in=STAFF)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SEE)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(SEE)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perms([SEE, CHANGE])

    @admin.display(description=_("what is counted"))
    def does(self, rule: WatchRule) -> str:
        return str(rule.known.does)

    @admin.display(description=_("who is told"))
    def whom(self, rule: WatchRule) -> str:
        return str(rule.audience.label)

    @admin.display(description=_("counted in"))
    def unit(self, rule: WatchRule) -> str:
        return str(rule.known.unit)
