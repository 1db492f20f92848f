"""A refusal as bytes: the whole body and every header, on both APIs."""

import json
import uuid
from datetime import UTC, datetime

import pytest

from legal import refusals
from legal.answers import code_of, is_customers, refused

NOW = datetime(2026, 11, 21, 22, 30, 5, 999_999, tzinfo=UTC)
ACCOUNTS, CUSTOMERS = "/v2/accounts", "/v2/customers/customerRelationships"
PROVIDER = "/v2/customers/accountServicingProvider"
ALWAYS = {"Content-Type": "application/json", "Cache-Control": "no-store"}


def under_customers(code, message):
    return {"errorCode": code, "errorMessage": message, "timestamp": "2026-11-21T22:30:05Z"}


@pytest.mark.parametrize(
    ("refusal", "path", "status", "document", "headers"),
    [
        pytest.param(
            refusals.TokenMissing, ACCOUNTS, 401,
            {"code": "ACC-010", "message": "An access token from Maskinporten is required."},
            {"WWW-Authenticate": "Bearer"},
            id="no token",
        ),
        pytest.param(
            refusals.TokenExpired, ACCOUNTS, 401,
            {"code": "ACC-010", "message": "The access token has expired."},
            {"WWW-Authenticate": 'Bearer error="invalid_token"'},
            id="invalid token",
        ),
        pytest.param(
            refusals.ScopeMissing, ACCOUNTS, 403,
            {"code": "ACC-011", "message": "The access token lacks the scope of this endpoint."},
            {"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
            id="without the scope",
        ),
        pytest.param(
            refusals.ConsumerUnknown, ACCOUNTS, 403,
            {"code": "ACC-011", "message": "The consumer is not authorised here."},
            {},
            id="403 without a challenge",
        ),
        pytest.param(
            refusals.MethodNotAllowed, ACCOUNTS, 405,
            {"code": "ACC-012", "message": "Only GET is allowed."},
            {"Allow": "GET"},
            id="method",
        ),
        pytest.param(
            refusals.BadPartyID, ACCOUNTS, 400,
            {"code": "ACC-001", "message": "PartyID must be sent once, as eleven or nine digits."},
            {},
            id="form",
        ),
        pytest.param(
            refusals.NothingHere, f"{ACCOUNTS}/x", 404,
            {"code": "ACC-002", "message": "Not found."},
            {},
            id="nothing here",
        ),
        pytest.param(
            refusals.NotAcceptable, ACCOUNTS, 406,
            {"code": "ACC-013", "message": "No media type in Accept can be served."},
            {},
            id="not acceptable",
        ),
        pytest.param(
            refusals.LedgerUnavailable, ACCOUNTS, 500,
            {"code": "ACC-100", "message": "The service is not available for the moment. Try again later."},
            {"Retry-After": "5"},
            id="ledger down",
        ),
        pytest.param(
            refusals.KeysUnavailable, ACCOUNTS, 500,
            {"code": "ACC-100", "message": "The service is not available for the moment. Try again later."},
            {"Retry-After": "5"},
            id="no keys of the issuer",
        ),
        pytest.param(
            refusals.RegisterUnavailable, CUSTOMERS, 500,
            under_customers("ERR-500", "The service is not available for the moment. Try again later."),
            {"Retry-After": "5"},
            id="customers, no register yet",
        ),
        pytest.param(
            refusals.Crash, "/health/live", 500,
            {"code": "ACC-500", "message": "The service failed. Try again later."},
            {},
            id="a crash outside the API",
        ),
        pytest.param(
            refusals.TokenMissing, CUSTOMERS, 401,
            under_customers("ERR-401", "An access token from Maskinporten is required."),
            {"WWW-Authenticate": "Bearer"},
            id="customers, no token",
        ),
        pytest.param(
            refusals.ScopeMissing, CUSTOMERS, 403,
            under_customers("ERR-001", "The access token lacks the scope of this endpoint."),
            {"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
            id="customers, without the scope",
        ),
        pytest.param(
            refusals.BadCustomerID, CUSTOMERS, 400,
            under_customers("ERR-002", "CustomerID must be sent once, as eleven or nine digits."),
            {},
            id="customers, CustomerID",
        ),
        pytest.param(
            refusals.PeriodReversed, CUSTOMERS, 400,
            under_customers("ERR-003", "fromDate must not be later than toDate."),
            {},
            id="customers, period",
        ),
        pytest.param(
            refusals.MethodNotAllowed, CUSTOMERS, 405,
            under_customers("ERR-405", "Only GET is allowed."),
            {"Allow": "GET"},
            id="customers, method",
        ),
        pytest.param(
            refusals.NothingHere, "/v2/customers/", 404,
            under_customers("ERR-404", "Not found."),
            {},
            id="customers, nothing here",
        ),
        pytest.param(
            refusals.Crash, CUSTOMERS, 500,
            under_customers("ERR-500", "The service failed. Try again later."),
            {},
            id="customers, crash",
        ),
        pytest.param(
            refusals.TokenMissing, PROVIDER, 401,
            {"statusCode": 401, "message": "An access token from Maskinporten is required."},
            {"WWW-Authenticate": "Bearer"},
            id="accountServicingProvider has a 401 of its own",
        ),
        pytest.param(
            refusals.TokenExpired, PROVIDER, 401,
            {"statusCode": 401, "message": "The access token has expired."},
            {"WWW-Authenticate": 'Bearer error="invalid_token"'},
            id="accountServicingProvider, invalid token",
        ),
        pytest.param(
            refusals.ScopeMissing, PROVIDER, 403,
            under_customers("ERR-001", "The access token lacks the scope of this endpoint."),
            {"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
            id="accountServicingProvider, any other refusal",
        ),
        pytest.param(
            refusals.TokenMissing, f"{PROVIDER}/", 401,
            under_customers("ERR-401", "An access token from Maskinporten is required."),
            {"WWW-Authenticate": "Bearer"},
            id="beside accountServicingProvider",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("raised", [False, True], ids=["the class", "as raised"])
def test_whole_answer(refusal, path, status, document, headers, raised):
    answer = refused(refusal() if raised else refusal, path=path, now=NOW)
    assert answer.status_code == status
    assert json.loads(answer.content) == document
    assert dict(answer.headers) == {**ALWAYS, **headers}
    assert not answer.cookies


def test_a_valid_correlation_id_is_repeated():
    correlation_id = uuid.UUID("0B1F6E1C-5C0E-4B0F-9B7A-3C8B1D2E4F50")
    answer = refused(refusals.BadQuery, path=ACCOUNTS, correlation_id=correlation_id)
    assert dict(answer.headers) == {**ALWAYS, "CorrelationID": "0b1f6e1c-5c0e-4b0f-9b7a-3c8b1d2e4f50"}


def test_the_timestamp_is_that_of_the_moment():
    before = datetime.now(UTC).replace(microsecond=0)
    document = json.loads(refused(refusals.NothingHere, path=CUSTOMERS).content)
    assert before <= datetime.fromisoformat(document["timestamp"]) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("path", "customers"),
    [
        pytest.param("/v2/customers/customerRelationships", True, id="an endpoint"),
        pytest.param("/v2/customers/anything/else", True, id="any path below"),
        pytest.param("/v2/customers/", True, id="nothing below"),
        pytest.param("/v2/customers", True, id="without a slash"),
        pytest.param("/v2/customersX", False, id="another word"),
        pytest.param("/v2/Customers/x", False, id="another letter case"),
        pytest.param("/v2/accounts", False, id="accounts"),
        pytest.param("/v2/accounts/customers", False, id="a reference called so"),
        pytest.param("/v2", False, id="the root"),
        pytest.param("/x/v2/customers/", False, id="another root"),
    ],
)
def test_which_api_a_path_belongs_to(path, customers):
    assert is_customers(path) is customers
    assert code_of(refusals.BadCustomerID, path) == ("ERR-002" if customers else "ACC-001")
    assert code_of(refusals.BadCustomerID(), path) == code_of(refusals.BadCustomerID, path)


@pytest.mark.parametrize("path", [ACCOUNTS, CUSTOMERS, PROVIDER])
@pytest.mark.parametrize("text", ["15869010089", "<script>", "Ola Nordmann"])
def test_nothing_of_the_request_is_repeated(path, text):
    answer = refused(refusals.NothingHere, path=f"{path}/{text}")
    assert text.encode() not in answer.content
    assert text not in str(answer.headers)
