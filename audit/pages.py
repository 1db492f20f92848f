"""What the pages of the trail share: nothing is changed there, nothing is counted, and whoever looks is noted."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.access import unless_noted
from audit.filters import DayFilter
from audit.keyset import KeysetChangeList, KeysetPaginator
from audit.secrecy import shown

REACH = timedelta(days=31)
"""How far back a filtered list looks when no day is chosen: a rare value would else be looked for in thirteen years."""
Reader = Callable[[str], object]
"""Returns what a text means, and raises ValueError when it has not the form for that."""
UNKNOWN = "?"
"""Stands in the log for a word that has not the form it should have: it could be a person's number."""


class ViewOnly:
    """Nobody adds, changes or deletes here, whatever their rights."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EndlessAdmin(admin.ModelAdmin):
    """A list without end, in pages that are never counted."""

    paginator, show_full_result_count = KeysetPaginator, False  # no COUNT, no OFFSET, no date_hierarchy
    show_facets = admin.ShowFacets.NEVER  # its numbers are a COUNT for each choice
    list_per_page = 50
    sortable_by = ()
    actions = None

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow the filters' own names alone: any other would search columns that no index serves."""
        return lookup in {getattr(declared, "parameter_name", None) for declared in self.list_filter}


class ReadOnlyAdmin(ViewOnly, EndlessAdmin):
    """Such a list that is only read."""


class BoundedChangeList(KeysetChangeList):
    """A list of the trail that bounds what a filter has to read."""

    moment = "at"
    bounded_days: int | None = None

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        chosen = {
            spec.parameter_name for spec in self.filter_specs if isinstance(spec, SimpleListFilter) and spec.value()
        }
        self.clear_search_url = self.get_query_string({SEARCH_VAR: None})
        if chosen and DayFilter.parameter_name not in chosen and not self.query:
            self.bounded_days = REACH.days
            rows = rows.filter(at__gte=timezone.now() - REACH)
        return rows


class LoggedAdmin(ReadOnlyAdmin):
    """Such a list of the trail: each look at it, at a row or at a row's history is noted first, or nothing is shown."""

    search_label: str | Promise = ""
    """What is typed into the field, for those who do not see it."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        self._refuse_strangers(request)
        refused = unless_noted(request, self._page("list"), words=self.words_of(request))
        return refused or super().changelist_view(request, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        self._refuse_strangers(request)
        if request.method == "POST" and not self.has_change_permission(request):
            raise PermissionDenied
        refused = self._unless_row_is_noted(request, "row", object_id)
        return refused or super().changeform_view(request, object_id, form_url, extra_context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._refuse_strangers(request)
        refused = self._unless_row_is_noted(request, "history", object_id)
        return refused or super().history_view(request, object_id, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse at once: Django would look for the row first, and tell whether there is one."""
        raise PermissionDenied

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Look for a whole id in each column that `search_fields` names; all have an index."""
        if not (search_term.strip() and self.search_fields):
            return queryset, False
        try:
            asked_for = _uuid(search_term.strip())
        except ValueError:
            return queryset.none(), False
        return reduce(or_, (queryset.filter(**{name.lstrip("="): asked_for}) for name in self.search_fields)), False

    def words_of(self, request: HttpRequest) -> str:
        """Return what the list was asked for: filters, search and page, each only in the form it should have."""
        filters: Any = self.list_filter
        pages: Any = self.get_changelist(request)
        readers: dict[str, Reader] = {spec.parameter_name: spec.read for spec in filters}
        if self.search_fields:
            readers[SEARCH_VAR] = _uuid
        readers[PAGE_VAR] = pages.cursor.parse
        asked = {name: request.GET.get(name, "").strip() for name in readers}
        return " ".join(f"{name}={_word(readers[name], text)}" for name, text in asked.items() if text)

    def row_words(self, object_id: str) -> tuple[uuid.UUID | None, str]:
        """Return the row that a page is about, and what there is to say of it otherwise."""
        try:
            return _uuid(object_id), ""
        except ValueError:
            return None, UNKNOWN

    def _unless_row_is_noted(self, request: HttpRequest, kind: str, object_id: str) -> HttpResponse | None:
        concerning, words = self.row_words(unquote(object_id))
        return unless_noted(request, self._page(kind), concerning, words)

    def _refuse_strangers(self, request: HttpRequest) -> None:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied

    def _page(self, kind: str) -> str:
        return f"{self.opts.model_name} {kind}"


def _uuid(text: str) -> uuid.UUID:
    return uuid.UUID(text)


def _word(read: Reader, text: str) -> str:
    try:
        return str(read(text))
    except ValueError:
        return UNKNOWN


def in_oslo(moment: datetime | None) -> str:
    """Return the moment to the millisecond, with its zone; the admin's own format hides the seconds."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d} {local:%Z}"


def stored(sealed: bytes | memoryview | None, *hashes: bytes) -> str:
    """Return the words that stand in a sealed value's place."""
    if sealed is None:
        return "–"
    if not hashes:
        return str(_("Stored encrypted"))
    return str(_("Stored encrypted · hash %(hashes)s") % {"hashes": ", ".join(map(shown, hashes))})
