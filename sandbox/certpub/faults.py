"""Enterprise certificates with one thing wrong, for tests and for showing what the service does about it.

Most carry the agency's own key: were such a certificate used all the same, the agency could open the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sandbox.certpub.agencies import AGENCIES, SIGNING_USAGES, Agency, encryption, subject
from sandbox.certpub.authority import Authority
from sandbox.certpub.issuing import PublicKey, Signer, Wanted, made
from sandbox.certpub.keys import BITS, private_key
from sandbox.certpub.site import Site

OTHER_ORGANISATION = "312345625"
OTHER_POLICY = "2.16.578.1.26.1.0.9.9"
ELSEWHERE = "http://127.0.0.2/intermediate.crl"
TIME_STAMPING = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class SignedBy(StrEnum):
    """Whose key signs the certificate."""

    OURS = "the intermediate"
    STRANGER = "somebody who only has the intermediate's name"
    ITSELF = "its own key"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is different from a good certificate."""

    rule: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    number: str | None = None  # in the subject; empty leaves it out
    key: Callable[[], PrivateKey] | None = None
    signed_by: SignedBy = SignedBy.OURS
    is_revoked: bool = False
    is_registered: bool = True


def _weak_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - weak on purpose


FAULTS = {
    "expired": Fault("CRT-01", {"begins_in_days": -366}),
    "not-yet-valid": Fault("CRT-01", {"begins_in_days": 1}),
    "stranger": Fault("CRT-02", signed_by=SignedBy.STRANGER),
    "self-signed": Fault("CRT-02", signed_by=SignedBy.ITSELF),
    "other-policy": Fault("CRT-03", {"policies": (OTHER_POLICY,)}),
    "no-policy": Fault("CRT-03", {"policies": ()}),
    "no-key-usage": Fault("CRT-04", {"usages": frozenset()}),
    "key-usage-not-critical": Fault("CRT-04", {"usages_critical": False}),
    "other-critical": Fault("CRT-04", {"further": ((TIME_STAMPING, True),)}),
    "signing-only": Fault("CRT-05", {"usages": SIGNING_USAGES}),
    "weak-key": Fault("CRT-06", key=_weak_key),
    "elliptic-curve": Fault("CRT-06", key=lambda: ec.generate_private_key(ec.SECP256R1())),
    "other-number": Fault("CRT-07", number=OTHER_ORGANISATION),
    "no-number": Fault("CRT-07", number=""),
    "revoked": Fault("CRT-08", is_revoked=True),
    "unregistered": Fault("CRT-08", is_registered=False),  # OCSP does not know it; no CRL lists it
    "no-revocation-address": Fault("CRT-08", {"crl": "", "ocsp": ""}),
    "revocation-elsewhere": Fault("CRT-08", {"crl": ELSEWHERE, "ocsp": ELSEWHERE}),
}


@dataclass(frozen=True, slots=True)
class Faulty:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: PrivateKey


def faulty(number: str, fault: str, *, site: Site, authority: Authority, now: datetime) -> Faulty:
    """Return a certificate for the agency with that fault, registered and revoked as it demands."""
    agency, wrong = AGENCIES[number], FAULTS[fault]
    key = wrong.key() if wrong.key else private_key(site.agency_key(number))
    certificate = made(_wanted(agency, wrong, site), _public(key), _signer(wrong, key, authority), now)
    if wrong.is_registered and wrong.signed_by is SignedBy.OURS:
        authority.register.record(certificate)
    if wrong.is_revoked:
        authority.register.revoke(certificate, at=now)
    return Faulty(certificate, key)


def _wanted(agency: Agency, wrong: Fault, site: Site) -> Wanted:
    number = agency.number if wrong.number is None else wrong.number
    return replace(encryption(agency, site), subject=subject(agency, number), **wrong.changes)


def _public(key: PrivateKey) -> PublicKey:
    return key.public_key()


def _signer(wrong: Fault, key: PrivateKey, authority: Authority) -> Signer:
    if wrong.signed_by is SignedBy.STRANGER:
        stranger = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
        return Signer(stranger, authority.intermediate.certificate)
    if wrong.signed_by is SignedBy.ITSELF and isinstance(key, rsa.RSAPrivateKey):
        return Signer(key)
    return authority.intermediate.signer
