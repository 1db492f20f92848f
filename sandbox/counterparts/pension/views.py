"""The four operations, checked in the order of the page: address, token, scope, package, format, parameters, data.

Switches: `pension.allotted` says which enterprise has which rights packages; `pension.today` ("2026-11") is the
present month; `pension.refuse_future_end` (false) refuses an end that lies ahead on registering too;
`pension.xml_input` (false) takes XML; `pension.registered_status` (201) is the answer to a registration;
`pension.gyldig_as_text` (false) prints the first look-up's answer as the page's example does;
`pension.single_month_bare` (false) sends one month without a list; `pension.control_digits` (false) looks at the
control digits of organisation numbers; `pension.employer_months` adds to what employers have reported.
"""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from legal.numbers import has_organisation_form, is_organisation_number
from sandbox.counterparts import tokens
from sandbox.counterparts.control import switch
from sandbox.counterparts.pension import agreements, codes
from sandbox.counterparts.pension.bodies import NAMESPACE, read_deletion, read_registration
from sandbox.counterparts.pension.months import agreed, effective, has_month_form, month, written
from sandbox.counterparts.skatteetaten import (
    DECLARATION,
    JSON,
    XML,
    Fault,
    answer_ordered,
    answers,
    element,
    preferred,
    wrong_method,
)
from sandbox.maskinporten.clients import BANK_NUMBER

SCOPE = "skatteetaten:tjenestepensjonsavtale"
OSLO = ZoneInfo("Europe/Oslo")
WRITING, LOOKING = "otp", "nav"
WORDS = {"otp": WRITING, "nav": LOOKING, "NAV": LOOKING}  # older pages write the last one so
LOOK_UPS = {
    "gyldighet": ("avtaleforholdGyldighet", "avtaleforholdgyldighet:v1", "maanederUtenGyldigAvtaleforhold"),
    "virkningsperiode/gyldighet": (
        "virkningsperiodeGyldighet",
        "virkningsperiodegyldighet:v1",
        "maanederUtenforGyldigVirkningsperiode",
    ),
}
PARAMETERS = {
    "pensjonsinnretning": ("OTP-003", "OTP-004"),
    "opplysningspliktig": ("OTP-005", "OTP-006"),
    "fraOgMed": ("OTP-007", "OTP-008"),
    "tilOgMed": ("OTP-009", "OTP-010"),
}
CANNED = {**dict(zip(PARAMETERS, agreements.SAMPLE, strict=False)), "fraOgMed": "2020-01", "tilOgMed": "2020-06"}
CANNED_ANSWER = {"gyldig": "false", LOOK_UPS["gyldighet"][2]: {"maaned": ["2020-01", "2020-02", "2020-04"]}}
"""The page's sample answer to the first look-up. No rule makes it: every month of it lies before 2021."""


@require_safe
def changed(request: HttpRequest) -> HttpResponse:
    """Return what calls have left, for tests and curious developers."""
    return JsonResponse(agreements.changed())


def look_up(request: HttpRequest, package: str, kind: str) -> HttpResponse:
    """Say whether each month asked about has a valid agreement, or lies where one has effect."""
    if request.method != "GET":
        return wrong_method("GET")
    _consumer(request, package, LOOKING)
    asked = _parameters(request)
    answer_ordered(request)
    if kind == "gyldighet" and asked == CANNED:
        return _shown(request, kind, CANNED_ANSWER)
    provider, employer = asked["pensjonsinnretning"], asked["opplysningspliktig"]
    kept, reported = agreements.agreements(provider, employer), agreements.reported(provider, employer)
    if not kept and not reported:
        raise Fault("OTP-001")
    first, last = month(asked["fraOgMed"]), month(asked["tilOgMed"])
    # An effect reaches back: agreements of months after the period asked about may cover it, up to the present.
    valid = agreed(kept, reported, until=month(_today()))
    covered = valid if kind == "gyldighet" else effective(valid)
    return _shown(request, kind, _verdict(kind, [number for number in range(first, last + 1) if number not in covered]))


