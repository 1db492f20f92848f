"""Instances of the service as an agency reaches them: kept connections, and one retry where it is allowed."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException

from urllib3.exceptions import ProtocolError

from tests.kept import HUNG_UP, Line


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    data: bytes
    headers: Mapping[str, str]


@dataclass
class Lines:
    """What a Consumer asks in a server's place. Each thread has a connection, to whichever instance takes one."""

    ports: Sequence[int]
    retried: int = 0
    refused: set[str] = field(default_factory=set)
    """The CorrelationIDs of questions for which no instance took a connection: nothing was sent."""
    _own: threading.local = field(default_factory=threading.local)

    def get(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Return the answer; a kept connection that was closed before any byte came is made anew, once."""
        line = self._line()
        try:
            try:
                return Answer(*line.get(path, headers), line.headers)
            except HUNG_UP:
                if not line.was_idle:
                    raise
                self.retried += 1
                line.close()
                return Answer(*line.get(path, headers), line.headers)
        except (OSError, HTTPException) as error:
            line.close()
            if isinstance(error, ConnectionRefusedError):
                self.refused.add(headers["CorrelationID"])
            raise ProtocolError(type(error).__name__) from None

    def _line(self) -> Line:
        if not hasattr(self._own, "line"):
            self._own.line = Line(self.ports)
        line: Line = self._own.line
        return line
