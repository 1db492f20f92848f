"""Each faulty certificate differs from a good one in one thing, and the checks that others have written see it."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sandbox.certpub.agencies import AGENCIES, encryption_certificate
from sandbox.certpub.faults import FAULTS, faulty

NOW = datetime.now(UTC)


@pytest.fixture
def issue(certpub):
    def one(fault, number="974761076"):
        return faulty(number, fault, site=certpub.site, authority=certpub.authority, now=NOW)

    return one


def facts(certificate):
    """Return what a faulty certificate may differ in."""
    extensions = {each.oid._name: each for each in certificate.extensions}
    now = datetime.now(UTC)  # not NOW: the good ones may have been made since this file was read
    moment = "expired" if certificate.not_valid_after_utc < now else "now"
    return {
        "subject": certificate.subject.rfc4514_string({}),
        "issuer": certificate.issuer.rfc4514_string(),
        "valid": "later" if certificate.not_valid_before_utc > now else moment,
        "key": (type(certificate.public_key()).__name__.strip("_"), certificate.public_key().key_size),
        **{name: (each.critical, each.value) for name, each in extensions.items() if name != "subjectKeyIdentifier"},
    }


@pytest.mark.parametrize(
    ("fault", "differs"),
    [
        ("expired", {"valid"}),
        ("not-yet-valid", {"valid"}),
        ("stranger", set()),
        ("self-signed", {"issuer", "authorityKeyIdentifier"}),
        ("other-policy", {"certificatePolicies"}),
        ("no-policy", {"certificatePolicies"}),
        ("no-key-usage", {"keyUsage"}),
        ("key-usage-not-critical", {"keyUsage"}),
        ("other-critical", {"extendedKeyUsage"}),
        ("signing-only", {"keyUsage"}),
        ("weak-key", {"key"}),
        ("elliptic-curve", {"key"}),
        ("other-number", {"subject"}),
        ("no-number", {"subject"}),
        ("revoked", set()),
        ("unregistered", set()),
        ("no-revocation-address", {"cRLDistributionPoints", "authorityInfoAccess"}),
        ("revocation-elsewhere", {"cRLDistributionPoints", "authorityInfoAccess"}),
    ],
)
@pytest.mark.parametrize("number", ["974761076", "889640782"], ids=["SEID 2.0", "older profile"])
def test_one_thing_is_different(certpub, issue, number, fault, differs):
    good, wrong = facts(encryption_certificate(number, certpub.site)), facts(issue(fault, number).certificate)
    assert {name for name in good.keys() | wrong.keys() if good.get(name) != wrong.get(name)} == differs


def test_the_table_above_is_whole(issue):
    assert [mark for mark in test_one_thing_is_different.pytestmark if "fault" in str(mark.args[0])]
    listed = [
        row[0] for mark in test_one_thing_is_different.pytestmark if "differs" in mark.args[0] for row in mark.args[1]
    ]
    assert listed == list(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_its_key_and_its_signature(certpub, issue, fault):
    wrong, intermediate = issue(fault), certpub.authority.intermediate.certificate
    assert wrong.certificate.public_key() == wrong.key.public_key()
    is_own = wrong.key.public_key() == encryption_certificate("974761076", certpub.site).public_key()
    assert is_own == (fault not in {"weak-key", "elliptic-curve"})
    if fault == "stranger":
        with pytest.raises(InvalidSignature):
            wrong.certificate.verify_directly_issued_by(intermediate)
    elif fault == "self-signed":
        wrong.certificate.verify_directly_issued_by(wrong.certificate)
    else:
        wrong.certificate.verify_directly_issued_by(intermediate)


@pytest.mark.parametrize("fault", FAULTS)
def test_what_the_register_knows_of_it(certpub, issue, fault):
    certificate = issue(fault).certificate
    issued = certpub.authority.register.issued(certpub.authority.intermediate.certificate.subject)
    assert (certificate.serial_number in issued) == (fault not in {"unregistered", "stranger", "self-signed"})
    assert certpub.authority.register.is_revoked(certificate) == (fault == "revoked")


def test_each_one_is_new(issue):
    first, second = issue("expired").certificate, issue("expired").certificate
    assert first.serial_number != second.serial_number


def test_weak_and_elliptic_keys(issue):
    weak, curve = issue("weak-key").key, issue("elliptic-curve").key
    assert (isinstance(weak, rsa.RSAPrivateKey), weak.key_size) == (True, 1024)
    assert (isinstance(curve, ec.EllipticCurvePrivateKey), curve.curve.name) == (True, "secp256r1")


@pytest.mark.parametrize("number", AGENCIES)
def test_another_number_is_nobody_elses(issue, number):
    subject = issue("other-number", number).certificate.subject
    values = {attribute.value for attribute in subject}
    assert values & {"312345625", "NTRNO-312345625"}
    assert not any(number in value for value in values)
    assert x509.NameOID.COMMON_NAME in {attribute.oid for attribute in subject}
