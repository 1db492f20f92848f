"""The description: valid, as the standard's list of fields has it, true to the readers, and served to everybody."""

import csv
import re
from http import HTTPStatus
from urllib.parse import quote

import orjson
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.openapi import described
from accounts.openapi_document import endpoints
from accounts.openapi_parameters import FORMS
from accounts.openapi_refusals import every, possible
from accounts.openapi_schemas import field_schema
from legal import headers as read
from legal.disclosure import SENT
from legal.headers import CASE_HEADERS, REFERENCE_HEADERS, read_header, read_query
from legal.refusals import Refusal
from legal.service_files import CUSTOMER_ENDPOINTS, STANDARD, read_services

DESCRIBED = orjson.loads(described())
OPERATIONS = {path: methods["get"] for path, methods in DESCRIBED["paths"].items()}
SCHEMAS = DESCRIBED["components"]["schemas"]
VIEWS = dict(endpoints())
with STANDARD.open(encoding="utf-8", newline="") as file:
    STANDARD_ROWS = list(csv.DictReader(file))


def rows_of(schema, above=""):
    """Return path, type, form, longest and required of each field of a schema, as fields.csv spells them."""
    rows = []
    for name, field in schema.get("properties", {}).items():
        path = f"{above}.{name}" if above else name
        inside = field.get("items", field)
        kind = f"array of {inside['type']}" if "items" in field else field["type"]
        required = ("parent" if above else "answer") if name in schema.get("required", ()) else ""
        rows.append((path, kind, written(field, inside), str(inside.get("maxLength", "")), required))
        rows += rows_of(inside, path)
    return rows


def written(field, inside):
    said = {
        **{name: inside[name] for name in ("enum", "pattern", "minLength", "minimum", "format") if name in inside},
        **({"minItems": field["minItems"]} if "minItems" in field else {}),
    }
    assert len(said) <= 1, "the standard gives each field one form"
    for name, value in said.items():
        return value if name == "format" else f"{name}: {'|'.join(value) if name == 'enum' else value}"
    return ""


def whole(form):
    """Return the standard's form with its pattern about the whole value, as the standard means it."""
    name, _, pattern = form.partition(": ")
    return f"pattern: ^{pattern}$" if name == "pattern" and not pattern.startswith("^") else form


@pytest.mark.parametrize("endpoint", [view.endpoint for view in VIEWS.values()])
def test_fields_are_the_standards(endpoint):
    assert sorted(rows_of(SCHEMAS[endpoint[0].upper() + endpoint[1:]])) == sorted(
        (row["path"], row["json_type"], whole(row["format"]), row["max_length"], row["required"])
        for row in STANDARD_ROWS
        if row["endpoint"] == endpoint
    )


def test_fields_of_an_unknown_form_are_refused():
    row = {"endpoint": "roles", "path": "x", "json_type": "string", "format": "multipleOf: 2", "max_length": ""}
    with pytest.raises(ValueError, match="roles x: a format of no known kind"):
        field_schema(row)


@pytest.mark.parametrize(
    ("service", "endpoint"),
    [
        pytest.param(service, endpoint, id=f"{service['service']} {endpoint}")
        for service in read_services()
        for endpoint in service["steps"]
        if endpoint not in CUSTOMER_ENDPOINTS
    ],
)
def test_no_service_withholds_what_its_answer_must_have(service, endpoint):
    """A required field may go with its parent only."""
    fields = service["fields"][endpoint]
    sent = {path for path, word in fields.items() if word in SENT}
    for row in STANDARD_ROWS:
        path, parent = row["path"], row["path"].rpartition(".")[0]
        parent_is_sent = not parent or any(each.startswith(f"{parent}.") for each in sent)
        if row["endpoint"] == endpoint and row["required"] and path in fields and parent_is_sent:
            assert path in sent


def parameters_of(path):
    view = VIEWS[path]
    headers = {**CASE_HEADERS, **view.parameters.headers, **REFERENCE_HEADERS}
    return [("header", each) for each in headers.values()] + [
        ("query", each) for each in view.parameters.query.values()
    ]


