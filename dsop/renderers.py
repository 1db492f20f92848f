"""The answer as bytes: encrypted to the agency's certificate, or plain JSON where a test deployment allows it."""

from collections.abc import Sequence

from django.conf import settings

from dsop.certificates import certificates
from dsop.encryption import Recipient, encrypted
from legal.mandates import Agency
from legal.negotiation import Rendered
from legal.refusals import EncryptionFailed
from legal.register import register

JOSE, JSON = "application/jose", "application/json"


class AnswerRenderer:
    """What NEG-02 lets leave. Plain JSON is never among it unless PLAIN_JSON says so, and never in production."""

    @property
    def media_types(self) -> Sequence[str]:
        return (JOSE, JSON) if settings.PLAIN_JSON else (JOSE,)

    def render(self, document: bytes, *, media_type: str, consumer: str) -> Rendered:
        """Return the bytes. Raise CertificateUnavailable or EncryptionFailed; plain text is no way out of either."""
        if media_type == JSON and settings.PLAIN_JSON:
            return Rendered(document, JSON)
        agency = register.in_force().agencies[consumer]
        recipient = certificates().recipient(agency.certificate_participant)
        body = sealed_to(recipient, agency, document)
        evidence = {
            "key_algorithm": agency.key_algorithm,
            "content_encryption": agency.content_encryption,
            "certificate_serial": f"{recipient.certificate.serial_number:x}",
            "certificate_sha256": recipient.thumbprint.hex(),
        }
        return Rendered(body, JOSE, evidence)


def sealed_to(recipient: Recipient, agency: Agency, document: bytes) -> bytes:
    """Return the document encrypted as the agency wants it. Raise EncryptionFailed, whatever went wrong (JWE-09)."""
    try:
        return encrypted(
            document,
            recipient,
            key_algorithm=agency.key_algorithm,
            content_encryption=agency.content_encryption,
        )
    except Exception:
        # Whatever the library says may quote what it was given.
        raise EncryptionFailed from None
