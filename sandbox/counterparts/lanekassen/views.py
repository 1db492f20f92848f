"""Lånekassen's one address, and what tests may see and do of the consents that it remembers."""

import time
import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from legal.numbers import has_person_form
from sandbox.counterparts.addresses import LANEKASSEN_KEY
from sandbox.counterparts.altinn import consents
from sandbox.counterparts.control import NAMES_SENT, switch
from sandbox.counterparts.lanekassen import answers, binding, throttle
from sandbox.counterparts.lanekassen.answers import Refused
from sandbox.counterparts.lanekassen.persons import BUSY, BY_NUMBER, FAILING, SLOW, UNKNOWN
from sandbox.counterparts.state import shelf
from sandbox.counterparts.tokens import TokenRefused, consumer_of, read_token

SCOPE = "lanekassen:lan/v1/saldoopplysninger"
JSON = "application/json; charset=utf-8"
REQUIRED = ("ApiKey", "Authorization", "X-Request-Id")
REQUESTS = "lanekassen-requests"
SLOW_SECONDS = 15


@csrf_exempt
def accounts(request: HttpRequest) -> HttpResponse:
    """Return the customer's debt by kind to a bank that has the customer's consent."""
    try:
        body = _looked_up(request)
    except Refused as refusal:
        allow = {"Allow": "GET"} if refusal.status == 405 else {}
        return HttpResponse(answers.refusal(refusal.status), status=refusal.status, content_type=JSON, headers=allow)
    return HttpResponse(body, content_type=JSON)


def _looked_up(request: HttpRequest) -> bytes:
    if request.method != "GET":
        raise Refused(405)
    number = _checked_headers(request)
    if request.headers["ApiKey"] != LANEKASSEN_KEY:
        raise Refused(401)
    try:
        claims = read_token(request, scope=SCOPE, bearer=False)
    except TokenRefused:
        raise Refused(401) from None
    person = BY_NUMBER.get(number)
    fate = UNKNOWN if person is None else person.fate
    throttle.check(consumer_of(claims))
    if fate == BUSY:
        raise Refused(429)
    bound = binding.check(claims, number, request.headers.get("Consent-ID"))
    if person is None or fate == UNKNOWN:
        raise Refused(404)
    if fate == FAILING:
        raise Refused(500)
    if fate == SLOW:
        time.sleep(switch("lanekassen.slow_seconds", SLOW_SECONDS))
    bound.remember()
    return answers.accounts(person, flawed=switch("lanekassen.flawed_total", False))


def _checked_headers(request: HttpRequest) -> str:
    """Return the customer's number from PSU_ID, underscore and all. Refuse headers missing or malformed."""
    number = request.headers.get("Psu-Id", "")
    if "PSU_ID" not in request.META.get(NAMES_SENT, ()) or not has_person_form(number):
        raise Refused(400)
    if request.META.get("QUERY_STRING") or not all(request.headers.get(name) for name in REQUIRED):
        raise Refused(400)
    if not _is_new(request.headers["X-Request-Id"]):
        raise Refused(400)
    return number


def _is_new(request_id: str) -> bool:
    """Return whether this is a UUID that no request before it had."""
    try:
        key = str(uuid.UUID(request_id))
    except ValueError:
        return False
    times = shelf(REQUESTS).update(key, lambda before: (before or 0) + 1)
    return bool(times == 1)


def remembered(request: HttpRequest) -> HttpResponse:
    """Return the consents remembered, by consumer and customer."""
    return JsonResponse({"consents": dict(shelf(binding.REMEMBERED))})


@csrf_exempt
@require_http_methods(["DELETE"])
def withdraw(request: HttpRequest, consumer: str, person: str) -> HttpResponse:
    """Withdraw every consent of that person to that consumer, as the customer may at Altinn."""
    theirs = [each for each in consents.every() if (each.organisation, each.person) == (consumer, person)]
    withdrawn = [consents.answer(each, consents.WITHDRAWN, timezone.now()) for each in theirs]
    return JsonResponse({"withdrawn": sum(withdrawn)})
