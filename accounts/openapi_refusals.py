"""Every refusal that an endpoint may give, in the words of OpenAPI: made by refusing, not by describing it anew."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import groupby
from typing import Any

import orjson
from django.http import HttpResponse

from legal import refusals
from legal.answers import refused
from legal.endpoints import Endpoint
from legal.headers import CASE_HEADERS, REFERENCE_HEADERS, Parameters
from legal.mandates import NOT_IN_MANDATE
from legal.refusals import BadQuery, EndpointNotInMandate, NothingHere, Refusal

EXAMPLE_MOMENT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
CORRELATION_ID = {
    "description": "The request's own, wherever it was well formed.",
    "schema": {"type": "string", "format": "uuid"},
}
HEADERS = {
    "Allow": {"description": "The only method.", "schema": {"type": "string", "enum": ["GET"]}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
    "WWW-Authenticate": {"description": "As RFC 6750 has it.", "schema": {"type": "string"}},
}
TEXT = {"type": "string", "minLength": 1}
MEMBERS: dict[str, dict[str, Any]] = {
    "message": TEXT,
    "errorMessage": TEXT,
    "timestamp": {"type": "string", "format": "date-time"},
}
"""Free members; any other has one of the values that some refusal gives it."""


def responses(path: str, endpoint: Endpoint, parameters: Parameters) -> dict[str, Any]:
    """Return the answers that are none by status: body, headers, and each sentence as an example."""
    given = sorted(possible(path, endpoint, parameters), key=lambda refusal: refusal.status_code)
    return {
        str(status): response(status, path, list(those))
        for status, those in groupby(given, key=lambda refusal: refusal.status_code)
    }


def possible(path: str, endpoint: Endpoint, parameters: Parameters) -> Iterator[type[Refusal]]:
    """Yield the refusals this endpoint may give: those of its own parameters, and all that are about no parameter."""
    taken = {**CASE_HEADERS, **REFERENCE_HEADERS, **parameters.headers, **parameters.query}.values()
    of_form = {parameter.refusal for parameter in taken} | {BadQuery}
    outside = NOT_IN_MANDATE.get(endpoint, EndpointNotInMandate)
    for refusal in every(Refusal):
        if refusal.reason.startswith("form.") and refusal not in of_form:
            continue
        if issubclass(refusal, EndpointNotInMandate) and refusal is not outside:
            continue
        if refusal is NothingHere and "{" not in path:
            continue
        yield refusal


def every(refusal: type[Refusal]) -> Iterator[type[Refusal]]:
    """Yield each refusal that is raised; those without a reason only hold others together."""
    if hasattr(refusal, "reason") and refusal.__module__ == refusals.__name__:
        yield refusal
    for narrower in refusal.__subclasses__():
        yield from every(narrower)


def response(status: int, path: str, given: Sequence[type[Refusal]]) -> dict[str, Any]:
    answers = {refusal.__name__: refused(refusal, path=path, now=EXAMPLE_MOMENT) for refusal in given}
    bodies = {name: orjson.loads(answer.content) for name, answer in answers.items()}
    return {
        "description": HTTPStatus(status).phrase,
        "headers": {"CorrelationID": CORRELATION_ID, **headers(answers.values())},
        "content": {
            "application/json": {
                "schema": body_schema(list(bodies.values())),
                "examples": {name: {"value": body} for name, body in bodies.items()},
            }
        },
    }


def headers(answers: Iterable[HttpResponse]) -> dict[str, Any]:
    """Return what comes with these refusals; required where it comes with all of them."""
    sent = [set(HEADERS) & set(answer.headers) for answer in answers]
    return {
        name: {**HEADERS[name], **({"required": True} if all(name in names for names in sent) else {})}
        for name in sorted(set().union(*sent))
    }


def body_schema(bodies: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the schema of these bodies; all of one path and status have the same members."""
    (names,) = {tuple(body) for body in bodies}
    return {
        "type": "object",
        "required": list(names),
        "properties": {name: MEMBERS.get(name) or one_of({body[name] for body in bodies}) for name in names},
    }


def one_of(values: set[Any]) -> dict[str, Any]:
    return {"type": "integer" if all(isinstance(value, int) for value in values) else "string", "enum": sorted(values)}
