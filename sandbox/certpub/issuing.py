"""What can stand in a certificate, how one is made, and whether one that was made still holds it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sandbox.certpub.register import Register
from sandbox.files import write_privately
from sandbox.maskinporten.keys import private_folder

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
RENEWED_BEFORE_END = timedelta(days=30)
BACKDATED = timedelta(minutes=5)
"""So that a clock that is put back a little does not make a new certificate one of the future."""
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
NO_AUTHORITY = x509.BasicConstraints(ca=False, path_length=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What shall stand in a certificate, apart from its key and its issuer."""

    subject: x509.Name
    days: int
    begins_in_days: int = 0
    constraints: x509.BasicConstraints = NO_AUTHORITY
    usages: frozenset[str] = frozenset()  # of USAGES; empty leaves the extension out
    usages_critical: bool = True
    policies: tuple[str, ...] = ()
    crl: str = ""
    ocsp: str = ""
    further: tuple[tuple[x509.ExtensionType, bool], ...] = ()  # each with whether it is critical


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs. Without a certificate: the key for itself."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate | None = None


def made(wanted: Wanted, public_key: PublicKey, signer: Signer, now: datetime) -> x509.Certificate:
    """Return a new certificate."""
    begins_at = now.replace(microsecond=0) + timedelta(days=wanted.begins_in_days) - BACKDATED
    builder = x509.CertificateBuilder(
        issuer_name=signer.certificate.subject if signer.certificate else wanted.subject,
        subject_name=wanted.subject,
        public_key=public_key,
        serial_number=x509.random_serial_number(),
        not_valid_before=begins_at,
        not_valid_after=begins_at + timedelta(days=wanted.days),
    )
    for value, critical in _extensions(wanted, public_key, signer.certificate):
        builder = builder.add_extension(value, critical)
    return builder.sign(signer.key, hashes.SHA256())


def is_as_wanted(
    certificate: x509.Certificate, wanted: Wanted, public_key: PublicKey, signer: Signer, now: datetime
) -> bool:
    """Return whether the certificate need not be made again: the same content, and enough time left."""
    # The key's identifier is one of the extensions.
    extensions = [(extension.value, extension.critical) for extension in certificate.extensions]
    return (
        certificate.subject == wanted.subject
        and extensions == _extensions(wanted, public_key, signer.certificate)
        and certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc - RENEWED_BEFORE_END
        and _is_signed_by(certificate, signer.certificate or certificate)
    )


def kept(
    file: Path, wanted: Wanted, public_key: PublicKey, signer: Signer, *, register: Register, now: datetime
) -> x509.Certificate:
    """Return the certificate in the file; one that is missing, not as wanted or revoked is made anew."""
    found = read_certificates(file)
    if found and is_as_wanted(found[0], wanted, public_key, signer, now) and not register.is_revoked(found[0]):
        return found[0]
    certificate = made(wanted, public_key, signer, now)
    register.record(certificate)
    private_folder(file.parent)
    write_privately(file, as_pem([certificate]))
    return certificate


def read_certificates(file: Path) -> list[x509.Certificate]:
    """Return the certificates in the PEM file; none where there is no file, or nothing readable in it."""
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return []


def as_pem(certificates: list[x509.Certificate]) -> str:
    return "".join(certificate.public_bytes(serialization.Encoding.PEM).decode() for certificate in certificates)


def _extensions(
    wanted: Wanted, public_key: PublicKey, issuer: x509.Certificate | None
) -> list[tuple[x509.ExtensionType, bool]]:
    """Return each extension with whether it is critical."""
    own_key = x509.SubjectKeyIdentifier.from_public_key(public_key)
    extensions: list[tuple[x509.ExtensionType, bool]] = [(wanted.constraints, True), (own_key, False)]
    if issuer:
        issuer_key = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        extensions.append((x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key), False))
    if wanted.usages:
        usage = x509.KeyUsage(**{name: name in wanted.usages for name in USAGES})
        extensions.append((usage, wanted.usages_critical))
    if wanted.policies:
        policies = [x509.PolicyInformation(x509.ObjectIdentifier(policy), None) for policy in wanted.policies]
        extensions.append((x509.CertificatePolicies(policies), False))
    if wanted.crl:
        place = [x509.UniformResourceIdentifier(wanted.crl)]
        extensions.append((x509.CRLDistributionPoints([x509.DistributionPoint(place, None, None, None)]), False))
    if wanted.ocsp:
        method, location = x509.AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(wanted.ocsp)
        extensions.append((x509.AuthorityInformationAccess([x509.AccessDescription(method, location)]), False))
    return [*extensions, *wanted.further]


def _is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
