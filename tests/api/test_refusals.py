"""Every way to be refused, over HTTP: status, body, headers, and what the record says."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from tests.consumer import Consumer, body, identifier, mint

DEBTOR = "debtor-five-accounts"
ACC = {
    400: "ACC-001",
    401: "ACC-010",
    403: "ACC-011",
    404: "ACC-002",
    405: "ACC-012",
    406: "ACC-013",
}


def refused(answer, status, message):
    """Assert the Control API's whole answer."""
    assert answer.status == status, answer.data
    assert body(answer) == {"code": ACC[status], "message": message}
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Location" not in answer.headers and "Set-Cookie" not in answer.headers
    return answer


def refused_customers(answer, status, code, message):
    """Assert the whole answer of the API under /customers."""
    assert answer.status == status, answer.data
    document = body(answer)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document.pop("timestamp"))
    assert document == {"errorCode": code, "errorMessage": message}
    assert answer.headers["Content-Type"] == "application/json"


FORM = {
    "CorrelationID": "CorrelationID must be sent once, as a uuid.",
    "AccountInfoRequestID": "AccountInfoRequestID must be sent once, as a uuid.",
    "Legal-Mandate": "Legal-Mandate must be sent once, percent-encoded as UTF-8, with at most 500 characters.",
    "PartyID": "PartyID must be sent once, as eleven or nine digits.",
    "RequesterID": "RequesterID must be sent at most once, with at most 255 printable ASCII characters.",
    "AdditionalReferenceIDType": "AdditionalReferenceIDType must be sent at most once, as pol1 or srf.",
}
YESTERDAY = (datetime.now(UTC).date() - timedelta(days=2)).isoformat()
NOT_TODAY = "Under this legal mandate fromDate and toDate must be today (Europe/Oslo)."
EMPTY_REFERENCE = "Under this legal mandate AdditionalReferenceID and AdditionalReferenceIDType must be empty."


@pytest.mark.parametrize(
    ("changes", "query", "status", "message"),
    [
        *(
            pytest.param({name: value}, None, 400, FORM[name], id=f"{name} {how}")
            for name in ("CorrelationID", "AccountInfoRequestID", "Legal-Mandate", "PartyID")
            for how, value in (("missing", None), ("empty", ""), ("doubled", "a,a"), ("not ASCII", "Ã¥"))
        ),
        pytest.param({"RequesterID": "a,b"}, None, 400, FORM["RequesterID"], id="RequesterID doubled"),
        pytest.param(
            {"AdditionalReferenceIDType": "x"}, None, 400, FORM["AdditionalReferenceIDType"], id="type unknown"
        ),
        pytest.param({"AdditionalReferenceIDType": "srf"}, None, 400, EMPTY_REFERENCE, id="a type sent"),
        pytest.param({"AdditionalReferenceID": "x"}, None, 400, EMPTY_REFERENCE, id="a reference sent"),
        pytest.param({"Legal-Mandate": "FI-Utlegg"}, None, 400, "The legal mandate is not known here.", id="mandate"),
        pytest.param({"Accept": "text/html"}, None, 406, "No media type in Accept can be served.", id="Accept"),
        pytest.param({}, "", 400, "OnlyPrimaryOwner must be true or false, sent once.", id="OnlyPrimaryOwner missing"),
        pytest.param(
            {}, "?onlyPrimaryOwner=FALSE", 400, "Under this legal mandate OnlyPrimaryOwner must be TRUE.", id="FALSE"
        ),
        pytest.param(
            {},
            "?OnlyPrimaryOwner=true&onlyPrimaryOwner=false",
            400,
            "OnlyPrimaryOwner must be true or false, sent once.",
            id="both spellings differ",
        ),
        pytest.param({}, f"?OnlyPrimaryOwner=true&fromDate={YESTERDAY}", 400, NOT_TODAY, id="from another day"),
        pytest.param(
            {},
            f"?OnlyPrimaryOwner=true&toDate={YESTERDAY}",
            400,
            "fromDate must not be later than toDate.",
            id="reversed",
        ),
        pytest.param({}, "?OnlyPrimaryOwner=true&toDate=2099-01-01", 400, NOT_TODAY, id="to a later day"),
        pytest.param(
            {}, f"?OnlyPrimaryOwner=true&fromDate={YESTERDAY}&toDate={YESTERDAY}", 400, NOT_TODAY, id="another day"
        ),
        pytest.param(
            {},
            "?OnlyPrimaryOwner=true&fromDate=20261121",
            400,
            "fromDate must be a date as YYYY-MM-DD, sent once.",
            id="date without hyphens",
        ),
        pytest.param(
            {}, "?OnlyPrimaryOwner=true&x=%ff", 400, "The query string is not percent-encoded UTF-8.", id="query"
        ),
    ],
)
def test_account_list_refused(skatteetaten, records, changes, query, status, message):
    query = "?OnlyPrimaryOwner=true" if query is None else query
    answer = skatteetaten.accounts(identifier(DEBTOR), query, **changes)
    refused(answer, status, message)
    (row,) = records()
    assert (row["outcome"], row["code"], row["http_status"]) == ("refused", ACC[status], status)
    assert row["consumer"] == "974761076"
    assert identifier(DEBTOR).encode() not in repr(row).encode()


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ("transactions", "Transactions are not part of the service."),
        ("roles", "Roles are not part of the service."),
        ("cards", "Cards are not part of the service."),
    ],
)
def test_endpoint_that_is_not_part_of_the_service(skatteetaten, records, endpoint, message):
    case_id = str(uuid.uuid4())
    account = body(skatteetaten.accounts(identifier(DEBTOR), AccountInfoRequestID=case_id))["accounts"][0]
    refused(skatteetaten.details(account["accountReference"], case_id, f"/{endpoint}"), 400, message)
    assert [(row["endpoint"], row["code"], row["outcome"]) for row in records()] == [
        ("accounts", "", "answered"),
        (endpoint, "ACC-001", "refused"),
    ]


