"""The one address of the authority (RFC 3161, section 3.4)."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sandbox.counterparts.control import ordered_code
from sandbox.counterparts.tsa.authority import Authority, prepare
from sandbox.counterparts.tsa.stamping import answer

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
LARGEST = 4096


@csrf_exempt
@require_POST
def stamp(request: HttpRequest) -> HttpResponse:
    """Return a time stamp over the digest that is sent; whoever may ask, as with the public ones."""
    if request.content_type != QUERY:
        return HttpResponse("415 UNSUPPORTED MEDIA TYPE", status=415, content_type="text/plain")
    if len(request.body) > LARGEST:
        return HttpResponse("413 CONTENT TOO LARGE", status=413, content_type="text/plain")
    reply = answer(request.body, _authority(settings.SANDBOX_FOLDER), datetime.now(UTC), ordered_code(request))
    return HttpResponse(reply, content_type=REPLY)


@cache
def _authority(folder: Path) -> Authority:
    return prepare(folder)
