"""The shipped server's worker: gunicorn's threads, answering in JSON what it refuses, held up by no client."""

import errno
import socket
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from selectors import EVENT_READ
from typing import Any

import orjson
from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from dsop.logs import JSONLines

FIRST_BYTE_SECONDS = 5.0  # a new connection waits so long, in no thread, for its request to begin
REQUEST_SECONDS = 10.0  # head and body must have come
ANSWER_SECONDS = 30.0  # one write must have gone
FAREWELL_SECONDS = 0.5  # the client may take its answer before the connection is cut

STATUS_OF = (
    (errors.InvalidResponseHeader, 500),
    (errors.InvalidResponseHeaderName, 500),
    (errors.ConfigurationProblem, 500),
    (errors.UnsupportedTransferCoding, 501),
    (errors.ExpectationFailed, 417),
    (errors.LimitRequestLine, 414),
    (errors.LimitRequestHeaders, 431),
    (errors.ForbiddenProxyRequest, 403),
    (errors.ParseException, 400),
)
SENTENCES = {
    400: "The request is malformed.",
    403: "The request is not allowed.",
    414: "The request line is too long.",
    417: "The expectation cannot be met.",
    431: "A header field is too large, or there are too many.",
    500: "The service failed. Try again later.",
    501: "The transfer coding is not supported.",
}


class ServerLog(Logger):
    """Gunicorn's own log as JSON lines."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JSONLines())


class PunctualUnreader(SocketUnreader):
    """Read from the client until the deadline, then act as if it had hung up: its request gets no answer."""

    deadline: float

    def chunk(self, size_hint: int | None = None) -> bytes:
        usual = self.sock.gettimeout()
        remaining = self.deadline - time.monotonic()
        try:
            if remaining <= 0:
                raise TimeoutError
            self.sock.settimeout(min(remaining, usual or remaining))
            received: bytes = super().chunk(size_hint)
        except TimeoutError:
            # This errno makes gunicorn close the connection without a word; its own draining knows TimeoutError.
            raise TimeoutError(errno.ECONNRESET, "the client is too slow") from None
        finally:
            self.sock.settimeout(usual)
        return received


class Connection(TConn):
    """A client's connection, whose reads and writes all end."""

    def init(self) -> None:
        """Begin a request on it; the thread calls this each time."""
        if not self.initialized:
            super().init()
            self.parser.unreader = PunctualUnreader(self.sock)
        self.parser.unreader.deadline = time.monotonic() + REQUEST_SECONDS
        self.sock.settimeout(ANSWER_SECONDS)

    def close(self, graceful: bool = False) -> None:
        # The farewell was said in the thread. Gunicorn says it in the loop that serves all other clients, where a
        # client that does not hang up costs two seconds.
        util.close(self.sock)


class Worker(ThreadWorker):
    """Gunicorn's threaded worker."""

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection and let it wait for its first byte without a thread."""
        try:
            client_socket, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        connection = Connection(self.cfg, client_socket, address, listener.getsockname())
        connection.timeout = time.monotonic() + FIRST_BYTE_SECONDS
        self.pending_conns.append(connection)
        readable = partial(self.on_pending_socket_readable, connection)
        self.poller.register(client_socket, EVENT_READ, readable)

    def handle(self, conn: Connection) -> Any:
        kept = super().handle(conn)
        if not kept:
            util.close_graceful(conn.sock, timeout=FAREWELL_SECONDS)
        return kept

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        try:
            return bool(super()._keepalive_after(conn, keepalive))
        except errors.ParseException:
            # The rest of a body nobody read is malformed. The answer is out; a second one would be taken for the next.
            return False

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what never reached Django. Neither the answer nor the log repeats any of it."""
        status = next((status for kind, status in STATUS_OF if isinstance(exc, kind)), 500)
        if status == 500:
            self.log.error("server.crash", exc_info=exc)
        else:
            self.log.info("request.malformed", extra={"status": status, "error": type(exc).__name__})
        with suppress(OSError):
            client.sendall(answer(status))


def answer(status: int) -> bytes:
    """Return the whole answer to a request that cannot be read, in the Control API's form since no path is known."""
    body = orjson.dumps({"code": "ACC-500" if status >= 500 else "ACC-001", "message": SENTENCES[status]})
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        f"Date: {util.http_date()}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n\r\n"
    )
    return head.encode("ascii") + body
