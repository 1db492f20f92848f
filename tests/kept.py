"""Clients that ask without a pause on connections they keep, and hold every answer against the right one."""

import http.client
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType

HUNG_UP = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)
PATIENCE = 30.0


@dataclass
class Asked:
    """What came of all questions: `right` and `retried` are sums, `wrong` says of each what it was."""

    right: int = 0
    retried: int = 0
    wrong: Counter[str] = field(default_factory=Counter)


class Line:
    """One client's connection to whichever instance takes one."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = list(ports)
        self._connection: http.client.HTTPConnection | None = None
        self.was_idle = False
        self.headers: Mapping[str, str] = {}
        """Of the latest answer."""

    def get(self, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        connection = self._connection = self._connection or self._connected()
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        self.headers = response.headers
        self.was_idle = False  # a byte has come: from here on nothing may be asked again
        body = response.read()
        if response.will_close:
            self.close()
        else:
            self.was_idle = True
        return response.status, body

    def _connected(self) -> http.client.HTTPConnection:
        """Return a new connection; who is refused one has asked nothing yet, and goes to the next instance."""
        for _ in self._ports[1:]:
            try:
                return dial(self._ports[0])
            except ConnectionRefusedError:
                self._ports.append(self._ports.pop(0))
        return dial(self._ports[0])

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self.was_idle = None, False


def dial(port: int) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.connect()
    return connection


@dataclass
class Clients:
    """`number` threads that ask one question until the block ends; each begins at another of the ports."""

    ports: Sequence[int]
    path: str
    headers: Callable[[], Mapping[str, str]]
    is_right: Callable[[bytes], bool]
    number: int = 8
    asked: Asked = field(default_factory=Asked)

    def __enter__(self) -> Asked:
        self._lock, self._over = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(place,)) for place in range(self.number)]
        for thread in self._threads:
            thread.start()
        return self.asked

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE)

    def _ask(self, place: int) -> None:
        turn = place % len(self.ports)
        line = Line([*self.ports[turn:], *self.ports[:turn]])
        while not self._over.is_set():
            said, retried = self._once(line)
            with self._lock:
                self.asked.retried += retried
                self.asked.right += said == "right"
                self.asked.wrong.update([] if said == "right" else [said])
        line.close()

    def _once(self, line: Line) -> tuple[str, bool]:
        """Ask, and ask once more where a kept connection was closed and no byte had come. Nothing else is retried."""
        retried = False
        try:
            try:
                status, body = line.get(self.path, self.headers())
            except HUNG_UP:
                if not line.was_idle:
                    raise
                retried = True
                line.close()
                status, body = line.get(self.path, self.headers())
        except (OSError, http.client.HTTPException) as error:
            line.close()
            return type(error).__name__, retried
        return ("right" if status == 200 and self.is_right(body) else f"status {status}"), retried
