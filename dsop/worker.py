"""The shipped server's worker: gunicorn's threads, answering in JSON what it refuses, held up by no client."""

import errno
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from selectors import EVENT_READ
from typing import Any

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from audit import deadlines
from dsop import unreadable
from dsop.arrivals import here_since
from dsop.logs import JSONLines

LARGEST_HEAD = 65_536
HEAD_SECONDS = 5.0  # from its connection or its first byte to its last, waiting in no thread
BODY_SECONDS = 10.0
ANSWER_SECONDS = 30.0  # for each write
DRAIN_SECONDS = 0.1  # for the rest of a body that nobody has read
FAREWELL_SECONDS = 0.5  # for the client to hang up first
MOST_FAREWELLS = 200  # with `worker_connections` below the usual limit of 1,024 open files

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
    """A client's connection: it has a thread only while a whole head is there, and its reads and writes all end."""

    def __init__(self, *arguments: Any, see_off: Callable[["Connection"], None]) -> None:
        super().__init__(*arguments)
        self.see_off = see_off
        self.head = bytearray()
        self.here_since = 0.0
        self.data_ready = True

    def gather(self) -> bool:
        """Take what has come, without waiting. Return whether a thread can judge it; raise when the client is gone."""
        received = self.sock.recv(LARGEST_HEAD)
        if not received:
            raise ConnectionResetError
        self.head += received
        self.here_since = here_since(self.sock)
        return ends_head(self.head, len(self.head) - len(received)) or len(self.head) > LARGEST_HEAD

    def init(self) -> None:
        """Begin a request; the thread calls this each time."""
        if not self.initialized:
            super().init()
            self.parser.unreader = PunctualUnreader(self.sock)
        self.parser.unreader.deadline = time.monotonic() + BODY_SECONDS
        self.sock.settimeout(ANSWER_SECONDS)
        if len(self.head) > LARGEST_HEAD and not ends_head(self.head, 0):
            line_has_ended = b"\n" in self.head[: self.cfg.limit_request_line + 2]
            raise errors.LimitRequestHeaders("head") if line_has_ended else errors.LimitRequestLine(len(self.head))
        self.parser.unreader.unread(bytes(self.head))
        self.head.clear()

    def keep(self) -> None:
        """Leave what came too early for the next request, or for the loop while it is only a part of one."""
        early = self.parser.unreader.take_buffered()
        if ends_head(early, 0):
            self.here_since = time.monotonic()  # its consumer knew that another request went before it
            self.parser.unreader.unread(early)
        else:
            self.head += early

    def close(self, graceful: bool = False) -> None:
        if graceful:
            self.see_off(self)
        else:
            util.close(self.sock)


def ends_head(received: bytes | bytearray, new_from: int) -> bool:
    """Return whether an empty line has come. One made of line feeds counts: the parser refuses it."""
    start = max(0, new_from - 3)
    return received.find(b"\r\n\r\n", start) >= 0 or received.find(b"\n\n", start) >= 0


class Worker(ThreadWorker):
    """Gunicorn's threaded worker."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.leaving: deque[Connection] = deque()

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise RuntimeError("TLS ends at the proxy in front of this server.")

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection and let it wait, without a thread, until a whole head has come."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self._welcome(client, address, listener)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Take up new connections, or none; when the worker ends, the last ones, and then let go of the listener."""
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                self._take_up_the_last(listener)

    def _take_up_the_last(self, listener: socket.socket) -> None:
        """Gunicorn holds on to the listener until the end: the system goes on to accept what nobody will serve."""
        with suppress(OSError):
            while True:
                self._welcome(*listener.accept(), listener)
        listener.close()

    def _welcome(self, client: socket.socket, address: Any, listener: socket.socket) -> None:
        self.nr_conns += 1
        connection = Connection(self.cfg, client, address, listener.getsockname(), see_off=self._see_off)
        self.poller.register(client, EVENT_READ, partial(self.on_pending_socket_readable, connection))
        self._expect_head(connection)

    def _expect_head(self, conn: Connection) -> None:
        conn.timeout = time.monotonic() + HEAD_SECONDS
        self.pending_conns.append(conn)

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Begin to wait for the next head on a connection that was kept."""
        self.keepalived_conns.remove(conn)
        self.poller.modify(client, EVENT_READ, partial(self.on_pending_socket_readable, conn))
        self._expect_head(conn)
        self.on_pending_socket_readable(conn, client)

    def on_pending_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        try:
            if not conn.gather():
                return
            gone = False
        except BlockingIOError:
            return
        except OSError:
            gone = True
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        if gone:
            self.nr_conns -= 1
            conn.close()
        else:
            self.enqueue_req(conn)

    def handle(self, conn: Connection) -> bool:
        """Serve one request. Runs in a thread, for which it may have waited; what it serves knows since when."""
        deadlines.arrived(conn.here_since)
        try:
            kept = bool(super().handle(conn))
        finally:
            deadlines.arrived(None)
        if kept:
            conn.keep()
        return kept

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        """Return whether another request may follow: not when the rest of this one is missing, long or malformed."""
        try:
            return keepalive and bool(conn.parser.finish_body(deadline=time.monotonic() + DRAIN_SECONDS))
        except errors.ParseException:
            # The answer is out. Gunicorn would send a second one, which the client would take for its next.
            return False

    def _see_off(self, conn: Connection) -> None:
        """Hang up when the client has, or after a moment: doing it at once could destroy the end of its answer.

        Gunicorn waits for that in the loop that serves all other clients, two seconds for each.
        """
        try:
            if len(self.leaving) >= MOST_FAREWELLS:
                raise OSError
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, EVENT_READ, partial(self._hear_out, conn))
        except (OSError, ValueError):
            util.close(conn.sock)
            return
        conn.timeout = time.monotonic() + FAREWELL_SECONDS
        self.leaving.append(conn)

    def _hear_out(self, conn: Connection, client: socket.socket) -> None:
        with suppress(OSError):
            if client.recv(LARGEST_HEAD):
                return
        self._hang_up(conn)

    def _hang_up(self, conn: Connection) -> None:
        self.poller.unregister(conn.sock)
        self.leaving.remove(conn)
        util.close(conn.sock)

    def _cap_keepalive(self, deadline: float) -> None:
        """Wait no longer for heads when the worker is to end; gunicorn bounds its waiting for kept clients only."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, time.monotonic() + FAREWELL_SECONDS)

    def murder_pending(self) -> None:
        """Hang up on whoever has been waited for long enough; the loop calls this at every turn."""
        super().murder_pending()
        while self.leaving and self.leaving[0].timeout <= time.monotonic():
            self._hang_up(self.leaving[0])

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what never reached Django. Neither the answer nor the log repeats any of it."""
        status = next((status for kind, status in STATUS_OF if isinstance(exc, kind)), 500)
        if status == 500:
            self.log.error("server.crash", exc_info=exc)
        else:
            self.log.info("request.malformed", extra={"status": status, "error": type(exc).__name__})
        unreadable.count(status)
        with suppress(OSError):
            client.sendall(answer(status))


def answer(status: int) -> bytes:
    """Return the whole answer to a request that cannot be read."""
    body = unreadable.document_of(status)
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
