"""Tokens from Maskinporten, kept until shortly before they end: one for each thing asked for."""

import base64
import hashlib
import json
import logging
import os
import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from agencies.attempts import Waits, attempts
from agencies.errors import AgencyError, NotConfigured, NoToken
from agencies.grants import GRANT_TYPE, Wanted, signed_grant
from audit.transport import AddressRefused, Limits, NoAnswer, Received, TooLarge, exchange
from legal.flights import Flights

EARLY_SECONDS = 15
MOST_KEPT = 256
LIMITS = Limits(connect_seconds=5.0, read_seconds=10.0, largest=2**16)
RETRIES, WAITS = 2, Waits()
RETRY_STATUSES = frozenset({429, 500, 502, 503, 504})
FORM = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"))
WORD = re.compile(r"[a-z_]{1,40}")
NUMBER = re.compile(r"\bMP-[0-9]{3,4}\b")
PRINTABLE = re.compile(r"[!-~]{1,16384}")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Token:
    """A token and, by this machine's monotonic clock, its end."""

    value: str = field(repr=False)
    ends_at: float = 0.0

    def is_fresh(self) -> bool:
        return self.ends_at - time.monotonic() >= EARLY_SECONDS


class TokenStore:
    """This process's tokens. A fork begins with none: two processes must not live off one another's refusals."""

    def __init__(self) -> None:
        self._flights: Flights[Token] = Flights()
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Begin anew."""
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, Token] = OrderedDict()

    def token(self, asked: Wanted) -> str:
        """Return a token that lasts for a while yet. Raise NoToken or NotConfigured."""
        key = _key(asked)
        kept = self._get(key)
        if kept is not None:
            return kept.value
        try:
            return self._flights.result(key, lambda: self._fetch(key, asked), seconds=_longest()).value
        except TimeoutError:
            raise NoToken("timeout") from None

    def drop(self, asked: Wanted, refused: str) -> None:
        """Forget a token that an agency refused, unless another has taken its place already."""
        key = _key(asked)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept.value == refused:
                del self._kept[key]

    def _get(self, key: bytes) -> Token | None:
        with self._lock:
            kept = self._kept.get(key)
            return kept if kept is not None and kept.is_fresh() else None

    def _fetch(self, key: bytes, asked: Wanted) -> Token:
        kept = self._get(key)  # somebody may have fetched it since we looked
        if kept is not None:
            return kept
        token = fetch_token(asked)
        with self._lock:
            self._kept[key] = token
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return token


def fetch_token(asked: Wanted) -> Token:
    """Return a new token. Raise NoToken or NotConfigured."""
    if not settings.MASKINPORTEN_TOKEN_URL:
        raise NotConfigured("MASKINPORTEN_TOKEN_URL")
    for attempt in attempts(RETRIES, WAITS, again=_may_pass):
        with attempt:
            return _ask(asked)
    raise AssertionError("the last attempt returns or raises")


def _ask(asked: Wanted) -> Token:
    began = time.monotonic()
    form = urlencode({"grant_type": GRANT_TYPE, "assertion": signed_grant(asked)}).encode()
    try:
        received = exchange("POST", settings.MASKINPORTEN_TOKEN_URL, FORM, form, LIMITS)
    except AddressRefused:
        raise NotConfigured("MASKINPORTEN_TOKEN_URL") from None
    except NoAnswer:
        raise NoToken("unreachable") from None
    except TooLarge as large:
        raise NoToken("answer", status=large.status) from None
    members = _object(received.body)
    if received.status != 200:
        raise _refusal(received, members)
    return _token(members, began)


def _token(members: dict[str, Any], began: float) -> Token:
    value, seconds = members.get("access_token"), members.get("expires_in")
    kind = members.get("token_type", "Bearer")
    if not isinstance(value, str) or not PRINTABLE.fullmatch(value) or type(seconds) is not int or seconds <= 0:
        raise NoToken("answer", status=200)
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise NoToken("answer", status=200)
    logger.info("agencies.token", extra={"seconds": seconds})
    return Token(value, began + min(seconds, _seconds_by_itself(value, seconds)))


def _seconds_by_itself(value: str, otherwise: int) -> float:
    """Return how long the token says that it lives from its making on; what it says goes before `expires_in`."""
    claims = claims_of(value)
    issued_at, expires_at = claims.get("iat"), claims.get("exp")
    if type(issued_at) is not int or type(expires_at) is not int:
        return otherwise
    return expires_at - issued_at


def claims_of(token: str) -> dict[str, Any]:
    """Return what a token says of itself, nothing of it proven; nothing where it is no JWT."""
    segments = token.split(".")
    if len(segments) != 3:
        return {}
    try:
        return _object(base64.urlsafe_b64decode(segments[1] + "=" * (-len(segments[1]) % 4)))
    except ValueError:
        return {}


def _refusal(received: Received, members: dict[str, Any]) -> NoToken:
    word, description = members.get("error"), members.get("error_description")
    number = NUMBER.search(description) if isinstance(description, str) else None
    known = isinstance(word, str) and WORD.fullmatch(word)
    refusal = NoToken(str(word) if known else "answer", status=received.status, code=number[0] if number else "")
    logger.warning(
        "agencies.no_token", extra={"status": received.status, "reason": refusal.reason, "code": refusal.code}
    )
    return refusal


def _may_pass(error: AgencyError) -> bool:
    return isinstance(error, NoToken) and (error.reason == "unreachable" or error.status in RETRY_STATUSES)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _key(asked: Wanted) -> bytes:
    """Return a digest: what is asked for may name a person."""
    said = (settings.MASKINPORTEN_TOKEN_URL, settings.MASKINPORTEN_CLIENT_ID, *asked.scopes)
    return hashlib.sha256("\0".join((*said, asked.consumer_org, asked.authorization_details)).encode()).digest()


def _longest() -> float:
    return (RETRIES + 1) * (LIMITS.seconds + Waits.longest)


store = TokenStore()
