"""The stand-in for Altinn 2's consent: request, page, token, withdrawal (studielan.md, section 3)."""

import hashlib
import html
import uuid
from base64 import b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import jwt
import pytest

from sandbox.maskinporten.clients import BANK_NUMBER, BANK_VENDOR
from tests.sandbox.counterparts.consenting import (
    BACK,
    PAGE,
    REQUEST,
    TOKEN,
    TOKENS,
    WRITE,
    answer,
    ask,
    business,
    consented,
    end,
    exchange,
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


# --- step 2: the page ---


def test_the_page_says_what_it_is_and_asks_in_norwegian(stand_ins):
    resource = {**RESOURCE, "Metadata": {"Navn": "<b>Bank & Sønn</b>"}}
    code = ask(stand_ins, request_for(PERSON, requestResources=[resource])).json()["AuthorizationCode"]

    page = stand_ins.ask("GET", f"{PAGE}?id={code}")
    text = page.data.decode()

    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert '<html lang="nb">' in text
    assert "Dette er en stand-in, ikke Altinn." in text
    assert PERSON in text
    assert html.escape("<b>Bank & Sønn</b>") in text
    assert "<b>" not in text
    assert "Ja, jeg samtykker" in text


@pytest.mark.parametrize(
    ("choices", "expected", "status"),
    [
        pytest.param(["yes"], (302, BACK), "Accepted", id="yes"),
        pytest.param(["no"], (302, BACK), "Rejected", id="no"),
        pytest.param(["yes", "yes"], (409, None), "Accepted", id="yes twice"),
        pytest.param(["no", "yes"], (409, None), "Rejected", id="a change of mind"),
        pytest.param(["yes", "withdraw"], (200, None), "Withdrawn", id="withdrawn"),
        pytest.param(["yes", "withdraw", "yes"], (409, None), "Withdrawn", id="withdrawn for good"),
        pytest.param(["withdraw"], (409, None), "Unopened", id="nothing to withdraw"),
        pytest.param(["perhaps"], (409, None), "Unopened", id="no answer"),
    ],
)
def test_answers(stand_ins, choices, expected, status):
    code = ask(stand_ins, request_for(PERSON)).json()["AuthorizationCode"]
    answered = [answer(stand_ins, code, choice) for choice in choices][-1]

    assert (answered.status, answered.headers.get("Location")) == expected
    (kept,) = stand_ins.ask("GET", "/control/altinn/consents").json()["consents"]
    assert (kept["id"], kept["status"]) == (code, status)


@pytest.mark.parametrize("query", ["", "?id=", "?id=x", f"?id={NOBODY}"])
def test_an_unknown_consent(stand_ins, query):
    assert stand_ins.ask("GET", f"{PAGE}{query}").status == 404
    assert stand_ins.ask("DELETE", f"{PAGE}{query}").status == 405


# --- step 3: the token ---


def test_a_token(stand_ins):
    valid_to = moment(days=30)
    code = consented(stand_ins, PERSON, validTo=valid_to)

    answered = exchange(stand_ins, code)

    token = answered.data.decode()
    (published,) = stand_ins.ask("GET", "/altinn/api/authorization/jwk").json()["keys"]
    claims = jwt.decode(token, jwt.PyJWK(published), algorithms=["RS256"], issuer="altinn.no")
    at = claims["nbf"]
    assert (answered.status, answered.headers["Content-Type"]) == (200, "application/hal+json; charset=utf-8")
    assert claims == {
        "Services": ["5498_1", "5498_1_Navn=Eksempelbanken"],
        "AuthorizationCode": code,
        "OfferedBy": PERSON,
        "RequiredDelegator": PERSON,
        "CoveredBy": BANK_NUMBER,
        "DelegatedDate": claims["DelegatedDate"],
        "ValidToDate": int(datetime.fromisoformat(valid_to).timestamp()),
        "nbf": at,
        "iat": at,
        "exp": at + 30,
        "iss": "altinn.no",
    }
    assert 0 <= at - claims["DelegatedDate"] < 60
    assert abs(datetime.now(UTC).timestamp() - at) < 60
    thumbprint = hashlib.sha1(b64decode(published["x5c"][0])).digest()
    assert jwt.get_unverified_header(token) == {
        "alg": "RS256",
        "typ": "JWT",
        "kid": published["kid"],
        "x5t": urlsafe_b64encode(thumbprint).rstrip(b"=").decode(),
    }


def test_a_suppliers_token_names_it(stand_ins):
    named = {"authority": "iso6523-actorid-upis", "ID": f"0192:{BANK_VENDOR}"}
    bearer = {"Authorization": f"Bearer {stand_ins.token(WRITE, supplier=named)}"}
    code = ask(stand_ins, request_for(PERSON, handledBy=BANK_VENDOR), **bearer).json()["AuthorizationCode"]
    answer(stand_ins, code, "yes")
    claims = jwt.decode(exchange(stand_ins, code).data.decode(), options={"verify_signature": False})
    assert claims["HandledBy"] == BANK_VENDOR


def test_the_token_in_quotation_marks(stand_ins):
    code = consented(stand_ins, PERSON)
    stand_ins.switch(**{"altinn.quoted_token": True})
    text = exchange(stand_ins, code).data.decode()
    assert (text[0], text[-1], text.count("."), text.count('"')) == ('"', '"', 2, 2)


def test_exchanges_are_counted(stand_ins):
    code = consented(stand_ins, PERSON)
    assert [exchange(stand_ins, each).status for each in (code, code.upper())] == [200, 200]
    (kept,) = stand_ins.ask("GET", "/control/altinn/consents").json()["consents"]
    assert kept["exchanges"] == 2


@pytest.mark.parametrize("choices", [[], ["no"], ["yes", "withdraw"]], ids=["unanswered", "refused", "withdrawn"])
def test_no_consent_in_force(stand_ins, choices):
    code = ask(stand_ins, request_for(PERSON)).json()["AuthorizationCode"]
    for choice in choices:
        answer(stand_ins, code, choice)
    assert refusal(exchange(stand_ins, code)) == (403, "There is no consent in force")


@pytest.mark.parametrize("code", ["", "x", NOBODY])
def test_an_unknown_code(stand_ins, code):
    assert refusal(exchange(stand_ins, code)) == (404, "The authorization code is unknown")


def test_the_code_of_another_bank_is_unknown(stand_ins):
    code = consented(stand_ins, PERSON)
    other = f"Bearer {stand_ins.token(TOKENS, consumer='351000007')}"
    assert exchange(stand_ins, code, Authorization=other).status == 404


def test_a_consent_that_is_over(stand_ins):
    code = consented(stand_ins, PERSON)
    end(stand_ins, code)
    assert "Samtykket er utløpt" in stand_ins.ask("GET", f"{PAGE}?id={code}").data.decode()
    assert refusal(exchange(stand_ins, code)) == (403, "There is no consent in force")


def test_a_question_that_is_over_is_not_answered(stand_ins):
    code = ask(stand_ins, request_for(PERSON)).json()["AuthorizationCode"]
    end(stand_ins, code)
    assert [answer(stand_ins, code, choice).status for choice in ("yes", "no")] == [409, 302]


def test_withdrawal_by_the_test(stand_ins):
    code = consented(stand_ins, PERSON)
    asked = [stand_ins.ask("DELETE", f"/control/altinn/consents/{each}").json() for each in (code, code, NOBODY)]
    assert asked == [{"withdrawn": True}, {"withdrawn": False}, {"withdrawn": False}]
    assert exchange(stand_ins, code).status == 403
