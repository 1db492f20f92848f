"""A log line says what happened and where, and repeats nothing that came from outside."""

import logging
import os
import subprocess
import sys
import uuid
from datetime import date
from decimal import Decimal

import orjson
import pytest

from dsop.logs import JSONLines, plain
from legal.endpoints import Endpoint
from tests.cluster import ROOT

SECRET = "15869010089"


def line(logger="dsop.middleware", message="request", arguments=(), error=None, **fields):
    """Return the line of a record made at noon."""
    record = logging.getLogger(logger).makeRecord(
        logger,
        logging.WARNING,
        "/srv/app/dsop/middleware.py",
        7,
        message,
        arguments,
        (type(error), error, error.__traceback__) if error else None,
        func="told",
        extra=fields,
    )
    record.created = 1_795_262_400.25
    return orjson.loads(JSONLines().format(record))


def caught():
    """Return an exception with a history, each part of which holds the secret."""
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(f"bad number {SECRET}") from error
    except ValueError as error:
        return error


def test_line_of_our_own():
    assert line(status=200, route="v2/accounts") == {
        "time": "2026-11-21T12:00:00.250Z",
        "level": "warning",
        "logger": "dsop.middleware",
        "event": "request",
        "status": 200,
        "route": "v2/accounts",
    }


def test_fields_cannot_replace_what_every_line_has():
    assert line(**dict.fromkeys(("event", "level", "time"), "forged")) == line()


def test_exception_is_its_class_and_its_places():
    told = line(error=caught())
    assert (told["error"], told["because"]) == ("ValueError", ["KeyError"])
    assert [place.rpartition(":")[2] for place in told["at"]] == ["caught"]
    assert told["at"][0].startswith("dsop/test_logs.py:")
    assert SECRET not in str(told)


@pytest.mark.parametrize(
    "logger", ["urllib3.connectionpool", "django.request", "psycopg", "root", "dsopish", "__main__"]
)
@pytest.mark.parametrize(
    ("message", "arguments", "told"),
    [
        pytest.param(f"broken by {SECRET}", (), {}, id="text that may have been filled in"),
        pytest.param("broken by %s", (SECRET,), {"template": "broken by %s"}, id="text with places to fill"),
        pytest.param("broken by %(who)s", ({"who": SECRET},), {"template": "broken by %(who)s"}, id="named places"),
        pytest.param(ValueError(SECRET), (), {}, id="exception as text"),
    ],
)
def test_line_of_a_library(logger, message, arguments, told):
    assert line(logger, message, arguments, request=SECRET, status_code=404) == {
        "time": "2026-11-21T12:00:00.250Z",
        "level": "warning",
        "logger": logger,
        "event": "library",
        "at": "dsop/middleware.py:7:told",
        **told,
    }


CASE = uuid.UUID("d4a820ca-ddde-11ed-b5ea-0242ac120002")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(None, None, id="nothing"),
        pytest.param(True, True, id="boolean"),
        pytest.param(-5, -5, id="integer"),
        pytest.param(2**70, "0x400000000000000000", id="integer that JSON writers refuse"),
        pytest.param(1.5, 1.5, id="float"),
        pytest.param("blåbær § 5", "blåbær § 5", id="text"),
        pytest.param("a\r\nb\x00c\x1b[31md\x7f\x85\u2028\u202ee", "abc[31mde", id="control characters and line ends"),
        pytest.param("half\ud800", "half?", id="half a character"),
        pytest.param("a" * 5000, "a" * 300, id="text too long"),
        pytest.param(Endpoint.ACCOUNTS, "accounts", id="word of a closed list"),
        pytest.param(CASE, str(CASE), id="uuid"),
        pytest.param(date(2026, 11, 21), "2026-11-21", id="date"),
        pytest.param(["a\n", 1, None], ["a", 1, None], id="list"),
        pytest.param(list(range(100)), list(range(20)), id="list too long"),
        pytest.param(Decimal("1.10"), "Decimal", id="amount"),
        pytest.param(b"15869010089", "bytes", id="bytes"),
        pytest.param({"PartyID": SECRET}, "dict", id="mapping"),
        pytest.param(ValueError(SECRET), "ValueError", id="exception"),
        pytest.param(object(), "object", id="anything else"),
    ],
)
def test_value(value, written):
    assert plain(value) == written
    assert line(value=value)["value"] == written


SCRIPT = f"""
import contextlib, logging, sys, threading, warnings
import django, tenacity, urllib3
django.setup()
from dsop.logs import catch_what_python_prints
catch_what_python_prints()

class Dies:
    def __del__(self):
        raise ValueError("{SECRET}")

def fail():
    raise ValueError("{SECRET}")

logging.getLogger("django.request").error("Not found: /{SECRET}")
logging.getLogger("django.security.DisallowedHost").error("{SECRET}")
logging.getLogger("gunicorn.http.wsgi").warning("{SECRET}")
for name in ("urllib3", "urllib3.connectionpool", "urllib3.util.retry", "tenacity"):
    logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger(name).warning("{SECRET}")
with contextlib.suppress(urllib3.exceptions.HTTPError):
    urllib3.PoolManager(retries=1).request("GET", "http://127.0.0.1:1/{SECRET}?x={SECRET}", body="{SECRET}")
told = tenacity.before_sleep_log(logging.getLogger("tenacity.retry"), logging.WARNING, exc_info=True)
with contextlib.suppress(ValueError):
    for attempt in tenacity.Retrying(stop=tenacity.stop_after_attempt(2), before_sleep=told, reraise=True):
        with attempt:
            fail()
logging.getLogger("django.db.backends").error("query %s", "{SECRET}")
warnings.simplefilter("always")
warnings.warn("{SECRET}", RuntimeWarning)
thread = threading.Thread(target=fail)
thread.start()
thread.join()
del thread
Dies()
logging.getLogger("legal.views").info("last")
"""


def test_everything_a_process_says_is_a_line_without_data():
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dsop.settings"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert SECRET not in done.stdout + done.stderr
    lines = [orjson.loads(text) for text in done.stderr.splitlines()]
    assert [(told["logger"], told["event"], told.get("error") or told.get("category")) for told in lines] == [
        ("django.db.backends", "library", None),
        ("dsop.logs", "warning", "RuntimeWarning"),
        ("dsop.logs", "thread.failed", "ValueError"),
        ("dsop.logs", "unraisable", "ValueError"),
        ("legal.views", "last", None),
    ]
