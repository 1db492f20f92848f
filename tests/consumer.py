"""The other side of the wire: a server under test, and an agency that asks it."""

import json
import signal
import subprocess
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from sandbox.bank import DEFAULT_SEED, characters
from sandbox.maskinporten import jws, keys, tokens
from sandbox.maskinporten.clients import client_id_of
from tests import cluster

MANDATE = "FI-Utlegg-Test"


@dataclass
class Server:
    """A running service; `get` and `request` never follow a redirect and never retry."""

    port: int
    process: subprocess.Popen
    log: Path
    pool: urllib3.HTTPConnectionPool = field(init=False)

    def __post_init__(self) -> None:
        self.pool = urllib3.HTTPConnectionPool("127.0.0.1", self.port, maxsize=16, timeout=20, retries=False)

    host = "127.0.0.1"

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v2"

    def request(self, method: str, path: str, headers: dict[str, str] | None = None) -> urllib3.BaseHTTPResponse:
        return self.pool.request(method, path, headers=headers or {}, redirect=False, assert_same_host=False)

    def stop(self) -> None:
        """End the service in order; once is enough."""
        self.pool.close()  # first: the server lingers on connections that are kept alive
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(25)

    def get(self, path: str, headers: dict[str, str] | None = None) -> urllib3.BaseHTTPResponse:
        return self.request("GET", path, headers)


@dataclass
class Consumer:
    """An agency with its tokens; every call has a new CorrelationID."""

    server: Server
    organisation_number: str

    def token(self, scope: str = "bits:kontoinformasjon", **claims: Any) -> str:
        return mint(consumer=self.organisation_number, scope=scope, claims=claims)

    def headers(self, scope: str = "bits:kontoinformasjon", **changes: str | None) -> dict[str, str]:
        """Return right headers for a call without a party; `changes` replace (underscore for hyphen) or remove."""
        headers = {
            "Authorization": f"Bearer {self.token(scope)}",
            "CorrelationID": str(uuid.uuid4()),
            "AccountInfoRequestID": str(uuid.uuid4()),
            "Legal-Mandate": MANDATE,
            "Accept": "application/json",
        }
        for name, value in changes.items():
            headers.pop(name.replace("_", "-"), None)
            if value is not None:
                headers[name.replace("_", "-")] = value
        return headers

    def customer_relationships(self, number: str, query: str = "", **changes: str | None) -> Any:
        headers = self.headers("bits:kundeforhold", **{"CustomerID": number, **changes})
        return self.server.get("/v2/customers/customerRelationships" + query, headers)

    def accounts(self, number: str, query: str = "?OnlyPrimaryOwner=true", **changes: str | None) -> Any:
        return self.server.get("/v2/accounts" + query, self.headers(**{"PartyID": number, **changes}))

    def details(self, reference: str, case: str, suffix: str = "", **changes: str | None) -> Any:
        headers = self.headers(**{"AccountInfoRequestID": case, **changes})
        return self.server.get(f"/v2/accounts/{reference}{suffix}", headers)


def mint(
    *, consumer: str, scope: str, claims: dict[str, Any] | None = None, headers: dict[str, Any] | None = None
) -> str:
    """Return an access token of the sandbox's issuer; `None` removes a claim or header member."""
    key = keys.signing_keys(keys.folder())[0]
    right = tokens.access_claims(
        issuer=cluster.ENVIRONMENT["MASKINPORTEN_ISSUER"],
        audience=f"http://127.0.0.1:{cluster.PORT}/v2",
        consumer=consumer,
        scope=scope,
        client_id=client_id_of(consumer),
        lifetime=120,
        now=int(time.time()),
    )
    return jws.sign(changed(tokens.header(key), headers), changed(right, claims), key.private)


def changed(members: dict[str, Any], changes: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in {**members, **(changes or {})}.items() if value is not None}


def body(response: Any) -> Any:
    return json.loads(response.data)


def identifier(case: str) -> str:
    """Return the number of a character of the synthetic bank."""
    return IDENTIFIERS[case]


IDENTIFIERS = {character.case: character.identifier for character in characters(DEFAULT_SEED)}
