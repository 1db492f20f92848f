"""The log of those who looked at the trail, for those who look after them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.access import COMMAND_LINE
from audit.filters import DayFilter, WrittenFilter
from audit.keyset import KeysetChangeList
from audit.looks import page_said
from audit.models import Access
from audit.pages import BoundedChangeList, LoggedAdmin, in_oslo


class MarkedFilter(admin.SimpleListFilter):
    """Looks at which something was noticed."""

    title, parameter_name = _("marks"), "marked"

    @staticmethod
    def read(text: str) -> str:
        if text != "yes":
            raise ValueError
        return text

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("only what is marked"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Access]) -> QuerySet[Access]:
        return queryset.filter(marks__gt="") if self.value() == "yes" else queryset


class PersonFilter(WrittenFilter):
    """An employee id. A national identity number has its form too: the browser does not send it either."""

    title, parameter_name, hint = _("person"), "person", _("employee id")
    pattern = r"(?![0-9]{11}$)[a-z0-9][a-z0-9._\-]{0,39}"


@admin.register(Access)
class AccessAdmin(LoggedAdmin):
    list_display = ("time", "who", "account", "what", "concerning", "words", "why", "case_reference", "noticed")
    list_filter = (DayFilter, PersonFilter, MarkedFilter)
    search_fields = ("=concerning",)
    search_help_text = _("The id of a record, whole: who opened it. Never type a person's number here.")
    search_label = _("id of a record")
    fields = (
        *("time", "who", "account", "what", "concerning", "words"),
        *("why", "case_reference", "sought", "noticed", "id"),
    )
    readonly_fields = fields

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return BoundedChangeList

    @admin.display(description=_("time (Oslo)"))
    def time(self, access: Access) -> str:
        return in_oslo(access.at)

    @admin.display(description=_("person"))
    def who(self, access: Access) -> str:
        if access.person == COMMAND_LINE:
            return str(_("command line"))
        return access.person or str(_("not known whose account it is"))

    @admin.display(description=_("page"))
    def what(self, access: Access) -> str:
        return page_said(access.page)

    @admin.display(description=_("reason"))
    def why(self, access: Access) -> str:
        return access.reason or "–"

    @admin.display(description=_("by a number"))
    def sought(self, access: Access) -> str:
        """Say whether it was looked for by a number, and never by which; the hash is for comparing two looks."""
        return str(_("yes")) if access.sought_hash is not None else "–"

    @admin.display(description=_("marks"))
    def noticed(self, access: Access) -> str:
        return access.marks or "–"
