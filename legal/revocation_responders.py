"""A question to an OCSP responder and its answer, verified strictly (RFC 6960)."""

from datetime import datetime, timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from legal.certificate_contents import (
    STRONG_HASHES,
    UNREADABLE,
    check_key,
    check_signature_algorithm,
    extension_of,
)
from legal.certificate_reasons import CertificateRefused
from legal.revocation_lists import SKEW, RevocationUnusable

FRESH = timedelta(minutes=10)  # how long an answer holds that names no end
LONGEST_WITHOUT_NONCE = timedelta(days=7)
MOST_CERTIFICATES = 4
CERTIFICATE_ID_HASH = SHA1  # names the issuer, as every responder understands; no trust rests on it
UNDERSTOOD = frozenset({ExtensionOID.KEY_USAGE, ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.EXTENDED_KEY_USAGE})


class Status(StrEnum):
    """What a responder says of a certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


STATUSES = {
    ocsp.OCSPCertStatus.GOOD: Status.GOOD,
    ocsp.OCSPCertStatus.REVOKED: Status.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN: Status.UNKNOWN,
}


def question(certificate: x509.Certificate, issuer: x509.Certificate, nonce: bytes) -> bytes:
    """Return the request in DER."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, CERTIFICATE_ID_HASH())
    return builder.add_extension(x509.OCSPNonce(nonce), critical=False).build().public_bytes(Encoding.DER)


def status_in(
    answer: bytes, *, certificate: x509.Certificate, issuer: x509.Certificate, nonce: bytes, now: datetime
) -> Status:
    """Return what an answer to that question says, once it is verified. Raise RevocationUnusable."""
    try:
        response = ocsp.load_der_ocsp_response(answer)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise RevocationUnusable("responder")
        _check_signature(response, _signer(response, issuer, now))
        _check_extensions(response)
        _check_subject(response, certificate, issuer)
        _check_times(response, now, echoed=_check_nonce(response, nonce))
        return STATUSES[response.certificate_status]
    except UNREADABLE:
        raise RevocationUnusable("malformed") from None


def _signer(response: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> x509.Certificate:
    """Return the issuer itself, or the responder that it has authorised by a certificate."""
    if _is_named(response, issuer):
        return issuer
    for delegate in response.certificates[:MOST_CERTIFICATES]:
        if _is_named(response, delegate):
            _check_delegate(delegate, issuer, now)
            return delegate
    raise RevocationUnusable("signer")


def _is_named(response: ocsp.OCSPResponse, certificate: x509.Certificate) -> bool:
    if response.responder_name is not None:
        return response.responder_name == certificate.subject
    return response.responder_key_hash == x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest


def _check_delegate(delegate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> None:
    """Refuse a responder that the certificate's own issuer has not authorised, or whose own revocation is open."""
    try:
        check_signature_algorithm(delegate)
        check_key(delegate, elliptic=True)
        delegate.verify_directly_issued_by(issuer)
    except (CertificateRefused, InvalidSignature, *UNREADABLE):
        raise RevocationUnusable("signer") from None
    purposes, usage = extension_of(delegate, x509.ExtendedKeyUsage), extension_of(delegate, x509.KeyUsage)
    authorised = purposes is not None and ExtendedKeyUsageOID.OCSP_SIGNING in purposes
    if not authorised or (usage is not None and not usage.digital_signature):
        raise RevocationUnusable("signer")
    if extension_of(delegate, x509.OCSPNoCheck) is None:  # or we would have to ask about it too, and of whom
        raise RevocationUnusable("signer")
    if any(extension.critical and extension.oid not in UNDERSTOOD for extension in delegate.extensions):
        raise RevocationUnusable("signer")
    if not delegate.not_valid_before_utc <= now < delegate.not_valid_after_utc:
        raise RevocationUnusable("signer")


def _check_signature(response: ocsp.OCSPResponse, signer: x509.Certificate) -> None:
    key, algorithm = signer.public_key(), response.signature_hash_algorithm
    if not isinstance(algorithm, STRONG_HASHES):
        raise RevocationUnusable("algorithm")
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
        else:
            raise RevocationUnusable("algorithm")
    except InvalidSignature:
        raise RevocationUnusable("signature") from None


def _check_extensions(response: ocsp.OCSPResponse) -> None:
    """Refuse an answer that says anything critical which is not understood."""
    for extension in (*response.extensions, *response.single_extensions):
        if extension.critical and extension.oid != x509.OCSPNonce.oid:
            raise RevocationUnusable("extension")


def _check_subject(response: ocsp.OCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    """Refuse an answer about anything but the certificate asked about. (Several at once are not readable here.)"""
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, CERTIFICATE_ID_HASH()).build()
    if (
        response.serial_number != certificate.serial_number
        or response.issuer_name_hash != asked.issuer_name_hash
        or response.issuer_key_hash != asked.issuer_key_hash
    ):
        raise RevocationUnusable("subject")


def _check_nonce(response: ocsp.OCSPResponse, nonce: bytes) -> bool:
    """Return whether the nonce came back; a responder that signs beforehand sends none. Refuse another one."""
    try:
        echoed = response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return False
    if echoed != nonce:
        raise RevocationUnusable("nonce")
    return True


def _check_times(response: ocsp.OCSPResponse, now: datetime, *, echoed: bool) -> None:
    """Refuse an answer from the future, one that has run out, and one so old that it may be a replay."""
    begins = response.this_update_utc
    ends = response.next_update_utc or begins + FRESH
    if not echoed:
        ends = min(ends, begins + LONGEST_WITHOUT_NONCE)
    if not begins <= now + SKEW or not now < ends:
        raise RevocationUnusable("times")
