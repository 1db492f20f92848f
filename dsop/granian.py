"""How granian serves the bank: `python -m dsop.granian`, where a strict proxy stands before it.

Granian's own WSGI merges header names that differ in `-` and `_` alone, as WSGI must. Its ASGI hands over names and
values byte for byte, and dsop/bridge.py makes WSGI of them as gunicorn does. docs/production.md says what differs.
"""

import os

from django.utils.module_loading import import_string
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from dsop import gunicorn
from dsop.bridge import Bridge

SHIPPED = "dsop.wsgi.application"
APPLICATION = "DSOP_GRANIAN_APPLICATION"  # for the workers; the tests put an application around ours
WAITING_CALLS = 500  # a worker; beyond that granian takes up no connection
LARGEST_BUFFER = 65_536
HEAD_MILLISECONDS = 10_000  # also how long an idle connection is kept: granian has one clock for both
RESPAWN_SECONDS = 10.0  # an old worker goes on so long beside its successor
LOGS = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "dsop.logs.JSONLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {"_granian": {"level": "INFO", "handlers": ["stderr"], "propagate": False}},
}


def bridged() -> Bridge:
    """Return what a worker serves; granian calls this in each of them."""
    return Bridge(
        import_string(os.environ.get(APPLICATION, SHIPPED)),
        threads=gunicorn.threads,
        begin=lambda: gunicorn.begin(number=Workers.started),
        end=lambda: gunicorn.worker_exit(None, None),
    )


class Workers:
    """How many the main process has started. They are its forks, so that each finds its own number here."""

    started = 0

    @classmethod
    def count(cls) -> None:
        cls.started += 1


def main() -> None:
    """Serve until a signal ends it: TERM in order, HUP with new workers and no request lost."""
    # Every check runs here, once; the workers are forks and find everything imported.
    import_string(os.environ.get(APPLICATION, SHIPPED))
    os.register_at_fork(before=Workers.count)
    [bind] = gunicorn.bind
    host, _, port = bind.rpartition(":")
    Granian(
        "dsop.granian:bridged",
        factory=True,
        address=host,
        port=int(port),
        interface=Interfaces.ASGI,
        workers=gunicorn.workers,
        backpressure=WAITING_CALLS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_MILLISECONDS, max_buffer_size=LARGEST_BUFFER),
        websockets=False,
        respawn_failed_workers=True,
        respawn_interval=RESPAWN_SECONDS,
        workers_kill_timeout=gunicorn.graceful_timeout,
        log_dictconfig=LOGS,
    ).serve()


if __name__ == "__main__":
    import_string("dsop.granian.main")()  # in the module that the workers know
