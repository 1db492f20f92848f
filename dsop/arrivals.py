"""Since when a request has been here: also while the operating system alone held it."""

import socket
import struct
import time

LAST_RECEIVED = struct.Struct("=I")
AT = 52  # tcpi_last_data_recv in Linux's tcp_info: milliseconds since anything was received


def here_since(sock: socket.socket) -> float:
    """Return when the last bytes of a connection came, as time.monotonic(); now, where the system does not tell.

    A busy worker takes up connections late, and reads late from those it has: that is waiting too.
    """
    now = time.monotonic()
    try:
        told = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, AT + LAST_RECEIVED.size)
        [milliseconds] = LAST_RECEIVED.unpack_from(told, AT)
    except (AttributeError, OSError, struct.error):
        return now
    return now - float(milliseconds) / 1000
