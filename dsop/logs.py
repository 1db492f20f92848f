"""Log lines: one JSON object each, made of known words and numbers, never of exception texts or a request's data."""

import logging
import logging.config
import re
import sys
import threading
import traceback
import uuid
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, date, datetime
from pathlib import PurePath
from typing import Any, cast

import orjson
import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict

OUR_ROOMS = frozenset({"accounts", "agencies", "audit", "compliance", "dsop", "gunicorn", "legal", "sandbox"})
LONGEST_TEXT, LONGEST_LIST, MOST_FRAMES = 300, 20, 15
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
NO_FIELDS_OF_OURS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "_logger", "_name"}
case: ContextVar[Callable[[], Mapping[str, uuid.UUID]] | None] = ContextVar("case", default=None)
"""Returns the ids of the request that this thread answers; it is asked only when a line is written that lacks them."""
SMALLEST, LARGEST = -(2**63), 2**64 - 1  # the integers that orjson writes

logger = logging.getLogger(__name__)


class JSONLines(ProcessorFormatter):
    """Write a record as one line: time, level, logger, event, the record's own fields, then what failed and where.

    Whether it came by the standard's loggers or by structlog's, it goes through the same steps.
    """

    def __init__(self) -> None:
        super().__init__(processors=(begun, told, with_failure, with_case, rendered))

    def format(self, record: logging.LogRecord) -> str:
        # The library copies the record first, for other formatters' sake. No step of ours changes it, and the copy
        # costs as much as the line.
        event: Any = {"_record": record}
        for step in self.processors:
            event = step(None, "", event)
        return cast(str, event)


def begun(logger: Any, method: str, event: EventDict) -> EventDict:
    """Add what every line has."""
    record = event["_record"]
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    event["time"] = moment.replace("+00:00", "Z")
    event["level"] = record.levelname.lower()
    event["logger"] = plain(record.name)
    return event


def told(logger: Any, method: str, event: EventDict) -> EventDict:
    """Add what happened: of our own records the fields, of a library's its place in the code."""
    record = event["_record"]
    if record.name.partition(".")[0] not in OUR_ROOMS:
        event.update(foreign(record))
        return event
    if isinstance(record.msg, dict):  # structlog's
        fields: Mapping[str, Any] = record.msg
        event["event"] = plain(fields.get("event"))
    else:
        fields = vars(record)
        event["event"] = clean(record.getMessage())
    for name, value in fields.items():
        if name not in NO_FIELDS_OF_OURS and name not in event:
            write = WRITTEN.get(type(value), _other)
            event[name] = write(value)
    return event


def with_failure(logger: Any, method: str, event: EventDict) -> EventDict:
    """Add the exception that a record is about."""
    record = event["_record"]
    found = record.exc_info or (record.msg.get("exc_info") if isinstance(record.msg, dict) else None)
    if found:
        error = found if isinstance(found, BaseException) else (sys.exc_info() if found is True else found)[1]
        if error is not None:
            event.update(failure(error))
    return event


def with_case(logger: Any, method: str, event: EventDict) -> EventDict:
    """Add whose line it is: the ids of the request during which it was written, as far as they are there."""
    ids = case.get()
    if ids is not None and not (event.get("correlation_id") and event.get("account_info_request_id")):
        event.update({name: str(value) for name, value in ids().items() if not event.get(name)})
    return event


def rendered(logger: Any, method: str, event: EventDict) -> str:
    del event["_record"]
    return orjson.dumps(event).decode()


def foreign(record: logging.LogRecord) -> dict[str, Any]:
    """Return what may be told of a library's record: its place in the code, and its text before anything is filled in.

    A text that came without arguments may have been filled in already, so it is left out.
    """
    line = {"event": "library", "at": place(record.pathname, record.lineno, record.funcName or "")}
    if record.args and isinstance(record.msg, str):
        line["template"] = clean(record.msg)
    return line


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
    return WRITTEN.get(type(value), _other)(value)


def _other(value: object) -> Any:
    """Return the same for a kind that is derived from a known one, or is not known."""
    return next((write(value) for kind, write in WRITTEN.items() if isinstance(value, kind)), type(value).__name__)


def _same(value: Any) -> Any:
    return value


def _integer(value: int) -> int | str:
    # Python refuses to write very long ones in decimals.
    return value if SMALLEST <= value <= LARGEST else hex(value)[:LONGEST_TEXT]


def _list(value: Iterable[object]) -> list[Any]:
    return [plain(item) for item in list(value)[:LONGEST_LIST]]


def clean(text: str) -> str:
    """Return the beginning of a text without control characters, as valid Unicode."""
    if len(text) <= LONGEST_TEXT and text.isprintable():
        return str(text)
    return UNPRINTABLE.sub("", text[:LONGEST_TEXT]).encode("utf-8", "replace").decode("utf-8")


WRITTEN: dict[type, Callable[[Any], Any]] = {
    str: clean,
    type(None): _same,
    bool: _same,
    float: _same,
    int: _integer,
    uuid.UUID: str,
    date: str,
    datetime: str,
    **dict.fromkeys((list, tuple, set, frozenset), _list),
}
"""How a value of each kind is written; what is derived from several is written as the first of them."""


def configure(config: Mapping[str, Any]) -> None:
    """Set logging up, warnings included. Django calls this for the setting LOGGING_CONFIG."""
    logging.config.dictConfig(dict(config))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
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
