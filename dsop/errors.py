"""Answers to what fails outside the corridor: JSON to machines, Django's plain pages to browsers, never the cause."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views import defaults

from legal.answers import refused
from legal.refusals import ConsumerUnknown, Crash, Malformed, NothingHere, Refusal
from legal.views import valid_correlation_id

ADMIN = "/admin"
logger = logging.getLogger(__name__)


def is_for_browsers(path: str) -> bool:
    """Return whether people look at this path; everything else is answered to machines."""
    return path == ADMIN or path.startswith((ADMIN + "/", settings.STATIC_URL))


def refuse(refusal: type[Refusal], request: HttpRequest) -> HttpResponse:
    """Return a refusal given outside the corridor; nothing is recorded, the request log has its reason."""
    correlation_id = valid_correlation_id(request.META)
    response = refused(refusal, path=request.path_info, correlation_id=correlation_id)
    response.reason = refusal.reason  # type: ignore[attr-defined]
    return response


def crashed(request: HttpRequest) -> HttpResponse:
    """Log the exception being handled by its class and place, and return a bare 500."""
    logger.error("crash", exc_info=True)
    return refuse(Crash, request)


# Django's names for these are handler400, handler403, handler404 and handler500; dsop/urls.py gives them.


def malformed(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_browsers(request.path_info):
        return defaults.bad_request(request, exception)
    return refuse(Malformed, request)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_browsers(request.path_info):
        return defaults.permission_denied(request, exception)
    return refuse(ConsumerUnknown, request)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_browsers(request.path_info):
        return defaults.page_not_found(request, exception)
    return refuse(NothingHere, request)


def server_error(request: HttpRequest) -> HttpResponse:
    response = crashed(request)
    return defaults.server_error(request) if is_for_browsers(request.path_info) else response
