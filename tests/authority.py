"""A certificate authority for tests: roots, intermediates, certificates with any fault wanted, lists and responders.

Everything is signed for real, at the fixed moment NOW, and published over real HTTP on this machine.
"""

import datetime
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from tests.issuer import Answer, says, signing_key

NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
CONSUMER = "974761076"
POLICY = "2.16.578.1.26.1.3.2"
HOST = "127.0.0.1"
KEY_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
SHA256_WITH_RSA, SHA1_WITH_RSA = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Extensions = Iterable[tuple[x509.ExtensionType, bool]]


@dataclass(frozen=True)
class Holder:
    """A certificate with its private key."""

    certificate: x509.Certificate
    private: PrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def name(self) -> x509.Name:
        return self.certificate.subject

    @property
    def serial(self) -> int:
        return self.certificate.serial_number


def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the key of that name, made once per test run."""
    return signing_key(name, bits).private


@cache
def ec_key(name: str, curve: type[ec.EllipticCurve] = ec.SECP256R1) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve())


def named(common_name: str, *others: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    """Return a name of an authority or whoever else."""
    parts = [(NameOID.COUNTRY_NAME, "NO"), *others, (NameOID.COMMON_NAME, common_name)]
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def seid2(number: str = CONSUMER, *others: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    """Return a subject in the profile SEID 2.0."""
    return named("Eksempeletaten", (NameOID.ORGANIZATION_IDENTIFIER, f"NTRNO-{number}"), *others)


def older(number: str = CONSUMER, *others: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    """Return a subject in the profile before that."""
    return named("Eksempeletaten", (NameOID.SERIAL_NUMBER, number), *others)


def usage(*uses: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in uses for name in KEY_USAGES})


def policies(*numbers: str) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(number), None) for number in numbers])


def points(*addresses: str) -> x509.CRLDistributionPoints:
    return x509.CRLDistributionPoints(
        [x509.DistributionPoint([x509.UniformResourceIdentifier(each)], None, None, None) for each in addresses]
    )


def access(*responders: str) -> x509.AuthorityInformationAccess:
    kind = AuthorityInformationAccessOID.OCSP
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(kind, x509.UniformResourceIdentifier(each)) for each in responders]
    )


def issue(
    issuer: Holder | None,
    subject: x509.Name,
    private: PrivateKey,
    extensions: Extensions,
    *,
    other: Extensions = (),
    without: Iterable[type[x509.ExtensionType]] = (),
    begins: datetime.datetime = NOW - 30 * DAY,
    ends: datetime.datetime = NOW + 300 * DAY,
    serial: int | None = None,
    issuer_name: x509.Name | None = None,
    algorithm: hashes.HashAlgorithm | None = None,
    rsa_padding: Any = None,
) -> Holder:
    """Return a certificate. `other` extensions replace those of their kind; without an issuer it signs itself."""
    signer = issuer.private if issuer else private
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name or (issuer.name if issuer else subject))
        .public_key(private.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    identifiers = [
        (x509.SubjectKeyIdentifier.from_public_key(private.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False),
    ]
    chosen = {value.oid: (value, critical) for value, critical in (*identifiers, *extensions, *other)}
    for kind in without:
        chosen.pop(kind.oid)
    for value, critical in chosen.values():
        builder = builder.add_extension(value, critical)
    return Holder(builder.sign(signer, algorithm or hashes.SHA256(), rsa_padding=rsa_padding), private)


def root(name: str = "Eksempel Root CA", key: str = "root", **changes: Any) -> Holder:
    basics = [(x509.BasicConstraints(True, None), True), (usage("key_cert_sign", "crl_sign"), True)]
    return issue(None, named(name), rsa_key(key), basics, **changes)


def intermediate(
    issuer: Holder, name: str = "Eksempel CA 3", key: str = "intermediate", crl: str | None = None, **changes: Any
) -> Holder:
    basics: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(True, 0), True),
        (usage("key_cert_sign", "crl_sign"), True),
        (policies("2.5.29.32.0"), False),
    ]
    if crl:
        basics.append((points(crl), False))
    return issue(issuer, named(name), rsa_key(key), basics, **changes)


def enterprise(
    issuer: Holder,
    subject: x509.Name | None = None,
    key: PrivateKey | None = None,
    crl: str | None = None,
    responder: str | None = None,
    **changes: Any,
) -> Holder:
    """Return an end certificate as the authorities make them, in SEID 2.0 unless the subject says otherwise."""
    basics: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(False, None), True),
        (usage("key_encipherment", "digital_signature"), True),
        (policies("0.4.0.194112.1.1", POLICY), False),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]), False),
    ]
    if crl:
        basics.append((points(crl), False))
    if responder:
        basics.append((access(responder), False))
    return issue(issuer, subject or seid2(), key or rsa_key("enterprise"), basics, **changes)


def delegate(issuer: Holder, key: str = "delegate", **changes: Any) -> Holder:
    """Return a responder's certificate, as its authority authorises one."""
    basics = [
        (x509.BasicConstraints(False, None), True),
        (usage("digital_signature"), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),
        (x509.OCSPNoCheck(), False),
    ]
    return issue(issuer, named("Eksempel OCSP"), rsa_key(key), basics, **changes)


