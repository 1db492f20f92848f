"""The authority takes certificates back: by list (RFC 5280) and by answer (RFC 6960), over real HTTP."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509 import ocsp

from sandbox.certpub.agencies import encryption_certificate
from sandbox.certpub.crl import revocation_list
from sandbox.certpub.faults import faulty

SKATTEETATEN, NAV = "974761076", "889640782"
REQUEST = "application/ocsp-request"
HOUR = timedelta(hours=1)


@pytest.fixture
def own(certpub):
    return encryption_certificate(SKATTEETATEN, certpub.site)


@pytest.fixture
def authority(certpub):
    return certpub.authority


def asked(certpub, path):
    answer = certpub.get(path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pkix-crl")
    return x509.load_der_x509_crl(answer.data)


# --- lists ---


@pytest.mark.parametrize("name", ["root", "intermediate"])
def test_a_list(certpub, authority, name):
    issuer, before = getattr(authority, name).certificate, datetime.now(UTC).replace(microsecond=0)
    listed = asked(certpub, f"crl/{name}.crl")
    after = datetime.now(UTC)
    assert listed.is_signature_valid(issuer.public_key())
    assert listed.issuer == issuer.subject
    assert before <= listed.last_update_utc <= after
    assert listed.next_update_utc - listed.last_update_utc == HOUR
    assert list(listed) == []
    extensions = {type(each.value): each for each in listed.extensions}
    assert set(extensions) == {x509.AuthorityKeyIdentifier, x509.CRLNumber}
    assert not any(each.critical for each in listed.extensions)
    own_key = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert extensions[x509.AuthorityKeyIdentifier].value.key_identifier == own_key


def test_a_revoked_certificate_is_listed_at_once_and_alone(certpub, authority, own):
    at = datetime(2026, 11, 21, 12, 0, 0, 5, tzinfo=UTC)
    assert list(asked(certpub, "crl/intermediate.crl")) == []
    authority.register.revoke(own, at=at, reason=x509.ReasonFlags.superseded)
    [entry] = asked(certpub, "crl/intermediate.crl")
    assert (entry.serial_number, entry.revocation_date_utc) == (own.serial_number, at.replace(microsecond=0))
    assert [(each.value, each.critical) for each in entry.extensions] == [
        (x509.CRLReason(x509.ReasonFlags.superseded), False)
    ]
    assert list(asked(certpub, "crl/root.crl")) == []


def test_the_intermediate_is_on_the_roots_list(certpub, authority):
    intermediate = authority.intermediate.certificate
    authority.register.revoke(intermediate, at=datetime.now(UTC))
    assert [entry.serial_number for entry in asked(certpub, "crl/root.crl")] == [intermediate.serial_number]
    assert list(asked(certpub, "crl/intermediate.crl")) == []


def test_a_later_list_has_a_higher_number_even_within_a_second(authority):
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    numbers = [
        x509.load_der_x509_crl(revocation_list(authority.root, authority.register, at))
        .extensions.get_extension_for_class(x509.CRLNumber)
        .value.crl_number
        for at in (now, now + timedelta(microseconds=1), now + timedelta(seconds=1))
    ]
    assert numbers == sorted(set(numbers))


def test_many_at_once_are_all_written_down(certpub, authority):
    now = datetime.now(UTC)

    def issue_and_revoke(_):
        wrong = faulty(SKATTEETATEN, "revoked", site=certpub.site, authority=authority, now=now)
        return wrong.certificate.serial_number

    with ThreadPoolExecutor(8) as pool:
        serials = sorted(pool.map(issue_and_revoke, range(24)))
    assert sorted(entry.serial_number for entry in asked(certpub, "crl/intermediate.crl")) == serials


@pytest.mark.parametrize("path", ["crl/responder.crl", "crl/register.crl", "crl/roots.pem", "crl/root.crl%0A"])
def test_no_other_list(certpub, path):
    assert certpub.get(path).status == 404


# --- answers ---


def question(certificate, issuer, algorithm=None, nonce=None):
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, algorithm or hashes.SHA1())
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(serialization.Encoding.DER)


def by_post(certpub, octets):
    return certpub.post("ocsp", octets, REQUEST)


def by_get(certpub, octets):
    return certpub.get(f"ocsp/{quote(base64.b64encode(octets), safe='')}")


def by_get_unencoded(certpub, octets):
    return certpub.get(f"ocsp/{base64.b64encode(octets).decode()}")


def answered(answer):
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/ocsp-response")
    return ocsp.load_der_ocsp_response(answer.data)


def is_signed_by(response, certificate):
    key = certificate.public_key()
    key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), response.signature_hash_algorithm)
    return response.responder_key_hash == x509.SubjectKeyIdentifier.from_public_key(key).digest


@pytest.mark.parametrize("send", [by_post, by_get, by_get_unencoded])
@pytest.mark.parametrize(
    "algorithm", [hashes.SHA1(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512()], ids=lambda each: each.name
)
def test_good(certpub, authority, own, send, algorithm):
    issuer, before = authority.intermediate.certificate, datetime.now(UTC).replace(microsecond=0)
    response = answered(send(certpub, question(own, issuer, algorithm)))
    assert response.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert response.serial_number == own.serial_number
    asked_for = ocsp.load_der_ocsp_request(question(own, issuer, algorithm))
    assert (response.issuer_name_hash, response.issuer_key_hash) == (
        asked_for.issuer_name_hash,
        asked_for.issuer_key_hash,
    )
    assert before <= response.this_update_utc <= response.produced_at_utc <= datetime.now(UTC)
    assert response.next_update_utc - response.this_update_utc == HOUR
    assert list(response.extensions) == []
    assert response.certificates == [authority.responder.certificate]
    assert is_signed_by(response, authority.responder.certificate)


def test_revoked(certpub, authority, own):
    at = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    authority.register.revoke(own, at=at)
    response = answered(by_post(certpub, question(own, authority.intermediate.certificate)))
    assert response.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert (response.revocation_time_utc, response.revocation_reason) == (at, x509.ReasonFlags.key_compromise)
    other = encryption_certificate(NAV, certpub.site)
    response = answered(by_post(certpub, question(other, authority.intermediate.certificate)))
    assert response.certificate_status is ocsp.OCSPCertStatus.GOOD


def test_unknown(certpub, authority):
    now = datetime.now(UTC)
    never_issued = faulty(SKATTEETATEN, "unregistered", site=certpub.site, authority=authority, now=now).certificate
    response = answered(by_post(certpub, question(never_issued, authority.intermediate.certificate)))
    assert response.certificate_status is ocsp.OCSPCertStatus.UNKNOWN
    assert response.revocation_time_utc is None


@pytest.mark.parametrize("is_revoked", [False, True])
def test_for_the_intermediate_the_root_answers_itself(certpub, authority, is_revoked):
    intermediate, root = authority.intermediate.certificate, authority.root.certificate
    if is_revoked:
        authority.register.revoke(intermediate, at=datetime.now(UTC))
    response = answered(by_post(certpub, question(intermediate, root)))
    expected = ocsp.OCSPCertStatus.REVOKED if is_revoked else ocsp.OCSPCertStatus.GOOD
    assert response.certificate_status is expected
    assert response.certificates == []
    assert is_signed_by(response, root)


@pytest.mark.parametrize("length", [1, 16, 32, 128])
def test_a_nonce_comes_back(certpub, authority, own, length):
    nonce = bytes(range(length))
    response = answered(by_post(certpub, question(own, authority.intermediate.certificate, nonce=nonce)))
    assert [(each.value, each.critical) for each in response.extensions] == [(x509.OCSPNonce(nonce), False)]


def changed_question(own, authority, **changes):
    issuer = authority.intermediate.certificate
    usual = ocsp.load_der_ocsp_request(question(own, issuer))
    fields = {
        "issuer_name_hash": usual.issuer_name_hash,
        "issuer_key_hash": usual.issuer_key_hash,
        "serial_number": own.serial_number,
        "algorithm": hashes.SHA1(),
    }
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(**(fields | changes))
    return builder.build().public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("field", ["issuer_name_hash", "issuer_key_hash"])
def test_another_authoritys_certificates(certpub, authority, own, field):
    response = answered(by_post(certpub, changed_question(own, authority, **{field: bytes(20)})))
    assert response.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


@pytest.mark.parametrize("send", [by_post, by_get])
@pytest.mark.parametrize("octets", [b"\x30", b"nonsense", b"\x30\x00"], ids=["cut", "no DER", "an empty sequence"])
def test_malformed(certpub, send, octets):
    assert answered(send(certpub, octets)).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize("length", [0, 129])
def test_a_nonce_of_a_wrong_length(certpub, authority, own, length):
    octets = question(own, authority.intermediate.certificate, nonce=bytes(length))
    assert answered(by_post(certpub, octets)).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize("encoded", ["****", "MA", "MA==%0A", "%C3%A6"])
def test_an_address_that_is_no_question(certpub, encoded):
    answer = certpub.get(f"ocsp/{encoded}")
    assert answered(answer).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        pytest.param(b"0", "application/x-www-form-urlencoded", 415, id="another kind"),
        pytest.param(b"", REQUEST, 200, id="empty: malformed in OCSP's own words"),
        pytest.param(bytes(16 * 1024), REQUEST, 200, id="as large as may be"),
        pytest.param(bytes(16 * 1024 + 1), REQUEST, 413, id="too large"),
    ],
)
def test_what_is_posted(certpub, body, kind, status):
    assert certpub.post("ocsp", body, kind).status == status
