"""An agency's side of an enquiry: its own token, its own ids, and a service's steps in the order of the standard."""

import time
import uuid
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import urllib3

from legal.endpoints import Scope
from legal.periods import Period
from sandbox.certpub.decryption import JOSE, JSON
from sandbox.consumer_answers import (
    Exchange,
    Listed,
    listed,
    next_page,
    open_answer,
    parsed,
    plain,
    shortened,
    surprise_in,
)
from sandbox.consumer_services import ACCOUNTS, ReferenceType, Service, Step, Target
from sandbox.maskinporten import clients, jws, tokens

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TIMEOUT = urllib3.Timeout(connect=3, read=30)
MAX_ANSWER = 16 * 1024 * 1024
MAX_PAGES = 1000
RENEW_SECONDS = 15


class EnquiryFailed(Exception):
    """The enquiry cannot go on; the text says why, in one sentence without personal data."""


@dataclass(slots=True)
class Enquiry:
    """One case: the same AccountInfoRequestID throughout, a new CorrelationID for each question."""

    service: Service
    identifier: str
    base_url: str  # as the bank has registered it, without a slash at the end; also the audience asked for
    issuer: str
    keys: Path  # the stand-in's folder, where this consumer's private key lies
    period: Period
    private_key: Path | None = None  # opens encrypted answers; with it they are asked for
    additional_reference: str = ""  # the guardian's number or the police's order, where the service wants one
    account_info_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False, timeout=TIMEOUT))
    _tokens: dict[Scope, tuple[str, float]] = field(default_factory=dict)
    _token_endpoint: str = ""

    def exchanges(self) -> Iterator[Exchange]:
        """Ask the service's questions one by one, each page of an answer too. Raise EnquiryFailed."""
        found = Listed()
        for step in self.service.steps:
            for target in found.targets(step.target):
                for exchange in self._pages(step, target):
                    if step is ACCOUNTS and not exchange.surprise:
                        found = listed(exchange)
                    yield exchange

    def _pages(self, step: Step, target: str) -> Iterator[Exchange]:
        """Ask one question, and for what it leads on to. `next` is put after the bank's address as it stands."""
        url, seen = self._url(step, target), set[str]()
        while url:
            if url in seen or len(seen) == MAX_PAGES:
                raise EnquiryFailed(f"The pages of {step.endpoint} do not end.")
            seen.add(url)
            token = yield from self._token(step.scope)
            exchange = self._ask(step, url, self._headers(step, target), token)
            following = next_page(exchange, step) if step.is_paged and not exchange.surprise else ""
            url = f"{self.base_url}/{following.removeprefix('/')}" if following else ""
            yield exchange

    def _url(self, step: Step, target: str) -> str:
        query = {"OnlyPrimaryOwner": self.service.only_primary_owner} if step.party_header else {}
        if step.has_period:
            query |= {"fromDate": self.period.from_date.isoformat(), "toDate": self.period.to_date.isoformat()}
        url = f"{self.base_url}{step.path.format(target)}"
        return f"{url}?{urlencode(query)}" if query else url

    def _headers(self, step: Step, target: str) -> dict[str, str]:
        """Return what the question carries beside its token."""
        headers = {
            "Accept": JOSE if self.private_key else JSON,
            "AccountInfoRequestID": self.account_info_request_id,
            "CorrelationID": str(uuid.uuid4()),
            "Legal-Mandate": quote(self.service.mandate_of(step), safe=""),
        }
        if step.party_header:
            headers[step.party_header] = self.identifier
        if step.target is Target.FIRST_NUMBER:
            headers["AccountID"] = target
        if not step.is_first:
            further = {
                "RequesterID": self.service.requester_id,
                "AdditionalReferenceIDType": self.service.reference_type,
                "AdditionalReferenceID": self.additional_reference,
            }
            headers |= {name: value for name, value in further.items() if value}
        return headers

    def _ask(self, step: Step, url: str, headers: dict[str, str], token: str) -> Exchange:
        exchange = self._send(step.endpoint, "GET", url, {"Authorization": f"Bearer {token}", **headers})
        exchange.request_headers["Authorization"] = f"Bearer {shortened(token)}"
        if self.service.reference_type is ReferenceType.ORDER and "AdditionalReferenceID" in headers:
            exchange.request_headers["AdditionalReferenceID"] = shortened(self.additional_reference)
        if self.private_key and exchange.media_type == JOSE:
            open_answer(exchange, self.private_key)
        exchange.surprise = exchange.surprise or surprise_in(step, exchange, encrypted=self.private_key is not None)
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
        body_read = parsed(octets, media_type)
        return Exchange(step, method, url, headers, answer.status, media_type, dict(answer.headers), body_read)


def _whole(answer: urllib3.BaseHTTPResponse) -> bytes:
    # Read to its end: one read with a limit takes half an answer for a whole one.
    octets = b""
    while part := answer.read(MAX_ANSWER):
        octets += part
        if len(octets) > MAX_ANSWER:
            raise EnquiryFailed("An answer is too large.")
    answer.release_conn()
    return octets


def _origin(url: str) -> str:
    address = urllib3.util.parse_url(url)
    return f"{address.scheme}://{address.netloc}"
