"""A refusal as bytes: the Control API's body, or under /customers the body of that API. Always JSON."""

import uuid
from datetime import UTC, datetime

import orjson
from django.http import HttpResponse

from legal.refusals import NotAuthenticated, Refusal

CUSTOMERS = "/v2/customers/"
SERVICING_PROVIDER = "/v2/customers/accountServicingProvider"


def refused(
    refusal: Refusal | type[Refusal], *, path: str, correlation_id: uuid.UUID | None = None, now: datetime | None = None
) -> HttpResponse:
    """Return the answer for a refusal (protocol section 4). Of the request it repeats a valid CorrelationID only."""
    response = HttpResponse(orjson.dumps(_body(refusal, path, now)), content_type="application/json")
    response.status_code = refusal.status_code
    response["Cache-Control"] = "no-store"
    if refusal.challenge:
        response["WWW-Authenticate"] = refusal.challenge
    if refusal.status_code == 405:
        response["Allow"] = "GET"
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    if correlation_id:
        response["CorrelationID"] = str(correlation_id)
    return response


def code_of(refusal: Refusal | type[Refusal], path: str) -> str:
    """Return the code that this refusal has on that path."""
    return refusal.customers_code if is_customers(path) else refusal.default_code


def is_customers(path: str) -> bool:
    return path.startswith(CUSTOMERS) or path == CUSTOMERS.rstrip("/")


def _body(refusal: Refusal | type[Refusal], path: str, now: datetime | None) -> dict[str, object]:
    message = str(refusal.default_detail)
    if path == SERVICING_PROVIDER and issubclass(
        refusal if isinstance(refusal, type) else type(refusal), NotAuthenticated
    ):
        return {"statusCode": 401, "message": message}
    if is_customers(path):
        moment = (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"errorCode": refusal.customers_code, "errorMessage": message, "timestamp": moment}
    return {"code": refusal.default_code, "message": message}
