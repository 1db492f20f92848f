"""An agency's side of an enquiry: its own token, its own ids, and a service's steps in the order of the standard."""

import json
import re
import time
import uuid
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import urllib3

from legal.endpoints import Endpoint, Scope
from sandbox.certpub.decryption import JOSE, JSON, CannotOpen, departure, opened
from sandbox.maskinporten import clients, jws, tokens

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TIMEOUT = urllib3.Timeout(connect=3, read=30)
MAX_ANSWER = 16 * 1024 * 1024
RENEW_SECONDS = 15
REFERENCE = re.compile(r"[A-Za-z0-9_~-]{1,2000}")
NOT_DELIVERED = "datanotdelivered"
NO_JSON = "expected a JSON object as application/json"
PREPARATIONS = frozenset({"metadata", "token"})
"""Exchanges with Maskinporten, before those with the bank."""


class EnquiryFailed(Exception):
    """The enquiry cannot go on; the text says why, in one sentence without personal data."""


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a service: where it goes, what it carries and what must come back."""

    endpoint: Endpoint
    path: str
    scope: Scope = Scope.ACCOUNT_INFORMATION
    party_header: str = ""  # carries the control object, where the question is about one
    accounts: str = ""  # "each" or "first": which account references of the list it is asked for
    status: int = 200
    code: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """What a consumer knows from the standard about its service."""

    consumer: str
    legal_mandate: str
    only_primary_owner: str
    steps: tuple[Step, ...]


def _not_in_service(endpoint: Endpoint) -> Step:
    return Step(endpoint, f"/accounts/{{}}/{endpoint}", accounts="first", status=400, code="ACC-001")


CUSTOMER_RELATIONSHIPS = Step(
    Endpoint.CUSTOMER_RELATIONSHIPS,
    "/customers/customerRelationships",
    scope=Scope.CUSTOMER_RELATIONSHIPS,
    party_header="CustomerID",
)
ACCOUNTS = Step(Endpoint.ACCOUNTS, "/accounts", party_header="PartyID")
ACCOUNT_DETAILS = Step(Endpoint.ACCOUNT_DETAILS, "/accounts/{}", accounts="each")

SERVICES = {
    "fi-utlegg-saldo": Service(
        consumer="974761076",
        legal_mandate="FI-Utlegg-Test",
        only_primary_owner="true",
        steps=(
            CUSTOMER_RELATIONSHIPS,
            ACCOUNTS,
            ACCOUNT_DETAILS,
            _not_in_service(Endpoint.TRANSACTIONS),
            _not_in_service(Endpoint.ROLES),
            _not_in_service(Endpoint.CARDS),
        ),
    )
}


@dataclass(slots=True)
class Exchange:
    """One request and its answer. `body` is JSON with its numbers as they were written, or text, or None."""

    step: str
    method: str
    url: str
    request_headers: dict[str, str]
    status: int
    media_type: str
    headers: dict[str, str]
    body: Any
    jwe_header: dict[str, Any] | None = None  # of an answer that was encrypted; `body` is what it held
    surprise: str = ""  # why this is not the answer that the standard promises


@dataclass(slots=True)
class Enquiry:
    """One case: the same AccountInfoRequestID throughout, a new CorrelationID for each question."""

    service: Service
    identifier: str
    base_url: str  # as the bank has registered it, without a slash at the end; also the audience asked for
    issuer: str
    keys: Path  # the stand-in's folder, where this consumer's private key lies
    today: date
    private_key: Path | None = None  # opens encrypted answers; with it they are asked for
    account_info_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False, timeout=TIMEOUT))
    _tokens: dict[Scope, tuple[str, float]] = field(default_factory=dict)
    _token_endpoint: str = ""

    def exchanges(self) -> Iterator[Exchange]:
        """Ask the service's questions one by one. Raise EnquiryFailed."""
        references: list[str] = []
        for step in self.service.steps:
            targets = {"each": references, "first": references[:1], "": [""]}[step.accounts]
            for reference in targets:
                token = yield from self._token(step.scope)
                exchange = self._ask(step, reference, token)
                if step is ACCOUNTS and not exchange.surprise:
                    references = _references(exchange)
                yield exchange

    def _ask(self, step: Step, reference: str, token: str) -> Exchange:
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": JOSE if self.private_key else JSON,
            "AccountInfoRequestID": self.account_info_request_id,
            "CorrelationID": str(uuid.uuid4()),
            "Legal-Mandate": quote(self.service.legal_mandate, safe=""),
        }
        query = {"fromDate": self.today.isoformat(), "toDate": self.today.isoformat()}
        if step.party_header:
            headers[step.party_header] = self.identifier
            query = {"OnlyPrimaryOwner": self.service.only_primary_owner, **query}
        url = f"{self.base_url}{step.path.format(reference)}?{urlencode(query)}"
        exchange = self._send(step.endpoint, "GET", url, headers)
        exchange.request_headers["Authorization"] = f"Bearer {shortened(token)}"
        if self.private_key and exchange.media_type == JOSE:
            _open(exchange, self.private_key)
        exchange.surprise = exchange.surprise or _surprise(step, exchange, encrypted=self.private_key is not None)
        return exchange

    def _token(self, scope: Scope) -> Generator[Exchange, None, str]:
        kept, expires_at = self._tokens.get(scope, ("", 0.0))
        if time.time() < expires_at - RENEW_SECONDS:
            return kept
        if not self._token_endpoint:
            yield self._discover()
        form = urlencode({"grant_type": GRANT_TYPE, "assertion": self._grant(scope)})
        headers = {"Accept": JSON, "Content-Type": "application/x-www-form-urlencoded"}
        exchange = self._send("token", "POST", self._token_endpoint, headers, form)
        answer = exchange.body if isinstance(exchange.body, dict) else {}
        token = answer.get("access_token")
        if exchange.status != 200 or not isinstance(token, str):
            said = plain(f"{answer.get('error', '')} {answer.get('error_description', '')}")
            raise EnquiryFailed(f"The token endpoint gave no token: {exchange.status} {said}".rstrip())
        answer["access_token"] = shortened(token)
        self._tokens[scope] = token, time.time() + tokens.LIFETIME_SECONDS
        yield exchange
        return token

    def _discover(self) -> Exchange:
        address = f"{self.issuer}.well-known/oauth-authorization-server"
        exchange = self._send("metadata", "GET", address, {"Accept": JSON})
        document = exchange.body if isinstance(exchange.body, dict) else {}
        endpoint = document.get("token_endpoint")
        if exchange.status != 200 or document.get("issuer") != self.issuer or not isinstance(endpoint, str):
            raise EnquiryFailed(f"No Maskinporten metadata at {address} ({exchange.status}).")
        if not endpoint.startswith(self.issuer):
            raise EnquiryFailed("The metadata names a token endpoint outside the issuer.")
        self._token_endpoint = endpoint
        return exchange

    def _grant(self, scope: Scope) -> str:
        key = clients.private_key(self.keys, self.service.consumer)
        now = int(time.time())
        claims = {
            "aud": self.issuer,
            "iss": clients.client_id_of(self.service.consumer),
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
            "scope": scope,
            "resource": self.base_url,
        }
        return jws.sign({"alg": "RS256", "kid": key.kid}, claims, key.private)

    def _send(self, step: str, method: str, url: str, headers: dict[str, str], body: str | None = None) -> Exchange:
        try:
            answer = self._http.request(
                method, url, headers=headers, body=body, redirect=False, preload_content=False, decode_content=False
            )
            octets = _whole(answer)
        except urllib3.exceptions.NewConnectionError:
            raise EnquiryFailed(f"No server answers at {_origin(url)}; start it with: make run") from None
        except urllib3.exceptions.TimeoutError:
            raise EnquiryFailed(f"The server at {_origin(url)} does not answer in time.") from None
        except urllib3.exceptions.HTTPError:
            raise EnquiryFailed(f"The server at {_origin(url)} broke off its answer.") from None
        media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        parsed = _parsed(octets, media_type)
        return Exchange(step, method, url, headers, answer.status, media_type, dict(answer.headers), parsed)


