"""What every request passes: the log line, the check of its host, and the short way past what only browsers need."""

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host

from audit.measuring import spent
from dsop.errors import crashed, is_for_browsers, refuse
from dsop.logs import case
from dsop.metrics import counting
from legal.headers import CASE_HEADERS, read_header
from legal.refusals import HostUnknown, NothingHere, Refusal

HEALTH = "/health/"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
IDS = ("correlation_id", "account_info_request_id")
OF_THE_ENTRY = (
    "endpoint",
    "service",
    "consumer",
    "supplier",
    "correlation_id",
    "account_info_request_id",
    "code",
    "outcome",
    "items",
)
logger = logging.getLogger(__name__)


class RequestLog:
    """Write one line for each request, without path, query, headers or anybody's number.

    The outermost of all: it also answers when Django's own way of turning exceptions into answers fails.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.count = counting.request if settings.METRICS else None

    def __call__(self, request: HttpRequest) -> Any:
        before = case.set(partial(ids_of, request.META))
        try:
            return self.answered(request)
        finally:
            case.reset(before)

    def answered(self, request: HttpRequest) -> Any:
        begun = time.perf_counter()
        spent.begin()
        try:
            response = self.get_response(request)
        except Exception:
            response = crashed(request)
        if not response.streaming:
            frame(request, response)
        seconds = time.perf_counter() - begun
        if self.count:
            self.count(request, response, seconds)
        logger.info("request", extra=told(request, response, seconds))
        return response


def ids_of(meta: Mapping[str, Any]) -> dict[str, uuid.UUID]:
    """Return the ids of a request by which its lines are found: those with the form of one."""
    found = {}
    for name in IDS:
        with suppress(Refusal):
            found[name] = read_header(meta, CASE_HEADERS[name])
    return found


def frame(request: HttpRequest, response: HttpResponse) -> None:
    """Give the answer its length, without which the server would send it in chunks, and to a HEAD nothing but that."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Content-Length", str(len(response.content)))
    if request.method == "HEAD":
        response.content = b""


def told(request: HttpRequest, response: Any, seconds: float) -> dict[str, Any]:
    """Return the fields of the line. A method is free text on the wire, so only known ones are repeated."""
    fields = {
        "method": request.method if request.method in METHODS else "other",
        "route": request.resolver_match.route if request.resolver_match else "unmatched",
        "status": response.status_code,
        "duration_ms": round(seconds * 1000, 3),
    }
    if entry := getattr(response, "entry", None):
        fields |= {name: value for name in OF_THE_ENTRY if (value := getattr(entry, name)) not in ("", None)}
    if reason := getattr(response, "reason", ""):
        fields["reason"] = reason
    return fields


class KnownHost:
    """Refuse a request that does not name one of our hosts, once and well formed, before anything else is looked at.

    Where people have hosts of their own, machines find nothing of the admin on theirs, and no API on people's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        if not all(is_ours(host) for host in hosts(request.META)):
            return refuse(HostUnknown, request)
        if settings.ADMIN_HOSTS and (refusal := misplaced(request)):
            return refuse(refusal, request)
        return self.get_response(request)


def misplaced(request: HttpRequest) -> type[Refusal] | None:
    """Return what is answered when the path is not one of the named host's; health is everywhere."""
    of_people = {validate_host(split_domain_port(host)[0], settings.ADMIN_HOSTS) for host in hosts(request.META)}
    if is_for_browsers(request.path_info):
        return None if of_people == {True} else NothingHere
    if of_people == {False} or request.path_info.startswith(HEALTH):
        return None
    return HostUnknown


def hosts(meta: Mapping[str, Any]) -> list[str]:
    """Return every host the request names: in its header and in a target such as `http://bank.example/v2`."""
    named = [meta.get("HTTP_HOST", "")]
    target = meta.get("RAW_URI", "/")
    if not target.startswith("/") and "://" in target:
        scheme, authority, *_ = urlsplit(target)
        named.append(authority if scheme in {"http", "https"} else "")
    return named


def is_ours(host: str) -> bool:
    """Return whether a host, with or without a port, is one of ALLOWED_HOSTS."""
    domain, port = split_domain_port(host)
    return bool(domain) and (not port or 0 < int(port) < 2**16) and validate_host(domain, settings.ALLOWED_HOSTS)


class MachineLane:
    """Let machines pass by everything that is listed below this: no session, no cookie, no Vary, no redirect.

    Django builds the middleware as a chain; its end is the way straight to the views.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.for_browsers = self.for_machines = get_response
        while hasattr(self.for_machines, "get_response"):
            self.for_machines = self.for_machines.get_response

    def __call__(self, request: HttpRequest) -> Any:
        if is_for_browsers(request.path_info):
            return self.for_browsers(request)
        # There is no session here that a forged form could use; Django's check of forms runs with the views.
        request.csrf_processing_done = True  # type: ignore[attr-defined]
        return self.for_machines(request)
