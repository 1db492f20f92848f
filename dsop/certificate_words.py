"""What administrators are told of an agency's certificate, on the command line and in the admin alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dsop.models import AgencyCertificate
from legal.certificate_reasons import CertificateRefused, Reason
from legal.certificate_subjects import OrganisationSubject

REFUSED: dict[str, Promise] = {
    Reason.MALFORMED: _("the certificate cannot be read, or is made as no accepted authority makes one"),
    Reason.NOT_YET_VALID: _("its time has not begun"),
    Reason.EXPIRED: _("its time is over"),
    Reason.CHAIN: _("none of the accepted authorities issued it"),
    Reason.POLICY: _("it was issued under a policy that is not accepted"),
    Reason.EXTENSION: _("it demands something critical that is not known here"),
    Reason.USAGE: _("its key is not for encryption"),
    Reason.KEY: _("its key is too weak or of another kind"),
    Reason.ALGORITHM: _("it is signed with something weak or unknown"),
    Reason.SUBJECT: _("it belongs to another organisation, or does not say to which"),
    Reason.REVOKED: _("its authority has revoked it"),
    Reason.REVOCATION_UNKNOWN: _("nobody could say whether it is revoked"),
}
FAILED: dict[str, Promise] = {
    "address": _("an address of CertPub may not be asked"),
    "timeout": _("CertPub did not answer in time"),
    "connection": _("CertPub cannot be reached"),
    "status": _("CertPub answered with another status than 200"),
    "size": _("CertPub's answer is too large"),
    "locator": _("the locator's answer makes no sense"),
    "publisher_address": _("the locator leads to a publisher that is not allowed"),
    "document_type": _("the publisher's answer has a document type"),
    "xml": _("the publisher's answer makes no sense"),
    "about_another": _("the publisher's answer is about something else"),
    "base64": _("a certificate in the publisher's answer cannot be read"),
}


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands in a certificate."""

    serial_number: str
    subject_number: str
    sha256: str
    not_before: datetime
    not_after: datetime

    @property
    def is_over(self) -> bool:
        return datetime.now(UTC) >= self.not_after


def contents(row: AgencyCertificate) -> Contents | None:
    """Return what stands in the row's certificate, None when it has none."""
    if not row.certificate:
        return None
    certificate = x509.load_der_x509_certificate(bytes(row.certificate))
    subject = OrganisationSubject(row.participant, in_common_name=True, may_be_missing=True)
    try:
        number = subject.check(certificate.subject) or str(_("none"))
    except CertificateRefused:
        number = str(_("another's"))
    return Contents(
        serial_number=f"{certificate.serial_number:x}",
        subject_number=number,
        sha256=certificate.fingerprint(SHA256()).hex(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def explained(reasons: Iterable[str]) -> list[str]:
    """Return each fixed word with what it means."""
    return [f"{reason}: {meaning(reason)}" for reason in reasons]


def meaning(reason: str) -> str:
    """Return what a fixed word means; a word of another version of the service stands for itself."""
    return str(REFUSED.get(reason) or FAILED.get(reason) or reason)


def source(row: AgencyCertificate) -> str:
    return str(_("pinned")) if row.pinned else "CertPub"


def moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S %Z}" if at else str(_("never"))