def shortened(token: str) -> str:
    """Return enough of the token to recognise it, too little to use it."""
    return f"{token[:12]}... ({len(token)} characters)"


def plain(text: str) -> str:
    """Return the text without anything that could steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def printed(value: Any) -> str:
    """Return the value as readable JSON; numbers stand as the bank wrote them."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _whole(answer: urllib3.BaseHTTPResponse) -> bytes:
    # Read to its end: one read with a limit takes half an answer for a whole one.
    octets = b""
    while part := answer.read(MAX_ANSWER):
        octets += part
        if len(octets) > MAX_ANSWER:
            raise EnquiryFailed("An answer is too large.")
    answer.release_conn()
    return octets


def _parsed(octets: bytes, media_type: str) -> Any:
    if not octets:
        return None
    text = octets.decode(errors="replace")
    if media_type != JSON:
        return text
    try:
        # A Fragment keeps the digits: an amount of twenty digits and two decimals must not pass through a float.
        return json.loads(text, parse_float=orjson.Fragment, parse_int=orjson.Fragment, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return text


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _open(exchange: Exchange, private_key: Path) -> None:
    try:
        inside = opened(exchange.body or "", private_key)
    except CannotOpen as failure:
        exchange.surprise = f"expected an answer that the agency can open; this one is {failure}"
        return
    exchange.body, exchange.jwe_header = _parsed(inside.document, JSON), inside.header


def _surprise(step: Step, exchange: Exchange, *, encrypted: bool) -> str:
    if exchange.status != step.status:
        return f"expected {step.status} {step.code}".rstrip()
    if encrypted and exchange.status == 200:
        if unusual := departure(exchange.headers, exchange.jwe_header):
            return unusual
    elif exchange.media_type != JSON:
        return NO_JSON
    if not isinstance(exchange.body, dict):
        return NO_JSON
    if step.code and exchange.body.get("code") != step.code:
        return f"expected code {step.code}"
    return ""


def _references(exchange: Exchange) -> list[str]:
    """Return the references to ask about; a list that is none is a surprise."""
    listed = exchange.body.get("accounts")
    accounts = listed if isinstance(listed, list) else [None]
    references = [account.get("accountReference") if isinstance(account, dict) else None for account in accounts]
    usable = [name for name in references if isinstance(name, str) and REFERENCE.fullmatch(name)]
    if len(usable) < len(references):
        exchange.surprise = "expected accounts, each with an accountReference that can stand in an address"
        return []
    return [reference for reference in usable if reference.lower() != NOT_DELIVERED]


def _origin(url: str) -> str:
    address = urllib3.util.parse_url(url)
    return f"{address.scheme}://{address.netloc}"
