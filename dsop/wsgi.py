"""The WSGI application. Importing it runs every check and ends the process with one line for each fault."""

import gc
import os
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

import django
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import Error, connections
from django.utils.module_loading import import_string

from dsop.logs import OUR_ROOMS, failure

APPLICATION_UNFIT = 4  # gunicorn's APP_LOAD_ERROR: it ends instead of starting a worker again and again
SETTING_OF = {"default": "DATABASE_URL", "ledger": "LEDGER_DATABASE_URL"}


class Request(WSGIRequest):
    """A request whose Content-Type can neither break it nor choose how its text is decoded."""

    def __init__(self, environ: dict[str, Any]) -> None:
        try:
            super().__init__(environ)
        except (LookupError, ValueError):
            super().__init__({**environ, "CONTENT_TYPE": ""})
        self._encoding = None


class Service(WSGIHandler):
    request_class = Request


def fit_application() -> Service:
    """Return the application when the installation is sound, with no connection left open for a fork to copy."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dsop.settings")
    try:
        django.setup(set_prefix=False)
        if settings.DATABASE_ROLE != "serving":
            stop([f"dsop.E046: The server runs as {settings.DATABASE_ROLE}. Take DSOP_ROLE out of its settings."])
        service = Service()
        faults = [*unreachable_databases()] or [*failed_checks()]
    except ImproperlyConfigured as error:
        stop([str(error)])
    except Exception as error:
        stop([unexpected(error)])
    if faults:
        stop(faults)
    import_string("dsop.metrics.duties.prepare")()  # by name: the rooms can be imported only when Django is set up
    connections.close_all()
    spare_the_collector()
    return service


def spare_the_collector() -> None:
    """Leave out of its rounds what stays for good; one page of a thousand rows in ten set off a look through it all."""
    gc.collect()
    gc.freeze()


def unreachable_databases() -> Iterable[str]:
    for alias in connections:
        try:
            connections[alias].ensure_connection()
        except Error as error:
            yield f"The database in {SETTING_OF[alias]} cannot be reached ({type(error).__name__})."


def failed_checks() -> Iterable[str]:
    """Yield a line for each check, database checks included, that found an error."""
    for message in checks.run_checks(include_deployment_checks=True, databases=list(connections)):
        if message.is_serious(checks.ERROR) and not message.is_silenced():
            yield f"{message.id}: {message.msg} {message.hint or ''}"


def unexpected(error: Exception) -> str:
    """Return the class of an exception and the places in our own rooms that it passed, nearest first."""
    told = failure(error)
    ours = [place for place in told["at"] if place.partition("/")[0] in OUR_ROOMS]
    return f"{told['error']} at {', '.join(reversed(ours or told['at']))}."


def stop(faults: Iterable[str]) -> NoReturn:
    for fault in faults:
        sys.stderr.write(f"The service does not start. {' '.join(fault.split())}\n")
    raise SystemExit(APPLICATION_UNFIT)


application = fit_application()
