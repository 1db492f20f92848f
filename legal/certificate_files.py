"""Certificates out of a file that an operator or administrator gives us: PEM bundles or DER."""

import re

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legal.certificate_contents import UNREADABLE, read_certificate
from legal.certificate_reasons import CertificateRefused

ARMOUR = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----.*?-----END \1-----", re.DOTALL)
LARGEST = 1024 * 1024


class CertificatesUnreadable(ValueError):
    """Why a file is no bundle of certificates, in a sentence for whoever gave it."""


def certificates_in(content: bytes) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM bundle, or the one of a DER file. Raise CertificatesUnreadable."""
    if not content.strip():
        raise CertificatesUnreadable(_("The file is empty."))
    if len(content) > LARGEST:
        raise CertificatesUnreadable(_("The file is larger than 1 MB."))
    if b"PRIVATE KEY-----" in content:
        raise CertificatesUnreadable(_("The file holds a private key. Only certificates belong here."))
    if b"-----BEGIN" not in content:
        return (_readable(content, _("The file is neither PEM nor one certificate as DER.")),)
    blocks = list(ARMOUR.finditer(content))
    if len(blocks) != content.count(b"-----BEGIN"):
        raise CertificatesUnreadable(_("A PEM block of the file does not end."))
    if any(block[1] != b"CERTIFICATE" for block in blocks):
        raise CertificatesUnreadable(_("The file holds a PEM block that is no certificate."))
    return tuple(_from_pem(block[0], position) for position, block in enumerate(blocks, start=1))


def is_test_authority(certificate: x509.Certificate) -> bool:
    """Return whether a certificate names itself or its issuer a test: such a root must not be loaded in production."""
    words = [str(part.value).casefold() for name in _names(certificate) for part in name]
    return any(mark in word for word in words for mark in ("test", "sandbox"))


def _from_pem(block: bytes, position: int) -> x509.Certificate:
    sentence = _("Certificate number %(position)d of the file cannot be read.") % {"position": position}
    try:
        der = x509.load_pem_x509_certificate(block).public_bytes(Encoding.DER)
    except UNREADABLE:
        raise CertificatesUnreadable(sentence) from None
    return _readable(der, sentence)


def _readable(der: bytes, sentence: str | Promise) -> x509.Certificate:
    try:
        return read_certificate(der)
    except CertificateRefused:
        raise CertificatesUnreadable(sentence) from None


def _names(certificate: x509.Certificate) -> tuple[x509.Name, x509.Name]:
    return certificate.subject, certificate.issuer
