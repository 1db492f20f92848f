"""Who may see the figures, and where: on a port of their own, or to listed networks on the service's.

By default nowhere. Behind a proxy everybody comes from the proxy's address, so what a proxy has passed on never gets
them; to that, and to everybody who is not listed, there is nothing here.
"""

import ipaddress
import logging
import socket
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from audit.background import Background
from dsop.errors import refuse
from dsop.metrics.folder import Folder
from dsop.metrics.known import METRICS, Kind, Metric
from dsop.metrics.sums import Cells
from legal.refusals import NothingHere

PATH = "/metrics"
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PASSED_ON = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP", "HTTP_VIA")
CLIENT_SECONDS, TRY_AGAIN_SECONDS = 2.0, 5.0
logger = logging.getLogger(__name__)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Together(Collector):
    """The figures of all processes, in the library's words."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Family]:
        found = self._folder.found()
        for metric in METRICS:
            yield family(metric, found.get(metric.name, {}))


def family(metric: Metric, of: Cells) -> Family:
    match metric.kind:
        case Kind.COUNTER:
            counter = CounterMetricFamily(metric.name, metric.meaning, labels=metric.labels)
            for labels, [value] in sorted(of.items()):
                counter.add_metric(labels, value)
            return counter
        case Kind.GAUGE:
            gauge = GaugeMetricFamily(metric.name, metric.meaning, labels=metric.labels)
            for labels, [value] in sorted(of.items()):
                gauge.add_metric(labels, value)
            return gauge
        case Kind.HISTOGRAM:
            histogram = HistogramMetricFamily(metric.name, metric.meaning, labels=metric.labels)
            for labels, [*counts, total] in sorted(of.items()):
                histogram.add_metric(labels, list(cumulative(metric, counts)), total)
            return histogram


def cumulative(metric: Metric, counts: list[float]) -> Iterator[tuple[str, float]]:
    so_far = 0.0
    for bucket, count in zip((*metric.buckets, float("inf")), counts, strict=True):
        so_far += count
        yield floatToGoString(bucket), so_far


def exposition(folder: Folder) -> bytes:
    """Return all figures in Prometheus' text form."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Together(folder))
    return generate_latest(registry)


@cache
def folder() -> Folder:
    """Return the folder of this server."""
    return Folder(settings.METRICS_FOLDER)


def view(request: HttpRequest) -> HttpResponse:
    """Answer on the service's own port, where the settings allow it."""
    if settings.METRICS_BIND or request.method != "GET" or not may_see(request.META):
        return refuse(NothingHere, request)
    return HttpResponse(exposition(folder()), content_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def may_see(meta: dict[str, Any]) -> bool:
    return not any(name in meta for name in PASSED_ON) and listed(meta.get("REMOTE_ADDR", ""))


def listed(address: str) -> bool:
    """Return whether an address is in one of the networks of METRICS_ALLOWED."""
    try:
        caller = ipaddress.ip_address(address)
    except ValueError:
        return False
    known: ipaddress.IPv4Address | ipaddress.IPv6Address = getattr(caller, "ipv4_mapped", None) or caller
    return any(known in network for network in networks())


def networks() -> list[Network]:
    return [ipaddress.ip_network(text) for text in settings.METRICS_ALLOWED]


class Door(BaseHTTPRequestHandler):
    """One question on the port of the figures' own. Nothing of it is logged or repeated."""

    timeout = CLIENT_SECONDS
    server_version, sys_version = "dsop", ""

    def do_GET(self) -> None:
        if self.path != PATH or not (listed(self.client_address[0]) or not settings.METRICS_ALLOWED):
            return self._answer(404, b"")
        return self._answer(200, exposition(folder()))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", MEDIA_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        self._answer(code, b"")

    def log_message(self, *arguments: Any) -> None:
        pass


class Port(HTTPServer):
    """Every worker listens on the same port, and the kernel gives each question to one: none is needed for it."""

    allow_reuse_port = True

    def __init__(self, host: str, port: int) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), Door)

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.bind(self.server_address)  # the library's own would ask for the host's name
        self.server_name, self.server_port = self.socket.getsockname()[:2]

    def handle_error(self, request: Any, client_address: Any) -> None:
        logger.info("metrics.client_gone")


def address(text: str) -> tuple[str, int]:
    """Return host and port of `127.0.0.1:9464` or `[::1]:9464`. Raise ValueError."""
    host, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 2**16:
        raise ValueError
    return str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))), int(port)


def listen() -> float:
    """Answer on the port of our own for as long as the process lives; a taken port is tried again."""
    try:
        port = Port(*address(settings.METRICS_BIND))
    except OSError as error:
        logger.error("metrics.not_served", extra={"error": type(error).__name__})
        return TRY_AGAIN_SECONDS
    with port:
        port.serve_forever()
    return TRY_AGAIN_SECONDS


listening = Background("metrics-port", listen)
