"""Lists of revoked certificates, made when asked for, so that a revocation shows at once."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from sandbox.certpub.authority import Issuer
from sandbox.certpub.register import Register, Revocation

LASTS = timedelta(hours=1)


def revocation_list(issuer: Issuer, register: Register, now: datetime) -> bytes:
    """Return the issuer's list as DER."""
    now_to_the_second = now.replace(microsecond=0)
    key = issuer.signer.key
    builder = x509.CertificateRevocationListBuilder(
        issuer_name=issuer.certificate.subject,
        last_update=now_to_the_second,
        next_update=now_to_the_second + LASTS,
    )
    issuer_key = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key), False)
    # A later list must have a higher number, also within the same second.
    builder = builder.add_extension(x509.CRLNumber(int(now.timestamp() * 1_000_000)), False)
    for serial, revocation in sorted(register.issued(issuer.certificate.subject).items()):
        if revocation:
            builder = builder.add_revoked_certificate(_entry(serial, revocation))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _entry(serial: int, revocation: Revocation) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(serial, revocation.at)
    return builder.add_extension(x509.CRLReason(revocation.reason), False).build()