def test_reference_that_stands_for_nothing_has_the_same_bytes(skatteetaten):
    case_id = str(uuid.uuid4())
    account = body(skatteetaten.accounts(identifier(DEBTOR), AccountInfoRequestID=case_id))["accounts"][0]
    right = account["accountReference"]
    assert skatteetaten.details(right, case_id).status == 200
    for reference, case in (
        (right, str(uuid.uuid4())),
        (right[:-3] + ("AAA" if right[-3:] != "AAA" else "BBB"), case_id),
        (account["accountIdentifier"], case_id),
        ("dataNotDelivered", case_id),
        (right.lower(), case_id),
    ):
        answer = skatteetaten.details(reference, case)
        refused(answer, 404, "Not found.")
        assert answer.data == b'{"code":"ACC-002","message":"Not found."}'


def test_reference_of_another_audience(server, skatteetaten):
    """Two audiences of one installation: what was given under one opens nothing under the other."""
    case_id = str(uuid.uuid4())
    account = body(skatteetaten.accounts(identifier(DEBTOR), AccountInfoRequestID=case_id))["accounts"][0]
    token = mint(
        consumer="974761076",
        scope="bits:kontoinformasjon",
        claims={"aud": f"http://localhost:{server.port}/v2"},
    )
    answer = skatteetaten.details(account["accountReference"], case_id, Authorization=f"Bearer {token}")
    refused(answer, 404, "Not found.")


@pytest.mark.parametrize(
    ("consumer", "scope", "status", "message"),
    [
        pytest.param("889640782", "bits:kontoinformasjon", 403, "The consumer is not authorised here.", id="not ours"),
        pytest.param(
            "974760673",
            "bits:kontoinformasjon",
            403,
            "The consumer is not authorised under this legal mandate.",
            id="the mandate of another",
        ),
        pytest.param(
            "974761076", "bits:kundeforhold", 403, "The access token lacks the scope of this endpoint.", id="scope"
        ),
        pytest.param(
            "974761076",
            "bits:kontoinformasjon.oed",
            403,
            "The access token lacks the scope of this endpoint.",
            id="TOK-18 scope that begins alike",
        ),
        pytest.param("974761076", "", 403, "The access token lacks the scope of this endpoint.", id="no scope"),
    ],
)
def test_not_authorised(server, records, consumer, scope, status, message):
    answer = Consumer(server, consumer).accounts(
        identifier(DEBTOR), Authorization=f"Bearer {mint(consumer=consumer, scope=scope)}"
    )
    refused(answer, status, message)
    assert [(row["outcome"], row["code"], row["consumer"]) for row in records()] == [("refused", "ACC-011", consumer)]


def test_missing_scope_is_challenged(server, skatteetaten):
    answer = skatteetaten.accounts(
        identifier(DEBTOR), Authorization=f"Bearer {skatteetaten.token('bits:kundeforhold')}"
    )
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


def test_aut_07_system_user_token(skatteetaten):
    details = [{"type": "urn:altinn:systemuser", "systemuser_org": {"ID": "0192:213456008"}}]
    token = skatteetaten.token(authorization_details=details)
    answer = skatteetaten.accounts(identifier(DEBTOR), Authorization=f"Bearer {token}")
    refused(answer, 403, "Access tokens for system users and consents are not accepted here.")


