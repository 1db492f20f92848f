"""One document from an address we trust but do not control (KEY-09): bounded in time and size.

By HTTPS with certificates checked; by http only to this machine in the sandbox, or where the caller lists the hosts and
the answer carries its own signature (NET-00). Redirects are not followed, no proxy is taken from the environment.
"""

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from audit.measuring import exchange_with

SECONDS = 3.0
LARGEST = 64 * 1024
LOOPBACK = frozenset({"127.0.0.1", "::1"})
PLAIN_ADDRESS = re.compile(r"[!-~]{1,2048}")


class FetchFailed(Exception):
    """Nothing usable came. Its text is a fixed word for the log and never holds what was received."""


class NotThere(FetchFailed):
    """The server answered 404: what was asked for does not exist there."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What is sent along, and its media type."""

    body: bytes
    media_type: str


def check_address(
    address: object, *, loopback_http: bool, hosts: Collection[str] | None = None, signed: bool = False
) -> SplitResult:
    """Return the address in parts. Raise FetchFailed unless it is https, or http to this machine where allowed.

    Where `hosts` are given, it must lead to one of them (in lower case). If the answer is also `signed`, http will do.
    """
    if not isinstance(address, str) or not PLAIN_ADDRESS.fullmatch(address):
        raise FetchFailed("address")
    try:
        parts = urlsplit(address)
        loopback = loopback_http and parts.hostname in LOOPBACK
        allowed = parts.scheme == "https" or (parts.scheme == "http" and (loopback or (signed and hosts is not None)))
        if not allowed or not parts.hostname or parts.port == 0 or "@" in parts.netloc or "#" in address:
            raise FetchFailed("address")
    except ValueError:
        raise FetchFailed("address") from None
    if hosts is not None and parts.hostname not in hosts:
        raise FetchFailed("host")
    return parts


def fetch(
    address: str,
    *,
    loopback_http: bool = False,
    hosts: Collection[str] | None = None,
    signed: bool = False,
    accept: str = "application/json",
    posted: Posted | None = None,
    tls: ssl.SSLContext | None = None,
    seconds: float = SECONDS,
    largest: int = LARGEST,
) -> bytes:
    """Return the body of a 200 answer. Raise FetchFailed for anything else, also when it comes drop by drop.

    `tls` is for a server that asks for our certificate; it must check the server's, as the usual context does.
    """
    deadline = time.monotonic() + seconds
    parts = check_address(address, loopback_http=loopback_http, hosts=hosts, signed=signed)
    with exchange_with(parts.hostname or "", answers=(NotThere,)):
        return _fetched(_connection(parts, seconds, tls), parts, accept, posted, deadline=deadline, largest=largest)


def _fetched(
    connection: HTTPConnection,
    parts: SplitResult,
    accept: str,
    posted: Posted | None,
    *,
    deadline: float,
    largest: int,
) -> bytes:
    try:
        connection.connect()
        # A socket's timeout starts anew with each byte; the cut-off does not.
        cut_off = threading.Timer(max(deadline - time.monotonic(), 0.0), _cut, [connection.sock])
        cut_off.daemon = True
        cut_off.start()
        try:
            _ask(connection, parts, accept, posted)
            return _answer(connection, deadline, largest)
        finally:
            cut_off.cancel()
    except (HTTPError, http.client.HTTPException, OSError, ValueError):
        raise FetchFailed("timeout" if time.monotonic() >= deadline else "connection") from None
    finally:
        connection.close()


def _connection(parts: SplitResult, seconds: float, tls: ssl.SSLContext | None) -> HTTPConnection:
    assert parts.hostname is not None
    if parts.scheme == "http":
        return HTTPConnection(parts.hostname, parts.port, timeout=seconds)
    context = tls or ssl.create_default_context()
    return HTTPSConnection(parts.hostname, parts.port, timeout=seconds, ssl_context=context)


def _ask(connection: HTTPConnection, parts: SplitResult, accept: str, posted: Posted | None) -> None:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Accept": accept, "Accept-Encoding": "identity", "Connection": "close"}
    if posted:
        headers["Content-Type"] = posted.media_type
    connection.request(
        "POST" if posted else "GET",
        target,
        body=posted.body if posted else None,
        headers=headers,
        preload_content=False,
        decode_content=False,
    )


def _answer(connection: HTTPConnection, deadline: float, largest: int) -> bytes:
    with closing(connection.getresponse()) as response:
        if response.status == 404:
            raise NotThere("status")
        if response.status != 200:
            raise FetchFailed("status")
        body = bytearray()
        while len(body) <= largest and (piece := response.read(largest + 1 - len(body))):  # to the end, or past it
            body += piece
    if time.monotonic() >= deadline:  # a body without a length ends wherever the cut-off ended it
        raise FetchFailed("timeout")
    if len(body) > largest:
        raise FetchFailed("size")
    return bytes(body)


def _cut(sock: socket.socket) -> None:
    try:
        # Not SSLSocket.shutdown, which takes the TLS state away under the reading thread.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return
