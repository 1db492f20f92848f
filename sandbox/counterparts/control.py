"""What tests and curious developers turn here: switches, faults to come, the requests seen, and forgetting it all.

A fault is an object: `path_prefix`, `times` (1 unless given), perhaps `method`, and one of: `status` with `body`
(text or JSON) and `headers`; `code` of a service's own table, which the service then answers with when nothing is wrong
with the request itself; `seconds` to wait before the request is answered as always; `drop`, "before" or "after" the
request is processed, to cut the connection instead of answering. The first fault whose path fits is used up.
"""

import contextlib
import json
import socket
import time
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sandbox.counterparts import server, state

CONTROL = "/control/"
REMEMBERED = 200
SHOWN_OF_A_TOKEN = 12
SHOWN_OF_A_BODY = 100_000
NAMES_SENT = "stand_ins.names_sent"  # where a service finds the names of headers as they came, in capitals
ORDERED = "stand_ins.code"
ONE_OF = ("status", "code", "seconds", "drop")

_seen: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)
_faults: list[dict[str, Any]] = []
_lock = Lock()


def switch(name: str, default: Any) -> Any:
    """Return what the switch was put to, or the default."""
    return state.shelf("switches").get(name, default)


def ordered_code(request: HttpRequest) -> str:
    """Return the code that a fault wants this request to be answered with; "" for none."""
    return str(request.META.get(ORDERED, ""))


class Controlled:
    """Note each request, refuse one with a header in both spellings, and let the faults happen that were ordered."""

    def __init__(self, following: Callable[[HttpRequest], HttpResponse]) -> None:
        self._following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.get_host()  # raises for a name that is not this machine's: no page elsewhere asks through a browser
        names = str(request.META.pop(_variable(server.NAMES_SENT), "")).split()
        request.META[NAMES_SENT] = frozenset(names)
        if request.path.startswith(CONTROL):
            return self._following(request)
        _note(request, names)
        if len({name.replace("_", "-") for name in names}) < len(set(names)):
            return HttpResponse("400 BAD REQUEST", status=400, content_type="text/plain")
        fault = _next_fault(request)
        if "seconds" in fault:
            time.sleep(fault["seconds"])
        if "status" in fault:
            return _ordered(fault)
        request.META[ORDERED] = fault.get("code", "")
        if fault.get("drop") == "before":
            return _cut(request)
        response = self._following(request)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        return _cut(request) if fault.get("drop") == "after" else response


# --- the addresses below /control/ ---


def ready(request: HttpRequest) -> HttpResponse:
    """Answer: whoever hears this is served."""
    return JsonResponse({"ready": True})


@csrf_exempt
@require_http_methods(["GET", "PUT"])
def switches(request: HttpRequest) -> HttpResponse:
    """Return the switches that were put to something. PUT adds to them; null puts one back."""
    shelf = state.shelf("switches")
    if request.method == "PUT":
        wanted = _object(request)
        if wanted is None:
            return _refused("a JSON object of switches is wanted")
        for name, value in wanted.items():
            if value is None:
                shelf.update(name, lambda before: None)
            else:
                shelf[name] = value
    return JsonResponse(dict(shelf))


@csrf_exempt
@require_http_methods(["GET", "POST", "DELETE"])
def faults(request: HttpRequest) -> HttpResponse:
    """Return the faults to come. POST orders one more, DELETE takes them all back."""
    if request.method == "POST":
        fault = _object(request) or {}
        if not isinstance(fault.get("path_prefix"), str) or sum(name in fault for name in ONE_OF) != 1:
            return _refused("path_prefix and one of status, code, seconds and drop are wanted")
        with _lock:
            _faults.append({"times": 1, **fault})
    if request.method == "DELETE":
        with _lock:
            _faults.clear()
    with _lock:
        return JsonResponse({"faults": list(_faults)})


@csrf_exempt
@require_http_methods(["GET", "DELETE"])
def requests_seen(request: HttpRequest) -> HttpResponse:
    """Return the latest requests, oldest first. DELETE forgets them."""
    if request.method == "DELETE":
        _seen.clear()
    return JsonResponse({"requests": list(_seen)})


@csrf_exempt
@require_http_methods(["DELETE"])
def state_kept(request: HttpRequest) -> HttpResponse:
    """Forget everything: state, switches, faults and requests."""
    state.forget_all()
    with _lock:
        _faults.clear()
    _seen.clear()
    return JsonResponse({})


# --- what never reached a service ---


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that is no service's the way a gateway in front of them does."""
    return HttpResponse("404 NOT FOUND", status=404, content_type="text/plain")


def crashed(request: HttpRequest) -> HttpResponse:
    return HttpResponse("500 INTERNAL SERVER ERROR", status=500, content_type="text/plain")


def _variable(name: str) -> str:
    return f"HTTP_{name.upper().replace('-', '_')}"


def _note(request: HttpRequest, names: list[str]) -> None:
    headers = {name: str(request.META.get(_meta(name), "")) for name in names}
    if "AUTHORIZATION" in headers:
        headers["AUTHORIZATION"] = f"{headers['AUTHORIZATION'][:SHOWN_OF_A_TOKEN]}…"
    _seen.append(
        {
            "method": request.method,
            "path": request.get_full_path(),
            "headers": headers,
            "body": request.body[:SHOWN_OF_A_BODY].decode("utf-8", "replace"),
        }
    )


def _meta(name: str) -> str:
    variable = _variable(name)
    return variable.removeprefix("HTTP_") if name in ("CONTENT-TYPE", "CONTENT-LENGTH") else variable


def _next_fault(request: HttpRequest) -> dict[str, Any]:
    with _lock:
        for fault in _faults:
            fits = fault.get("method", request.method) == request.method
            if fits and request.path.startswith(fault["path_prefix"]):
                fault["times"] -= 1
                if fault["times"] <= 0:
                    _faults.remove(fault)
                return fault
    return {}


def _ordered(fault: dict[str, Any]) -> HttpResponse:
    body, headers = fault.get("body", ""), dict(fault.get("headers", {}))
    kind = "text/plain" if isinstance(body, str) else "application/json"
    content_type = headers.pop("Content-Type", kind)
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return HttpResponse(text, status=fault["status"], headers=headers, content_type=content_type)


def _cut(request: HttpRequest) -> HttpResponse:
    """Cut the connection; what is returned here reaches nobody."""
    with contextlib.suppress(OSError):
        request.META["gunicorn.socket"].shutdown(socket.SHUT_RDWR)
    return HttpResponse(status=503)


def _object(request: HttpRequest) -> dict[str, Any] | None:
    try:
        value = json.loads(request.body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _refused(reason: str) -> HttpResponse:
    return JsonResponse({"refused": reason}, status=400)