@pytest.mark.parametrize("path", OPERATIONS)
def test_parameters_are_the_corridors(path):
    named = [("path", "accountReference", True)] if "{" in path else []
    named += [(place, each.names[0], each.required) for place, each in parameters_of(path)]
    assert [(each["in"], each["name"], each["required"]) for each in OPERATIONS[path]["parameters"]] == named


EACH = {parameter.names[0]: (place, parameter) for path in OPERATIONS for place, parameter in parameters_of(path)}
HALVES = ["2026-11-22", "2026-02-30", "true", "TRUE", "pol1", "srf", "1" * 9, "1" * 11, "12345", "FI%2DUtlegg", "%zz"]
HALVES += ["c0ffee00-0000-4000-8000-00000000000f", "urn:uuid:c0ffee00-0000-4000-8000-00000000000f", " ", "a,b", "æ", ""]


def accepted(place, parameter, text):
    try:
        if place == "query":
            return read_query(f"{parameter.names[0]}={text}", {"x": parameter})["x"] is not None
        meta = {"HTTP_" + parameter.names[0].upper().replace("-", "_"): text}
        return read_header(meta, parameter) is not None
    except Refusal:
        return False


def fits(schema, text):
    if schema.get("type") == "boolean":
        return text.lower() in {"true", "false"}
    if schema.get("format") == "date" and not read.DATE.fullmatch(text):
        return False
    return (
        ("enum" not in schema or text in schema["enum"])
        and ("pattern" not in schema or re.search(schema["pattern"].removesuffix("$") + r"\Z", text) is not None)
        and len(text) <= schema.get("maxLength", len(text))
    )


@pytest.mark.parametrize("name", EACH)
@given(text=st.one_of(st.sampled_from(HALVES), st.text(st.characters(codec="ascii"), max_size=40)))
def test_what_is_read_fits_the_described_form(name, text):
    place, parameter = EACH[name]
    text = quote(text) if place == "query" else text
    assert fits(FORMS[name], text) or not accepted(place, parameter, text)


@pytest.mark.parametrize("name", [name for name in EACH if "pattern" in FORMS[name] and name != "Legal-Mandate"])
@given(data=st.data())
def test_what_fits_the_described_form_is_read(name, data):
    """Legal-Mandate's pattern cannot say that the octets are UTF-8."""
    place, parameter = EACH[name]
    text = data.draw(st.from_regex(FORMS[name]["pattern"].removesuffix("$") + r"\Z", fullmatch=True))
    text = quote(text) if place == "query" else text
    assert accepted(place, parameter, text) or (parameter.blank_is_absent and not text.strip())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("RequesterID", "Z" * 255, id="RequesterID"),
        pytest.param("AdditionalReferenceID", "e" * 16_384, id="AdditionalReferenceID"),
    ],
)
def test_longest(name, text):
    """The described limit is the reader's own."""
    place, parameter = EACH[name]
    for value, right in ((text, True), (text + "x", False)):
        assert (fits(FORMS[name], value), accepted(place, parameter, value)) == (right, right)


def test_every_refusal_of_a_form_belongs_to_a_described_parameter():
    told = {refusal for path, view in VIEWS.items() for refusal in possible(path, view.endpoint, view.parameters)}
    assert {refusal.__name__ for refusal in set(every(Refusal)) - told} <= {"EndpointNotInMandate"}


@pytest.mark.parametrize("path", OPERATIONS)
def test_answers(path):
    statuses = ["200", "400", "401", "403", *(["404"] if "{" in path else []), "405", "406", "429", "500"]
    responses = OPERATIONS[path]["responses"]
    assert list(responses) == statuses
    for status in statuses[1:]:
        assert responses[status]["description"] == HTTPStatus(int(status)).phrase
        assert list(responses[status]["content"]) == ["application/json"], "a refusal is never encrypted"


