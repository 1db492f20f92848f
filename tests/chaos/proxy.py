"""A line to a server on this machine that may be made slow, or made to carry nothing. It loses and changes no byte."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Pace(NamedTuple):
    """How many bytes are carried at once in either direction, and how long they wait first: None is for ever."""

    bytes: int
    seconds: float | None


QUICK = Pace(65_536, 0.0)
HELD = Pace(65_536, None)


class Proxy:
    """Connections to `port` lead to the server at `to`."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._pace = QUICK
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lines: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def at(self, pace: Pace) -> Iterator[None]:
        """Carry at this pace within the block, and quickly again after it."""
        self._set(pace)
        try:
            yield
        finally:
            self._set(QUICK)

    def close(self) -> None:
        """Take no more connections, and cut those that are open."""
        self._set(QUICK)
        for line in (self._listener, *self._lines):
            cut(line)

    def _set(self, pace: Pace) -> None:
        with self._changed:
            self._pace = pace
            self._changed.notify_all()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                near = self._listener.accept()[0]
                far = socket.create_connection(("127.0.0.1", self._to))
                self._lines += (near, far)
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):  # one of them hung up
            while carried := source.recv(self._pace.bytes):
                self._wait(self._pace)
                sink.sendall(carried)
        for line in (source, sink):
            cut(line)

    def _wait(self, pace: Pace) -> None:
        """Wait as long as bytes do at this pace, or until there is another one."""
        with self._changed:
            self._changed.wait_for(lambda: self._pace is not pace, timeout=pace.seconds)


def cut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
