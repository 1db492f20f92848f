"""Who asks? A Maskinporten token is turned into a Grant, or refused (TOK-01 to TOK-25, AUT-03)."""

import hashlib
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import jwt
from django.conf import settings
from jwt.types import Options
from jwt.utils import base64url_decode
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from audit.measuring import token_seen
from legal.claims import TokenRules, check_times, grant_from, is_integer, organisation_number, scopes_of
from legal.grants import Grant
from legal.headers import valid_correlation_id
from legal.keys import KeyStore
from legal.published_keys import ALGORITHMS, VerificationKey, published_keys
from legal.refusals import (
    NotAuthenticated,
    Refusal,
    TokenAlgorithm,
    TokenAudience,
    TokenClaims,
    TokenIssuer,
    TokenKeyUnknown,
    TokenMalformed,
    TokenMissing,
    TokenSignature,
    TokenTimes,
)
from legal.token_cache import Proven, TokenCache
from legal.untrusted import printable, read_object

LONGEST_TOKEN = 8192
SEGMENTS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
TYPES = frozenset({"jwt", "at+jwt"})
LIBRARY_OPTIONS: Options = {
    "require": ["iss", "aud", "exp", "iat", "jti"],
    # Times are ours (claims.check_times): the library takes texts for numbers, and has a clock of its own.
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}
LIBRARY_REFUSALS: Mapping[type[Exception], type[NotAuthenticated]] = {
    jwt.InvalidAlgorithmError: TokenAlgorithm,
    jwt.InvalidSignatureError: TokenSignature,
    jwt.InvalidIssuerError: TokenIssuer,
    jwt.InvalidAudienceError: TokenAudience,
    jwt.exceptions.InvalidJTIError: TokenClaims,
    jwt.exceptions.InvalidSubjectError: TokenClaims,
}
MISSING_CLAIMS = {"iss": TokenIssuer, "aud": TokenAudience, "exp": TokenTimes, "iat": TokenTimes, "jti": TokenClaims}
SIGNATURE_NOT_PROVEN = (TokenMalformed, TokenAlgorithm, TokenSignature)
LONGEST_LOGGED = 255
LATEST_LOGGED = 2**53
logger = logging.getLogger(__name__)
_making = threading.Lock()


class TokenReader:
    """Turns tokens into grants by one deployment's rules and one issuer's keys."""

    def __init__(self, keys: KeyStore, rules: TokenRules, *, clock: Callable[[], float] = time.time) -> None:
        self.keys = keys
        self._rules = rules
        self._clock = clock
        self._proven = TokenCache()

    def grant(self, token: str, meta: Mapping[str, Any]) -> Grant:
        """Return what the token proves. Raise NotAuthenticated, SupplierInvalid or KeysUnavailable.

        `meta` is that of the request, whose CorrelationID goes with the log's line.
        """
        check_form(token)
        digest = hashlib.sha256(token.encode("ascii")).digest()
        generation = self.keys.current().generation
        known = self._known(digest, generation)
        if known is not None:
            return known
        header, claims = read_segments(token)
        try:
            grant = self._prove(token, header, claims)
        except Refusal as refusal:
            log_token(header, claims, meta, outcome="refused", reason=refusal.reason)
            raise
        log_token(header, claims, meta, outcome="accepted")
        times: dict[str, int] = {name: claims[name] for name in ("iat", "nbf", "exp") if name in claims}
        self._proven.put(digest, generation, Proven(grant, times))
        return grant

    def _known(self, digest: bytes, generation: int) -> Grant | None:
        proven = self._proven.get(digest, generation)
        if proven is None:
            return None
        try:
            check_times(proven.times, now=self._clock(), rules=self._rules)
        except NotAuthenticated:
            self._proven.drop(digest)  # and it is refused on the long way, with everything a refusal has
            return None
        return proven.grant

    def _prove(self, token: str, header: Mapping[str, Any], claims: Mapping[str, Any]) -> Grant:
        check_header(header)
        key = self._key(header)
        try:
            self._check_by_library(token, key)
            tell_age(claims, now=self._clock())
            return grant_from(claims, key_id=header["kid"], rules=self._rules, now=self._clock())
        except NotAuthenticated as refusal:
            if not isinstance(refusal, SIGNATURE_NOT_PROVEN):
                refusal.consumer = organisation_number(claims.get("consumer"))
            raise

    def _key(self, header: Mapping[str, Any]) -> VerificationKey:
        """Return the key the header names, out of the issuer's set and nowhere else (KEY-03, TOK-04)."""
        key = self.keys.current().keys.get(header["kid"])
        if key is None:
            self.keys.ask_refresh()
            raise TokenKeyUnknown
        if key.algorithm and key.algorithm != header["alg"]:
            raise TokenAlgorithm
        return key

    def _check_by_library(self, token: str, key: VerificationKey) -> None:
        """Refuse a wrong signature, issuer or audience, and missing claims (TOK-03, -07, -09, -10; LIB-02, LIB-04)."""
        try:
            jwt.decode(
                token,
                key.public_key,
                algorithms=ALGORITHMS,
                audience=self._rules.audiences,
                issuer=self._rules.issuer,
                options=LIBRARY_OPTIONS,
            )
        except jwt.MissingRequiredClaimError as missing:
            raise MISSING_CLAIMS.get(missing.claim, TokenClaims) from None
        except (jwt.PyJWTError, ValueError) as error:
            raise LIBRARY_REFUSALS.get(type(error), TokenMalformed) from None


