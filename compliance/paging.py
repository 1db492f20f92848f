"""What the desk's pages have in common: an address, a panel on the start page, and the admin's frame around them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A page: where it stands under `desk/`, its view, and its name in the admin's namespace (`admin:desk_…`)."""

    route: str
    view: Callable[..., HttpResponseBase]
    name: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the start page: its heading, its template and what that shows."""

    title: str | Promise
    template: str
    context: dict[str, Any] = field(default_factory=dict)


def desk_page(
    request: HttpRequest, template: str, *, title: str | Promise, status: int = 200, **context: Any
) -> TemplateResponse:
    """Return a page of the desk in the admin's frame. It is never kept by a browser or a proxy."""
    whole = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, template, whole, status=status)
