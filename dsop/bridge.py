"""From ASGI to our WSGI, for servers that hand over names and values byte for byte: as strict as the shipped server.

A header name with an underscore never arrives, a doubled header arrives as such, and what gunicorn refuses is refused.
"""

import asyncio
import logging
import os
import re
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from audit import deadlines
from dsop import gunicorn, unreadable
from dsop.worker import BODY_SECONDS

LARGEST_BODY = 2_621_440  # what Django takes of a form
METHOD = re.compile(r"[A-Z0-9$\-_.]{3,20}")
TARGET = re.compile(rb"/[!-~]*")
ALONE = frozenset({b"host", b"content-length", b"transfer-encoding"})
NAMES = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}
BREAKS = frozenset("\r\n\0")

Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]
logger = logging.getLogger(__name__)


class Refused(Exception):
    """A request that no application is to see."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


class Bridge:
    """An ASGI application that runs a WSGI one in threads. `begin` and `end` are a worker's."""

    def __init__(
        self, application: Any, *, threads: int, begin: Callable[[], object], end: Callable[[], object]
    ) -> None:
        self.application = application
        self.begin, self.end = begin, end
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "http":
            await leave(send, *await self.answered(scope, receive))

    async def live(self, receive: Any, send: Any) -> None:
        for at, duty in (("startup", self.begin), ("shutdown", self.end)):
            assert (await receive())["type"] == f"lifespan.{at}"
            duty()
            logger.info("worker.%s", at, extra={"pid": os.getpid()})
            await send({"type": f"lifespan.{at}.complete"})

    async def answered(self, scope: dict[str, Any], receive: Any) -> Answer:
        here_since = time.monotonic()
        try:
            check(scope)
            environ = environ_of(scope, await body_of(scope, receive))
        except Refused as refused:
            logger.info("request.malformed", extra={"status": refused.status})
            unreadable.count(refused.status)
            return refusal(refused.status)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.pool, self.answer, environ, here_since)

    def answer(self, environ: dict[str, Any], here_since: float) -> Answer:
        """Return what the application answers. Runs in a thread, for which the request may have waited."""
        deadlines.arrived(here_since)
        try:
            return served(self.application, environ)
        except Exception:
            logger.error("server.crash", exc_info=True)
            unreadable.count(500)
            return refusal(500)
        finally:
            deadlines.arrived(None)


def served(application: Any, environ: dict[str, Any]) -> Answer:
    """Return a WSGI application's whole answer. Raise ValueError for a header that would be two."""
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    pieces: Iterable[bytes] = application(environ, lambda status, headers, *_: begun.append((status, headers)))
    try:
        body = b"".join(pieces)
    finally:
        if hasattr(pieces, "close"):
            pieces.close()
    status, headers = begun[-1]
    if any(BREAKS & set(name + value) for name, value in headers):
        raise ValueError
    return int(status[:3]), [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers], body


def check(scope: dict[str, Any]) -> None:
    """Refuse what gunicorn refuses and the parser before us lets through."""
    headers: Headers = scope["headers"]
    target = scope["raw_path"]
    query = scope["query_string"]
    # Two blanks, the version and, before a query, its mark.
    if len(scope["method"]) + len(target) + len(query) + bool(query) + 10 > gunicorn.limit_request_line:
        raise Refused(414)
    if len(headers) > gunicorn.limit_request_fields:
        raise Refused(431)
    if any(len(name) + len(value) + 4 > gunicorn.limit_request_field_size for name, value in headers):
        raise Refused(431)
    names = [name for name, _ in headers]
    if any(names.count(name) > 1 for name in ALONE) or not METHOD.fullmatch(scope["method"]):
        raise Refused(400)
    if not TARGET.fullmatch(target):
        raise Refused(400)
    for name, value in headers:
        if name == b"transfer-encoding" and value.lower() != b"chunked":
            raise Refused(400)
        if name == b"expect" and value.lower() != b"100-continue":
            raise Refused(417)


async def body_of(scope: dict[str, Any], receive: Any) -> bytes:
    """Return the body, which may take its time only once: refuse one that is slow, malformed or too long."""
    body = bytearray()
    more = any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while more:
                message = await receive()
                if message["type"] != "http.request":
                    raise Refused(400)
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > LARGEST_BODY:
                    raise Refused(400)
    except TimeoutError:
        raise Refused(400) from None
    return bytes(body)


def environ_of(scope: dict[str, Any], body: bytes) -> dict[str, Any]:
    """Return WSGI's variables, without headers whose names have an underscore; the same name twice is joined."""
    query = scope["query_string"].decode("latin-1")
    target = scope["raw_path"].decode("latin-1")
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"].partition(b"#")[0]).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": f"{target}?{query}" if query else target,
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": str(scope["server"][0]),
        "SERVER_PORT": str(scope["server"][1]),
        "REMOTE_ADDR": str(scope["client"][0]),
        "REMOTE_PORT": str(scope["client"][1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" in name:
            continue
        key = NAMES.get(name) or "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1").strip(" \t")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def refusal(status: int) -> Answer:
    """Return the answer to what cannot be served, after which the connection ends."""
    headers = [
        (b"content-type", b"application/json"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    return status, headers, unreadable.document_of(status)


async def leave(send: Any, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
