"""An issuer of tokens that can be taken down, an agency with its tokens, and an attacker with keys nobody knows."""

import json
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests import cluster
from tests.consumer import Consumer, Server, identifier
from tests.issuer import METADATA, Issuer, SigningKey, encoded

PADDING, TOKEN_BYTES = 5000, 7000  # nearly the longest that is read: were they kept, the memory would show it
AUDIENCE = f"http://127.0.0.1:{cluster.PORT}/v2"


class OwnIssuer(Issuer):
    """An issuer on a port of its own. It notes when it was asked, and its listener can be closed and opened again."""

    def __init__(self) -> None:
        self.asked_at: list[float] = []
        self._server = self._listening(0)
        self.port: int = self._server.server_address[1]
        super().__init__(self._server, "http")

    def _listening(self, port: int) -> ThreadingHTTPServer:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with suppress(OSError):  # the other side has left, as it may
                    issuer.answer(self)

            def log_message(self, *args: object) -> None:
                """Keep the table's output clean."""

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True).start()
        return server

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        if handler.path == METADATA:
            self.asked_at.append(time.monotonic())
        super().answer(handler)

    def close(self) -> None:
        """Refuse connections from now on."""
        self._server.shutdown()
        self._server.server_close()

    def open(self) -> None:
        """Listen again where it did before."""
        self._server = self._listening(self.port)


@contextmanager
def own_issuer() -> Iterator[OwnIssuer]:
    """Serve an issuer until the block ends."""
    issuer = OwnIssuer()
    try:
        yield issuer
    finally:
        issuer.close()


class Passing(Consumer):
    """Keeps no connection: each call may be taken by either worker."""

    def headers(self, scope: str = "bits:kontoinformasjon", **changes: str | None) -> dict[str, str]:
        return super().headers(scope, **{"Connection": "close", **changes})


@dataclass
class Agency(Passing):
    """An agency whose tokens are of that issuer and signed with that key."""

    issuer: OwnIssuer
    key: SigningKey

    def token(self, scope: str = "bits:kontoinformasjon", **claims: Any) -> str:
        consumer = {"authority": "iso6523-actorid-upis", "ID": f"0192:{self.organisation_number}"}
        own = {"scope": scope, "aud": AUDIENCE, "consumer": consumer, "jti": str(uuid.uuid4())}
        return self.issuer.token(own | claims, key=self.key)


class Stranger(Passing):
    """Sends tokens that look right, each naming another key; a signature was never made."""

    def __init__(self, server: Server, issuer: OwnIssuer) -> None:
        super().__init__(server, "974761076")
        self._ordinary = encoded(json.dumps(issuer.claims(aud=AUDIENCE, more="x" * PADDING)).encode())

    def token(self, scope: str = "bits:kontoinformasjon", **claims: Any) -> str:
        header = encoded(json.dumps({"alg": "RS256", "kid": encoded(os.urandom(32))}).encode())
        return f"{header}.{self._ordinary}.{encoded(os.urandom(256))}"

    def ask(self, correlation_id: str) -> Any:
        return self.accounts(identifier("credit-line"), CorrelationID=correlation_id)
