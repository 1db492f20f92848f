"""The bank's provider of identities: what it publishes, asked for in bounded time and kept for a bounded time."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from audit.fetching import FetchFailed, check_address
from audit.transport import AddressRefused, Headers, Limits, NoAnswer, Received, TooLarge, exchange
from legal.published_keys import KeyUnusable, public_key_of
from legal.untrusted import read_object

WELL_KNOWN = "/.well-known/openid-configuration"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""How an ID token may be signed, whatever the provider lists: never with a secret that two know."""
OF_A_CURVE = ("kty", "crv", "x", "y")
LIMITS = Limits(connect_seconds=3.0, read_seconds=5.0, largest=2**18)
AT_ONCE = 3  # of a worker's eight threads; the others answer agencies, whatever the provider does
RETRY_SECONDS = 5.0
_talking = threading.BoundedSemaphore(AT_ONCE)


class ProviderUnavailable(Exception):
    """The provider cannot be used now. Its text is one word for the log and never holds what was received."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of the provider's, and the one algorithm it is for where the provider says so (empty: any of ours)."""

    key: RSAKey | ECKey
    algorithm: str


@dataclass(frozen=True, slots=True)
class Published:
    """What the provider says of itself. An empty address is one it does not have."""

    authorization_endpoint: str
    token_endpoint: str
    end_session_endpoint: str
    client_authentication: str
    names_itself: bool
    keys: Mapping[str, PublicKey]
    fetched_at: float


class Provider:
    """One provider, by its issuer's name. What it publishes is kept for `fresh_seconds` and asked for by one at a time.

    After a failure nobody asks for `retry_seconds`; for an unknown key it is asked once in `cooldown_seconds`.
    """

    def __init__(
        self,
        issuer: str,
        *,
        fresh_seconds: float,
        cooldown_seconds: float,
        retry_seconds: float = RETRY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer = issuer
        self._fresh_seconds = fresh_seconds
        self._cooldown_seconds = cooldown_seconds
        self._retry_seconds = retry_seconds
        self._clock = clock
        self._held: Published | None = None
        self._failed_at: float | None = None
        self._asking = threading.Lock()

    def published(self) -> Published:
        """Return what the provider publishes, not older than allowed. Raise ProviderUnavailable."""
        return self._younger_than(self._fresh_seconds)

    def key(self, key_id: str | None) -> PublicKey | None:
        """Return the provider's key of that id, asking once more when it is not known. Raise ProviderUnavailable.

        A token may name no key where there is only one.
        """
        if key_id is None:
            keys = list(self._younger_than(self._cooldown_seconds).keys.values())
            return keys[0] if len(keys) == 1 else None
        known = self.published().keys.get(key_id)
        return known or self._younger_than(self._cooldown_seconds).keys.get(key_id)

    def _younger_than(self, seconds: float) -> Published:
        with self._asking:
            held, now = self._held, self._clock()
            if held is not None and now - held.fetched_at < seconds:
                return held
            if self._failed_at is not None and now - self._failed_at < self._retry_seconds:
                raise ProviderUnavailable("lately")
            try:
                self._held = published_by(self.issuer, now=now)
            except ProviderUnavailable:
                self._failed_at = self._clock()
                raise
            return self._held


def provider() -> Provider:
    """Return this process's one memory of the provider that the settings name."""
    return _provider(settings.OIDC_ISSUER, settings.KEYS_REFRESH_SECONDS, settings.KEYS_COOLDOWN_SECONDS)


@lru_cache(maxsize=1)
def _provider(issuer: str, fresh_seconds: float, cooldown_seconds: float) -> Provider:
    return Provider(issuer, fresh_seconds=fresh_seconds, cooldown_seconds=cooldown_seconds)


def is_configured() -> bool:
    """Return whether people can sign in by the bank's provider."""
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID and settings.OIDC_CLIENT_SECRET)


@contextmanager
def talking() -> Iterator[None]:
    """Let a few requests at a time wait for the provider. Raise ProviderUnavailable for one too many."""
    if not _talking.acquire(blocking=False):
        raise ProviderUnavailable("busy")
    try:
        yield
    finally:
        _talking.release()


def ask(method: str, address: str, headers: Headers = (), body: bytes | None = None) -> Received:
    """Return the provider's answer, never a redirect. Raise ProviderUnavailable."""
    try:
        received = exchange(method, address, headers, body, LIMITS)
    except AddressRefused:
        raise ProviderUnavailable("address") from None
    except NoAnswer:
        raise ProviderUnavailable("connection") from None
    except TooLarge:
        raise ProviderUnavailable("size") from None
    if 300 <= received.status < 400:
        raise ProviderUnavailable("redirect")
    return received


def published_by(issuer: str, *, now: float) -> Published:
    """Return what the provider publishes now. Raise ProviderUnavailable."""
    document = _document(issuer.removesuffix("/") + WELL_KNOWN)
    if document.get("issuer") != issuer:
        raise ProviderUnavailable("issuer")
    return Published(
        authorization_endpoint=_address(document.get("authorization_endpoint")),
        token_endpoint=_address(document.get("token_endpoint")),
        end_session_endpoint=_address(document["end_session_endpoint"]) if "end_session_endpoint" in document else "",
        client_authentication=_client_authentication(document.get("token_endpoint_auth_methods_supported")),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        keys=public_keys(_document(_address(document.get("jwks_uri")))),
        fetched_at=now,
    )


def public_keys(key_set: Mapping[str, Any]) -> dict[str, PublicKey]:
    """Return the usable keys of a set by key id: none that shares its id. Raise ProviderUnavailable without any."""
    listed = key_set.get("keys")
    members = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    named = Counter(one["kid"] for one in members if isinstance(one.get("kid"), str))
    found = {one["kid"]: _public_key(one) for one in members if named.get(str(one.get("kid"))) == 1}
    usable = {kid: key for kid, key in found.items() if kid and key is not None}
    if not usable:
        raise ProviderUnavailable("keys")
    return usable


def _public_key(member: Mapping[str, Any]) -> PublicKey | None:
    """Return the key of one member, if it is a public key for signatures of ours: only its public half is read."""
    kind, algorithm = member.get("kty"), member.get("alg", "")
    try:
        if kind == "RSA":
            return PublicKey(RSAKey.import_key(public_key_of(member, ALGORITHMS)), algorithm)
        if kind == "EC" and member.get("use", "sig") == "sig" and algorithm in ("", *ALGORITHMS):
            return PublicKey(ECKey.import_key({name: member[name] for name in OF_A_CURVE}), algorithm)
    except (KeyUnusable, JoseError, ValueError, TypeError, KeyError):
        return None
    return None


def _document(address: str) -> dict[str, Any]:
    received = ask("GET", address, [("Accept", "application/json")])
    if received.status != 200:
        raise ProviderUnavailable("status")
    try:
        return read_object(received.body)
    except ValueError:
        raise ProviderUnavailable("json") from None


def _address(value: object) -> str:
    try:
        return check_address(value, loopback_http=settings.SANDBOX).geturl()
    except FetchFailed:
        raise ProviderUnavailable("address") from None


def _client_authentication(methods: object) -> str:
    """Return how we show our secret: in a header unless the provider wants it in the form."""
    in_header, in_form = "client_secret_basic", "client_secret_post"
    listed = methods if isinstance(methods, list) else []
    return in_form if in_form in listed and in_header not in listed else in_header
