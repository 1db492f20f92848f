"""The corridor's steps as OpenTelemetry's spans, for whoever has a collector. Without one, none of this is there.

The steps are found where they stand and replaced, so that a service that does not trace runs the very same code as
before. A span has the attributes listed here, whose values are words of closed lists or the ids of a case, and neither
events nor texts of exceptions; what a caller sends of traces of its own is not looked at.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from accounts import views as endpoints
from dsop import renderers
from dsop.middleware import RequestLog
from legal import maskinporten, views

IDS = ("correlation_id", "account_info_request_id")
WORDS = ("endpoint", "service", "outcome", "code")
ATTRIBUTES = frozenset({*(f"dsop.{name}" for name in (*IDS, *WORDS)), "http.response.status_code"})
REQUEST = "request"

Step = tuple[Any, str, str]


def steps() -> Iterator[Step]:
    """Yield each step: where it stands, under which name, and what its span is called."""
    yield maskinporten.MaskinportenAuthentication, "authenticate", "token"
    yield views.MandatedView, "mandate", "mandate"
    yield views.MandatedView, "judged", "rules"
    for view in vars(endpoints).values():
        if isinstance(view, type) and issubclass(view, views.MandatedView) and "document" in vars(view):
            yield view, "document", "ledger"
    yield views.MandatedView, "disclosed", "disclosure"
    yield renderers.AnswerRenderer, "render", "encryption"
    yield views, "record", "record"


def ensure() -> None:
    """Trace from now on, where the settings name a collector. Once a process, after any fork."""
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT and not _replaced:
        # By name: the library behind it is an extra.
        provider = import_string("dsop.exporting.provider")(settings.OTEL_EXPORTER_OTLP_ENDPOINT)
        trace(provider.get_tracer("dsop"))


_replaced: list[tuple[Any, str, Any]] = []


def trace(tracer: Any) -> None:
    """Make a span of each request and each step."""
    for place, name, called in steps():
        _replace(place, name, _spanned(tracer, vars(place)[name], called))
    _replace(RequestLog, "answered", _request_spanned(tracer, RequestLog.answered))


def stop() -> None:
    """Put everything back as it was."""
    while _replaced:
        place, name, before = _replaced.pop()
        setattr(place, name, before)


def _replace(place: Any, name: str, by: Any) -> None:
    _replaced.append((place, name, vars(place)[name]))
    setattr(place, name, by)


def _spanned(tracer: Any, step: Callable[..., Any], called: str) -> Callable[..., Any]:
    @wraps(step)
    def spanned(*arguments: Any, **named: Any) -> Any:
        # The text of an exception may hold a person's number.
        with tracer.start_as_current_span(called, record_exception=False, set_status_on_exception=False):
            return step(*arguments, **named)

    return spanned


def _request_spanned(tracer: Any, answered: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(answered)
    def spanned(self: RequestLog, request: HttpRequest) -> Any:
        with tracer.start_as_current_span(REQUEST, record_exception=False, set_status_on_exception=False) as span:
            response = answered(self, request)
            span.set_attributes(attributes(response))
            return response

    return spanned


def attributes(response: Any) -> dict[str, str | int]:
    """Return what a request's span says of it."""
    entry = getattr(response, "entry", None)
    words = {f"dsop.{name}": str(getattr(entry, name)) for name in (*WORDS, *IDS) if getattr(entry, name, None)}
    return {**words, "http.response.status_code": response.status_code}