def patched(holder: Holder, issuer: Holder, *changes: tuple[bytes, bytes], sha1: bool = False) -> bytes:
    """Return a certificate in DER with bytes exchanged that no builder would write, signed anew by its issuer."""
    whole, content, signature = holder.der, holder.certificate.tbs_certificate_bytes, holder.certificate.signature
    changes = (*changes, (SHA256_WITH_RSA, SHA1_WITH_RSA)) if sha1 else changes
    altered, tail = content, whole[whole.index(content) + len(content) :]
    for before, after in changes:
        assert len(before) == len(after)
        assert before in altered
        altered = altered.replace(before, after)
    if sha1:
        tail = tail.replace(SHA256_WITH_RSA, SHA1_WITH_RSA)
    assert isinstance(issuer.private, rsa.RSAPrivateKey)
    algorithm: hashes.HashAlgorithm = hashes.SHA1() if sha1 else hashes.SHA256()
    fresh = issuer.private.sign(altered, padding.PKCS1v15(), algorithm)
    return whole[: whole.index(content)] + altered + tail.replace(signature, fresh)


def revocation_list(
    issuer: Holder,
    *revoked: int,
    begins: datetime.datetime = NOW - HOUR,
    ends: datetime.datetime | None = NOW + DAY,
    extensions: Extensions = (),
    private: PrivateKey | None = None,
    name: x509.Name | None = None,
    reason: x509.ReasonFlags | None = None,
) -> bytes:
    """Return a list in DER, signed by its issuer unless another key is given."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(name or issuer.name).last_update(begins)
    builder = builder.next_update(ends or NOW + DAY).add_extension(x509.CRLNumber(17), critical=False)
    for serial in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(begins)
        if reason:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(private or issuer.private, hashes.SHA256()).public_bytes(Encoding.DER)


def der(tag: int, *parts: bytes) -> bytes:
    """Return one element of DER."""
    content = b"".join(parts)
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    length = bytes([len(content)]) if len(content) < 128 else bytes([0x80 | len(size)]) + size
    return bytes([tag]) + length + content


def handmade_list(issuer: Holder, *revoked: int, ends: bool = True, sha1: bool = False) -> bytes:
    """Return a list that no builder would make, or not in time: without an end, with SHA-1, or with ever so many."""
    algorithm = der(0x30, der(0x06, SHA1_WITH_RSA if sha1 else SHA256_WITH_RSA), b"\x05\x00")
    times = [der(0x17, moment.strftime("%y%m%d%H%M%SZ").encode()) for moment in (NOW - HOUR, NOW + DAY)]
    entries = [der(0x30, der(0x02, serial.to_bytes(20, "big")), times[0]) for serial in revoked]
    content = der(
        0x30,
        b"\x02\x01\x01",
        algorithm,
        issuer.name.public_bytes(),
        *times[: 2 if ends else 1],
        *([der(0x30, *entries)] if entries else []),
    )
    assert isinstance(issuer.private, rsa.RSAPrivateKey)
    signature = issuer.private.sign(content, padding.PKCS1v15(), hashes.SHA1() if sha1 else hashes.SHA256())
    return der(0x30, content, algorithm, der(0x03, b"\x00", signature))


def scope(**changes: Any) -> x509.IssuingDistributionPoint:
    """Return a list's own word on its scope: everything, but for the changes."""
    whole = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**(whole | changes))


