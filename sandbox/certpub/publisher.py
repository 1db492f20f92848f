"""The publisher (BCP): what a participant supports, and its certificates for a process, as XML.

The agencies publish for one process and the role REQUEST, and no certificates under the signing addresses.
"""

import base64
from xml.etree import ElementTree  # it builds documents here and reads none

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.certpub.agencies import published
from sandbox.certpub.locator import QUALIFIER, agency_of
from sandbox.certpub.site import Site

NAMESPACE = "urn:fdc:difi.no:2017:virksert:v1"
PROCESS_SCHEME, PROCESS = "bdx-procid-dsop", "urn:fdc:bits.no:2018:dsop:account:1.0"
ROLE = "REQUEST"


def document(path: str, site: Site) -> bytes | None:
    """Return the document at the path below api/v1/; None where there is nothing."""
    participant, *further = path.split("/")
    number = agency_of(participant)
    if number is None:
        return None
    if not further:
        return _participant(number)
    if further not in ([f"{PROCESS_SCHEME}::{PROCESS}"], [f"{PROCESS_SCHEME}::{PROCESS}", ROLE]):
        return None
    certificates = published(number, site)
    return _process(number, certificates) if certificates else None


def _participant(number: str) -> bytes:
    root = _root("Participant", number)
    ElementTree.SubElement(root, "ProcessReference", scheme=PROCESS_SCHEME, role=ROLE).text = PROCESS
    return _written(root)


def _process(number: str, certificates: list[x509.Certificate]) -> bytes:
    root = _root("Process", number)
    ElementTree.SubElement(root, "ProcessIdentifier", scheme=PROCESS_SCHEME).text = PROCESS
    ElementTree.SubElement(root, "Role").text = ROLE
    for certificate in certificates:
        expire = int(certificate.not_valid_after_utc.timestamp()) * 1000
        attributes = {"serialNumber": str(certificate.serial_number), "expire": str(expire)}
        der = certificate.public_bytes(Encoding.DER)
        ElementTree.SubElement(root, "Certificate", attributes).text = base64.b64encode(der).decode()
    return _written(root)


def _root(name: str, number: str) -> ElementTree.Element:
    root = ElementTree.Element(name, xmlns=NAMESPACE)
    ElementTree.SubElement(root, "ParticipantIdentifier", scheme=QUALIFIER).text = f"0192:{number}"
    return root


def _written(root: ElementTree.Element) -> bytes:
    octets: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return octets
