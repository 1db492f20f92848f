"""Traces show the corridor's steps by words of closed lists, and nobody. Without a collector there are none."""

import threading
from collections import Counter
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.test import Client
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from dsop import seeing_checks, tracing
from dsop.middleware import RequestLog
from legal import views
from tests.agency import case_of, told
from tests.cluster import free_port

client = partial(Client, headers={"Host": "testserver"})
SECRET = "15869010089"
CASE = "d4a820ca-ddde-11ed-b5ea-0242ac120002"
STEPS = ("token", "mandate", "rules", "ledger", "disclosure", "encryption", "record")


@pytest.fixture
def spans():
    """Return a function that traces from now on, and one that reads what was traced."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.trace(provider.get_tracer("test"))
    yield exporter.get_finished_spans
    tracing.stop()


def test_a_request_and_its_step(spans):
    client().get(f"/v2/accounts?x={SECRET}", headers={"CorrelationID": CASE, "PartyID": SECRET})
    step, request = spans()
    assert (step.name, request.name) == ("token", "request")
    assert step.parent.span_id == request.context.span_id
    assert dict(request.attributes) == {
        "dsop.endpoint": "accounts",
        "dsop.outcome": "refused",
        "dsop.code": "ACC-010",
        "dsop.correlation_id": CASE,
        "http.response.status_code": 401,
    }
    assert SECRET not in "".join(span.to_json() for span in spans())


def test_an_exceptions_text_is_in_no_span(spans, monkeypatch):
    def fail(*arguments):
        raise ValueError(SECRET)

    monkeypatch.setattr("legal.maskinporten.bearer_token", fail)
    assert client().get("/v2/accounts").status_code == 500
    step, _ = spans()
    assert (step.events, step.status.description, dict(step.attributes or {})) == ((), None, {})
    assert SECRET not in "".join(span.to_json() for span in spans())


def test_what_a_caller_sends_of_traces_is_not_looked_at(spans):
    client().get("/v2/accounts", headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "tracestate": f"x={SECRET}"})
    request = spans()[-1]
    assert request.parent is None
    assert f"{request.context.trace_id:032x}" != "a" * 32


def test_without_a_collector_the_very_same_code_runs(settings):
    before = [vars(place)[name] for place, name, _ in tracing.steps()]
    answered = RequestLog.answered
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = ""
    tracing.ensure()
    assert [vars(place)[name] for place, name, _ in tracing.steps()] == before
    tracing.trace(TracerProvider().get_tracer("test"))
    assert views.record is not before[-1]
    tracing.stop()
    assert [vars(place)[name] for place, name, _ in tracing.steps()] == before
    assert RequestLog.answered is answered


class Collector(HTTPServer):
    """Takes what is sent by OTLP over HTTP."""

    def __init__(self):
        super().__init__(("127.0.0.1", free_port()), Taking)
        self.bodies = []
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})

    def spans(self):
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        found = [scope for request in requests for resource in request.resource_spans for scope in resource.scope_spans]
        return [span for scope in found for span in scope.spans]


class Taking(BaseHTTPRequestHandler):
    def do_POST(self):
        assert self.path == "/v1/traces"
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def collector():
    with Collector() as made:
        made.thread.start()
        yield made
        made.shutdown()
        made.thread.join()


def test_the_service_as_shipped_sends_its_steps(collector, another_server):
    address = f"http://127.0.0.1:{collector.server_port}"
    server = another_server(OTEL_EXPORTER_OTLP_ENDPOINT=address, OTEL_EXPORTER_OTLP_HEADERS="x-key=1")
    case = case_of(server, "fi-utlegg-saldo", "debtor-five-accounts")
    account = told(case.ask("accounts"))["accounts"][0]
    told(case.ask("accountDetails", account["accountReference"]))
    server.stop()  # what waits is sent at the end
    spans = collector.spans()
    of_case = [span for span in spans if any(value.value.string_value == str(case.id) for value in span.attributes)]
    assert [span.name for span in of_case] == ["request", "request"]
    for request in of_case:
        assert Counter(span.name for span in spans if span.parent_span_id == request.span_id) == Counter(STEPS)
    assert {value.key for span in spans for value in span.attributes} <= tracing.ATTRIBUTES
    for known in (case.number, account["accountReference"], account["accountIdentifier"], case.mandate):
        assert not any(known.encode() in body for body in collector.bodies)


NOT_SAFE = "dsop.E163"


@pytest.mark.parametrize(
    ("endpoint", "there", "found"),
    [
        pytest.param("", False, [], id="none"),
        pytest.param("https://collector.bank.example:4318", True, [], id="by TLS"),
        pytest.param("http://127.0.0.1:4318", True, [], id="on this machine"),
        pytest.param("http://localhost:4318", True, [], id="on this machine by name"),
        pytest.param("http://collector.bank.example:4318", True, [NOT_SAFE], id="without TLS"),
        pytest.param("http://127.0.0.1.bank.example:4318", True, [NOT_SAFE], id="without TLS, in disguise"),
        pytest.param("collector:4318", True, [NOT_SAFE], id="no address"),
        pytest.param("https://collector.bank.example", False, ["dsop.E164"], id="without the library"),
    ],
)
def test_e163_where_traces_go(settings, monkeypatch, endpoint, there, found):
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint
    monkeypatch.setattr(seeing_checks, "installed", lambda: there)
    assert [message.id for message in seeing_checks.check_tracing()] == found


def test_the_library_is_installed_here():
    assert seeing_checks.installed()