def test_aut_06_token_about_one_person(skatteetaten):
    number, other, case_id = identifier(DEBTOR), identifier("negative-balance"), str(uuid.uuid4())
    token = f"Bearer {skatteetaten.token(pid=number)}"
    listed = skatteetaten.accounts(number, Authorization=token, AccountInfoRequestID=case_id)
    assert listed.status == 200
    reference = body(listed)["accounts"][0]["accountReference"]
    assert skatteetaten.details(reference, case_id, Authorization=token).status == 200
    elsewhere = f"Bearer {skatteetaten.token(pid=other)}"
    message = "The access token is restricted to another person."
    refused(skatteetaten.accounts(number, Authorization=elsewhere), 403, message)
    refused(skatteetaten.details(reference, case_id, Authorization=elsewhere), 403, message)
    refused(skatteetaten.details("dataNotDelivered", case_id, Authorization=elsewhere), 403, message)


@pytest.mark.parametrize(
    ("changes", "query", "status", "code", "message"),
    [
        pytest.param(
            {"CustomerID": None},
            "",
            400,
            "ERR-002",
            "CustomerID must be sent once, as eleven or nine digits.",
            id="no CustomerID",
        ),
        pytest.param(
            {"CustomerID": "1234"},
            "",
            400,
            "ERR-002",
            "CustomerID must be sent once, as eleven or nine digits.",
            id="malformed CustomerID",
        ),
        pytest.param({}, "?fromDate=x", 400, "ERR-003", "fromDate must be a date as YYYY-MM-DD, sent once.", id="date"),
        pytest.param({}, f"?fromDate={YESTERDAY}", 400, "ERR-003", NOT_TODAY, id="period"),
        pytest.param({"CorrelationID": None}, "", 400, "ERR-400", FORM["CorrelationID"], id="no CorrelationID"),
        pytest.param(
            {},
            "?onlyPrimaryOwner=false",
            400,
            "ERR-400",
            "Under this legal mandate OnlyPrimaryOwner must be TRUE.",
            id="FALSE",
        ),
        pytest.param(
            {"Authorization": None}, "", 401, "ERR-401", "An access token from Maskinporten is required.", id="no token"
        ),
        pytest.param({"Accept": "text/xml"}, "", 406, "ERR-406", "No media type in Accept can be served.", id="Accept"),
    ],
)
def test_customer_relationships_refused(skatteetaten, changes, query, status, code, message):
    answer = skatteetaten.customer_relationships(identifier(DEBTOR), query, **changes)
    refused_customers(answer, status, code, message)


def test_customer_relationships_need_their_own_scope(skatteetaten):
    token = f"Bearer {skatteetaten.token('bits:kontoinformasjon')}"
    answer = skatteetaten.customer_relationships(identifier(DEBTOR), Authorization=token)
    refused_customers(answer, 403, "ERR-001", "The access token lacks the scope of this endpoint.")


@pytest.mark.parametrize("path", ["/v2/accounts", "/v2/accounts/x", "/v2/accounts/x/cards", "/v2/nothing"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_only_get(server, skatteetaten, records, path, method):
    headers = skatteetaten.headers(PartyID=identifier(DEBTOR))
    answer = server.request(method, path, headers)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET")
    if method != "HEAD":
        assert body(answer) == {"code": "ACC-012", "message": "Only GET is allowed."}
    assert [row["code"] for row in records()] == ["ACC-012"]


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "path", ["/v2", "/v2/", "/v2/nothing", "/v2/accounts/", "/v2/accounts/a/b/c", "/v2/accounts?OnlyPrimaryOwner=true"]
)
def test_without_token_everything_is_401(server, records, method, path):
    answer = refused(server.request(method, path), 401, "An access token from Maskinporten is required.")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert records() == []


@pytest.mark.parametrize(
    "path", ["/v2", "/v2/", "/v2/nothing", "/v2/accounts/", "/v2/accounts/a/", "/v2/accounts/a/b", "/v2//accounts"]
)
def test_unknown_path(server, skatteetaten, records, path):
    refused(server.get(path, skatteetaten.headers()), 404, "Not found.")
    assert [(row["endpoint"], row["code"], row["outcome"]) for row in records()] == [("unknown", "ACC-002", "refused")]


def test_correlation_id_comes_back_whenever_it_is_valid(server, skatteetaten):
    correlation_id = str(uuid.uuid4())
    for headers in (
        {"CorrelationID": correlation_id},
        skatteetaten.headers(CorrelationID=correlation_id),
        skatteetaten.headers(CorrelationID=correlation_id, PartyID=identifier(DEBTOR)),
    ):
        answer = server.get("/v2/accounts?OnlyPrimaryOwner=true", headers)
        assert answer.headers["CorrelationID"] == correlation_id
    assert "CorrelationID" not in server.get("/v2/accounts", {"CorrelationID": "x"}).headers


def test_err_05_token_before_headers(server):
    refused(server.get("/v2/accounts", {}), 401, "An access token from Maskinporten is required.")
    answer = server.get("/v2/accounts", {"Authorization": "Bearer x.y.z"})
    refused(answer, 401, "The access token is malformed.")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
