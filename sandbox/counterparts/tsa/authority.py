"""Who stamps: a root of its own, whose certificate the bank's settings name, and the one that signs below it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox.certpub.authority import OF_AN_AUTHORITY
from sandbox.certpub.issuing import Signer, Wanted, kept, made
from sandbox.certpub.keys import BITS, private_key
from sandbox.certpub.register import Register
from sandbox.locks import Lock
from sandbox.maskinporten.keys import private_folder

ROOT_DAYS, SIGNING_DAYS = 3652, 1826
ROOTS, SIGNING = "roots.pem", "signing.pem"
ROOT_KEY, SIGNING_KEY = "root.key", "signing.key"
PURPOSE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])


@dataclass(frozen=True, slots=True)
class Authority:
    """The certificate that stamps are signed with, its key, and the root above."""

    certificate: x509.Certificate
    key: RSAPrivateKey
    root: Signer

    def with_certificate(self, **changes: object) -> "Authority":
        """Return it with another certificate for the same key, made at once: the usual one but for the changes."""
        wanted = replace(_signing(), **changes)  # type: ignore[arg-type]
        return replace(self, certificate=made(wanted, self.key.public_key(), self.root, datetime.now(UTC)))

    def below_another_root(self) -> "Authority":
        """Return it below a root of the same name that nobody trusts."""
        key = generate_private_key(public_exponent=65537, key_size=BITS)
        root = made(_root(), key.public_key(), Signer(key), datetime.now(UTC))
        return replace(self, root=Signer(key, root)).with_certificate()


def roots_file(folder: Path) -> Path:
    """Return where the root's certificate lies in the sandbox's folder."""
    return folder / "tsa" / ROOTS


def prepare(folder: Path) -> Authority:
    """See to it that keys and certificates are in the sandbox's folder and last; return them."""
    place, now = private_folder(folder / "tsa"), datetime.now(UTC)
    with Lock(place / "prepare.lock").wait():
        register = Register(place)
        root_key, key = private_key(place / ROOT_KEY), private_key(place / SIGNING_KEY)
        above = Signer(root_key)
        root = kept(roots_file(folder), _root(), root_key.public_key(), above, register=register, now=now)
        above = Signer(root_key, root)
        signing = kept(place / SIGNING, _signing(), key.public_key(), above, register=register, now=now)
    return Authority(signing, key, above)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NO"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "DSOP sandbox"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _root() -> Wanted:
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    subject = _name("DSOP sandbox time stamp root CA")
    return Wanted(subject=subject, days=ROOT_DAYS, constraints=constraints, usages=OF_AN_AUTHORITY)


def _signing() -> Wanted:
    """The purpose must be critical and the only one (RFC 3161, 2.3)."""
    return Wanted(
        subject=_name("DSOP sandbox time stamp authority"),
        days=SIGNING_DAYS,
        usages=frozenset({"digital_signature"}),
        further=((PURPOSE, True),),
    )
