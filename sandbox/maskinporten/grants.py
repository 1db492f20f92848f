"""Which token a JWT-bearer grant earns; refuses what Maskinporten refuses."""

import hashlib
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sandbox.maskinporten import certificates, clients, details, jws, keys, refusals
from sandbox.maskinporten.clients import Client

CLOCK_SECONDS = 10
LIFETIME_SECONDS = 120
CLAIMS = frozenset({"aud", "iss", "sub", "iat", "exp", "jti", "scope", "resource", "consumer_org", "pid"})
"""What Digdir documents for this grant; `authorization_details` is for clients with a right to give some."""
DETAILS = "authorization_details"

PRINTABLE = re.compile(r"[!-~]{1,255}")


@dataclass(frozen=True, slots=True)
class Granted:
    """What the token will say. Organisations are nine digits; an empty supplier or pid means none."""

    client: Client
    consumer: str
    supplier: str
    scope: str
    audience: str | list[str]
    pid: str
    amr: str
    details: list[dict[str, Any]]


def granted(assertion: str, *, issuer: str, folder: Path, now: int) -> Granted:
    """Return what the grant earns, once. Raise Refused."""
    try:
        grant = jws.opened(assertion)
    except jws.Malformed:
        raise refusals.MalformedAssertion from None
    client = _authenticated(grant, folder, now)
    claims = grant.claims
    if not CLAIMS.issuperset(claims.keys() - ({DETAILS} if client.may_give_details else set())):
        raise refusals.UnknownClaim
    if claims.get("aud") != issuer:
        raise refusals.WrongAudience
    _check_times(claims.get("iat"), claims.get("exp"), now)
    _check_names(claims, client)
    consumer = _consumer(claims, client)
    granted_details = details.granted(claims[DETAILS], client, consumer, folder, now) if DETAILS in claims else []
    may_act = consumer != client.organisation or bool(granted_details)
    earned = Granted(
        client=client,
        consumer=consumer,
        supplier=client.organisation if consumer != client.organisation else "",
        scope=_scope(claims.get("scope"), delegated=may_act, client=client),
        audience=_audience(claims),
        pid=claims.get("pid", ""),
        amr="virksomhetssertifikat" if "x5c" in grant.header else "private_key_jwt",
        details=granted_details,
    )
    _use_up(grant, client, folder / "used", now)
    return earned


def _authenticated(grant: jws.Opened, folder: Path, now: int) -> Client:
    header = grant.header
    if header.get("alg") not in jws.RS_ALGORITHMS:
        raise refusals.WrongAlgorithm
    if "crit" in header:
        raise refusals.CriticalHeader
    if ("kid" in header) == ("x5c" in header):
        raise refusals.KeyNotNamed
    issuer = grant.claims.get("iss")
    client = clients.CLIENTS.get(issuer) if isinstance(issuer, str) else None
    if client is None:
        raise refusals.UnknownClient
    if not grant.is_signed_by(_key(header, client, folder, now)):
        raise refusals.WrongSignature
    return client


def _key(header: dict[str, Any], client: Client, folder: Path, now: int) -> RSAPublicKey:
    """Return the client's key that the header names, by its id or by the enterprise's certificate."""
    if "x5c" in header:
        if not client.has_certificate:
            raise refusals.CertificateNotSupported
        return certificates.key_of(header["x5c"], client, folder.parent, now)
    key = clients.registered_key(folder, client)
    if key is None or key.kid != header["kid"]:
        raise refusals.UnknownKey
    return key.private.public_key()


def _check_times(issued_at: object, expires_at: object, now: int) -> None:
    # `bool` is an `int` to Python, but true is not a time.
    if type(issued_at) is not int or type(expires_at) is not int or expires_at <= issued_at:
        raise refusals.WrongTimes
    if expires_at - issued_at > LIFETIME_SECONDS:
        raise refusals.TooLongLived
    if abs(issued_at - now) > CLOCK_SECONDS:
        raise refusals.NotIssuedNow
    if expires_at <= now:
        raise refusals.Expired


def _check_names(claims: dict[str, Any], client: Client) -> None:
    if claims.get("sub", client.client_id) != client.client_id:
        raise refusals.WrongClaim
    if "jti" in claims and not _is_printable(claims["jti"]):
        raise refusals.WrongClaim
    if "pid" in claims and not (_is_printable(claims["pid"]) and re.fullmatch("[0-9]{11}", claims["pid"])):
        raise refusals.WrongClaim


def _consumer(claims: dict[str, Any], client: Client) -> str:
    if "consumer_org" not in claims:
        return client.organisation
    consumer = claims["consumer_org"]
    if not isinstance(consumer, str) or not re.fullmatch("[0-9]{9}", consumer):
        raise refusals.WrongClaim
    if consumer == client.organisation:
        raise refusals.ConsumerIsClient
    if consumer not in client.acts_for:
        raise refusals.NotDelegated
    return consumer


def _scope(scope: object, *, delegated: bool, client: Client) -> str:
    if scope is None or scope == "":
        raise refusals.ScopeMissing
    if not isinstance(scope, str):
        raise refusals.WrongClaim
    if not client.scopes.issuperset(scope.split(" ")):
        raise refusals.ScopeNotRegistered
    if client.acts_for and not delegated:
        raise refusals.ScopeNotRegistered
    return scope


def _audience(claims: dict[str, Any]) -> str | list[str]:
    if "resource" not in claims:
        return "unspecified"
    resource = claims["resource"]
    if _is_printable(resource):
        return str(resource)
    if isinstance(resource, list) and 0 < len(resource) <= 10 and all(map(_is_printable, resource)):
        return resource if len(resource) > 1 else str(resource[0])
    raise refusals.WrongClaim


def _is_printable(value: object) -> bool:
    return isinstance(value, str) and PRINTABLE.fullmatch(value) is not None


def _use_up(grant: jws.Opened, client: Client, used: Path, now: int) -> None:
    """Refuse a grant whose like any worker has seen. What made it unique is its jti, or else the whole of it."""
    mark = f"{client.client_id} {grant.claims['jti']}".encode() if "jti" in grant.claims else grant.signed
    path = keys.private_folder(used) / hashlib.sha256(mark).hexdigest()
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise refusals.UsedBefore from None
    expires_at = grant.claims["exp"]
    os.utime(file, (expires_at, expires_at))
    os.close(file)
    for seen in used.iterdir():
        # A mark made this moment carries the present time until its own is set.
        with suppress(FileNotFoundError):
            if seen.stat().st_mtime < now - LIFETIME_SECONDS:
                seen.unlink()
