"""What is printed of Altinn 3: creating a consent request, and entering a system in the system register.

Everything else about them, the answers' members included, is made for the sandbox. The consent itself is given on the
same page as Altinn 2's, and Maskinporten then writes it into a token.
"""

import json
import re
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from legal.numbers import has_organisation_form, has_person_form
from sandbox.counterparts.altinn import consents, fields
from sandbox.counterparts.altinn.fields import FieldRefused
from sandbox.counterparts.state import shelf
from sandbox.counterparts.tokens import ScopeLacking, TokenRefused, consumer_of, read_token
from sandbox.maskinporten.details import CONSENTS, ORGANISATION, PERSON

RESOURCE = "urn:altinn:resource"
SYSTEMS = "altinn3-systems"
SYSTEM_ID = re.compile(r"[0-9]{9}_[a-zA-Z0-9_-]{1,100}")
ACCESS_PACKAGE = "urn:altinn:accesspackage:"


@csrf_exempt
def consent_request(request: HttpRequest) -> HttpResponse:
    """Keep the request; return it with the address of the page that it is answered on."""
    return _created(request, "altinn:consentrequests.write", _ask)


@csrf_exempt
def system(request: HttpRequest) -> HttpResponse:
    """Enter the vendor's system with its rights and access packages; return an id."""
    return _created(request, "altinn:authentication/systemregister.write", _register)


def _created(request: HttpRequest, scope: str, create: Callable[..., HttpResponse]) -> HttpResponse:
    if request.method != "POST":
        return JsonResponse({"title": "Method Not Allowed"}, status=405, headers={"Allow": "POST"})
    try:
        claims = read_token(request, scope=scope)
    except ScopeLacking:
        return JsonResponse({"title": "Forbidden"}, status=403)
    except TokenRefused:
        return JsonResponse({"title": "Unauthorized"}, status=401)
    try:
        return create(request, _opened(request), consumer_of(claims))
    except FieldRefused as refusal:
        return JsonResponse({"title": "Bad Request", "detail": f"{refusal} is missing or invalid"}, status=400)


def _opened(request: HttpRequest) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise FieldRefused("Content-Type")
    try:
        document = json.loads(request.body)
    except (ValueError, RecursionError):
        raise FieldRefused("body") from None
    if not isinstance(document, dict):
        raise FieldRefused("body")
    return document


def _ask(request: HttpRequest, document: dict[str, Any], consumer: str) -> HttpResponse:
    consent_id, wanted = _wanted(document, consumer)
    known = shelf(CONSENTS).update(consent_id, lambda kept: kept or wanted)
    if known != wanted:
        raise FieldRefused("id")
    page = request.build_absolute_uri(f"{reverse('altinn-consent-page')}?id={consent_id}")
    return JsonResponse({**document, "status": "created", "viewUri": page}, status=201)


def _wanted(document: dict[str, Any], consumer: str) -> tuple[str, dict[str, Any]]:
    consent_id, giver, taker = (_text(document, name) for name in ("id", "from", "to"))
    if not _is_uuid(consent_id):
        raise FieldRefused("id")
    if not (giver.startswith(PERSON) and has_person_form(giver.removeprefix(PERSON))):
        raise FieldRefused("from")
    if not (taker.startswith(ORGANISATION) and has_organisation_form(taker.removeprefix(ORGANISATION))):
        raise FieldRefused("to")
    if taker.removeprefix(ORGANISATION) != consumer:
        raise FieldRefused("to")
    return consent_id.lower(), {
        "from": giver,
        "to": taker,
        "validTo": _end(_text(document, "validTo")),
        "consentRights": _rights(document.get("consentRights")),
        "redirectUrl": fields.address(_text(document, "redirectUrl")),
        "consented": "",
        "status": consents.UNOPENED,
    }


def _end(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FieldRefused("validTo") from None
    if moment.tzinfo is None or moment <= timezone.now():
        raise FieldRefused("validTo")
    return text


def _rights(rights: object) -> list[dict[str, Any]]:
    if not isinstance(rights, list) or not rights:
        raise FieldRefused("consentRights")
    for right in rights:
        match right:
            case {"action": ["consent"], "resource": [{"type": str(kind), "value": str(value)}], "metaData": dict()}:
                if kind != RESOURCE or not value:
                    raise FieldRefused("consentRights")
            case _:
                raise FieldRefused("consentRights")
    return rights


def _register(request: HttpRequest, document: dict[str, Any], vendor: str) -> HttpResponse:
    """Take the names with a small or a capital first letter: the page's two states print them differently."""
    members = {name[:1].lower() + name[1:]: value for name, value in document.items()}
    system_id = _text(members, "id")
    if not SYSTEM_ID.fullmatch(system_id) or not system_id.startswith(f"{vendor}_"):
        raise FieldRefused("id")
    rights, packages = members.get("rights", []), members.get("accessPackages", [])
    if not (rights or packages):
        raise FieldRefused("rights")
    _check_rights(rights)
    _check_packages(packages)
    shelf(SYSTEMS)[system_id] = document
    return JsonResponse(str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:dsop:sandbox:system:{system_id}")), safe=False)


def _check_rights(rights: object) -> None:
    for right in rights if isinstance(rights, list) else [None]:
        named = {name.lower(): value for name, value in right.items()} if isinstance(right, dict) else {}
        match named.get("resource"):
            case [{"id": "urn:altinn:resource", "value": str(value)}] if value:
                continue
            case _:
                raise FieldRefused("rights")


def _check_packages(packages: object) -> None:
    for package in packages if isinstance(packages, list) else [None]:
        urn = package.get("urn") if isinstance(package, dict) else None
        if not isinstance(urn, str) or not urn.startswith(ACCESS_PACKAGE):
            raise FieldRefused("accessPackages")


def _text(members: dict[str, Any], name: str) -> str:
    if not isinstance(members.get(name), str):
        raise FieldRefused(name)
    return str(members[name])


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
