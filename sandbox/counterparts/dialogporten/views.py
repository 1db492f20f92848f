"""Dialogporten's addresses: search, one dialog, and the page that an attachment shows to people."""

import functools
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from sandbox.counterparts.dialogporten import dialogs
from sandbox.counterparts.dialogporten.searching import BadSearch, Search
from sandbox.counterparts.state import shelf
from sandbox.counterparts.tokens import ScopeLacking, TokenRefused, read_token, system_user_organisation

SCOPE = "digdir:dialogporten"
PROBLEM = "application/problem+json"
View = Callable[..., HttpResponse]


def for_system_users(view: View) -> View:
    """Return the view for GET with a system user's token; it gets the organisation."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, **parameters: str) -> HttpResponse:
        if request.method != "GET":
            return _problem(405, "Method Not Allowed", headers={"Allow": "GET"})
        try:
            claims = read_token(request, scope=SCOPE)
        except ScopeLacking:
            return _problem(403, "Forbidden")
        except TokenRefused:
            return _problem(401, "Unauthorized")
        organisation = system_user_organisation(claims)
        return view(request, organisation, **parameters) if organisation else _problem(403, "Forbidden")

    return guarded


@for_system_users
def search(request: HttpRequest, organisation: str) -> HttpResponse:
    """Return a page of the organisation's dialogs."""
    try:
        page = Search(request.GET).page(dialogs.of_party(organisation))
    except BadSearch as refusal:
        return _problem(400, "Bad Request", str(refusal))
    return JsonResponse({**page, "items": [dialogs.as_listed(kept) for kept in page["items"]]})


@for_system_users
def one(request: HttpRequest, organisation: str, dialog_id: str) -> HttpResponse:
    """Return the dialog with its transmissions."""
    kept = shelf(dialogs.DIALOGS).get(dialog_id.lower())
    if kept is None or kept["dialog"]["party"] != f"{dialogs.PARTY}{organisation}":
        return _problem(404, "Not Found")
    return JsonResponse(dialogs.in_full(kept))


def page(request: HttpRequest) -> HttpResponse:
    """Return what people would be shown: a document for machines lies behind the other address."""
    text = '<!doctype html><html lang="nb"><title>Stand-in</title><p>Stand-in: dokumentet vises ikke for mennesker her.'
    return HttpResponse(text)


def _problem(status: int, title: str, detail: str = "", headers: dict[str, str] | None = None) -> HttpResponse:
    body = {"title": title, "status": status, **({"detail": detail} if detail else {})}
    return JsonResponse(body, status=status, content_type=PROBLEM, headers=headers)
