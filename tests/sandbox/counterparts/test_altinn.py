"""The stand-in for Altinn 2: what a consent request must hold."""

import uuid

import pytest

from sandbox.maskinporten.clients import BANK_NUMBER, BANK_VENDOR
from tests.sandbox.counterparts.consenting import (
    BACK,
    PAGE,
    REQUEST,
    TOKEN,
    TOKENS,
    WRITE,
    ask,
    business,
    moment,
    request_for,
)

PERSON = "22899410096"
NOBODY = str(uuid.UUID(int=7))
RESOURCE = {"serviceCode": "5498", "serviceEditionCode": 1, "Metadata": {"Navn": "Eksempelbanken"}}


def refusal(answer):
    return answer.status, answer.json()["message"]


# --- step 1: the request ---


def test_a_request(stand_ins):
    valid_to = moment(days=30)
    answered = ask(stand_ins, request_for(PERSON, validTo=valid_to))

    assert answered.status == 200
    assert answered.headers["Content-Type"] == "application/hal+json; charset=utf-8"
    body = answered.json()
    code = body["AuthorizationCode"]
    assert str(uuid.UUID(code)) == code
    assert list(body.items()) == [
        ("AuthorizationCode", code),
        ("RequestStatus", "Unopened"),
        ("CoveredBy", BANK_NUMBER),
        ("OfferedBy", PERSON),
        ("RequiredDelegator", PERSON),
        ("ValidTo", valid_to.removesuffix("Z")),
        ("RedirectUrl", BACK),
        ("RequestResources", [{"ServiceCode": "5498", "ServiceEditionCode": 1}]),
    ]


def capitals(document):
    return {name[0].upper() + name[1:]: value for name, value in document.items()}


def test_names_may_begin_with_a_capital_as_in_some_samples(stand_ins):
    document = capitals(request_for(PERSON, requestResources=[capitals(RESOURCE)]))
    document["ReguiredDelegatorName"] = document.pop("RequiredDelegatorName")  # once misspelt so
    assert ask(stand_ins, document).status == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(pytest.param(name, None, id=f"no {name}") for name in request_for(PERSON)),
        pytest.param("coveredBy", "21345600", id="eight digits"),
        pytest.param("coveredBy", 213456008, id="a number for a text"),
        pytest.param("offeredBy", "2289941009", id="ten digits"),
        pytest.param("offeredByName", " ", id="a blank surname"),
        pytest.param("requiredDelegator", "15819010029", id="another person to log in"),
        pytest.param("handledBy", "x", id="a supplier that is none"),
        pytest.param("validTo", "2027-01-01", id="a date alone"),
        pytest.param("validTo", "2026-11-30T11:29:56Z", id="no milliseconds"),
        pytest.param("validTo", "2026-11-30T11:29:56.577", id="no Z"),
        pytest.param("validTo", "2026-02-30T11:29:56.577Z", id="no such day"),
        pytest.param("validTo", "2020-11-04T11:29:56.577Z", id="past"),
        pytest.param("validTo", moment(days=367), id="more than a year"),
        pytest.param("redirectUrl", "http://bank.example/", id="not https"),
        pytest.param("redirectUrl", "javascript:alert(1)", id="a script"),
        pytest.param("redirectUrl", "https:///", id="no host"),
        pytest.param("redirectUrl", "https://[", id="no address"),
        pytest.param("redirectUrl", "https://bank.example/\r\nX: y", id="a line feed"),
        pytest.param("requestResources", [], id="no resource"),
        pytest.param("requestResources", [RESOURCE, RESOURCE], id="two resources"),
        pytest.param("requestMessage", {"nb": "Hei"}, id="a message that is not empty"),
        pytest.param("requestMessage", "", id="a message that is no object"),
    ],
)
def test_a_field(stand_ins, field, value):
    answered = ask(stand_ins, request_for(PERSON, **{field: value}))
    assert refusal(answered) == (400, f"{field} is missing or invalid")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"serviceCode": 5498}, "serviceCode"),
        ({"serviceCode": "5499"}, "serviceCode"),
        ({"serviceEditionCode": "1"}, "serviceEditionCode"),
        ({"serviceEditionCode": 2}, "serviceEditionCode"),
        ({"serviceEditionCode": True}, "serviceEditionCode"),
        ({"Metadata": None}, "Metadata"),
        ({"Metadata": {}}, "Navn"),
        ({"Metadata": {"Navn": 5}}, "Navn"),
        ({"metadata": {"Navn": "x"}}, "requestResources"),
    ],
)
def test_the_resource(stand_ins, change, field):
    answered = ask(stand_ins, request_for(PERSON, requestResources=[{**RESOURCE, **change}]))
    assert refusal(answered) == (400, f"{field} is missing or invalid")


