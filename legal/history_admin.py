"""The history of one object, as its triggers kept it: who, when, where, and what was before and after."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from audit.pages import in_oslo
from legal.version_differences import NOWHERE, differences

OF_THE_COPY = frozenset({"pgh_id", "pgh_created_at", "pgh_label", "pgh_obj", "pgh_context"})


@dataclass(frozen=True)
class Change:
    """One kept copy beside the one before it."""

    at: str
    label: str
    who: str
    where: str
    words: list[tuple[str, str, str]]


class WithHistory:
    """An admin whose page of history shows what the triggers kept."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        own: Any = self
        row = own.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not own.has_view_permission(request, row):
            raise PermissionDenied
        context = {
            **own.admin_site.each_context(request),
            "title": _("History"),
            "subtitle": str(row),
            "opts": own.opts,
            "object": row,
            "changes": list(changes_of(row)),
        }
        return TemplateResponse(request, "admin/legal/history.html", context)


def changes_of(row: Any) -> Iterator[Change]:
    """Yield what happened to an object, the newest first."""
    copies = [None, *row.events.select_related("pgh_context").order_by("pgh_id")]
    for before, after in reversed(list(pairwise(copies))):
        told = after.pgh_context.metadata if after.pgh_context else {}
        who = told.get("person") or ""
        account = told.get("user") or told.get("command") or _("past the admin")
        yield Change(
            at=in_oslo(after.pgh_created_at),
            label={"insert": _("added"), "update": _("changed"), "delete": _("deleted")}[after.pgh_label],
            who=f"{who}, {account}" if who else account,
            where=told.get("view") or "",
            words=list(_words(before, after)),
        )


def _words(before: Any, after: Any) -> Iterator[tuple[str, str, str]]:
    held: Any
    given: Any
    for field in after._meta.fields:
        if field.name in OF_THE_COPY:
            continue
        held, given = (getattr(copy, field.attname) if copy else None for copy in (before, after))
        if field.name == "rules":
            if before is not None:
                yield from (
                    (f"{one.place} {one.title}".strip(), one.held, one.given) for one in differences(held, given)
                )
        elif held != given:
            yield str(field.verbose_name), _shown(before, field, held), _shown(after, field, given)


def _shown(copy: Any, field: Any, value: Any) -> str:
    if value in (None, ""):
        return NOWHERE
    if isinstance(value, bytes | memoryview):
        return _("kept, and not shown")
    related = getattr(copy, field.name, None) if field.is_relation else None
    return str(related if related is not None else value)
