"""The look-up: by POST with the number in the body (`seed`), or by GET with it in the address (`current`).

Switches: `aktivkonto.enterprises` (true) answers nine digits too; `aktivkonto.control_digits` (false) refuses a person
number whose control digits are wrong; `aktivkonto.allotted` says which enterprise has which rights package;
`aktivkonto.account_as` (object, list, lists, empty, missing) is the form in which the account comes;
`aktivkonto.shielded` lists the numbers whose account is kept back; `aktivkonto.more_members` adds unknown members.
"""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from legal.numbers import has_organisation_form, has_person_check_digits, has_person_form
from sandbox.counterparts import tokens
from sandbox.counterparts.aktivkonto import codes
from sandbox.counterparts.aktivkonto.register import ACCOUNTS, FORMER, Account
from sandbox.counterparts.control import switch
from sandbox.counterparts.skatteetaten import (
    JSON,
    Fault,
    answer_ordered,
    answers,
    preferred,
    wrong_method,
)
from sandbox.maskinporten.clients import BANK_NUMBER

SCOPE = "skatteetaten:aktivkonto"
PACKAGE = "navUtbetalingskonto"
CERTIFICATE_ONLY = "Versjon v1 krever virksomhetssertifikat og er ikke i bruk lenger. Bruk v3."
OLDER = Account(kontonummer="99982000048", bankNavn="Annenbanken", valgtDato="2015-01-02")


@answers(codes.SEED)
def by_body(request: HttpRequest, version: str) -> HttpResponse:
    """Answer as the seed page has it. Token faults have no code of their own there (a reading)."""
    if request.method != "POST":
        return wrong_method("POST")
    text = CERTIFICATE_ONLY if version == "v1" else ""
    try:
        tokens.read_token(request, scope=SCOPE)
    except tokens.ScopeLacking:
        raise Fault("DAS-008", text=text) from None
    except tokens.TokenRefused:
        raise Fault("DAS-008", status=401, text=text) from None
    if version == "v1":
        raise Fault("DAS-008", text=text)
    number = _tin(request)
    if not _is_known_form(number):
        raise Fault("AKE-001")
    answer_ordered(request)
    holder = FORMER.get(number, number)
    if holder not in ACCOUNTS:
        raise Fault("AKE-002")
    account = ACCOUNTS[holder]
    return _answered({"tin": holder, **_shown("kontoDto", holder, account.members() if account else None)})


@answers(codes.CURRENT)
def by_address(request: HttpRequest, package: str, number: str) -> HttpResponse:
    """Answer as the service does today: members without a value are left out."""
    if request.method != "GET":
        return wrong_method("GET")
    consumer = _consumer(request)
    if package != PACKAGE:
        raise Fault("AKE-006")
    if package not in switch("aktivkonto.allotted", {BANK_NUMBER: [PACKAGE]}).get(consumer, []):
        raise Fault("AKE-005")
    if preferred(request) != JSON:  # how an answer looks in XML is not known
        raise Fault("AKE-009")
    if not _is_known_form(number):
        raise Fault("AKE-006")
    answer_ordered(request)
    holder = FORMER.get(number, number)
    if holder not in ACCOUNTS:
        raise Fault("AKE-007")
    account = ACCOUNTS[holder]
    if account is None:
        raise Fault("AKE-008")
    members = {name: value for name, value in account.members().items() if value is not None}
    return _answered({"personidentifikator": holder, **_shown("konto", holder, members)})


@answers(codes.SEED)
def unknown_in_seed(request: HttpRequest, **parts: str) -> HttpResponse:
    raise Fault("DAS-002")


@answers(codes.CURRENT)
def unknown_in_current(request: HttpRequest, **parts: str) -> HttpResponse:
    raise Fault("AKE-003")


def _consumer(request: HttpRequest) -> str:
    try:
        return tokens.consumer_of(tokens.read_token(request, scope=SCOPE))
    except tokens.ScopeLacking:
        raise Fault("AKE-005") from None
    except tokens.TokenRefused:
        raise Fault("AKE-004") from None


def _tin(request: HttpRequest) -> str:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Fault("AKE-001") from None
    tin = body.get("tin") if isinstance(body, dict) else None
    return tin if isinstance(tin, str) else ""


def _is_known_form(number: str) -> bool:
    if has_person_form(number):
        return not switch("aktivkonto.control_digits", False) or has_person_check_digits(number)
    return has_organisation_form(number) and bool(switch("aktivkonto.enterprises", True))


def _shown(name: str, holder: str, account: dict[str, Any] | None) -> dict[str, Any]:
    """Return the member that holds the account, in the form that the switches say."""
    if holder in switch("aktivkonto.shielded", []):
        return {"skjermet": True}
    more = {"nyttMedlem": {"a": 1}} if switch("aktivkonto.more_members", False) else {}
    forms: dict[str, dict[str, Any]] = {
        "object": {name: account},
        "list": {name: [] if account is None else [account]},
        "lists": {name: [] if account is None else [OLDER.members(), account]},
        "empty": {name: []},
        "missing": {},
    }
    return {**forms[switch("aktivkonto.account_as", "object")], **more}


def _answered(document: dict[str, Any]) -> HttpResponse:
    return HttpResponse(json.dumps(document, ensure_ascii=False), content_type=JSON)
