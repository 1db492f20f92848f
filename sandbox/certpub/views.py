"""The stand-in's addresses: each answers in the format of the service that it stands for."""

import base64
import binascii
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox.certpub import crl, locator, ocsp, publisher
from sandbox.certpub.authority import Authority, existing_authority
from sandbox.certpub.preparing import ready
from sandbox.certpub.site import here

READING = ("GET", "HEAD")
LARGEST_QUESTION = 16 * 1024
OCSP_REQUEST, OCSP_RESPONSE = "application/ocsp-request", "application/ocsp-response"


def lookup(request: HttpRequest, identifier: str) -> HttpResponse:
    """Return where the participant's certificates are published."""
    if request.method not in READING:
        return _only(*READING)
    try:
        services = locator.services(identifier, here())
    except locator.Malformed:
        return _text(400, "The identifier must be a qualifier, two colons and a participant.")
    return _text(404, "Unknown participant.") if services is None else JsonResponse(services)


def published(request: HttpRequest, path: str) -> HttpResponse:
    """Return what the publisher knows."""
    if request.method not in READING:
        return _only(*READING)
    document = publisher.document(path, ready(here()))
    if document is None:
        return _text(404, "Nothing found.")
    return HttpResponse(document, content_type="application/xml;charset=UTF-8")


def revocation_list(request: HttpRequest, issuer: str) -> HttpResponse:
    """Return the list of the root or of the intermediate."""
    if request.method not in READING:
        return _only(*READING)
    authority = _authority()
    octets = crl.revocation_list(getattr(authority, issuer), authority.register, datetime.now(UTC))
    return HttpResponse(octets, content_type="application/pkix-crl")


@csrf_exempt
def status(request: HttpRequest, encoded: str = "") -> HttpResponse:
    """Answer a question to the OCSP responder, posted or as base64 in the address."""
    if request.method in READING and encoded:
        question = _decoded(encoded)
    elif request.method == "POST" and not encoded:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > LARGEST_QUESTION:  # before a byte of it is read
            return _text(413, "The request is too large.")
        if request.content_type != OCSP_REQUEST:
            return _text(415, f"The request must be {OCSP_REQUEST}.")
        question = request.body
    else:
        return _only(*READING) if encoded else _only("POST")
    answer = ocsp.response(question, _authority(), datetime.now(UTC))
    return HttpResponse(answer, content_type=OCSP_RESPONSE)


def _authority() -> Authority:
    return existing_authority(ready(here()))


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""  # which is no request


def _text(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain")


def _only(*methods: str) -> HttpResponse:
    answer = _text(405, f"Only {methods[0]} is allowed.")
    answer["Allow"] = ", ".join(methods)
    return answer
