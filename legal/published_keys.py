"""The keys that an issuer publishes: its metadata document, its key set, and which keys of the set we use."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from audit.fetching import FetchFailed, check_address, fetch
from legal.untrusted import printable, read_object

ALGORITHMS = ("RS256", "RS384", "RS512")
WELL_KNOWN = "/.well-known/oauth-authorization-server"
SHORTEST_MODULUS, LONGEST_MODULUS = 2048, 16384  # OpenSSL verifies nothing longer
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key, and the one algorithm it is for where the issuer says so (empty: any of ours)."""

    public_key: RSAPublicKey
    algorithm: str


class KeyUnusable(Exception):
    """Why a published key is left out, in one word for the log."""


def published_keys(issuer: str, *, loopback_http: bool = False) -> dict[str, VerificationKey]:
    """Return the issuer's usable keys by key id, freshly fetched. Raise FetchFailed (KEY-01, KEY-02, KEY-10)."""
    home = check_address(issuer, loopback_http=loopback_http)
    metadata = published_object(issuer.removesuffix("/") + WELL_KNOWN, loopback_http=loopback_http)
    if metadata.get("issuer") != issuer:
        raise FetchFailed("issuer")
    address = check_address(metadata.get("jwks_uri"), loopback_http=loopback_http)
    if address.hostname != home.hostname:
        raise FetchFailed("host")
    return usable_keys(published_object(address.geturl(), loopback_http=loopback_http))


def usable_keys(
    key_set: Mapping[str, Any], read: Callable[[Mapping[str, Any]], VerificationKey] | None = None
) -> dict[str, VerificationKey]:
    """Return the set's usable keys by key id. Raise FetchFailed when it has none (KEY-08, KEY-10, KEY-11).

    `read` returns the key of one member or raises KeyUnusable; unless given, Maskinporten's kind of key is read.
    """
    read = read or _usable_key
    published = key_set.get("keys")
    if not isinstance(published, list):
        raise FetchFailed("keys")
    members = [member if isinstance(member, dict) else {} for member in published]
    named = Counter(member["kid"] for member in members if isinstance(member.get("kid"), str))
    usable = {}
    for member in members:
        try:
            key = read(member)
            if named[member["kid"]] > 1:
                raise KeyUnusable("duplicate")
            usable[member["kid"]] = key
        except KeyUnusable as reason:
            logger.warning("keys.skipped", extra={"kid": printable(member.get("kid")), "reason": str(reason)})
    if not usable:
        raise FetchFailed("keys")
    return usable


def _usable_key(member: Mapping[str, Any]) -> VerificationKey:
    """Return the key of one member of the set. Raise KeyUnusable."""
    if not isinstance(member.get("kid"), str) or not member["kid"]:
        raise KeyUnusable("kid")
    return VerificationKey(public_key_of(member, ALGORITHMS), member.get("alg", ""))


def public_key_of(member: Mapping[str, Any], algorithms: Collection[str]) -> RSAPublicKey:
    """Return the RSA key for signatures of a member of a key set. Raise KeyUnusable (KEY-08)."""
    if member.get("kty") != "RSA" or member.get("use", "sig") != "sig":
        raise KeyUnusable("kind")
    if "alg" in member and member["alg"] not in algorithms:
        raise KeyUnusable("alg")
    if not isinstance(member.get("n"), str) or not isinstance(member.get("e"), str):
        raise KeyUnusable("malformed")
    try:
        # Only these members: a private key published by mistake is read as the public one it is used as.
        public_key = RSAAlgorithm.from_jwk({"kty": "RSA", "n": member["n"], "e": member["e"]})
    except (jwt.PyJWTError, ValueError):
        raise KeyUnusable("malformed") from None
    if not isinstance(public_key, RSAPublicKey) or not SHORTEST_MODULUS <= public_key.key_size <= LONGEST_MODULUS:
        raise KeyUnusable("length")
    return public_key


def published_object(address: str, *, loopback_http: bool) -> dict[str, Any]:
    """Return the JSON object at that address. Raise FetchFailed."""
    try:
        return read_object(fetch(address, loopback_http=loopback_http))
    except ValueError:
        raise FetchFailed("json") from None
