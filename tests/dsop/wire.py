"""Raw bytes to a server and back: what a well-behaved client library would never send, and what it would hide."""

import socket
from contextlib import closing
from dataclasses import dataclass

import orjson

PATIENCE = 5.0


@dataclass
class Reply:
    """One answer as it stood on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self):
        return orjson.loads(self.body)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def talk(port: int, *sent: bytes, replies: int = 1, method: str = "GET") -> tuple[list[Reply], bool]:
    """Return the answers to what was sent, and whether the server has hung up then: it is asked for one more.

    Fail on bytes that nobody asked for.
    """
    with closing(connect(port)) as client:
        for piece in sent:
            client.sendall(piece)
        received, buffer = [], b""
        while len(received) < replies:
            reply, buffer = read_reply(client, buffer, method)
            if reply is None:
                return received, True
            received.append(reply)
        assert buffer == b"", f"more than the answer: {buffer[:200]!r}"
        return received, hung_up(client)


def hung_up(client: socket.socket) -> bool:
    try:
        client.sendall(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        reply, rest = read_reply(client, b"", "GET")
    except (BrokenPipeError, ConnectionResetError):
        return True
    assert rest == b"", f"more than the answer: {rest[:200]!r}"
    assert reply is None or (reply.status, reply.body) == (200, b'{"status":"ok"}')
    return reply is None


def read_reply(client: socket.socket, buffer: bytes, method: str) -> tuple[Reply | None, bytes]:
    """Return the next final answer and what follows it; None when the server hung up instead."""
    while b"\r\n\r\n" not in buffer:
        more = client.recv(65536)
        if not more:
            assert buffer == b"", f"half an answer: {buffer[:200]!r}"
            return None, b""
        buffer += more
    head, _, rest = buffer.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    version, status, _ = line.split(" ", 2)
    assert version in {"HTTP/1.1", "HTTP/1.0"}, line
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in lines)}
    if status == "100":
        return read_reply(client, rest, method)
    length = 0 if method == "HEAD" else int(headers["content-length"])
    while len(rest) < length:
        more = client.recv(65536)
        assert more, "the server hung up in the middle of an answer"
        rest += more
    return Reply(int(status), headers, rest[:length]), rest[length:]
