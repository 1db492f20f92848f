"""The log of those who looked at the trail, for those who look after them."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.access import COMMAND_LINE
from audit.filters import DayFilter, WrittenFilter
from audit.keyset import KeysetChangeList
from audit.models import Access
from audit.pages import BoundedChangeList, LoggedAdmin, in_oslo

KINDS: dict[str, Promise | str] = {
    "list": _("list"),
    "row": _("one entry"),
    "history": _("history"),
    "explained": _("why it was answered so"),
}


class PersonFilter(WrittenFilter):
    """An employee id. A national identity number has its form too: the browser does not send it either."""

    title, parameter_name, hint = _("person"), "person", _("employee id")
    pattern = r"(?![0-9]{11}$)[a-z0-9][a-z0-9._\-]{0,39}"


@admin.register(Access)
class AccessAdmin(LoggedAdmin):
    list_display = ("time", "who", "account", "what", "concerning", "words")
    list_filter = (DayFilter, PersonFilter)
    search_fields = ("=concerning",)
    search_help_text = _("The id of a record, whole: who opened it. Never type a person's number here.")
    search_label = _("id of a record")
    fields = ("time", "who", "account", "what", "concerning", "words", "id")
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
        """Return what the page is called where people look at it; a command is named by itself."""
        name, _space, kind = access.page.partition(" ")
        model = apps.all_models["audit"].get(name)
        if model is None or kind not in KINDS:
            return access.page
        return f"{model._meta.verbose_name_plural}: {KINDS[kind]}"