@pytest.mark.parametrize(
    ("path", "status", "name", "value"),
    [
        pytest.param(
            "/accounts",
            "400",
            "PeriodNotToday",
            {"code": "ACC-001", "message": "Under this legal mandate fromDate and toDate must be today (Europe/Oslo)."},
            id="Control API",
        ),
        pytest.param(
            "/customers/customerRelationships",
            "400",
            "BadCustomerID",
            {
                "errorCode": "ERR-002",
                "errorMessage": "CustomerID must be sent once, as eleven or nine digits.",
                "timestamp": "2026-11-22T09:30:00Z",
            },
            id="Customer Relations",
        ),
        pytest.param(
            "/accounts/{accountReference}/cards",
            "400",
            "CardsNotInMandate",
            {"code": "ACC-001", "message": "Cards are not part of the service."},
            id="its own sentence",
        ),
    ],
)
def test_refusal(path, status, name, value):
    assert OPERATIONS[path]["responses"][status]["content"]["application/json"]["examples"][name] == {"value": value}


def test_headers_of_refusals():
    responses = OPERATIONS["/accounts"]["responses"]
    assert {status: sorted(response["headers"]) for status, response in responses.items()} == {
        "200": ["CorrelationID"],
        "400": ["CorrelationID"],
        "401": ["CorrelationID", "WWW-Authenticate"],
        "403": ["CorrelationID", "WWW-Authenticate"],
        "405": ["Allow", "CorrelationID"],
        "406": ["CorrelationID"],
        "429": ["CorrelationID", "Retry-After"],
        "500": ["CorrelationID", "Retry-After"],
    }


@pytest.mark.parametrize(
    ("plain", "media_types"), [(True, ["application/jose", "application/json"]), (False, ["application/jose"])]
)
def test_plain_answers_are_described_where_they_are_served(settings, plain, media_types):
    settings.PLAIN_JSON = plain
    described.cache_clear()
    content = orjson.loads(described())["paths"]["/accounts"]["get"]["responses"]["200"]["content"]
    described.cache_clear()
    assert list(content) == media_types
    assert content["application/jose"]["schema"]["type"] == "string"


def get(path, method="GET", **headers):
    return Client(headers={"Host": "testserver"}).generic(method, path, headers=headers)


def test_served_without_a_token_and_without_a_database():
    """Neither alias is open to this test: a statement would fail it."""
    answer = get("/v2/openapi.json")
    assert (answer.status_code, answer.content) == (200, described())
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_who_has_it_is_told_so():
    etag = get("/v2/openapi.json").headers["ETag"]
    answer = get("/v2/openapi.json", **{"If-None-Match": etag})
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert get("/v2/openapi.json", **{"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize("path", ["/v2/openapi.json", "/openapi"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
def test_other_method(path, method):
    answer = get(path, method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")
    assert answer.content == (b"" if method == "HEAD" else b'{"code":"ACC-012","message":"Only GET is allowed."}')


@pytest.mark.parametrize("path", ["/v2/openapi.json/", "/v2/openapi", "/v2/openapi.yaml", "/v2/Openapi.json"])
def test_paths_beside_it_want_a_token(path):
    assert get(path).status_code == 401


@pytest.mark.parametrize("environment", ["sandbox", "test"])
def test_page(settings, environment):
    settings.ENVIRONMENT = environment
    answer = get("/openapi")
    text = answer.content.decode()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "<script" not in text and "style=" not in text and "http://" not in text and "https://" not in text
    for operation in OPERATIONS.values():
        assert f'id="{operation["operationId"]}"' in text
    assert "Cards are not part of the service." in text and "primaryOwner.identifier.value" in text


@pytest.mark.parametrize("environment", ["production", "", "staging"])
def test_no_page_elsewhere(settings, environment):
    settings.ENVIRONMENT = environment
    answer = get("/openapi")
    assert (answer.status_code, answer.content) == (404, b'{"code":"ACC-002","message":"Not found."}')
    assert get("/v2/openapi.json").status_code == 200
