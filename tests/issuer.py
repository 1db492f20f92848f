"""An issuer of access tokens on this machine that can be told to misbehave, and counts who asks it for its keys."""

import base64
import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

METADATA, KEY_SET = "/.well-known/oauth-authorization-server", "/jwk"
AUDIENCE = "https://api.eksempelbanken.example/dsop/v2"
CONSUMER = "974761076"
HASHES = {"RS256": hashes.SHA256(), "RS384": hashes.SHA384(), "RS512": hashes.SHA512()}

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class SigningKey:
    key_id: str
    private: rsa.RSAPrivateKey

    def published(self, **changes: Any) -> dict[str, Any]:
        """Return the public half as a member of a key set; a change to None leaves the member out."""
        numbers = self.private.public_key().public_numbers()
        members = {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.key_id,
            "n": encoded(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
            "e": encoded(numbers.e.to_bytes(3, "big")),
        }
        return without_none(members | changes)


@cache
def signing_key(key_id: str, bits: int = 2048) -> SigningKey:
    """Return the key of that name, made once per test run."""
    return SigningKey(key_id, rsa.generate_private_key(public_exponent=65537, key_size=bits))


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def without_none(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def signed(header: bytes, payload: bytes, key: SigningKey, algorithm: str = "RS256") -> str:
    """Return a token made of these very bytes, signed without the library under test."""
    signing_input = f"{encoded(header)}.{encoded(payload)}"
    signature = key.private.sign(signing_input.encode("ascii"), padding.PKCS1v15(), HASHES[algorithm])
    return f"{signing_input}.{encoded(signature)}"


def says(body: object, status: int = 200, **headers: str) -> Answer:
    """Answer with bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def drips(piece: bytes, *, before: bytes = b"HTTP/1.0 200 OK\r\n\r\n", every: float = 0.05) -> Answer:
    """Send `before`, and then a piece now and then, for a minute or until the other side leaves."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(before)
        for _ in range(int(60 / every)):
            handler.wfile.write(piece)
            time.sleep(every)

    return answer


def hangs(until: threading.Event, then: Answer) -> Answer:
    """Say nothing until told to."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        until.wait(30)
        then(handler)

    return answer


class Issuer:
    """`answers` says how each path is answered; without an entry, as an issuer in good order does."""

    def __init__(self, server: ThreadingHTTPServer, scheme: str) -> None:
        self.origin = f"{scheme}://127.0.0.1:{server.server_address[1]}"
        self.url = f"{self.origin}/"
        self.key_set_url = f"{self.origin}{KEY_SET}"
        self.keys = [signing_key("key-one"), signing_key("-key-two")]
        self.answers: dict[str, Answer] = {}
        self.fetches: Counter[str] = Counter()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.fetches[handler.path] += 1
        good = {
            METADATA: says({"issuer": self.url, "jwks_uri": self.key_set_url, "unknown": ["members"]}),
            KEY_SET: says({"keys": [key.published() for key in self.keys]}),
        }
        self.answers.get(handler.path, good.get(handler.path, says(b"", 404)))(handler)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of an ordinary token of this moment; a change to None leaves the claim out."""
        now = int(time.time())
        ordinary = {
            "iss": self.url,
            "aud": AUDIENCE,
            "scope": "bits:kontoinformasjon",
            "client_id": "3b1c7f02-5a64-4b8e-9d53-0c2a44e0a111",
            "client_amr": "virksomhetssertifikat",
            "token_type": "Bearer",
            "iat": now,
            "exp": now + 120,
            "jti": "mQ2b7wJ1m4Qv0cWcT9e3x8sYd5oRz6uKfLhGaNiEpBk",
            "consumer": {"authority": "iso6523-actorid-upis", "ID": f"0192:{CONSUMER}"},
        }
        return without_none(ordinary | changes)

    def token(
        self,
        claims: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        key: SigningKey | None = None,
    ) -> str:
        """Return a token with these changes to claims and header, signed by this issuer's first key or another."""
        key = key or self.keys[0]
        whole_header = without_none({"kid": key.key_id, "alg": "RS256"} | dict(header or {}))
        algorithm = whole_header.get("alg")
        return signed(
            json.dumps(whole_header).encode(),
            json.dumps(self.claims(**(claims or {}))).encode(),
            key,
            algorithm if isinstance(algorithm, str) and algorithm in HASHES else "RS256",
        )


@contextmanager
def running_issuer(tls: ssl.SSLContext | None = None) -> Iterator[Issuer]:
    """Serve an issuer on a free port of 127.0.0.1 for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                issuer.answer(self)
            except OSError:
                self.close_connection = True  # the other side has left, as it may

        def log_message(self, *args: object) -> None:
            """Keep the test's output clean."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *args: object) -> None:
            """A client that refuses our certificate is no error here."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    issuer = Issuer(server, "https" if tls else "http")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def wait_until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait for what a thread of the service does in its own time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
