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
    """Return the answers to what was sent, and whether the server then hung up. Fail on bytes nobody asked for."""
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
    client.settimeout(0.3)
    try:
        more = client.recv(4096)
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
    assert more == b"", f"more than the answer: {more[:200]!r}"
    return True


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
