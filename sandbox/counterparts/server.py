"""How gunicorn serves the stand-ins: one worker with threads, on loopback, and with every header as it was sent.

An agency's `PSU_ID` has an underscore. The bank's own server drops such a header, as it must; here it passes, and a
request that spells it both ways at once is refused: whoever reads it could not tell the one from the other.
"""

import os
import signal
from typing import Any

from gunicorn.app.base import BaseApplication

from sandbox.guardian import die_with

HOST = "127.0.0.1"
NAMES_SENT = "X-Stand-Ins-Names-Sent"


class Server(BaseApplication):
    """Gunicorn with these settings and the stand-ins' application."""

    def __init__(self, port: int) -> None:
        self._port = port
        super().__init__()

    def load_config(self) -> None:
        for name, value in _options(self._port).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        # Imported in the main process, before any worker: what is missing ends the start.
        from sandbox.counterparts.wsgi import application  # noqa: PLC0415

        return application


def _options(port: int) -> dict[str, Any]:
    return {
        "bind": [f"{HOST}:{port}"],
        "proc_name": "dsop-stand-ins",
        "workers": 1,  # faults and the requests seen are kept in its memory
        "threads": 24,
        "worker_class": "gthread",
        "preload_app": True,
        "timeout": 60,
        "graceful_timeout": 0,  # nobody is waited for: what is on the shelves survives a kill
        "keepalive": 2,
        "header_map": "dangerous",
        "forwarder_headers": "",
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "limit_request_field_size": 20480,
        "control_socket_disable": True,
        "accesslog": None,
        "loglevel": "warning",
        "logger_class": "dsop.worker.ServerLog",
        "post_fork": _post_fork,
        "pre_request": _keep_names,
    }


def _post_fork(server: Any, worker: Any) -> None:
    die_with(server.pid, signal.SIGKILL)


def _keep_names(worker: Any, request: Any) -> None:
    """Let the application see which names were sent: a WSGI environment makes hyphen and underscore one."""
    sent = [(name, value) for name, value in request.headers if name.replace("_", "-") != NAMES_SENT.upper()]
    request.headers = [*sent, (NAMES_SENT.upper(), " ".join(name for name, _ in sent))]


def serve(port: int, folder: str, issuer: str) -> None:
    """Serve until SIGTERM, or until whoever started this is gone."""
    os.environ.update(
        STAND_INS_FOLDER=folder, STAND_INS_ISSUER=issuer, DJANGO_SETTINGS_MODULE="sandbox.counterparts.settings"
    )
    Server(port).run()
