"""What Skatteetaten's look-ups have in common: how a fault is told, in JSON or XML, and the codes of all of them."""

import functools
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox.counterparts.control import ordered_code

JSON, XML = "application/json", "application/xml"
NAMESPACE = "urn:no:skatteetaten:datasamarbeid:feil:v1"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

Codes = Mapping[str, tuple[int, str]]

_CONTACT = "Vennligst ta kontakt med brukerstøtte, med applikasjon og korrelasjonsid fra denne meldingen!"
_WITHIN = "Det skjedde en feil i forbindelse med intern autentisering i Skatteetaten"
COMMON: Codes = {
    "DAS-001": (500, f"Det var en uventet feil på tjenesten. {_CONTACT}"),
    "DAS-002": (404, "Den forespurte URLen svarer ikke til et gyldig endepunkt"),
    "DAS-003": (
        500,
        "Den forespurte informasjonen er for øyeblikket utilgjengelig, vennligst prøv igjen senere! "
        "Dersom problemet vedvarer, ta kontakt med brukerstøtte!",
    ),
    **{f"DAS-00{number}": (500, _WITHIN) for number in (4, 5, 6, 7)},
    "DAS-008": (403, "Du er ikke autorisert for tilgang til den forespurte ressursen."),
}


class Fault(Exception):
    """The answer is this code, with the status and the text of the service's table unless others are given."""

    def __init__(self, code: str, *, status: int = 0, text: str = "", ordered: bool = False) -> None:
        super().__init__(code)
        self.code, self.status, self.text, self.ordered = code, status, text, ordered


View = Callable[..., HttpResponse]


def answers(codes: Codes) -> Callable[[View], View]:
    """Let a view raise a Fault out of the service's codes or the common ones."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @functools.wraps(view)
        def answered(request: HttpRequest, **parts: Any) -> HttpResponse:
            try:
                return view(request, **parts)
            except Fault as fault:
                status, text = {**COMMON, **codes}[fault.code]
                return told(request, fault.status or status, fault.code, fault.text or text)

        return answered

    return decorate


def answer_ordered(request: HttpRequest) -> None:
    """Raise the Fault that was ordered for this request, if any was."""
    if code := ordered_code(request):
        raise Fault(code, ordered=True)


def preferred(request: HttpRequest) -> str | None:
    """Return which of the two formats the request wants, None when it wants neither; JSON when it does not say."""
    return request.get_preferred_type([JSON, XML])


def told(request: HttpRequest, status: int, code: str, text: str) -> HttpResponse:
    """Return a fault in the common format."""
    members = {"kode": code, "melding": text, "korrelasjonsid": correlation_id(request)}
    if preferred(request) != XML:
        return HttpResponse(json.dumps(members, ensure_ascii=False), status=status, content_type=JSON)
    return HttpResponse(DECLARATION + element("feil", NAMESPACE, members), status=status, content_type=XML)


def element(root: str, namespace: str, members: Mapping[str, Any]) -> str:
    """Return the members as XML: a mapping as an element with others in it, a list as the element again and again."""
    return f'<{root} xmlns="{namespace}">{_inside(members)}</{root}>'


def correlation_id(request: HttpRequest) -> str:
    """Return the id that the caller gave this call, or a new one."""
    sent = request.headers.get("Korrelasjonsid", "")
    try:
        return str(uuid.UUID(sent))
    except ValueError:
        return str(uuid.uuid4())


def wrong_method(*allowed: str) -> HttpResponse:
    """Answer a method that the address does not know the way a gateway does: no page tells of it."""
    headers = {"Allow": ", ".join(allowed)}
    return HttpResponse("405 METHOD NOT ALLOWED", status=405, content_type="text/plain", headers=headers)


def _inside(value: Any) -> str:
    if not isinstance(value, Mapping):
        return escape(str(value).lower() if isinstance(value, bool) else str(value))
    several = ((name, each if isinstance(each, list) else [each]) for name, each in value.items())
    return "".join(f"<{name}>{_inside(item)}</{name}>" for name, items in several for item in items)