def test_a_blank_name_of_the_bank_passes_and_is_not_shown(stand_ins):
    code = ask(stand_ins, request_for(PERSON, requestResources=[{**RESOURCE, "Metadata": {"Navn": ""}}])).json()
    assert "la virksomheten hente" in stand_ins.ask("GET", f"{PAGE}?id={code['AuthorizationCode']}").data.decode()


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000])
def test_no_json_object(stand_ins, body):
    assert refusal(ask(stand_ins, body)) == (400, "body is missing or invalid")


def test_a_field_in_both_spellings_is_none(stand_ins):
    assert refusal(ask(stand_ins, request_for(PERSON, CoveredBy=BANK_NUMBER))) == (400, "body is missing or invalid")


KEY, LACKING = (401, "ApiKey is missing or unknown"), (401, "The token is missing or invalid")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"ApiKey": None}, KEY, id="no key"),
        pytest.param({"ApiKey": "sandbox-lanekassen"}, KEY, id="Lånekassen's key"),
        pytest.param({"Authorization": None}, LACKING, id="no token"),
        pytest.param({"Authorization": "Bearer x"}, LACKING, id="no token of Maskinporten's"),
        pytest.param({"Accept": "text/html"}, (406, "Only application/hal+json is offered"), id="Accept: HTML"),
        pytest.param({"Content-Type": "text/plain"}, (415, "The request must be JSON"), id="text"),
    ],
)
def test_who_may_ask(stand_ins, change, expected):
    assert refusal(ask(stand_ins, request_for(PERSON), **change)) == expected


@pytest.mark.parametrize(
    ("method", "path", "scope"), [("POST", REQUEST, TOKENS), ("GET", f"{TOKEN}?authcode={NOBODY}", WRITE)]
)
def test_each_step_has_its_scope(stand_ins, method, path, scope):
    answered = stand_ins.ask(method, path, business(stand_ins, scope), request_for(PERSON))
    assert refusal(answered) == (403, "The token lacks the scope")


@pytest.mark.parametrize(("method", "path", "allowed"), [("GET", REQUEST, "POST"), ("POST", TOKEN, "GET")])
def test_methods(stand_ins, method, path, allowed):
    answered = stand_ins.ask(method, path)
    assert (*refusal(answered), answered.headers["Allow"]) == (405, "Method not allowed", allowed)


@pytest.mark.parametrize(
    ("supplier", "change", "status"),
    [
        pytest.param(None, {"coveredBy": "351000007"}, 403, id="for another bank"),
        pytest.param(None, {"handledBy": BANK_VENDOR}, 403, id="a supplier that does not ask"),
        pytest.param(BANK_VENDOR, {}, 403, id="a supplier that is not named"),
        pytest.param(BANK_VENDOR, {"handledBy": BANK_VENDOR}, 200, id="a supplier"),
    ],
)
def test_the_request_is_of_those_in_the_token(stand_ins, supplier, change, status):
    named = {"authority": "iso6523-actorid-upis", "ID": f"0192:{supplier}"} if supplier else None
    token = f"Bearer {stand_ins.token(WRITE, supplier=named)}"
    assert ask(stand_ins, request_for(PERSON, **change), Authorization=token).status == status
