"""The stand-in's three addresses. Every answer is JSON."""

import time
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox.maskinporten import details, grants, keys, refusals, tokens

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FORM = "application/x-www-form-urlencoded"
MAX_BODY = 32 * 1024


def metadata(request: HttpRequest) -> HttpResponse:
    """Return the authorisation server's metadata (RFC 8414), with the members that Maskinporten's has."""
    issuer = settings.MASKINPORTEN_ISSUER
    document = {
        "issuer": issuer,
        "token_endpoint": f"{issuer}token",
        "jwks_uri": f"{issuer}jwk",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "RS512"],
        "grant_types_supported": [GRANT_TYPE],
        "authorization_details_types_supported": [details.SYSTEM_USER, details.CONSENT],
    }
    return _read_only(request, document)


def key_set(request: HttpRequest) -> HttpResponse:
    """Return the public halves of the two keys."""
    return _read_only(request, {"keys": [key.jwk for key in keys.signing_keys(keys.folder())]})


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """Return an access token for a JWT-bearer grant."""
    now = int(time.time())
    folder = keys.folder()
    try:
        granted = grants.granted(_assertion(request), issuer=settings.MASKINPORTEN_ISSUER, folder=folder, now=now)
    except refusals.Refused as refusal:
        return _refused(refusal)
    claims = tokens.access_claims(
        issuer=settings.MASKINPORTEN_ISSUER,
        audience=granted.audience,
        consumer=granted.consumer,
        supplier=granted.supplier,
        scope=granted.scope,
        client_id=granted.client.client_id,
        pid=granted.pid,
        amr=granted.amr,
        details=granted.details,
        now=now,
    )
    answer = {
        "access_token": tokens.access_token(claims, keys.signing_keys(folder)[0]),
        "token_type": "Bearer",
        "expires_in": tokens.LIFETIME_SECONDS,
        "scope": granted.scope,
    }
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


def _assertion(request: HttpRequest) -> str:
    form = _form(request)
    if not form.get("grant_type"):
        raise refusals.GrantTypeMissing
    if form["grant_type"] != GRANT_TYPE:
        raise refusals.WrongGrantType
    if not form.get("assertion"):
        raise refusals.AssertionMissing
    return form["assertion"]


def _form(request: HttpRequest) -> dict[str, str]:
    if request.method != "POST":
        raise refusals.PostOnly
    if request.content_type != FORM:
        raise refusals.WrongContentType
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_BODY:  # before a byte of it is read
        raise refusals.TooLarge
    if not request.body:
        return {}
    try:
        text = request.body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise refusals.MalformedForm from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise refusals.DoubledParameter
    return form


def _read_only(request: HttpRequest, document: dict[str, object]) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        answer = {"error": "invalid_request", "error_description": "Only GET is allowed."}
        return JsonResponse(answer, status=405, headers={"Allow": "GET, HEAD"})
    return JsonResponse(document)


def _refused(refusal: refusals.Refused) -> HttpResponse:
    answer = {"error": refusal.error, "error_description": refusal.description}
    allow = {"Allow": "POST"} if refusal.status == 405 else {}
    return JsonResponse(answer, status=refusal.status, headers={"Cache-Control": "no-store", **allow})
