"""The certificate authority: a root, the intermediate that issues to agencies, and the one that answers for it.

The root is trusted by the service's settings and has no addresses in it; the others carry the server's.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox.certpub.issuing import Signer, Wanted, kept, read_certificates
from sandbox.certpub.keys import private_key
from sandbox.certpub.register import Register
from sandbox.certpub.site import Site

ROOT_DAYS, INTERMEDIATE_DAYS, RESPONDER_DAYS = 3652, 1826, 365
ROOTS, INTERMEDIATES, RESPONDER = "roots.pem", "intermediates.pem", "ocsp.pem"
ROOT_KEY, INTERMEDIATE_KEY, RESPONDER_KEY = "root.key", "intermediate.key", "ocsp.key"
ROOT_CRL, INTERMEDIATE_CRL, OCSP = "crl/root.crl", "crl/intermediate.crl", "ocsp"
ANY_POLICY = "2.5.29.32.0"
OF_AN_AUTHORITY = frozenset({"key_cert_sign", "crl_sign"})


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority that can sign."""

    certificate: x509.Certificate
    signer: Signer


@dataclass(frozen=True, slots=True)
class Authority:
    """The root answers for the intermediate itself; for the agencies' certificates the responder does (RFC 6960)."""

    root: Issuer
    intermediate: Issuer
    responder: Issuer
    register: Register


def kept_authority(site: Site, now: datetime) -> Authority:
    """Return the authority; what is missing of it, ends soon or carries another server's address is made anew."""
    register = Register(site.authority)
    folder = site.authority

    def issuer(file: str, key: str, wanted: Wanted, above: Issuer | None) -> Issuer:
        private = private_key(folder / key)
        signer = above.signer if above else Signer(private)
        certificate = kept(folder / file, wanted, private.public_key(), signer, register=register, now=now)
        return Issuer(certificate, Signer(private, certificate))

    root = issuer(ROOTS, ROOT_KEY, _root(), None)
    intermediate = issuer(INTERMEDIATES, INTERMEDIATE_KEY, _intermediate(site), root)
    responder = issuer(RESPONDER, RESPONDER_KEY, _responder(), intermediate)
    return Authority(root, intermediate, responder, register)


def existing_authority(site: Site) -> Authority:
    """Return the authority as its files are."""

    def issuer(file: str, key: str) -> Issuer:
        certificate = read_certificates(site.authority / file)[0]
        return Issuer(certificate, Signer(private_key(site.authority / key), certificate))

    root, intermediate = issuer(ROOTS, ROOT_KEY), issuer(INTERMEDIATES, INTERMEDIATE_KEY)
    return Authority(root, intermediate, issuer(RESPONDER, RESPONDER_KEY), Register(site.authority))


def is_complete(site: Site) -> bool:
    """Return whether every file of the authority is there."""
    names = (ROOTS, INTERMEDIATES, RESPONDER, ROOT_KEY, INTERMEDIATE_KEY, RESPONDER_KEY)
    return all((site.authority / name).exists() for name in names)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NO"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "DSOP sandbox"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _root() -> Wanted:
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    return Wanted(
        subject=_name("DSOP sandbox root CA"), days=ROOT_DAYS, constraints=constraints, usages=OF_AN_AUTHORITY
    )


def _intermediate(site: Site) -> Wanted:
    return Wanted(
        subject=_name("DSOP sandbox enterprise CA"),
        days=INTERMEDIATE_DAYS,
        constraints=x509.BasicConstraints(ca=True, path_length=0),
        usages=OF_AN_AUTHORITY,
        policies=(ANY_POLICY,),
        crl=site.address(ROOT_CRL),
        ocsp=site.address(OCSP),
    )


def _responder() -> Wanted:
    """Nobody asks whether the responder itself is revoked: it says so (RFC 6960, 4.2.2.2.1)."""
    return Wanted(
        subject=_name("DSOP sandbox OCSP responder"),
        days=RESPONDER_DAYS,
        usages=frozenset({"digital_signature"}),
        further=(
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),
            (x509.OCSPNoCheck(), False),
        ),
    )
