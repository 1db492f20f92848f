"""The stand-in's addresses, in small pages, so that whoever reads them has to turn some."""

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from sandbox.brreg.notices import Notice, as_listed, in_full, notices

PAGE_SIZE = 4


@require_safe
def everything(request: HttpRequest) -> HttpResponse:
    """Return all notices of today."""
    return _page(request, list(notices(timezone.localdate())))


@require_safe
def updated(request: HttpRequest, moment: str) -> HttpResponse:
    """Return the notices registered after that moment."""
    try:
        since = datetime.fromisoformat(moment)
    except ValueError:
        return JsonResponse({"feilmelding": "registreringstidspunkt"}, status=400)
    if since.tzinfo is None:
        return JsonResponse({"feilmelding": "registreringstidspunkt"}, status=400)
    return _page(request, [notice for notice in notices(timezone.localdate()) if notice.registered_at > since])


@require_safe
def one(request: HttpRequest, notice_id: uuid.UUID) -> HttpResponse:
    """Return the notice in full."""
    for notice in notices(timezone.localdate()):
        if notice.id == notice_id:
            return JsonResponse(in_full(notice, _address(request, notice)))
    return JsonResponse({"feilmelding": "ukjent"}, status=404)


def _page(request: HttpRequest, found: list[Notice]) -> HttpResponse:
    text = request.GET.get("page", "0")
    page = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    shown = found[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
    here = request.build_absolute_uri(request.path)
    links: dict[str, Any] = {"self": {"href": f"{here}?page={page}"}}
    if len(found) > (page + 1) * PAGE_SIZE:
        links["next"] = {"href": f"{here}?page={page + 1}"}
    document: dict[str, Any] = {"_links": links}
    if shown:  # as HAL has it: nothing is embedded where there is nothing
        document["_embedded"] = {"konkursvarsler": [as_listed(notice, _address(request, notice)) for notice in shown]}
    return JsonResponse(document)


def _address(request: HttpRequest, notice: Notice) -> str:
    return request.build_absolute_uri(reverse(one, args=[notice.id], urlconf="sandbox.urls"))
