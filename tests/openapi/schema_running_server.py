"""The running server held against its own description: requests right and wrong, made from it by schemathesis.

No 5xx, no status or media type that is not described, no body or header that breaks its schema, and no member that
the standard does not know. Each generated request is also sent repaired, so that it gets past the mandate.
"""

import uuid
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

import orjson
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from accounts.openapi import described
from accounts.openapi_document import endpoints
from legal.endpoints import Endpoint, Scope
from legal.service_files import read_services
from tests.consumer import Consumer, body, identifier

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
    checks.allow_header_conformance,
]
EXAMPLES = 25
LONGEST_GENERATED = 300
PLAIN, SEALED = "application/json", "application/jose"
DEBTOR = identifier("debtor-five-accounts")


def sharpened(schema):
    """Return the description with no member allowed in an answer that it does not name.

    Long limits go: schemathesis would draw such headers letter by letter, for minutes.
    """
    if isinstance(schema, list):
        return [sharpened(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: sharpened(part) for name, part in schema.items()}
    if isinstance(kept.get("maxLength"), int) and kept["maxLength"] > LONGEST_GENERATED and "pattern" in kept:
        del kept["maxLength"]
    return {**kept, "additionalProperties": False} if isinstance(kept.get("properties"), dict) else kept


DESCRIBED = orjson.loads(described())
API = schemathesis.openapi.from_dict(sharpened(DESCRIBED))
VIEWS = {f"GET {path}": view for path, view in endpoints()}


@dataclass(frozen=True)
class Right:
    """What makes a request to one endpoint right."""

    consumer: Consumer
    scope: str
    headers: dict[str, str]
    path: dict[str, str]

    def fixed(self, accept=PLAIN):
        return {"Authorization": f"Bearer {self.consumer.token(self.scope)}", "Accept": accept}


@pytest.fixture(scope="module")
def right(server):
    """Return a function that gives, for an endpoint, a right request under a service that has it, if there is one."""

    @cache
    def of(label):
        view = VIEWS[label]
        service, step = service_with(*([Endpoint.ACCOUNTS] if "{" in label else []), view.endpoint)
        consumer = Consumer(server, service["consumers"][0]["organisation_number"])
        case = under(step)
        account = first_account(consumer if "{" in label else None, case)
        about = {"PartyID": DEBTOR, "CustomerID": DEBTOR, "AccountID": account["accountIdentifier"]}
        taken = {name for parameter in view.parameters.headers.values() for name in parameter.names}
        return Right(
            consumer,
            view.scope,
            {**case, **{name: value for name, value in about.items() if name in taken}},
            {"accountReference": account["accountReference"]} if "{" in label else {},
        )

    def first_account(consumer, case):
        """Return an account of the debtor, its reference good in this case; without a consumer in any."""
        if consumer is None:
            service, step = service_with(Endpoint.ACCOUNTS)
            consumer, case = Consumer(server, service["consumers"][0]["organisation_number"]), under(step)
        return body(consumer.accounts(DEBTOR, **case))["accounts"][0]

    return of


def under(step):
    return {
        "AccountInfoRequestID": str(uuid.uuid4()),
        "Legal-Mandate": quote(step["mandates"][0]),
        **({} if step["requester"] == "empty" else {"RequesterID": "Z999999"}),
    }


def service_with(*wanted):
    """Return a service that has the endpoints without asking for a paper or a condition, with its last step there."""
    for service in read_services():
        steps = [service["steps"].get(endpoint, {}) for endpoint in wanted]
        if all((step.get("additional_reference"), step.get("precondition")) == ("empty", "none") for step in steps):
            return service, steps[-1]
    raise AssertionError(f"No service has {wanted}.")


@pytest.fixture(scope="module")
def session():
    with requests.Session() as session:
        yield session


def asked(operation, right, **changes):
    """Return a right request as a case of schemathesis."""
    taken = {parameter.name for parameter in operation.query}
    return operation.Case(
        **{
            "method": "GET",
            "path_parameters": right.path,
            "headers": {**right.headers, "CorrelationID": str(uuid.uuid4())},
            "query": {"OnlyPrimaryOwner": "true"} if "OnlyPrimaryOwner" in taken else {},
            **changes,
        }
    )


def send(case, right, server, session, **changes):
    return case.call_and_validate(
        f"{server.base_url}", session=session, headers={**right.fixed(), **changes}, checks=CHECKS, timeout=20
    )


@API.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_generated_requests(case, right, server, session):
    known = right(f"GET {case.operation.path}")
    send(case, known, server, session)
    if case.method == "GET":
        generated = {**(case.headers or {}), **known.headers, "CorrelationID": str(uuid.uuid4())}
        send(asked(case.operation, known, headers=generated, query=case.query), known, server, session)


@pytest.mark.parametrize("accept", [PLAIN, SEALED])
@pytest.mark.parametrize("label", VIEWS)
def test_right_request_is_answered(right, server, session, label, accept):
    known = right(label)
    answer = send(asked(operation(label), known), known, server, session, Accept=accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, [accept])


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        pytest.param(401, {"Authorization": "Bearer x"}, id="a token that is none"),
        pytest.param(406, {"Accept": "text/html"}, id="a media type that nobody serves"),
    ],
)
@pytest.mark.parametrize("label", VIEWS)
def test_refused_before_the_parameters(right, server, session, label, status, changes):
    known = right(label)
    answer = send(asked(operation(label), known), known, server, session, **changes)
    assert answer.status_code == status


@pytest.mark.parametrize("label", VIEWS)
def test_token_without_the_scope(right, server, session, label):
    known = right(label)
    wrong = next(scope for scope in Scope if scope != known.scope)
    answer = send(
        asked(operation(label), known), known, server, session, Authorization=f"Bearer {known.consumer.token(wrong)}"
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"])
@pytest.mark.parametrize("label", VIEWS)
def test_other_method(right, server, session, label, method):
    known = right(label)
    answer = asked(operation(label), known, method=method).call(
        server.base_url, session=session, headers=known.fixed(), timeout=20
    )
    assert (answer.status_code, answer.headers["allow"]) == (405, ["GET"])


def operation(label):
    return API[label.removeprefix("GET ")]["GET"]


def test_the_server_serves_this_description(server):
    assert server.get("/v2/openapi.json").data == described()


def test_the_description_is_openapi():
    schemathesis.openapi.from_dict(DESCRIBED).validate()
