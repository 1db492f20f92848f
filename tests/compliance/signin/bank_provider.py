"""A provider of identities on this machine that can be told to misbehave, and a browser's way through it."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections import Counter
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.issuer import encoded, says, signing_key, without_none

CLIENT_ID, CLIENT_SECRET = "dsop-desk", "a secret of the suite, fifty characters at the least"
DOCUMENT, KEYS, TOKEN = "/.well-known/openid-configuration", "/keys", "/token"
CALLBACK = "/admin/oidc/callback"


@cache
def curve_key(curve="secp256r1"):
    return ec.generate_private_key({"secp256r1": ec.SECP256R1(), "secp384r1": ec.SECP384R1()}[curve])


def published_curve_key(key, kid):
    numbers = key.public_key().public_numbers()
    size, name = (key.curve.key_size + 7) // 8, {256: "P-256", 384: "P-384"}[key.curve.key_size]
    x, y = (encoded(number.to_bytes(size, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "use": "sig", "crv": name, "kid": kid, "x": x, "y": y}


def rs256(message, key):
    return key.private.sign(message, padding.PKCS1v15(), hashes.SHA256())


def ps256(message, key):
    return key.private.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def es256(message, key):
    size = (key.curve.key_size + 7) // 8
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def hs256(message, secret):
    return hmac.digest(secret, message, "sha256")


def unsigned(message, key):
    return b""


def pem(key):
    """Return the public half as the file it would be published as."""
    return key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def half_hash(text):
    return encoded(hashlib.sha256(text.encode()).digest()[:16])


class BankProvider:
    """`answers` says how each path is answered; without an entry, as a provider in good order does.

    Codes are good once, for the client and the redirect that asked, with the verifier of the challenge that was sent.
    """

    def __init__(self, port):
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = signing_key("key-one")
        self.published = [self.key.published()]
        self.document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}{TOKEN}",
            "jwks_uri": f"{self.issuer}{KEYS}",
            "end_session_endpoint": f"{self.issuer}/end",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }
        self.settings = {
            "OIDC_ISSUER": self.issuer,
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "OIDC_GROUPS": {"dsop-lesere": "compliance reader", "dsop-saksbehandlere": "compliance officer"},
            "OIDC_GROUPS_CLAIM": "groups",
            "OIDC_EMPLOYEE_CLAIM": "employee",
            "OIDC_SECOND_FACTOR": {"amr": ["mfa", "hwk"]},
        }
        self.answers, self.fetches, self.codes = {}, Counter(), {}

    def answer(self, handler):
        path = urlsplit(handler.path).path
        self.fetches[path] += 1
        length = int(handler.headers.get("Content-Length") or 0)
        form = dict(parse_qsl(handler.rfile.read(length).decode()))
        given = self.answers.get(path)
        if given is None and path == DOCUMENT:
            given = says(without_none(self.document))
        elif given is None and path == KEYS:
            given = says({"keys": self.published})
        elif given is None and path == TOKEN:
            given = self.tokens(form, handler.headers.get("Authorization", ""))
        (given or says(b"", 404))(handler)

    def tokens(self, form, shown):
        """Return the answer to a code, as OAuth 2.0 and PKCE want it judged."""
        known = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        in_form = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if shown != f"Basic {known}" and not in_form:
            return says({"error": "invalid_client"}, 401)
        asked, answer = self.codes.pop(form.get("code"), ({}, None))
        challenge = encoded(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        same = form.get("redirect_uri") == asked.get("redirect_uri") and challenge == asked.get("code_challenge")
        if answer is None or not same or form.get("grant_type") != "authorization_code":
            return says({"error": "invalid_grant", "error_description": "secret words 15869010089"}, 400)
        return says(without_none(answer))

    def code_for(self, asked, *, header=None, key=None, sign=rs256, answer=None, **claims):
        """Return a code for somebody who has signed in here. What is None is left out of token and answer."""
        code, access_token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        now = int(time.time())
        whole = {
            "iss": self.issuer,
            "sub": "3f1e0c9a",
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
            "amr": ["pwd", "mfa"],
            "groups": ["dsop-lesere", "hundeklubben"],
            "employee": "K4711",
            "name": "Kari Nordavind",
            "email": "kari.nordavind@bank.example",
            **{name: value(code, access_token) if callable(value) else value for name, value in claims.items()},
        }
        members = without_none({"alg": "RS256", "kid": "key-one", "typ": "JWT", **(header or {})})
        signed = ".".join(encoded(json.dumps(part).encode()) for part in (members, without_none(whole)))
        token = f"{signed}.{encoded(sign(signed.encode(), self.key if key is None else key))}"
        tokens = {"token_type": "Bearer", "access_token": access_token, "id_token": token, **(answer or {})}
        self.codes[code] = (asked, tokens)
        return code


@contextmanager
def running_provider():
    """Serve a provider on a free port of 127.0.0.1 for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            try:
                provider.answer(self)
            except OSError:
                self.close_connection = True  # the other side has left, as it may

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args):
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = BankProvider(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def start(client, **form):
    """Send the form, and return what the browser is to ask the provider for."""
    answered = client.post("/admin/oidc/start", form)
    assert answered.status_code == 302, answered.content
    return dict(parse_qsl(urlsplit(answered["Location"]).query))


def come_back(client, asked, code, **changes):
    """Return the answer to a browser that comes back from the provider."""
    return client.get(CALLBACK, without_none({"state": asked["state"], "code": code, **changes}))


def sign_in(client, provider, **claims):
    """Walk the whole way, and return the last answer."""
    asked = start(client)
    return come_back(client, asked, provider.code_for(asked, **claims))
