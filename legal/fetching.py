"""One small document by HTTPS from an address we trust but do not control (KEY-09): bounded in time and size.

Certificates are checked, redirects are not followed, and no proxy is taken from the environment.
"""

import http.client
import re
import socket
import ssl
import threading
import time
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

SECONDS = 3.0
LARGEST = 64 * 1024
LOOPBACK = frozenset({"127.0.0.1", "::1"})
PLAIN_ADDRESS = re.compile(r"[!-~]{1,2048}")


class FetchFailed(Exception):
    """Nothing usable came. Its text is a fixed word for the log and never holds what was received."""


class NotThere(FetchFailed):
    """The server answered 404: what was asked for does not exist there."""


def check_address(address: object, *, loopback_http: bool) -> SplitResult:
    """Return the address in parts. Raise FetchFailed unless it is https, or http to this machine where allowed."""
    if not isinstance(address, str) or not PLAIN_ADDRESS.fullmatch(address):
        raise FetchFailed("address")
    try:
        parts = urlsplit(address)
        allowed = parts.scheme == "https" or (loopback_http and parts.scheme == "http" and parts.hostname in LOOPBACK)
        if not allowed or not parts.hostname or parts.port == 0 or "@" in parts.netloc or "#" in address:
            raise FetchFailed("address")
    except ValueError:
        raise FetchFailed("address") from None
    return parts


def fetch(address: str, *, loopback_http: bool = False, seconds: float = SECONDS, largest: int = LARGEST) -> bytes:
    """Return the body of a 200 answer. Raise FetchFailed for anything else, also when it comes drop by drop."""
    deadline = time.monotonic() + seconds
    connection = _connection(check_address(address, loopback_http=loopback_http), seconds)
    try:
        connection.connect()
        return _answer(connection, address, deadline, largest)
    except (HTTPError, http.client.HTTPException, OSError, ValueError):
        raise FetchFailed("timeout" if time.monotonic() >= deadline else "connection") from None
    finally:
        connection.close()


def _connection(parts: SplitResult, seconds: float) -> HTTPConnection:
    assert parts.hostname is not None
    if parts.scheme == "http":
        return HTTPConnection(parts.hostname, parts.port, timeout=seconds)
    return HTTPSConnection(parts.hostname, parts.port, timeout=seconds, ssl_context=ssl.create_default_context())


def _answer(connection: HTTPConnection, address: str, deadline: float, largest: int) -> bytes:
    # A socket's timeout starts anew with each byte; the cut-off does not.
    cut_off = threading.Timer(max(deadline - time.monotonic(), 0.0), _cut, [connection.sock])
    cut_off.daemon = True
    cut_off.start()
    try:
        parts = urlsplit(address)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "Connection": "close"}
        connection.request("GET", target, headers=headers, preload_content=False, decode_content=False)
        response = connection.getresponse()
        if response.status == 404:
            raise NotThere("status")
        if response.status != 200:
            raise FetchFailed("status")
        body = b""
        while len(body) <= largest and (piece := response.read(largest + 1 - len(body))):  # to the end, or past it
            body += piece
    finally:
        cut_off.cancel()
    if time.monotonic() >= deadline:  # a body without a length ends wherever the cut-off ended it
        raise FetchFailed("timeout")
    if len(body) > largest:
        raise FetchFailed("size")
    return body


def _cut(sock: socket.socket) -> None:
    try:
        # Not SSLSocket.shutdown, which takes the TLS state away under the reading thread.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return
