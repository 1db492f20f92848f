"""What must hold of figures and traces before anything is served: nobody sees them whom the settings do not name."""

import ipaddress
from importlib.util import find_spec
from itertools import product
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from dsop.metrics.folder import Folder, NotOurs
from dsop.metrics.serving import address, networks

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
EXPORTER = "opentelemetry.exporter.otlp.proto.http"


@register
def check_metrics_address(**kwargs: Any) -> list[CheckMessage]:
    """The figures' own port is on this machine alone, unless it is said who may come."""
    if not settings.METRICS_BIND:
        return []
    try:
        host, _ = address(settings.METRICS_BIND)
    except ValueError:
        return [Error("METRICS_BIND must be an address and a port such as 127.0.0.1:9464.", id="dsop.E160")]
    if ipaddress.ip_address(host).is_loopback or settings.METRICS_ALLOWED:
        return []
    return [
        Error(
            "METRICS_BIND can be reached from other machines, and METRICS_ALLOWED does not say from which.",
            hint="Set METRICS_ALLOWED to the addresses of the monitoring.",
            id="dsop.E160",
        )
    ]


@register
def check_metrics_allowed(**kwargs: Any) -> list[CheckMessage]:
    """Not everybody may see the figures, and on the service's own port not what comes by way of the proxy."""
    try:
        allowed, proxies = networks(), [ipaddress.ip_network(text) for text in settings.ADMIN_TRUSTED_PROXIES]
    except ValueError:
        return [Error("METRICS_ALLOWED must hold addresses or networks such as 10.1.0.0/24.", id="dsop.E161")]
    if any(network.prefixlen == 0 for network in allowed):
        return [Error("METRICS_ALLOWED must not hold the whole internet.", id="dsop.E161")]
    shared = any(one.version == other.version and one.overlaps(other) for one, other in product(allowed, proxies))
    if shared and not settings.METRICS_BIND:
        return [Error("METRICS_ALLOWED holds a proxy of ADMIN_TRUSTED_PROXIES: agencies come from it.", id="dsop.E161")]
    return []


@register
def check_metrics_folder(**kwargs: Any) -> list[CheckMessage]:
    """The workers put their figures together in a folder that nobody else may read or write."""
    if not settings.METRICS or settings.DATABASE_ROLE != "serving":
        return []
    try:
        Folder(settings.METRICS_FOLDER).make()
    except (NotOurs, OSError) as error:
        reason = str(error) if isinstance(error, NotOurs) else error.strerror
        return [Error(f"METRICS_FOLDER cannot be used: {reason}.", id="dsop.E162")]
    return []


@register
def check_tracing(**kwargs: Any) -> list[CheckMessage]:
    """Traces hold the ids of cases, so they leave this machine by TLS alone."""
    endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT
    if not endpoint:
        return []
    found: list[CheckMessage] = []
    parts = urlsplit(endpoint)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        found.append(
            Error("OTEL_EXPORTER_OTLP_ENDPOINT must be an https address, or http to this machine.", id="dsop.E163")
        )
    if not installed():
        found.append(Error("OTEL_EXPORTER_OTLP_ENDPOINT is set, and the extra otel is not installed.", id="dsop.E164"))
    return found


def installed() -> bool:
    try:
        return find_spec(EXPORTER) is not None
    except ModuleNotFoundError:
        return False
