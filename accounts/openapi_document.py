"""The whole description: for each address that leads to an endpoint, what it takes and every answer it may give."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

from accounts.openapi_parameters import described
from accounts.openapi_refusals import CORRELATION_ID, responses
from accounts.openapi_schemas import document_schema, schema_name
from legal.answers import is_customers
from legal.endpoints import Endpoint
from legal.views import MandatedView, renderer

BASE = "/v2"
SCHEME = "accountsAuth"
PARAMETER = re.compile(r"<str:reference>")
JSON = "application/json"
COMPACT = {"type": "string", "pattern": r"^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){4}$"}
ABOUT = (
    "The provider's side of DSOP Kontrollinformasjon, Common Standard 2.0. This page is made from the tables that the "
    "server itself works by.\n\nWhat a question may reach and which fields an answer has is decided by the legal "
    "mandate that it names: a field that the mandate does not open is left out, and so is data that the bank does not "
    "have. Answers are encrypted to the agency's certificate; refusals never are.\n\nA request that cannot be read as "
    "HTTP, or is too large, is answered 400, 414, 417, 431 or 501 before any endpoint is reached."
)


def document() -> dict[str, Any]:
    """Return the description as OpenAPI 3.0.3."""
    views = dict(endpoints())
    return {
        "openapi": "3.0.3",
        "info": {"title": "DSOP Kontrollinformasjon", "version": "2.0.0", "description": ABOUT},
        "servers": [{"url": BASE}],
        "security": [{SCHEME: []}],
        "paths": {path: {"get": operation(path, view)} for path, view in views.items()},
        "components": {
            "schemas": {schema_name(view.endpoint): document_schema(view.endpoint) for view in views.values()},
            "securitySchemes": {
                SCHEME: {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token from Maskinporten for this server's address.",
                }
            },
        },
    }


def endpoints() -> Iterator[tuple[str, type[MandatedView]]]:
    """Yield each endpoint with its address below the base, as requests are led to it."""
    for pattern in get_resolver("accounts.urls").url_patterns:
        assert isinstance(pattern, URLPattern)
        view = getattr(pattern.callback, "view_class", None)
        if view and issubclass(view, MandatedView):
            yield "/" + PARAMETER.sub("{accountReference}", str(pattern.pattern)), view


def operation(path: str, view: type[MandatedView]) -> dict[str, Any]:
    return {
        "operationId": str(view.endpoint),
        "summary": inspect.getdoc(view),
        "description": f"Wants the scope {view.scope}.",
        "tags": ["Customer Relations" if is_customers(BASE + path) else "Control API"],
        "parameters": described(view.parameters, referred="{" in path),
        "responses": {"200": answer(view.endpoint), **responses(BASE + path, view.endpoint, view.parameters)},
    }


def answer(endpoint: Endpoint) -> dict[str, Any]:
    """Return the answer in each form that this server gives it."""
    inside = {"$ref": f"#/components/schemas/{schema_name(endpoint)}"}
    return {
        "description": f"The document {schema_name(endpoint)}; as application/jose it is encrypted (JWE, compact).",
        "headers": {"CorrelationID": {**CORRELATION_ID, "required": True}},
        "content": {
            media_type: {"schema": inside if media_type == JSON else COMPACT} for media_type in renderer().media_types
        },
    }
