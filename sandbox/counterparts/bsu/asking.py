"""What must hold of a request before its body is read: who asks, its headers, and its key."""

import re
from collections.abc import Iterator

from django.http import HttpRequest

from sandbox.counterparts.bsu.faults import Fault, Specification
from sandbox.counterparts.tokens import ScopeLacking, TokenInvalid, TokenMissing, read_token, system_user_organisation

SCOPE = "skatteetaten:innrapporteringboligsparingungdom"
JSON = "application/json"
LARGEST = 10_000_000
KEY = "idempotencyKey"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
YEAR = re.compile(r"[0-9]{4}")


def organisation(request: HttpRequest) -> str:
    """Return the organisation whose system user asks. Raise Fault."""
    try:
        claims = read_token(request, scope=SCOPE)
    except TokenMissing:
        raise Fault("GLD_004", Specification("GLD_1007")) from None
    except TokenInvalid:
        raise Fault("GLD_004", Specification("GLD_1008")) from None
    except ScopeLacking:
        raise Fault("GLD_005") from None
    found = system_user_organisation(claims)
    if not found:
        raise Fault("GLD_005")
    return found


def check_submission(request: HttpRequest, year: str) -> None:
    """Refuse a year or headers that no submission has, all of them at once, and then a body that is too large."""
    found = []
    if not YEAR.fullmatch(year):
        found.append(Specification("GLD_1022", "inntektsaar", year))
    if JSON not in _ranges(request.headers.get("Accept", "")):
        found.append(Specification("GLD_1030"))
    if (request.content_type or "").lower() != JSON:
        found.append(Specification("GLD_1047"))
    if found:
        raise Fault("GLD_006", *found)
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST:  # before a byte of it is read
        raise Fault("GLD_006")


def key(request: HttpRequest) -> str:
    """Return the key in lower case, from the header or a query parameter in any letter case. Raise Fault."""
    given = {request.headers[KEY]} if KEY in request.headers else set()
    for name, values in request.GET.lists():
        if name.lower() == KEY.lower():
            given.update(values)
    if not given:
        raise Fault("GLD_006", Specification("GLD_1028", KEY))
    lowered = {text.lower() for text in given}
    if len(lowered) > 1 or not UUID.fullmatch(min(lowered)):
        raise Fault("GLD_006", Specification("GLD_1022", KEY, min(given)))
    return lowered.pop()


def identifiers(**given: str) -> Iterator[str]:
    """Return each path parameter in lower case. Refuse those that are no UUID."""
    wrong = [Specification("GLD_1022", name, text) for name, text in given.items() if not UUID.fullmatch(text.lower())]
    if wrong:
        raise Fault("GLD_006", *wrong)
    return (text.lower() for text in given.values())


def _ranges(accept: str) -> set[str]:
    return {each.partition(";")[0].strip().lower() for each in accept.split(",")}
