"""The open connections to each host, so that one that has frozen can be hung up on while a request waits for it."""

import os
import socket
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import psycopg

Ends = tuple[Any, Any]


class Lines:
    """Which connection of this process is to which host. A connection that nobody uses any more is forgotten."""

    def __init__(self) -> None:
        self._open: WeakKeyDictionary[Any, tuple[int, Ends]] = WeakKeyDictionary()

    def opened(self, host: int, connection: Any) -> None:
        """Keep in mind where a connection leads."""
        with _line_of(connection) as line:
            self._open[connection] = (host, _ends_of(line))

    def hang_up(self, host: int) -> None:
        """Cut every connection to the host: whoever waits there is told so, and may ask another host."""
        for connection, (to, ends) in list(self._open.items()):
            # Its thread may close it at this very moment, and the descriptor's number may pass to a stranger.
            with suppress(OSError, psycopg.Error):
                if to == host:
                    with _line_of(connection) as line:
                        if _ends_of(line) == ends:
                            line.shutdown(socket.SHUT_RDWR)


def _line_of(connection: Any) -> socket.socket:
    """Return the connection's socket under a descriptor of our own, which nobody else closes."""
    return socket.socket(fileno=os.dup(connection.pgconn.socket))


def _ends_of(line: socket.socket) -> Ends:
    return line.getsockname(), line.getpeername()
