"""Whether one certificate may be relied upon, by rules that the caller states (security specification 6.1, CRT).

Nothing is known here of where certificates come from or what they are used for: the agencies' encryption certificates
and the police's signing certificates are checked alike, by different rules.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import CertificatePoliciesOID, ExtensionOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from legal.certificate_contents import (
    UNREADABLE,
    check_key,
    check_signature_algorithm,
    extension_of,
    is_authority,
    policies_of,
    read_certificate,
    revocation_addresses,
)
from legal.certificate_reasons import CertificateRefused, Reason
from legal.certificate_subjects import SubjectRule
from legal.revocation import Checked, Revocation

SECONDS = 5.0
MOST_INTERMEDIATES = 8
LONGEST_PATH = 3  # intermediates between the certificate and its root
CRITICAL = frozenset({ExtensionOID.KEY_USAGE, ExtensionOID.BASIC_CONSTRAINTS})  # CRT-04
OBJECT_IDENTIFIER = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")


class KeyUse(StrEnum):
    """What a certificate may say that its key is for, as the library names it."""

    DIGITAL_SIGNATURE = "digital_signature"
    NON_REPUDIATION = "content_commitment"
    KEY_ENCIPHERMENT = "key_encipherment"
    DATA_ENCIPHERMENT = "data_encipherment"


@dataclass(frozen=True)
class CertificateRules:
    """What a certificate must be like. The whole of it is a setting: a fault in it is a ValueError.

    The intermediates are those we know beforehand; a caller may bring others, which then must name where their
    revocation can be looked up. The policies are accepted as they stand, the arcs with everything below them.
    """

    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...]
    policies: frozenset[str]
    policy_arcs: frozenset[str]
    usages: frozenset[KeyUse]
    revocation: Revocation
    elliptic: bool = False
    check_intermediates: bool = True

    def __post_init__(self) -> None:
        if not self.roots or not self.usages or not (self.policies or self.policy_arcs):
            raise ValueError("Rules for certificates need a root, a policy and a key usage.")
        if not all(is_authority(certificate) for certificate in (*self.roots, *self.intermediates)):
            raise ValueError("A root or intermediate is no certificate of an authority.")
        if not all(root.subject == root.issuer for root in self.roots):
            raise ValueError("A root is not self-issued; it belongs among the intermediates.")
        if not all(OBJECT_IDENTIFIER.fullmatch(policy) for policy in (*self.policies, *self.policy_arcs)):
            raise ValueError("A policy or arc is no object identifier.")

    def accepts(self, policy: str) -> bool:
        """Return whether a policy is listed, or lies below a listed arc."""
        return policy in self.policies or any(policy.startswith(f"{arc}.") for arc in self.policy_arcs)


@dataclass(frozen=True, slots=True)
class ValidCertificate:
    """A certificate that passed, with what the caller's cache and record want of it.

    `chain` begins with the certificate and ends with the root; `thumbprint` is SHA-256 over DER in hex.
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    organisation_number: str | None
    serial_number: int
    thumbprint: str
    not_before: datetime
    not_after: datetime
    revocation: Checked


def check_certificate(
    certificate: bytes | x509.Certificate,
    rules: CertificateRules,
    *,
    subject: SubjectRule,
    now: datetime,
    seconds: float = SECONDS,
    intermediates: Sequence[x509.Certificate] = (),
    last_good_at: datetime | None = None,
) -> ValidCertificate:
    """Return what is known of the certificate once it keeps every rule at that moment. Raise CertificateRefused.

    `seconds` is all the time that looking up its revocation may take. `last_good_at` is the `revocation.at` of the
    same certificate's last good check, for when neither list nor responder can be reached; whoever keeps it must
    forget it when the certificate is refused as revoked.
    """
    deadline = time.monotonic() + seconds
    read = read_certificate(certificate)
    check_period(read, now=now)
    check_key(read, elliptic=rules.elliptic)
    check_signature_algorithm(read)
    check_critical_extensions(read)
    check_usage(read, usages=rules.usages)
    policies = accepted_policies(read, rules=rules)
    chain = verified_chain(read, rules=rules, intermediates=intermediates, now=now)
    check_chain_policies(chain, policies=policies)
    number = subject.check(read.subject)
    checked = check_revocation(chain, rules=rules, now=now, deadline=deadline, last_good_at=last_good_at)
    return ValidCertificate(
        certificate=read,
        chain=chain,
        organisation_number=number,
        serial_number=read.serial_number,
        thumbprint=read.fingerprint(SHA256()).hex(),
        not_before=read.not_valid_before_utc,
        not_after=read.not_valid_after_utc,
        revocation=checked,
    )


def check_period(certificate: x509.Certificate, *, now: datetime) -> None:
    """Refuse a certificate before its time, and from the moment it ends (CRT-01)."""
    if now < certificate.not_valid_before_utc:
        raise CertificateRefused(Reason.NOT_YET_VALID)
    if now >= certificate.not_valid_after_utc:
        raise CertificateRefused(Reason.EXPIRED)


