"""Make the sandbox's certificates, list what is published, or publish something wrong to see what the service does."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox.certpub.agencies import (
    AGENCIES,
    encryption_certificate,
    publish_instead,
    publish_normally,
    published,
)
from sandbox.certpub.authority import Authority, existing_authority
from sandbox.certpub.faults import FAULTS, faulty
from sandbox.certpub.preparing import prepare, ready
from sandbox.certpub.site import Site, here
from sandbox.police.authority import prepare as prepare_police

UNPUBLISHED = "unpublished"
EPILOG = """Without options everything is made or put right again. The service keeps what it has found for a while:
manage.py certificates --refresh makes it look again."""


class Command(BaseCommand):
    help = "Make and list the certificates of the sandbox's agencies."
    requires_system_checks = ()  # no database, no server: files are enough

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = EPILOG
        parser.add_argument("--agency", choices=AGENCIES, default="974761076", help="whose certificate; Skatteetaten's")
        wrong = parser.add_mutually_exclusive_group()
        wrong.add_argument("--publish", choices=[*FAULTS, UNPUBLISHED], help="publish one with this fault instead")
        wrong.add_argument("--revoke", action="store_true", help="revoke the agency's own certificate")

    def handle(self, *args: Any, agency: str, publish: str | None, revoke: bool, **options: Any) -> None:
        if not publish and not revoke:
            prepare()
            prepare_police(here())
        site, now = ready(here()), datetime.now(UTC)
        authority = existing_authority(site)
        if publish:
            _publish(agency, publish, site, authority, now)
        if revoke:
            publish_normally(agency, site)
            authority.register.revoke(encryption_certificate(agency, site), at=now)
        self.stdout.write("\n".join(_lines(site, authority)))


def _publish(number: str, fault: str, site: Site, authority: Authority, now: datetime) -> None:
    if fault == UNPUBLISHED:
        publish_instead(number, site, [])
        return
    try:
        certificate = faulty(number, fault, site=site, authority=authority, now=now).certificate
    except ValueError:
        raise CommandError("The library that makes certificates refuses to make this one.") from None
    publish_instead(number, site, [certificate])


def _lines(site: Site, authority: Authority) -> Iterator[str]:
    for agency in AGENCIES.values():
        yield f"{agency.number} {agency.name} ({agency.profile})"
        certificates = published(agency.number, site)
        for certificate in certificates:
            usage = _usage(certificate)
            revoked = ", revoked" if authority.register.is_revoked(certificate) else ""
            yield f"  {certificate.serial_number:x} to {certificate.not_valid_after_utc:%Y-%m-%d} for {usage}{revoked}"
        if not certificates:
            yield "  nothing published"


def _usage(certificate: x509.Certificate) -> str:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return "anything"
    return "encryption" if usage.key_encipherment else "signing"
