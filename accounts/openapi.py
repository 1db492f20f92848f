"""The description of this API, served to everybody: made once in a process, from no database and about nobody."""

import hashlib
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response

from accounts.openapi_document import document
from accounts.openapi_page import contents
from legal.answers import refused
from legal.headers import valid_correlation_id
from legal.refusals import MethodNotAllowed, NothingHere, Refusal

BROWSABLE_IN = frozenset({"sandbox", "test"})
CACHE_CONTROL = "public, max-age=300"
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

View = Callable[[HttpRequest], HttpResponse]


def get_only(view: View) -> View:
    """Answer every other method with 405."""

    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        return view(request) if request.method == "GET" else no(MethodNotAllowed, request)

    return checked


@get_only
def description(request: HttpRequest) -> HttpResponse:
    return kept(request, described(), "application/json")


@get_only
def page(request: HttpRequest) -> HttpResponse:
    """Show the description to people, where agencies try things out; in production there is no such page."""
    if settings.ENVIRONMENT not in BROWSABLE_IN:
        return no(NothingHere, request)
    response = kept(request, shown(), "text/html; charset=utf-8")
    response["Content-Security-Policy"] = POLICY
    response["Referrer-Policy"] = "no-referrer"
    return response


@cache
def described() -> bytes:
    return orjson.dumps(document())


@cache
def shown() -> bytes:
    return render_to_string("accounts/openapi.html", contents(orjson.loads(described()))).encode()


def kept(request: HttpRequest, body: bytes, content_type: str) -> Any:
    """Return the body, or 304 to who has it already."""
    response = HttpResponse(body, content_type=content_type)
    response["Cache-Control"] = CACHE_CONTROL
    response["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response["Content-Length"] = str(len(body))  # of a 304 too, which has no body to count
    return get_conditional_response(request, etag=response["ETag"], response=response)


def no(refusal: type[Refusal], request: HttpRequest) -> HttpResponse:
    response = refused(refusal, path=request.path_info, correlation_id=valid_correlation_id(request.META))
    response.reason = refusal.reason  # type: ignore[attr-defined]
    return response
