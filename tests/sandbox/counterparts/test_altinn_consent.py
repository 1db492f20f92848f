"""The stand-in for Altinn 2: the page, the token, withdrawal."""

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
    TOKENS,
    WRITE,
    answer,
    ask,
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
