"""Whose key an enterprise certificate in a grant's `x5c` holds; only this sandbox's own authority vouches for one."""

import base64
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from sandbox.certpub.authority import INTERMEDIATES
from sandbox.certpub.issuing import read_certificates
from sandbox.certpub.register import Register
from sandbox.maskinporten import refusals
from sandbox.maskinporten.clients import Client

LONGEST_CHAIN = 5


def key_of(x5c: object, client: Client, folder: Path, now: int) -> RSAPublicKey:
    """Return the key of the client's own certificate, the first of the chain. Raise InvalidCertificate."""
    chain = _chain(x5c)
    authority = folder / "certpub"
    intermediates = read_certificates(authority / INTERMEDIATES)
    moment = datetime.fromtimestamp(now, UTC)
    certificate = chain[0]
    key = certificate.public_key()
    if (
        isinstance(key, RSAPublicKey)
        and any(_is_issued_by(certificate, issuer) for issuer in intermediates)
        and certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc
        and _may_authenticate(certificate)
        and _organisation(certificate) == f"NTRNO-{client.organisation}"
        and not Register(authority).is_revoked(certificate)
    ):
        return key
    raise refusals.InvalidCertificate


def _chain(x5c: object) -> list[x509.Certificate]:
    if not (isinstance(x5c, list) and 0 < len(x5c) <= LONGEST_CHAIN):
        raise refusals.InvalidCertificate
    try:
        return [x509.load_der_x509_certificate(base64.b64decode(text, validate=True)) for text in x5c]
    except (TypeError, ValueError):
        raise refusals.InvalidCertificate from None


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _may_authenticate(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    except (x509.ExtensionNotFound, ValueError):
        return False


def _organisation(certificate: x509.Certificate) -> str:
    found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    return str(found[0].value) if len(found) == 1 else ""
