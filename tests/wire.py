"""A local HTTP server that keeps the exact bytes of each request and gives the answers that were put in its queue."""

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

REASONS = {200: "OK", 201: "Created", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 503: "Unavailable"}


@dataclass
class Seen:
    """One request as it came."""

    raw: bytes
    line: str = field(init=False)
    headers: list[tuple[str, str]] = field(init=False)
    body: bytes = field(init=False)

    def __post_init__(self) -> None:
        head, _, self.body = self.raw.partition(b"\r\n\r\n")
        self.line, *fields = head.decode("latin-1").split("\r\n")
        self.headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in fields)]

    @property
    def names(self) -> list[str]:
        """The names of the headers, spelled and ordered as they were sent."""
        return [name for name, _ in self.headers]

    def header(self, name: str) -> str:
        """Return the value of the header spelled exactly so; "" when it was not sent."""
        return dict(self.headers).get(name, "")


class Recorder:
    """`base` is its address. An answer that was queued is given once; with none left it is 200 with an empty body."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._answers: deque[bytes | None] = deque()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def answer(
        self, status: int = 200, body: bytes | str = b"", headers: dict[str, str] | None = None, times: int = 1
    ) -> None:
        """Queue an answer."""
        content = body.encode() if isinstance(body, str) else body
        fields = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}
        head = f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.answer_raw(f"{head}Connection: close\r\n\r\n".encode("latin-1") + content, times=times)

    def answer_raw(self, octets: bytes, times: int = 1) -> None:
        """Queue these very bytes; none at all means that the connection is cut when the request has come."""
        self._answers.extend([octets] * times)

    def cut(self, times: int = 1) -> None:
        """Take a request and hang up instead of answering."""
        self.answer_raw(b"", times)

    def clear(self) -> None:
        """Forget the requests seen and the answers queued."""
        self.seen.clear()
        self._answers.clear()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._hear, args=(connection,), daemon=True).start()

    def _hear(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(20)
            raw = whole_request(connection)
            if not raw:
                return
            self.seen.append(Seen(raw))
            queued = self._answers.popleft() if self._answers else None
            if queued is None:
                queued = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            connection.sendall(queued)


def whole_request(connection: socket.socket) -> bytes:
    """Return head and body of the request on the connection; of a chunked body, the chunks as they came."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        received = connection.recv(65536)
        if not received:
            return b""
        raw += received
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
    length = int(fields.get(b"content-length", b"0"))
    chunked = b"chunked" in fields.get(b"transfer-encoding", b"")
    while len(body) < length or (chunked and not body.endswith(b"0\r\n\r\n")):
        received = connection.recv(65536)
        if not received:
            break
        body += received
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def recording() -> Iterator[Recorder]:
    """Serve a recorder for as long as the block runs."""
    recorder = Recorder()
    try:
        yield recorder
    finally:
        recorder.close()