class MaskinportenAuthentication(BaseAuthentication):
    """Step 1 of the corridor, as Django REST framework asks for it: `request.auth` is the Grant, there is no user."""

    def authenticate(self, request: Request) -> tuple[None, Grant]:
        return None, token_reader().grant(bearer_token(request.META), request.META)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def bearer_token(meta: Mapping[str, Any]) -> str:
    """Return the token of the one Authorization header (TOK-01); the server joins two of them with a comma."""
    scheme, _, token = meta.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        raise TokenMissing
    return token


def check_form(token: str) -> None:
    """Refuse what is no compact token before anything in it is read (TOK-02)."""
    if len(token) > LONGEST_TOKEN or not SEGMENTS.fullmatch(token):
        raise TokenMalformed


def read_segments(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims, of which nothing is proven yet. Refuse all but plain JSON objects (TOK-08)."""
    header, claims, _ = token.split(".")
    try:
        return read_object(base64url_decode(header)), read_object(base64url_decode(claims))
    except ValueError:
        raise TokenMalformed from None


def check_header(header: Mapping[str, Any]) -> None:
    """Refuse other algorithms, types and extensions than ours, and a header without a key's id (TOK-03 to TOK-06)."""
    kind = header.get("typ", "JWT")
    if "crit" in header or header.get("b64", True) is not True or not isinstance(kind, str):
        raise TokenMalformed
    if kind.lower() not in TYPES:
        raise TokenMalformed
    if header.get("alg") not in ALGORITHMS:
        raise TokenAlgorithm
    if not isinstance(header.get("kid"), str) or not header["kid"]:
        raise TokenKeyUnknown


def tell_age(claims: Mapping[str, Any], *, now: float) -> None:
    """Tell whoever measures how old a token is by our clock, its signature being proven."""
    if is_moment(claims.get("iat")):
        token_seen(now - claims["iat"])


def log_token(
    header: Mapping[str, Any], claims: Mapping[str, Any], meta: Mapping[str, Any], *, outcome: str, reason: str = ""
) -> None:
    """Log what may be told of a token, never the token (TOK-25). Before a refusal its words are the sender's own."""
    facts: dict[str, Any] = {name: printable(claims.get(name)) for name in ("jti", "iss", "client_id", "client_amr")}
    facts |= {name: claims[name] for name in ("iat", "exp") if is_moment(claims.get(name))}
    facts |= {name: organisation_number(claims.get(name)) for name in ("consumer", "supplier")}
    facts |= {"kid": printable(header.get("kid")), "scopes": " ".join(sorted(scopes_of(claims)))[:LONGEST_LOGGED]}
    facts |= {"outcome": outcome, "reason": reason, "correlation_id": str(valid_correlation_id(meta) or "")}
    logger.info("token.%s", outcome, extra=facts)


def is_moment(value: object) -> bool:
    return is_integer(value) and 0 <= value < LATEST_LOGGED


@cache
def reader_from_settings() -> TokenReader:
    source = partial(published_keys, settings.MASKINPORTEN_ISSUER, loopback_http=settings.SANDBOX)
    keys = KeyStore(
        "maskinporten",
        source,
        refresh_seconds=settings.KEYS_REFRESH_SECONDS,
        cooldown_seconds=settings.KEYS_COOLDOWN_SECONDS,
    )
    rules = TokenRules(
        issuer=settings.MASKINPORTEN_ISSUER,
        audiences=frozenset(settings.AUDIENCES),
        delegation_source=settings.DELEGATION_SOURCE,
        leeway=settings.TOKEN_LEEWAY_SECONDS,
        max_lifetime=settings.TOKEN_MAX_LIFETIME_SECONDS,
    )
    return TokenReader(keys, rules)


def token_reader() -> TokenReader:
    """Return this process's one reader; it owns no thread until it is first asked, which is after the fork."""
    with _making:
        return reader_from_settings()


def key_store() -> KeyStore:
    """Return this process's one store of Maskinporten's keys."""
    return token_reader().keys