def status(
    asked: bytes,
    certificate: x509.Certificate,
    issuer: Holder,
    *,
    says: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    signer: Holder | None = None,
    private: rsa.RSAPrivateKey | None = None,
    attached: Iterable[x509.Certificate] | None = None,
    by_name: bool = False,
    about_issuer: Holder | None = None,
    nonce: bytes | None = b"echo",
    begins: datetime.datetime = NOW - HOUR,
    ends: datetime.datetime | None = NOW + HOUR,
    hashed: hashes.HashAlgorithm | None = None,
    extensions: Extensions = (),
    algorithm: hashes.HashAlgorithm | None = None,
) -> bytes:
    """Return a responder's answer in DER to the request: by the issuer or by `signer`, whoever's the key is."""
    revoked = says is ocsp.OCSPCertStatus.REVOKED
    encoding = ocsp.OCSPResponderEncoding.NAME if by_name else ocsp.OCSPResponderEncoding.HASH
    builder = ocsp.OCSPResponseBuilder().add_response(
        certificate,
        (about_issuer or issuer).certificate,
        hashed or hashes.SHA1(),
        says,
        begins,
        ends,
        NOW - HOUR if revoked else None,
        None,
    )
    builder = builder.responder_id(encoding, (signer or issuer).certificate)
    if attached is None and signer:
        attached = [signer.certificate]
    if attached:
        builder = builder.certificates(list(attached))
    if nonce == b"echo":
        nonce = nonce_of(asked)
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    answer = builder.sign((signer or issuer).private, algorithm or hashes.SHA256())
    whole = answer.public_bytes(Encoding.DER)
    if private is None:
        return whole
    return whole.replace(answer.signature, private.sign(answer.tbs_response_bytes, padding.PKCS1v15(), hashes.SHA256()))


def nonce_of(asked: bytes) -> bytes:
    return ocsp.load_der_ocsp_request(asked).extensions.get_extension_for_class(x509.OCSPNonce).value.nonce


class Publications:
    """What an authority publishes by HTTP. `answers` says how each path is answered, and anything else is 404."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.origin = f"http://{HOST}:{server.server_address[1]}"
        self.answers: dict[str, Answer] = {}
        self.fetches: Counter[str] = Counter()
        self.asked: list[bytes] = []
        self.headers: list[tuple[str | None, str | None]] = []  # Content-Type and Accept of what was asked

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.fetches[handler.path] += 1
        self.answers.get(handler.path, says(b"", 404))(handler)

    def publish(self, path: str, body: bytes) -> str:
        """Answer that path with these bytes from now on; return its address."""
        self.answers[path] = says(body)
        return self.origin + path

    def respond(self, path: str, answer: Callable[[bytes], bytes]) -> str:
        """Answer every question to that path by what the function makes of it; return its address."""

        def answered(handler: BaseHTTPRequestHandler) -> None:
            self.asked.append(handler.rfile.read(int(handler.headers["Content-Length"])))
            self.headers.append((handler.headers["Content-Type"], handler.headers["Accept"]))
            says(answer(self.asked[-1]))(handler)

        self.answers[path] = answered
        return self.origin + path


@contextmanager
def running_publications() -> Iterator[Publications]:
    """Serve publications on a free port of this machine for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                publications.answer(self)
            except OSError:
                self.close_connection = True  # the other side has left, as it may

        def do_POST(self) -> None:
            # Whole, whatever the answer does with it: closing on an unread question would reset the connection.
            self.rfile = BytesIO(self.rfile.read(int(self.headers["Content-Length"])))
            self.do_GET()

        def log_message(self, *args: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    publications = Publications(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    try:
        yield publications
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
