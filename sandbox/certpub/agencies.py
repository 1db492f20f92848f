"""The agencies of the common standard, and the enterprise certificates that each of them has."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from cryptography import x509
from cryptography.x509.oid import NameOID

from sandbox.certpub.authority import INTERMEDIATE_CRL, OCSP, Authority
from sandbox.certpub.issuing import Wanted, as_pem, kept, read_certificates
from sandbox.certpub.keys import private_key
from sandbox.certpub.site import Site
from sandbox.files import write_privately
from sandbox.maskinporten.clients import AGENCIES as NAMES
from sandbox.maskinporten.keys import private_folder

DAYS = 365
ENCRYPTION, SIGNING, SIGNING_KEY, INSTEAD = "encryption.pem", "signing.pem", "signing.key", "instead.pem"


class Profile(StrEnum):
    """Where the organisation number stands in a certificate (CRT-07)."""

    SEID_2 = "SEID 2.0"
    OLDER = "older"


# Two of the policies accepted in the agencies' test environment, by two issuers (CRT-03).
POLICIES = {Profile.SEID_2: "2.16.578.1.26.1.0.3.2", Profile.OLDER: "2.16.578.1.29.913.1.1.0"}
SIGNING_USAGES = frozenset({"content_commitment"})  # nonRepudiation in older words


@dataclass(frozen=True, slots=True)
class Agency:
    """A participant of CertPub."""

    number: str
    profile: Profile

    @property
    def name(self) -> str:
        return NAMES[self.number]


AGENCIES = {
    agency.number: agency
    for agency in (
        Agency("974761076", Profile.SEID_2),
        Agency("889640782", Profile.OLDER),
        Agency("915429785", Profile.SEID_2),
        Agency("974760673", Profile.OLDER),
        Agency("991825827", Profile.SEID_2),
        Agency("986186999", Profile.OLDER),
    )
}


def subject(agency: Agency, number: str) -> x509.Name:
    """Return the subject with that number; with none when it is empty."""
    oid, value = {
        Profile.SEID_2: (NameOID.ORGANIZATION_IDENTIFIER, f"NTRNO-{number}"),
        Profile.OLDER: (NameOID.SERIAL_NUMBER, number),
    }[agency.profile]
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "NO"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, agency.name),
        *([x509.NameAttribute(oid, value)] if number else []),
        x509.NameAttribute(NameOID.COMMON_NAME, agency.name),
    ]
    return x509.Name(attributes)


def encryption(agency: Agency, site: Site) -> Wanted:
    """Return what stands in the certificate that answers are encrypted to."""
    return Wanted(
        subject=subject(agency, agency.number),
        days=DAYS,
        usages=frozenset({"key_encipherment"}),
        policies=(POLICIES[agency.profile],),
        crl=site.address(INTERMEDIATE_CRL),
        ocsp=site.address(OCSP),
    )


def keep_certificates(agency: Agency, site: Site, authority: Authority, now: datetime) -> None:
    """See to it that the agency has its keys and both certificates, and that those are what is published."""
    wanted = encryption(agency, site)
    for_signing = replace(wanted, usages=SIGNING_USAGES)
    folder, signer, register = site.published(agency.number), authority.intermediate.signer, authority.register
    key = private_key(site.agency_key(agency.number)).public_key()
    kept(folder / ENCRYPTION, wanted, key, signer, register=register, now=now)
    signing_key = private_key(folder / SIGNING_KEY).public_key()
    kept(folder / SIGNING, for_signing, signing_key, signer, register=register, now=now)
    publish_normally(agency.number, site)


def are_complete(site: Site) -> bool:
    """Return whether every agency has its certificates and the key that opens its answers."""
    return all(
        (site.published(number) / ENCRYPTION).exists()
        and (site.published(number) / SIGNING).exists()
        and site.agency_key(number).exists()
        for number in AGENCIES
    )


def published(number: str, site: Site) -> list[x509.Certificate]:
    """Return the certificates that the publisher gives for the agency; the one for signing comes first."""
    folder = site.published(number)
    if (folder / INSTEAD).exists():
        return read_certificates(folder / INSTEAD)
    return [*read_certificates(folder / SIGNING), *read_certificates(folder / ENCRYPTION)]


def encryption_certificate(number: str, site: Site) -> x509.Certificate:
    """Return the agency's own certificate, published or not."""
    return read_certificates(site.published(number) / ENCRYPTION)[0]


def publish_instead(number: str, site: Site, certificates: list[x509.Certificate]) -> None:
    """Publish these for the agency until further notice; none at all lets the publisher answer 404."""
    write_privately(private_folder(site.published(number)) / INSTEAD, as_pem(certificates))


def publish_normally(number: str, site: Site) -> None:
    """Publish the agency's own certificates again."""
    (site.published(number) / INSTEAD).unlink(missing_ok=True)
