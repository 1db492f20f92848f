"""How gunicorn serves the bank: `gunicorn -c python:dsop.gunicorn dsop.wsgi:application`.

TLS ends at a proxy in front, which must hold back a request until it is complete. Gunicorn takes nothing from
that proxy's headers; Django reads X-Forwarded-Proto, for the admin alone.
"""

import os
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string

from dsop.logs import catch_what_python_prints

bind = os.environ.get("DSOP_BIND", "127.0.0.1:8000").split(",")
proc_name = "dsop"

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8  # each holds a connection to either database
worker_class = "dsop.worker.Worker"
worker_connections = 500  # below the usual limit of 1,024 open files
preload_app = True
timeout = 30
graceful_timeout = 15
WARM_SECONDS = 3.0  # then it begins all the same: keys that do not come must not stop whom health tells about
keepalive = 75  # longer than a proxy keeps an idle connection, so that it never meets one that is being closed

limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 20480  # name, colon, value and line end
header_map = "drop"  # Legal_Mandate would become the same variable as Legal-Mandate
forwarder_headers = ""
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
http_parser = "python"
http_protocols = "h1"
http2_cleartext = "off"

logger_class = "dsop.worker.ServerLog"
accesslog = None
control_socket_disable = True


def pre_fork(server: Any, worker: Any) -> None:
    """Close what the main process opened: two processes must never share a connection."""
    connections.close_all()


def post_fork(server: Any, worker: Any) -> None:
    catch_what_python_prints()


def post_worker_init(worker: Any) -> None:
    begin(number=worker.age)


def begin(*, number: int) -> None:
    """Fetch keys and register at once. By name: the rooms can be imported only when Django is set up.

    `number` counts the workers from the start. A worker waits for them before it takes up a connection: the system
    holds the connections meanwhile, and nobody is refused for a start. But the first ones of a sandbox cannot.
    """
    import_string("dsop.health.warm_up")()
    if number > workers or not is_own_issuer():
        import_string("dsop.health.wait_until_warm")(WARM_SECONDS)


def is_own_issuer() -> bool:
    """Return whether this server stands in for Maskinporten, so that it must serve before it can know its keys."""
    port = urlsplit(settings.MASKINPORTEN_ISSUER).port
    return settings.SANDBOX and any(address.endswith(f":{port}") for address in bind)


def worker_exit(server: Any, worker: Any) -> None:
    """Write down the requests turned away since the last time."""
    try:
        import_string("audit.turned_away.flush")()
    except Exception as error:
        worker.log.error("turned_away.lost", extra={"error": type(error).__name__})
