"""A log line says what happened and where, and repeats nothing that came from outside."""

import logging
import os
import subprocess
import sys
import threading
import uuid
from datetime import date
from decimal import Decimal

import orjson
import pytest
import structlog

from dsop.logs import JSONLines, case, plain
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


@pytest.fixture
def from_structlog():
    """Return a function that logs by structlog's loggers and returns the lines."""
    written, handler = [], logging.Handler()
    handler.setFormatter(JSONLines())
    handler.emit = lambda record: written.append(orjson.loads(handler.format(record)))
    root = logging.getLogger()
    root.addHandler(handler)

    def log(name, method, event, **fields):
        getattr(structlog.get_logger(name), method)(event, **fields)
        return [told for told in written if told["logger"] == name][-1]

    yield log
    root.removeHandler(handler)


def test_line_of_structlog(from_structlog):
    told = from_structlog("legal.views", "warning", "seen", items=3, about={"PartyID": SECRET}, endpoint=Endpoint.ROLES)
    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "warning",
        "logger": "legal.views",
        "event": "seen",
        "items": 3,
        "about": "dict",
        "endpoint": "roles",
    }


def test_fields_of_structlog_cannot_replace_what_every_line_has(from_structlog):
    told = from_structlog("legal.views", "info", "seen", level="forged", time="forged", _record="forged", logger="x")
    assert (told["level"], told["logger"]) == ("info", "legal.views")
    assert "forged" not in str(told)


def test_exception_by_structlog_is_its_class_and_its_places(from_structlog):
    try:
        raise caught()
    except ValueError:
        told = from_structlog("legal.views", "exception", "failed")
    assert (told["error"], told["because"], told["level"]) == ("ValueError", ["KeyError"], "error")
    assert SECRET not in str(told)


def test_a_librarys_line_by_structlog_has_none_of_its_words(from_structlog):
    told = from_structlog("somebody.else", "warning", f"broken by {SECRET}", number=SECRET)
    assert (told["event"], set(told)) == ("library", {"time", "level", "logger", "event", "at"})


def test_the_record_stays_as_it_was():
    record = logging.getLogger("dsop").makeRecord("dsop", 20, "/a/b.py", 1, "%s there", ("one",), None, extra={"n": 1})
    before = dict(vars(record))
    assert JSONLines().format(record) == JSONLines().format(record)
    assert vars(record) == before


OTHER = uuid.UUID("a3a820ca-ddde-11ed-b5ea-0242ac120002")


@pytest.mark.parametrize("logger", ["dsop.middleware", "urllib3.connectionpool"])
def test_a_line_written_during_a_request_says_whose_it_is(logger):
    before = case.set(lambda: {"correlation_id": CASE, "account_info_request_id": OTHER})
    try:
        told = line(logger)
        assert (told["correlation_id"], told["account_info_request_id"]) == (str(CASE), str(OTHER))
    finally:
        case.reset(before)
    assert not {"correlation_id", "account_info_request_id"} & line(logger).keys()


def test_what_a_line_says_itself_is_not_looked_up():
    before = case.set(lambda: pytest.fail("it has both ids"))
    try:
        assert line(correlation_id=CASE, account_info_request_id=OTHER)["correlation_id"] == str(CASE)
    finally:
        case.reset(before)


def test_a_line_of_another_thread_is_of_no_request():
    before, lines = case.set(lambda: {"correlation_id": CASE}), []
    try:
        thread = threading.Thread(target=lambda: lines.append(line()))
        thread.start()
        thread.join()
    finally:
        case.reset(before)
    assert "correlation_id" not in lines[0]


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
