"""The police's certificates: a root of their own, the intermediate below it, and the one that signs orders."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sandbox.certpub.authority import ANY_POLICY, OF_AN_AUTHORITY, Issuer
from sandbox.certpub.issuing import Signer, Wanted, kept, read_certificates
from sandbox.certpub.keys import private_key
from sandbox.certpub.register import Register
from sandbox.certpub.site import Site
from sandbox.locks import Lock
from sandbox.maskinporten.jws import base64url
from sandbox.maskinporten.keys import jwk_numbers, private_folder

ROOT_DAYS, INTERMEDIATE_DAYS, SIGNING_DAYS = 3652, 1826, 365
ROOTS, INTERMEDIATE, SIGNING = "roots.pem", "intermediate.pem", "signing.pem"
ROOT_KEY, INTERMEDIATE_KEY, SIGNING_KEY = "root.key", "intermediate.key", "signing.key"
POLICY = "2.16.578.1.26.1.0.3.2"
UNIT, COMMON_NAME = "Påtalemyndigheten", "Godkjenning av utleveringspålegg TEST"


@dataclass(frozen=True, slots=True)
class Police:
    """Who vouches for the signing certificate, and that certificate with its key."""

    root: Issuer
    intermediate: Issuer
    certificate: x509.Certificate
    key: RSAPrivateKey
    register: Register

    @property
    def key_id(self) -> str:
        """The certificate's number, which is decimal as the standard wants it (EO-01)."""
        return str(self.certificate.serial_number)

    def key_set(self) -> dict[str, Any]:
        """Return the document that is published, with the members that the police's own has."""
        chain = (self.certificate, self.intermediate.certificate)
        member = {
            "kty": "RSA",
            "use": "sig",
            "kid": self.key_id,
            **jwk_numbers(self.key.public_key()),
            "x5c": [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in chain],
            "x5t#S256": base64url(self.certificate.fingerprint(SHA256())),
            "nbf": int(self.certificate.not_valid_before_utc.timestamp()),
            "exp": int(self.certificate.not_valid_after_utc.timestamp()),
        }
        return {"keys": [member]}


def folder_of(site: Site) -> Path:
    return site.folder / "police"


def prepare(site: Site, now: datetime | None = None) -> Police:
    """See to it that everything is there, fits this server's address and lasts; what was revoked is made anew."""
    now, folder = now or datetime.now(UTC), private_folder(folder_of(site))
    with Lock(folder / "prepare.lock").wait():
        register = Register(folder)

        def issuer(file: str, key: str, wanted: Wanted, above: Issuer | None) -> Issuer:
            private = private_key(folder / key)
            signer = above.signer if above else Signer(private)
            certificate = kept(folder / file, wanted, private.public_key(), signer, register=register, now=now)
            return Issuer(certificate, Signer(private, certificate))

        root = issuer(ROOTS, ROOT_KEY, _root(), None)
        intermediate = issuer(INTERMEDIATE, INTERMEDIATE_KEY, _intermediate(site), root)
        signing = issuer(SIGNING, SIGNING_KEY, _signing(site), intermediate)
    return Police(root, intermediate, signing.certificate, signing.signer.key, register)


def police_at(site: Site) -> Police:
    """Return what is there as it is; where something is missing, all is prepared first."""
    folder = folder_of(site)
    names = (ROOTS, INTERMEDIATE, SIGNING, ROOT_KEY, INTERMEDIATE_KEY, SIGNING_KEY)
    if not all((folder / name).exists() for name in names):
        return prepare(site)

    def issuer(file: str, key: str) -> Issuer:
        certificate = read_certificates(folder / file)[0]
        return Issuer(certificate, Signer(private_key(folder / key), certificate))

    signing = issuer(SIGNING, SIGNING_KEY)
    return Police(
        root=issuer(ROOTS, ROOT_KEY),
        intermediate=issuer(INTERMEDIATE, INTERMEDIATE_KEY),
        certificate=signing.certificate,
        key=signing.signer.key,
        register=Register(folder),
    )


def address(site: Site, path: str) -> str:
    return f"{site.origin}/sandbox/police/{path}"


def _name(common_name: str, organisation: str = "DSOP sandbox", unit: str = "") -> x509.Name:
    attributes = [
        (NameOID.COUNTRY_NAME, "NO"),
        (NameOID.ORGANIZATION_NAME, organisation),
        *([(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []),
        (NameOID.COMMON_NAME, common_name),
    ]
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in attributes])


def _root() -> Wanted:
    return Wanted(
        subject=_name("DSOP sandbox police root CA"),
        days=ROOT_DAYS,
        constraints=x509.BasicConstraints(ca=True, path_length=None),
        usages=OF_AN_AUTHORITY,
    )


def _intermediate(site: Site) -> Wanted:
    return Wanted(
        subject=_name("DSOP sandbox police CA"),
        days=INTERMEDIATE_DAYS,
        constraints=x509.BasicConstraints(ca=True, path_length=0),
        usages=OF_AN_AUTHORITY,
        policies=(ANY_POLICY,),
        crl=address(site, "crl/root.crl"),
    )


def _signing(site: Site) -> Wanted:
    return Wanted(
        subject=_name(COMMON_NAME, "Politiet", UNIT),
        days=SIGNING_DAYS,
        usages=frozenset({"content_commitment"}),
        policies=(POLICY,),
        crl=address(site, "crl/intermediate.crl"),
    )
