"""One HTTP exchange with an address of our settings: bounded in time and size, on a connection of its own.

Certificates are checked, redirects not followed, nothing is tried twice, and the only proxy is OUTBOUND_PROXY_URL.
"""

import ssl
import threading
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache, partial
from http.client import HTTPException
from socket import SHUT_RDWR, socket
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from urllib3 import HTTPHeaderDict, PoolManager, ProxyManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse
from urllib3.util import make_headers

from audit.fetching import LOOPBACK, FetchFailed, check_address
from audit.measuring import exchange_with

USER_AGENT = "dsop-kontrollinformasjon"
AS_IT_IS = (("Accept-Encoding", "identity"), ("User-Agent", USER_AGENT))

Headers = Sequence[tuple[str, str]]


class AddressRefused(Exception):
    """Not an address that anything may be sent to: neither https, nor this machine in the sandbox."""


class NoAnswer(Exception):
    """No whole answer came. `may_have_arrived` is False only where nothing of the request was sent."""

    def __init__(self, *, may_have_arrived: bool) -> None:
        super().__init__()
        self.may_have_arrived = may_have_arrived


class TooLarge(Exception):
    """The answer is larger than the agency's page lets one expect."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


@dataclass(frozen=True, slots=True)
class Received:
    status: int
    headers: HTTPHeaderDict
    body: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a connection and then the answer may take, and how many bytes its body may have."""

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    largest: int = 2**20

    @property
    def seconds(self) -> float:
        return self.connect_seconds + self.read_seconds


def exchange(method: str, address: str, headers: Headers, body: bytes | None, limits: Limits) -> Received:
    """Return the answer, whatever its status. Raise AddressRefused, NoAnswer or TooLarge."""
    try:
        parts = check_address(address, loopback_http=settings.SANDBOX)
    except FetchFailed:
        raise AddressRefused from None
    line = Line(limits.seconds)
    manager = _manager(loopback=parts.hostname in LOOPBACK)
    try:
        pool = manager.connection_from_url(address)
        pool.ConnectionCls = partial(Secure if parts.scheme == "https" else Plain, line=line)  # type: ignore[assignment]
        with line, exchange_with(parts.hostname or "", answers=(TooLarge,)):
            answer = manager.urlopen(
                method,
                address,
                body=body,
                headers=HTTPHeaderDict([*AS_IT_IS, *headers]),
                timeout=Timeout(connect=limits.connect_seconds, read=limits.read_seconds),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            return _received(answer, limits.largest, line)
    except (HTTPError, HTTPException, OSError, ValueError):
        raise NoAnswer(may_have_arrived=line.connected) from None
    finally:
        manager.clear()


class Line:
    """The time an exchange has, in all: a socket's own timeout starts anew with each byte."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._connection: HTTPConnection | None = None
        self._socket: socket | None = None
        self.connected = False

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()

    def connecting(self, connection: HTTPConnection) -> None:
        self._connection = connection

    def has_connected(self) -> None:
        """Let the request be sent, unless its time is up already: names and handshakes are not cut off."""
        self.check()
        self._socket = getattr(self._connection, "sock", None)  # the connection lets go of it before the body is read
        self.connected = True

    def check(self) -> None:
        if time.monotonic() >= self._deadline:
            raise TimeoutError

    def _cut(self) -> None:
        cut = self._socket or getattr(self._connection, "sock", None)
        if isinstance(cut, socket):
            with suppress(OSError):
                socket.shutdown(cut, SHUT_RDWR)  # not the one of SSLSocket, which another thread reads


class Plain(HTTPConnection):
    def __init__(self, *arguments: Any, line: Line, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._line = line

    def connect(self) -> None:
        self._line.connecting(self)
        super().connect()
        self._line.has_connected()


class Secure(HTTPSConnection):
    def __init__(self, *arguments: Any, line: Line, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._line = line

    def connect(self) -> None:
        self._line.connecting(self)
        super().connect()
        self._line.has_connected()


def _manager(*, loopback: bool) -> PoolManager:
    proxy = settings.OUTBOUND_PROXY_URL
    if not proxy or loopback:
        return PoolManager(ssl_context=tls_context())
    parts = urlsplit(proxy)
    known = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
    return ProxyManager(proxy, proxy_headers=make_headers(proxy_basic_auth=known), ssl_context=tls_context())


@cache
def tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _received(answer: BaseHTTPResponse, largest: int, line: Line) -> Received:
    body = bytearray()
    with closing(answer):
        while len(body) <= largest and (piece := answer.read(largest + 1 - len(body))):
            body += piece
    line.check()  # a body without a length ends wherever it was cut off
    if len(body) > largest:
        raise TooLarge(answer.status)
    return Received(answer.status, HTTPHeaderDict(answer.headers), bytes(body))
