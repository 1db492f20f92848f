"""Altinn 2's addresses for machines. Its error bodies are not documented: those here are made for the sandbox."""

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from sandbox.counterparts.addresses import ALTINN_KEY
from sandbox.counterparts.altinn import consents, fields, signing
from sandbox.counterparts.altinn.fields import EDITION, SERVICE, FieldRefused, Wanted
from sandbox.counterparts.control import switch
from sandbox.counterparts.state import shelf
from sandbox.counterparts.tokens import PREFIX, ScopeLacking, TokenRefused, consumer_of, read_token

HAL = "application/hal+json"
ACCEPTED_TYPES = {HAL, "application/json", "application/*", "*/*"}
ISSUER = "altinn.no"
TOKEN_SECONDS = 30
View = Callable[..., HttpResponse]


class Refused(Exception):
    """The answer is this status and this sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def for_business(method: str, scope: str) -> Callable[[View], View]:
    """Return what lets a view answer that method to an enterprise with Altinn's key and a token with the scope.

    The other way in, an enterprise certificate in the TLS handshake, needs TLS: there is none in the sandbox.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @functools.wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            try:
                return view(request, _authenticated(request, method, scope))
            except Refused as refusal:
                allow = {"Allow": method} if refusal.status == 405 else {}
                return JsonResponse({"message": str(refusal)}, status=refusal.status, headers=allow)

        return guarded

    return decorate


def _authenticated(request: HttpRequest, method: str, scope: str) -> dict[str, Any]:
    if request.method != method:
        raise Refused(405, "Method not allowed")
    if request.headers.get("ApiKey") != ALTINN_KEY:
        raise Refused(401, "ApiKey is missing or unknown")
    try:
        claims = read_token(request, scope=scope)
    except ScopeLacking:
        raise Refused(403, "The token lacks the scope") from None
    except TokenRefused:
        raise Refused(401, "The token is missing or invalid") from None
    accepted = {each.partition(";")[0].strip().lower() for each in request.headers.get("Accept", "*/*").split(",")}
    if not accepted & ACCEPTED_TYPES:
        raise Refused(406, f"Only {HAL} is offered")
    return claims


@for_business("POST", "altinn:consentrequests.write")
def consent_request(request: HttpRequest, claims: dict[str, Any]) -> HttpResponse:
    """Keep the request; return its authorization code."""
    if request.content_type not in ("application/json", HAL):
        raise Refused(415, "The request must be JSON")
    try:
        wanted = fields.read(fields.opened(request.body), timezone.now())
    except FieldRefused as refusal:
        raise Refused(400, f"{refusal} is missing or invalid") from None
    supplier = str(claims.get("supplier", {}).get("ID", "")).removeprefix(PREFIX)
    if (wanted.covered_by, wanted.handled_by) != (consumer_of(claims), supplier):
        raise Refused(403, "coveredBy and handledBy must be those of the token")
    return JsonResponse(_receipt(consents.ask(wanted), wanted), content_type=f"{HAL}; charset=utf-8")


def _receipt(code: str, wanted: Wanted) -> dict[str, Any]:
    return {
        "AuthorizationCode": code,
        "RequestStatus": consents.UNOPENED,
        "CoveredBy": wanted.covered_by,
        "OfferedBy": wanted.offered_by,
        "RequiredDelegator": wanted.offered_by,
        "ValidTo": wanted.valid_to.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds"),
        "RedirectUrl": wanted.redirect_url,
        "RequestResources": [{"ServiceCode": SERVICE, "ServiceEditionCode": EDITION}],
    }


@for_business("GET", "altinn:consenttokens")
def consent_token(request: HttpRequest, claims: dict[str, Any]) -> HttpResponse:
    """Return the consent as a token, by the switch in quotation marks. May be asked again while the consent stands."""
    code = request.GET.get("authcode", "").lower()
    kept = shelf(consents.ALTINN2).get(code)
    if kept is None or kept["covered_by"] != consumer_of(claims):
        raise Refused(404, "The authorization code is unknown")
    now = timezone.now()
    consent = consents.find(code)
    if consent is None or not consent.stands(now):
        raise Refused(403, "There is no consent in force")
    token = signing.signed(_claims(code, consents.count_exchange(code), now))
    text = f'"{token}"' if switch("altinn.quoted_token", False) else token
    return HttpResponse(text, content_type=f"{HAL}; charset=utf-8", headers={"Cache-Control": "no-store"})


def _claims(code: str, kept: dict[str, Any], now: datetime) -> dict[str, Any]:
    at = int(now.timestamp())
    service = f"{SERVICE}_{EDITION}"
    claims: dict[str, Any] = {
        "Services": [service, f"{service}_Navn={kept['bank_name']}"],
        "AuthorizationCode": code,
        "OfferedBy": kept["offered_by"],
        "RequiredDelegator": kept["offered_by"],
        "CoveredBy": kept["covered_by"],
    }
    if kept["handled_by"]:
        claims["HandledBy"] = kept["handled_by"]
    return claims | {
        "DelegatedDate": kept["delegated_at"],
        "ValidToDate": int(datetime.fromisoformat(kept["valid_to"]).timestamp()),
        "nbf": at,
        "iat": at,
        "exp": at + switch("altinn.token_seconds", TOKEN_SECONDS),
        "iss": ISSUER,
    }


def key_set(request: HttpRequest) -> HttpResponse:
    """Return the key that consent tokens are signed with."""
    return JsonResponse(signing.key_set())
