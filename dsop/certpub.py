"""CertPub: where an agency's certificates are published, and what is published there (locator and publisher).

Both answers come from outside. The locator's says where to go next, so it is held against a list of hosts; the
publisher's is XML, read without document types and entities.
"""

import base64
import binascii
import logging
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

from audit.fetching import FetchFailed, NotThere, check_address, fetch
from legal.certificate_contents import read_certificate
from legal.certificate_reasons import CertificateRefused
from legal.untrusted import read_object

QUALIFIER = "iso6523-actorid-upis"
PROCESS_SCHEME, PROCESS = "bdx-procid-dsop", "urn:fdc:bits.no:2018:dsop:account:1.0"
ROLE = "REQUEST"
SERVICE_TYPE = "difi-bcp-v1"
NAMESPACE = "{urn:fdc:difi.no:2017:virksert:v1}"
LARGEST = 64 * 1024
CONNECT_AND_READ_SECONDS = 5.0
MOST_CERTIFICATES = 20
logger = logging.getLogger(__name__)


class NotPublished(Exception):
    """CertPub says that there is nothing for this participant (CAC-03)."""


class LookUpFailed(Exception):
    """CertPub could not be asked, or its answer makes no sense; `reason` is a fixed word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Directory:
    """Which CertPub is asked. `loopback_http` is for the sandbox (NET-00)."""

    locator: str
    publisher_hosts: Collection[str]
    loopback_http: bool = False


def published_certificates(participant: str, directory: Directory, *, deadline: float) -> list[bytes]:
    """Return the DER of each encryption certificate published for an organisation number, in published order.

    `deadline` is a time.monotonic(). Raise NotPublished or LookUpFailed.
    """
    identifier = quote(f"{QUALIFIER}::0192:{participant}", safe="")
    base = _publisher(_asked(f"{directory.locator.rstrip('/')}/lookup/v2/{identifier}", directory, deadline), directory)
    process = quote(f"{PROCESS_SCHEME}::{PROCESS}", safe="")
    return _certificates(_asked(f"{base}/api/v1/{identifier}/{process}", directory, deadline), participant)


def _asked(address: str, directory: Directory, deadline: float) -> bytes:
    seconds = min(CONNECT_AND_READ_SECONDS, deadline - time.monotonic())
    if seconds <= 0:
        raise LookUpFailed("timeout")
    try:
        return fetch(address, loopback_http=directory.loopback_http, seconds=seconds, largest=LARGEST)
    except NotThere:
        raise NotPublished from None
    except FetchFailed as failure:
        raise LookUpFailed(str(failure)) from None


def _publisher(answer: bytes, directory: Directory) -> str:
    """Return the publisher's base without a slash at its end (BCL-01, BCL-03, BCL-04)."""
    try:
        base = read_object(answer).get(SERVICE_TYPE)
    except ValueError:
        raise LookUpFailed("locator") from None
    if base is None:
        raise NotPublished
    try:
        parts = check_address(base, loopback_http=directory.loopback_http)
    except FetchFailed:
        raise LookUpFailed("publisher_address") from None
    if parts.query or "?" in base or parts.hostname not in directory.publisher_hosts:
        raise LookUpFailed("publisher_address")
    return urlsplit(base)._replace(query="", fragment="").geturl().rstrip("/")


class _NoDocumentType(ElementTree.TreeBuilder):
    """Refuses a document type before anything in it is read: no entities, no bombs, no outside files."""

    def doctype(self, name: str, public: str, system: str) -> None:
        raise LookUpFailed("document_type")


def _certificates(answer: bytes, participant: str) -> list[bytes]:
    """Return what the Process document holds, if it is about whom and what was asked for (BCP-02, BCP-03)."""
    try:
        parser = ElementTree.XMLParser(target=_NoDocumentType())  # noqa: S314
        root = ElementTree.fromstring(answer, parser=parser)  # noqa: S314 -- refuses document types
    except (ElementTree.ParseError, ValueError, LookupError):
        raise LookUpFailed("xml") from None
    if root.tag != f"{NAMESPACE}Process":
        raise LookUpFailed("xml")
    about = _only(root, "ParticipantIdentifier"), _only(root, "ProcessIdentifier")
    if about != ((QUALIFIER, f"0192:{participant}"), (PROCESS_SCHEME, PROCESS)):
        raise LookUpFailed("about_another")
    roles = [(element.text or "").strip() for element in root.findall(f"{NAMESPACE}Role")]
    if roles not in ([], [ROLE]):
        raise LookUpFailed("about_another")
    elements = root.findall(f"{NAMESPACE}Certificate")[:MOST_CERTIFICATES]
    try:
        ders = [base64.b64decode("".join((element.text or "").split()), validate=True) for element in elements]
    except (binascii.Error, ValueError):
        raise LookUpFailed("base64") from None
    _compare_hints(zip(elements, ders, strict=True), participant)
    return ders


def _compare_hints(published: Iterable[tuple[ElementTree.Element, bytes]], participant: str) -> None:
    """Log where the publisher says otherwise than the certificate itself, which decides (BCP-06)."""
    for element, der in published:
        try:
            certificate = read_certificate(der)
        except CertificateRefused:
            continue  # refused again, and reported, where it is validated
        milliseconds = int(certificate.not_valid_after_utc.timestamp()) * 1000
        right = {"serialNumber": str(certificate.serial_number), "expire": str(milliseconds)}
        wrong = [name for name, value in right.items() if element.get(name, value) != value]
        if wrong:
            logger.warning("certpub.hint_differs", extra={"participant": participant, "hints": wrong})


def _only(root: ElementTree.Element, name: str) -> tuple[str | None, str]:
    """Return scheme and text of the one element of that name."""
    found = root.findall(f"{NAMESPACE}{name}")
    if len(found) != 1:
        raise LookUpFailed("xml")
    return found[0].get("scheme"), (found[0].text or "").strip()