def check_critical_extensions(certificate: x509.Certificate) -> None:
    """Refuse any critical extension but the key's usage and the basic constraints (CRT-04)."""
    if any(extension.critical and extension.oid not in CRITICAL for extension in certificate.extensions):
        raise CertificateRefused(Reason.EXTENSION)


def check_usage(certificate: x509.Certificate, *, usages: frozenset[KeyUse]) -> None:
    """Refuse a key that is for none of these uses, that does not say so critically, or that issues (CRT-04, CRT-05)."""
    constraints = extension_of(certificate, x509.BasicConstraints)
    usage = next((found for found in certificate.extensions if isinstance(found.value, x509.KeyUsage)), None)
    if usage is None or not usage.critical or (constraints is not None and constraints.ca):
        raise CertificateRefused(Reason.USAGE)
    if usage.value.key_cert_sign or usage.value.crl_sign:
        raise CertificateRefused(Reason.USAGE)
    if not any(getattr(usage.value, use) for use in usages):
        raise CertificateRefused(Reason.USAGE)


def accepted_policies(certificate: x509.Certificate, *, rules: CertificateRules) -> frozenset[str]:
    """Return the certificate's policies that the rules accept. Refuse it when there are none (CRT-03)."""
    accepted = frozenset(policy for policy in policies_of(certificate) or () if rules.accepts(policy))
    if not accepted:
        raise CertificateRefused(Reason.POLICY)
    return accepted


def verified_chain(
    certificate: x509.Certificate,
    *,
    rules: CertificateRules,
    intermediates: Sequence[x509.Certificate],
    now: datetime,
) -> tuple[x509.Certificate, ...]:
    """Return the certificates from this one to one of the roots, each signed by the next (CRT-02, CRT-09)."""
    if len(intermediates) > MOST_INTERMEDIATES:
        raise CertificateRefused(Reason.CHAIN)
    # These certificates have no subjectAltName, which the stock policy for clients demands; our own checks replace it.
    ours = ExtensionPolicy.permit_all().require_present(x509.KeyUsage, Criticality.CRITICAL, None)
    ours = ours.require_present(x509.CertificatePolicies, Criticality.NON_CRITICAL, None)
    # The library applies name constraints to alternative names only, of which there are none, and these two not at all.
    theirs = ExtensionPolicy.webpki_defaults_ca().require_not_present(x509.NameConstraints)
    theirs = theirs.require_not_present(x509.PolicyConstraints).require_not_present(x509.InhibitAnyPolicy)
    builder = PolicyBuilder().store(Store(list(rules.roots))).time(now).max_chain_depth(LONGEST_PATH)
    verifier = builder.extension_policies(ca_policy=theirs, ee_policy=ours).build_client_verifier()
    try:
        chain = tuple(verifier.verify(certificate, [*intermediates, *rules.intermediates]).chain)
    except (VerificationError, *UNREADABLE):
        raise CertificateRefused(Reason.CHAIN) from None
    chain = (certificate, *(read_certificate(authority) for authority in chain[1:]))
    if any(now >= authority.not_valid_after_utc for authority in chain[1:]):  # the library counts the last moment in
        raise CertificateRefused(Reason.CHAIN)
    return chain


def check_chain_policies(chain: Sequence[x509.Certificate], *, policies: frozenset[str]) -> None:
    """Refuse a certificate whose issuers are themselves held to other policies than it claims (CRT-03)."""
    for authority in chain[1:-1]:
        allowed = policies_of(authority) or frozenset()  # none at all: the end of every policy (RFC 5280 6.1.3)
        if CertificatePoliciesOID.ANY_POLICY.dotted_string not in allowed:
            policies &= allowed
    if not policies:
        raise CertificateRefused(Reason.POLICY)


def check_revocation(
    chain: Sequence[x509.Certificate],
    *,
    rules: CertificateRules,
    now: datetime,
    deadline: float,
    last_good_at: datetime | None,
) -> Checked:
    """Return the oldest check that the chain rests on. Refuse it when a member is revoked or unaccounted for (CRT-08).

    A root has nobody above it to revoke it. An intermediate that names no addresses passes if it is one of ours.
    """
    pairs = [
        (member, issuer)
        for member, issuer in pairwise(chain)
        if member is chain[0] or rules.check_intermediates
        if member is chain[0] or member not in rules.intermediates or revocation_addresses(member)
    ]
    checks = []
    for position, (member, issuer) in enumerate(pairs):
        share = (deadline - time.monotonic()) / (len(pairs) - position)
        checks.append(rules.revocation.check(member, issuer, now=now, seconds=share, last_good_at=last_good_at))
    return min(checks, key=lambda checked: checked.at)
