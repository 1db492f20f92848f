"""The service's own check of certificates, asked about what the sandbox issues: good ones pass, each fault is seen."""

from datetime import UTC, datetime

import pytest
from cryptography import x509

from legal.certificate_reasons import CertificateRefused, Reason
from legal.certificate_subjects import OrganisationSubject
from legal.certificates import CertificateRules, KeyUse, check_certificate
from legal.revocation import Evidence, Revocation
from sandbox.certpub.agencies import AGENCIES, encryption_certificate, published
from sandbox.certpub.faults import FAULTS, faulty
from sandbox.certpub.issuing import read_certificates

ACCEPTED_IN_TEST = frozenset({"2.16.578.1.26.1.0.3.2", "2.16.578.1.29.913.1.1.0"})  # of CRT-03
REFUSED = {
    "expired": Reason.EXPIRED,
    "not-yet-valid": Reason.NOT_YET_VALID,
    "stranger": Reason.CHAIN,
    "self-signed": Reason.CHAIN,
    "other-policy": Reason.POLICY,
    "no-policy": Reason.POLICY,
    "no-key-usage": Reason.USAGE,
    "key-usage-not-critical": Reason.USAGE,
    "other-critical": Reason.EXTENSION,
    "signing-only": Reason.USAGE,
    "weak-key": Reason.KEY,
    "elliptic-curve": Reason.KEY,
    "other-number": Reason.SUBJECT,
    "no-number": Reason.SUBJECT,
    "revoked": Reason.REVOKED,
    "unregistered": Reason.REVOCATION_UNKNOWN,
    "no-revocation-address": Reason.REVOCATION_UNKNOWN,
    "revocation-elsewhere": Reason.REVOCATION_UNKNOWN,
}


@pytest.fixture
def check(certpub):
    """Check a certificate as the service would, with what the sandbox has written for its settings."""
    rules = CertificateRules(
        roots=tuple(read_certificates(certpub.site.authority / "roots.pem")),
        intermediates=tuple(read_certificates(certpub.site.authority / "intermediates.pem")),
        policies=ACCEPTED_IN_TEST,
        policy_arcs=frozenset(),
        usages=frozenset({KeyUse.KEY_ENCIPHERMENT, KeyUse.DATA_ENCIPHERMENT}),
        revocation=Revocation(hosts=["127.0.0.1"]),
    )

    def one(certificate: x509.Certificate, number: str):
        return check_certificate(certificate, rules, subject=OrganisationSubject(number), now=datetime.now(UTC))

    return one


@pytest.mark.parametrize("number", AGENCIES)
def test_every_agencys_certificate_for_encryption_passes(certpub, check, number):
    valid = check(encryption_certificate(number, certpub.site), number)
    assert valid.organisation_number == number
    assert valid.revocation.evidence is Evidence.LIST_AND_RESPONDER
    assert len(valid.chain) == 3


@pytest.mark.parametrize("number", AGENCIES)
def test_the_one_that_is_published_first_does_not(certpub, check, number):
    with pytest.raises(CertificateRefused) as refused:
        check(published(number, certpub.site)[0], number)
    assert refused.value.reason is Reason.USAGE


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("number", ["974761076", "889640782"], ids=["SEID 2.0", "older profile"])
def test_every_fault_is_seen(certpub, check, number, fault):
    wrong = faulty(number, fault, site=certpub.site, authority=certpub.authority, now=datetime.now(UTC))
    with pytest.raises(CertificateRefused) as refused:
        check(wrong.certificate, number)
    assert refused.value.reason is REFUSED[fault]


def test_a_certificate_that_is_taken_back(certpub, check):
    own = encryption_certificate("974761076", certpub.site)
    certpub.authority.register.revoke(own, at=datetime.now(UTC))
    with pytest.raises(CertificateRefused) as refused:
        check(own, "974761076")
    assert refused.value.reason is Reason.REVOKED


def test_an_intermediate_that_is_taken_back(certpub, check):
    certpub.authority.register.revoke(certpub.authority.intermediate.certificate, at=datetime.now(UTC))
    with pytest.raises(CertificateRefused) as refused:
        check(encryption_certificate("974761076", certpub.site), "974761076")
    assert refused.value.reason is Reason.REVOKED