def write(request: HttpRequest, package: str) -> HttpResponse:
    """Register an agreement, or change it; or delete it. The provider is the token's consumer."""
    if request.method not in ("POST", "DELETE"):
        return wrong_method("POST", "DELETE")
    provider = _consumer(request, package, WRITING)
    agreement = read_registration(request) if request.method == "POST" else read_deletion(request)
    if not _is_number(agreement.employer):
        raise Fault("OTP-006")
    if request.method == "POST":
        if switch("pension.refuse_future_end", False) and (agreement.last or "") > _today():
            raise Fault("OTP-017")
        answer_ordered(request)
        months = [agreement.first, agreement.last]
        agreements.register(provider, agreement.employer, agreement.reference, months)
        return _empty(int(switch("pension.registered_status", 201)))
    answer_ordered(request)
    if not agreements.delete(provider, agreement.employer, agreement.reference):
        raise Fault("OTP-014")
    return _empty(200)


def unknown(request: HttpRequest, **parts: str) -> HttpResponse:
    raise Fault(codes.UNKNOWN_ADDRESS)


# --- one set of checks, told in the words of either profile ---


def in_seed(view: Any) -> Any:
    """Return the view as the seed page has it."""
    return answers(codes.SEED)(_told_as(view, codes.SEED_WORDS, any_format=True))


def today(view: Any) -> Any:
    """Return the view with today's codes: areas, no longer single faults."""
    return answers(codes.CURRENT)(_told_as(view, codes.TODAY, any_format=False))


def _told_as(view: Any, words: dict[str, str], *, any_format: bool) -> Any:
    def told(request: HttpRequest, **parts: str) -> HttpResponse:
        request.META["stand_ins.any_format"] = any_format
        try:
            response: HttpResponse = view(request, **parts)
        except Fault as fault:
            # One that was ordered is in the profile's own words already.
            raise fault if fault.ordered else Fault(words.get(fault.code, fault.code)) from None
        return response

    return told


def _consumer(request: HttpRequest, package: str, needed: str) -> str:
    """Return who asks, when that one may do what the package is for."""
    try:
        claims = tokens.read_token(request, scope=SCOPE)
    except tokens.TokenMissing:
        raise Fault("OTP-012") from None
    except tokens.TokenInvalid:
        raise Fault("OTP-013") from None
    except tokens.ScopeLacking:
        raise Fault(codes.NOT_ALLOWED) from None
    if package not in WORDS:
        raise Fault("OTP-002")
    consumer = tokens.consumer_of(claims)
    held = switch("pension.allotted", {BANK_NUMBER: [WRITING, LOOKING]}).get(consumer, [])
    if WORDS[package] != needed or needed not in held:
        raise Fault(codes.NOT_ALLOWED)
    if preferred(request) is None and not request.META["stand_ins.any_format"]:
        raise Fault(codes.NO_FORMAT)
    return consumer


def _parameters(request: HttpRequest) -> dict[str, str]:
    asked = {name: request.GET.get(name, "") for name in PARAMETERS}
    for name, (missing, malformed) in PARAMETERS.items():
        if not asked[name]:
            raise Fault(missing)
        if not (has_month_form(asked[name]) if name.endswith("OgMed") else _is_number(asked[name])):
            raise Fault(malformed)
    if asked["tilOgMed"] < asked["fraOgMed"]:
        raise Fault("OTP-016")
    if asked["tilOgMed"] > _today():
        raise Fault("OTP-017")
    return asked


def _is_number(number: str) -> bool:
    if switch("pension.control_digits", False):
        return is_organisation_number(number)
    return has_organisation_form(number)


def _today() -> str:
    return str(switch("pension.today", datetime.now(OSLO).strftime("%Y-%m")))


def _verdict(kind: str, missing: list[int]) -> dict[str, Any]:
    valid: bool | str = not missing
    if kind == "gyldighet" and switch("pension.gyldig_as_text", False):
        valid = str(not missing).lower()
    if not missing:
        return {"gyldig": valid}
    months: list[str] | str = [written(number) for number in missing]
    if len(missing) == 1 and switch("pension.single_month_bare", False):
        months = written(missing[0])
    return {"gyldig": valid, LOOK_UPS[kind][2]: {"maaned": months}}


def _shown(request: HttpRequest, kind: str, document: dict[str, Any]) -> HttpResponse:
    if preferred(request) != XML:
        return HttpResponse(json.dumps(document), content_type=JSON)
    root, namespace, _ = LOOK_UPS[kind]
    return HttpResponse(DECLARATION + element(root, NAMESPACE + namespace, document), content_type=XML)


def _empty(status: int) -> HttpResponse:
    response = HttpResponse(status=status)
    del response.headers["Content-Type"]
    return response
