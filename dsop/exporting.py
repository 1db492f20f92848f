"""Where spans go: by OTLP over HTTP, to the collector of the settings. Wants the extra `otel`."""

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

MOST_WAITING = 4096
"""Spans; with a collector that is away, newer ones are dropped, and no request waits."""


def provider(endpoint: str) -> TracerProvider:
    """Return what makes spans and sends them from a thread of its own.

    The endpoint is the one that was checked at the start; headers and times are the library's own variables.
    """
    made = TracerProvider(resource=Resource.create({"service.name": "dsop"}), span_limits=SpanLimits(max_events=0))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    made.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=MOST_WAITING))
    return made
