"""Log lines: one JSON object each, made of known words and numbers, never of exception texts or a request's data."""

import logging
import logging.config
import re
import sys
import threading
import traceback
import uuid
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import PurePath
from typing import Any

import orjson

OUR_ROOMS = frozenset({"accounts", "agencies", "audit", "compliance", "dsop", "gunicorn", "legal", "sandbox"})
LONGEST_TEXT, LONGEST_LIST, MOST_FRAMES = 300, 20, 15
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
NO_FIELDS_OF_OURS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
SMALLEST, LARGEST = -(2**63), 2**64 - 1  # the integers that orjson writes

logger = logging.getLogger(__name__)


class JSONLines(logging.Formatter):
    """Write a record as one line: time, level, logger, event, the record's own fields, then what failed and where."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": plain(record.name),
        }
        if record.name.partition(".")[0] in OUR_ROOMS:
            line["event"] = plain(record.getMessage())
            for name, value in vars(record).items():
                if name not in NO_FIELDS_OF_OURS:
                    line.setdefault(name, plain(value))
        else:
            line |= foreign(record)
        if record.exc_info and record.exc_info[1] is not None:
            line |= failure(record.exc_info[1])
        return orjson.dumps(line).decode()


def foreign(record: logging.LogRecord) -> dict[str, Any]:
    """Return what may be told of a library's record: its place in the code, and its text before anything is filled in.

    A text that came without arguments may have been filled in already, so it is left out.
    """
    told = {"event": "library", "at": place(record.pathname, record.lineno, record.funcName or "")}
    if record.args and isinstance(record.msg, str):
        told["template"] = clean(record.msg)
    return told


def failure(error: BaseException) -> dict[str, Any]:
    """Return the class of an exception, the classes behind it and the places it passed: neither text nor values."""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    told: dict[str, Any] = {
        "error": type(error).__name__,
        "at": [place(frame.filename, frame.lineno or 0, frame.name) for frame in frames],
    }
    if behind := [type(cause).__name__ for cause in causes(error)]:
        told["because"] = behind
    return told


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what led to an exception, nearest first."""
    for _ in range(MOST_FRAMES):
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if before is None:
            return
        yield before
        error = before


def place(filename: str, line: int, name: str) -> str:
    return clean(f"{'/'.join(PurePath(filename).parts[-2:])}:{line}:{name}")


def plain(value: object) -> Any:
    """Return a value fit for a line: short, printable, of a kind known to be harmless. Of any other, the class name."""
    match value:
        case str():
            return clean(value)
        case None | bool() | float():
            return value
        case int():
            # Python refuses to write very long ones in decimals.
            return value if SMALLEST <= value <= LARGEST else hex(value)[:LONGEST_TEXT]
        case uuid.UUID() | date():
            return str(value)
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in list(value)[:LONGEST_LIST]]
        case _:
            return type(value).__name__


def clean(text: str) -> str:
    """Return the beginning of a text without control characters, as valid Unicode."""
    if len(text) <= LONGEST_TEXT and text.isprintable():
        return str(text)
    return UNPRINTABLE.sub("", text[:LONGEST_TEXT]).encode("utf-8", "replace").decode("utf-8")


def configure(config: Mapping[str, Any]) -> None:
    """Set logging up, warnings included. Django calls this for the setting LOGGING_CONFIG."""
    logging.config.dictConfig(dict(config))
    logging.raiseExceptions = False  # it would print what could not be written, arguments and all
    warnings.showwarning = lambda message, category, filename, lineno, file=None, line=None: _warned(
        category, filename, lineno
    )


def catch_what_python_prints() -> None:
    """Log what Python would print with its text: failures in threads and in objects being thrown away."""
    threading.excepthook = lambda args: _lost("thread.failed", args.exc_value)
    sys.unraisablehook = lambda args: _lost("unraisable", args.exc_value)


def _lost(event: str, error: BaseException | None) -> None:
    logger.error(event, exc_info=error)


def _warned(category: type[Warning], filename: str, lineno: int) -> None:
    logger.warning("warning", extra={"category": category.__name__, "at": place(filename, lineno, "")})
