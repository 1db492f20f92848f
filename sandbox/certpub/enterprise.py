"""The bank's own enterprise certificate, with which it may ask Maskinporten for tokens instead of by a key's id."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from sandbox.certpub.authority import INTERMEDIATE_CRL, OCSP, existing_authority
from sandbox.certpub.issuing import Wanted, as_pem, kept
from sandbox.certpub.site import Site
from sandbox.files import write_privately
from sandbox.locks import Lock
from sandbox.maskinporten import clients
from sandbox.maskinporten.keys import private_folder

DAYS = 365
NAME = "Eksempelbanken"
POLICY = "2.16.578.1.26.1.0.3.2"


def certificate_file(folder: Path) -> Path:
    """Return the file of the bank's certificate and the one above it, as MASKINPORTEN_CERTIFICATE_FILE wants it."""
    return folder / "bank" / "enterprise-chain.pem"


def prepare_bank(site: Site, now: datetime | None = None) -> None:
    """See to it that the bank's registered key has a certificate too; the authority must be there."""
    chain, authority = certificate_file(site.folder), existing_authority(site)
    key = clients.private_key(site.folder / "maskinporten", clients.BANK_NUMBER).private.public_key()
    signer, register, now = authority.intermediate.signer, authority.register, now or datetime.now(UTC)
    with Lock(private_folder(chain.parent) / "prepare.lock").wait():
        file = chain.with_name("enterprise.pem")
        certificate = kept(file, wanted(site), key, signer, register=register, now=now)
        write_privately(chain, as_pem([certificate, authority.intermediate.certificate]))


def wanted(
    site: Site,
    *,
    number: str = clients.BANK_NUMBER,
    usages: frozenset[str] = frozenset({"digital_signature"}),
    begins_in_days: int = 0,
) -> Wanted:
    """Return what stands in the certificate; the changes make one that should be refused."""
    attributes = [
        (NameOID.COUNTRY_NAME, "NO"),
        (NameOID.ORGANIZATION_NAME, NAME),
        (NameOID.ORGANIZATION_IDENTIFIER, f"NTRNO-{number}"),
        (NameOID.COMMON_NAME, NAME),
    ]
    return Wanted(
        subject=x509.Name([x509.NameAttribute(kind, value) for kind, value in attributes]),
        days=DAYS,
        begins_in_days=begins_in_days,
        usages=usages,
        policies=(POLICY,),
        crl=site.address(INTERMEDIATE_CRL),
        ocsp=site.address(OCSP),
    )
