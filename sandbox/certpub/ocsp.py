"""The OCSP responder (RFC 6960): good, revoked or unknown, for one certificate at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ocsp

from sandbox.certpub.authority import Authority, Issuer

LASTS = timedelta(hours=1)
LONGEST_NONCE = 128  # RFC 9654


@dataclass(frozen=True, slots=True)
class _Question:
    serial: int
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    algorithm: hashes.HashAlgorithm
    nonce: x509.OCSPNonce | None


def response(octets: bytes, authority: Authority, now: datetime) -> bytes:
    """Return the answer to a DER request, as DER; malformed ones and those about another's certificates too."""
    try:
        question = _question(octets)
    except (ValueError, UnsupportedAlgorithm, NotImplementedError):
        return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    # For the intermediate the root signs; for an agency the responder that the intermediate has put in its place.
    places = ((authority.root, authority.root), (authority.intermediate, authority.responder))
    for issuer, responder in places:
        if _is_about(question, issuer):
            return _successful(question, issuer, responder, authority, now)
    return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)


def _question(octets: bytes) -> _Question:
    request = ocsp.load_der_ocsp_request(octets)
    nonces = [each.value for each in request.extensions if isinstance(each.value, x509.OCSPNonce)]
    if nonces and not 1 <= len(nonces[0].nonce) <= LONGEST_NONCE:
        raise ValueError("nonce")
    return _Question(
        request.serial_number,
        request.issuer_name_hash,
        request.issuer_key_hash,
        request.hash_algorithm,
        nonces[0] if nonces else None,
    )


def _is_about(question: _Question, issuer: Issuer) -> bool:
    public_key = issuer.certificate.public_key()
    assert isinstance(public_key, rsa.RSAPublicKey)
    # The hash of a key is that of the bit string alone, which for RSA holds the PKCS #1 form.
    key = public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    wanted = (question.issuer_name_hash, question.issuer_key_hash)
    return wanted == (
        _digest(issuer.certificate.subject.public_bytes(), question.algorithm),
        _digest(key, question.algorithm),
    )


def _digest(octets: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(octets)
    return digest.finalize()


def _successful(question: _Question, issuer: Issuer, responder: Issuer, authority: Authority, now: datetime) -> bytes:
    issued = authority.register.issued(issuer.certificate.subject)
    revocation = issued.get(question.serial)
    status = ocsp.OCSPCertStatus.GOOD if question.serial in issued else ocsp.OCSPCertStatus.UNKNOWN
    now_to_the_second = now.replace(microsecond=0)
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=question.issuer_name_hash,
        issuer_key_hash=question.issuer_key_hash,
        serial_number=question.serial,
        algorithm=question.algorithm,
        cert_status=ocsp.OCSPCertStatus.REVOKED if revocation else status,
        this_update=now_to_the_second,
        next_update=now_to_the_second + LASTS,
        revocation_time=revocation.at if revocation else None,
        revocation_reason=revocation.reason if revocation else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
    if responder is not issuer:
        builder = builder.certificates([responder.certificate])
    if question.nonce:
        builder = builder.add_extension(question.nonce, critical=False)
    return builder.sign(responder.signer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(serialization.Encoding.DER)
