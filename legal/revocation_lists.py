"""A certificate revocation list, read strictly: one we do not fully understand does not count (RFC 5280 section 5)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from legal.certificate_contents import STRONG_HASHES, UNREADABLE, extension_of, is_authority

SKEW = timedelta(minutes=5)  # between the authority's clock and ours
UNDERSTOOD = frozenset({ExtensionOID.ISSUING_DISTRIBUTION_POINT, ExtensionOID.CRL_NUMBER})


class RevocationUnusable(Exception):
    """Why a list or an answer does not count, in one word for the log."""


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A list that its authority has signed, and which of its certificates it is about."""

    content: x509.CertificateRevocationList
    this_update: datetime
    next_update: datetime
    scope: x509.IssuingDistributionPoint | None

    def is_current(self, now: datetime) -> bool:
        """Return whether the list may be relied upon at that moment."""
        return self.this_update <= now + SKEW and now < self.next_update

    def speaks_of(self, certificate: x509.Certificate, addresses: Collection[str]) -> bool:
        """Return whether silence about a certificate that names these addresses means that it is not revoked."""
        if self.scope is None:
            return True
        if self.scope.only_contains_user_certs if is_authority(certificate) else self.scope.only_contains_ca_certs:
            return False
        names = self.scope.full_name  # of a part of the authority's certificates
        return names is None or any(name.value in addresses for name in names)

    def holds(self, certificate: x509.Certificate) -> bool:
        """Return whether the certificate is on the list, for whatever reason and however briefly."""
        return self.content.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None


def read_list(body: bytes, issuer: x509.Certificate) -> RevocationList:
    """Return the list in DER once its signature by that issuer is verified. Raise RevocationUnusable."""
    try:
        content = x509.load_der_x509_crl(body)
        _check_signature(content, issuer)
        if content.next_update_utc is None:
            raise RevocationUnusable("times")
        return RevocationList(content, content.last_update_utc, content.next_update_utc, _scope(content))
    except UNREADABLE:
        raise RevocationUnusable("malformed") from None


def _check_signature(content: x509.CertificateRevocationList, issuer: x509.Certificate) -> None:
    if content.issuer != issuer.subject:
        raise RevocationUnusable("issuer")
    usage = extension_of(issuer, x509.KeyUsage)
    if usage is None or not usage.crl_sign:
        raise RevocationUnusable("issuer")
    if not isinstance(content.signature_hash_algorithm, STRONG_HASHES):
        raise RevocationUnusable("algorithm")
    if not content.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
        raise RevocationUnusable("signature")


def _scope(content: x509.CertificateRevocationList) -> x509.IssuingDistributionPoint | None:
    """Return the list's own word on its scope. Raise RevocationUnusable for a difference to another list, for entries
    of other authorities, for some reasons of revocation only, and for anything critical that is not understood.
    """
    scope = None
    for extension in content.extensions:
        if extension.critical and extension.oid not in UNDERSTOOD:
            raise RevocationUnusable("extension")
        if isinstance(extension.value, x509.DeltaCRLIndicator):
            raise RevocationUnusable("delta")
        if isinstance(extension.value, x509.IssuingDistributionPoint):
            scope = extension.value
    if scope is not None and (
        scope.indirect_crl
        or scope.only_some_reasons is not None
        or scope.only_contains_attribute_certs
        or scope.relative_name is not None
    ):
        raise RevocationUnusable("scope")
    return scope
