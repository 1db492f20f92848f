"""What a certificate says of itself, and whether its key and signature are strong; everything odd is refused."""

from dataclasses import dataclass
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, PublicKeyAlgorithmOID

from legal.certificate_reasons import CertificateRefused, Reason

LARGEST = 32 * 1024  # bytes of DER
LONGEST_SERIAL = 160  # bits, RFC 5280 section 4.1.2.2
SHORTEST_MODULUS, LONGEST_MODULUS = 2048, 16384
STRONG_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
STRONG_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises over bytes it cannot make sense of."""

Extension = TypeVar("Extension", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True)
class RevocationAddresses:
    """Where a certificate says that its revocation can be looked up; not yet checked against any list of hosts."""

    lists: tuple[str, ...]
    responders: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.lists or self.responders)


def read_certificate(certificate: bytes | x509.Certificate) -> x509.Certificate:
    """Return the certificate once all of it that we look at could be read. Refuse what is malformed."""
    der = certificate if isinstance(certificate, bytes) else certificate.public_bytes(Encoding.DER)
    if len(der) > LARGEST:
        raise CertificateRefused(Reason.MALFORMED)
    try:
        read = x509.load_der_x509_certificate(der)
        if _is_odd(read, der):
            raise CertificateRefused(Reason.MALFORMED)
    except UNREADABLE:
        raise CertificateRefused(Reason.MALFORMED) from None
    return read


def _is_odd(read: x509.Certificate, der: bytes) -> bool:
    """Return whether the certificate has a form that no authority gives it. The library reads a field when asked."""
    serial = read.serial_number
    if serial <= 0 or serial.bit_length() > LONGEST_SERIAL:
        return True
    if not len(read.extensions) or not list(read.subject) or not list(read.issuer):
        return True
    # Bits of the signature said to be unused would make another file of it, with another thumbprint and as valid.
    return not der.endswith(b"\x00" + read.signature)


def extension_of(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    """Return the extension of that kind, or None."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def is_authority(certificate: x509.Certificate) -> bool:
    """Return whether the certificate may issue others, by its own word."""
    constraints = extension_of(certificate, x509.BasicConstraints)
    usage = extension_of(certificate, x509.KeyUsage)
    return bool(constraints and constraints.ca and usage and usage.key_cert_sign)


def policies_of(certificate: x509.Certificate) -> frozenset[str] | None:
    """Return the certificate policies as dotted numbers; None where the extension is absent."""
    policies = extension_of(certificate, x509.CertificatePolicies)
    return None if policies is None else frozenset(policy.policy_identifier.dotted_string for policy in policies)


def revocation_addresses(certificate: x509.Certificate) -> RevocationAddresses:
    """Return the addresses of complete lists by the issuer itself, and of responders. Others are not understood."""
    points = extension_of(certificate, x509.CRLDistributionPoints) or ()
    whole = [point.full_name or () for point in points if point.reasons is None and point.crl_issuer is None]
    access = extension_of(certificate, x509.AuthorityInformationAccess) or ()
    responders = [
        entry.access_location for entry in access if entry.access_method == AuthorityInformationAccessOID.OCSP
    ]
    return RevocationAddresses(
        lists=tuple(name.value for names in whole for name in names if _is_web(name)),
        responders=tuple(name.value for name in responders if _is_web(name)),
    )


def check_signature_algorithm(certificate: x509.Certificate) -> None:
    """Refuse a certificate whose signature rests on SHA-1, MD5 or something unknown."""
    try:
        strong = isinstance(certificate.signature_hash_algorithm, STRONG_HASHES)
    except UNREADABLE:
        strong = False
    if not strong:
        raise CertificateRefused(Reason.ALGORITHM)


def check_key(certificate: x509.Certificate, *, elliptic: bool) -> None:
    """Refuse a public key that is not RSA with 2048 bits or more, or where allowed on a known curve (CRT-06)."""
    try:
        key = certificate.public_key()
        strong = _is_strong_rsa(certificate, key) or (elliptic and _is_strong_curve(key))
    except UNREADABLE:
        strong = False
    if not strong:
        raise CertificateRefused(Reason.KEY)


def _is_strong_rsa(certificate: x509.Certificate, key: CertificatePublicKeyTypes) -> bool:
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    # A key marked for RSASSA-PSS alone loads as RSA too, but nothing may be encrypted to it.
    plain = certificate.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5
    return plain and SHORTEST_MODULUS <= key.key_size <= LONGEST_MODULUS


def _is_strong_curve(key: CertificatePublicKeyTypes) -> bool:
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, STRONG_CURVES)


def _is_web(name: x509.GeneralName) -> bool:
    if not isinstance(name, x509.UniformResourceIdentifier):
        return False
    return name.value.lower().startswith(("http://", "https://"))
