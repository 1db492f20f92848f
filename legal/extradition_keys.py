"""The keys that sign extradition orders: the police's key set, each key proven by its certificate (EO-02, EO-07).

Fetching, proving and looking up revocations is the work of the key store's own thread. No order waits for it.
"""

import base64
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from jwt.utils import base64url_encode

from legal.certificate_contents import read_certificate
from legal.certificate_files import certificates_in
from legal.certificate_reasons import CertificateRefused, Reason
from legal.certificate_subjects import NamedSubject, SubjectRule
from legal.certificates import CertificateRules, KeyUse, check_certificate
from legal.claims import is_integer
from legal.keys import KeyStore
from legal.published_keys import KeyUnusable, VerificationKey, public_key_of, published_object, usable_keys
from legal.revocation import Revocation
from legal.untrusted import printable

ALGORITHMS = ("PS256",)
KEY_ID = re.compile(r"[0-9]{1,64}")
UNIT = "Påtalemyndigheten"
RETRY_SECONDS = 5.0
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
OF_ANOTHER_ENVIRONMENT = frozenset({Reason.CHAIN, Reason.SUBJECT})  # the set holds test and production alike
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OrderKey(VerificationKey):
    """A key of the set. It proves orders between the two moments, unless its certificate was refused."""

    thumbprint: str
    not_before: datetime
    not_after: datetime
    refused: Reason | None = None


class PoliceKeys:
    """What a key store asks for the police's keys: fetched, and their certificates checked, anew each time.

    A key whose certificate is refused stays in the set as refused, so that whoever sends an order learns why, and so
    that the last good set does not outlive a revocation.
    """

    def __init__(
        self,
        address: str,
        rules: CertificateRules,
        subject: SubjectRule,
        *,
        loopback_http: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._address = address
        self._rules = rules
        self._subject = subject
        self._loopback_http = loopback_http
        self._clock = clock
        self._last_good: dict[str, datetime] = {}

    def __call__(self) -> dict[str, VerificationKey]:
        """Return the keys by key id. Raise FetchFailed when the set cannot be had or has no readable key."""
        return usable_keys(published_object(self._address, loopback_http=self._loopback_http), self._key)

    def _key(self, member: Mapping[str, Any]) -> OrderKey:
        """Return the key of one member. Raise KeyUnusable when its members do not hold together."""
        if not isinstance(member.get("kid"), str) or not KEY_ID.fullmatch(member["kid"]):
            raise KeyUnusable("kid")
        public_key = public_key_of(member, ALGORITHMS)
        certificates = certificates_of(member)
        certified = certificates[0].public_key()
        if not isinstance(certified, RSAPublicKey) or certified.public_numbers() != public_key.public_numbers():
            raise KeyUnusable("certificate")
        digest = certificates[0].fingerprint(SHA256())
        if member.get("x5t#S256", base64url_encode(digest).decode()) != base64url_encode(digest).decode():
            raise KeyUnusable("thumbprint")
        return OrderKey(
            public_key=public_key,
            algorithm=ALGORITHMS[0],
            thumbprint=digest.hex(),
            not_before=max(certificates[0].not_valid_before_utc, moment_of(member, "nbf") or EARLIEST),
            not_after=min(certificates[0].not_valid_after_utc, moment_of(member, "exp") or LATEST),
            refused=self._refusal(certificates, digest.hex(), member["kid"]),
        )

    def _refusal(self, certificates: list[x509.Certificate], thumbprint: str, key_id: str) -> Reason | None:
        """Return why the certificate may not be relied upon, or None."""
        try:
            valid = check_certificate(
                certificates[0],
                self._rules,
                subject=self._subject,
                now=self._clock(),
                intermediates=certificates[1:],
                last_good_at=self._last_good.get(thumbprint),
            )
        except CertificateRefused as refused:
            if refused.reason is not Reason.REVOCATION_UNKNOWN:
                self._last_good.pop(thumbprint, None)
            level = logging.INFO if refused.reason in OF_ANOTHER_ENVIRONMENT else logging.WARNING
            logger.log(level, "order.key_refused", extra={"kid": printable(key_id), "reason": refused.reason.value})
            return refused.reason
        self._last_good[thumbprint] = valid.revocation.at
        return None


def certificates_of(member: Mapping[str, Any]) -> list[x509.Certificate]:
    """Return the certificates of `x5c`, the signer's first (RFC 7517 section 4.7). Raise KeyUnusable."""
    encoded = member.get("x5c")
    if not isinstance(encoded, list) or not encoded or not all(isinstance(each, str) for each in encoded):
        raise KeyUnusable("certificate")
    try:
        return [read_certificate(base64.b64decode(each, validate=True)) for each in encoded]
    except (ValueError, CertificateRefused):
        raise KeyUnusable("certificate") from None


def moment_of(member: Mapping[str, Any], name: str) -> datetime | None:
    """Return the moment that a member of the set names in seconds, if it does. Raise KeyUnusable."""
    if name not in member:
        return None
    if not is_integer(member[name]):
        raise KeyUnusable("times")
    try:
        return datetime.fromtimestamp(member[name], UTC)
    except (ValueError, OverflowError, OSError):
        raise KeyUnusable("times") from None


def order_certificate_rules() -> CertificateRules:
    """Return what a signer's certificate must be like. Raise ValueError or OSError when the settings are at fault."""
    return CertificateRules(
        roots=certificates_in(Path(settings.EXTRADITION_ROOTS_FILE).read_bytes()),
        intermediates=(),  # the set brings them, and their revocation is looked up
        policies=frozenset(settings.EXTRADITION_POLICIES),
        policy_arcs=frozenset(),
        usages=frozenset({KeyUse.DIGITAL_SIGNATURE, KeyUse.NON_REPUDIATION}),
        revocation=Revocation(hosts=settings.CERTIFICATE_REVOCATION_HOSTS),
    )


def order_key_store() -> KeyStore:
    """Return a store of the police's keys by the settings. It starts no thread until it is first asked."""
    source = PoliceKeys(
        settings.EXTRADITION_JWKS_URL,
        order_certificate_rules(),
        NamedSubject(UNIT, settings.EXTRADITION_SUBJECT_CN),
        loopback_http=settings.SANDBOX,
    )
    return KeyStore(
        "police",
        source,
        refresh_seconds=settings.KEYS_REFRESH_SECONDS,
        cooldown_seconds=settings.KEYS_COOLDOWN_SECONDS,
        retry_seconds=RETRY_SECONDS,
    )
