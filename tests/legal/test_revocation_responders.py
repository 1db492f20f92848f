"""CRT-08: which answers of a responder count, and which do not."""

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.authority import (
    DAY,
    HOUR,
    NOW,
    Holder,
    access,
    delegate,
    ec_key,
    intermediate,
    issue,
    named,
    nonce_of,
    patched,
    root,
    rsa_key,
    running_publications,
    usage,
)
from tests.issuer import drips, says
from tests.legal.test_revocation import BAD, OCSP, RESPONDER, REVOKED, UNKNOWN, Place

SECOND, MINUTE = datetime.timedelta(seconds=1), datetime.timedelta(minutes=1)


@pytest.fixture
def place():
    with running_publications() as publications:
        place = Place(publications)
        place.leaf = place.certificate(crl=None)
        yield place


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(lambda p: {}, id="by the issuer"),
        pytest.param(lambda p: {"by_name": True}, id="by the issuer, who gives its name"),
        pytest.param(lambda p: {"signer": delegate(p.ca)}, id="by whom it authorised"),
        pytest.param(lambda p: {"signer": delegate(p.ca), "by_name": True}, id="by whom it authorised, by name"),
        pytest.param(
            lambda p: {"signer": delegate(p.ca), "attached": [p.ca.certificate, delegate(p.ca).certificate]},
            id="with more certificates than needed",
        ),
        pytest.param(lambda p: {"signer": elliptic(p)}, id="by an elliptic key"),
        pytest.param(lambda p: {"nonce": None}, id="signed beforehand, without our nonce"),
        pytest.param(
            lambda p: {"nonce": None, "begins": NOW - 7 * DAY + SECOND, "ends": NOW + DAY},
            id="signed beforehand, long ago",
        ),
        pytest.param(lambda p: {"ends": None, "begins": NOW - 9 * MINUTE}, id="without an end, and fresh"),
        pytest.param(lambda p: {"begins": NOW + 5 * MINUTE}, id="by a clock ahead of ours"),
        pytest.param(lambda p: {"ends": NOW + SECOND}, id="for another second"),
        pytest.param(lambda p: {"algorithm": hashes.SHA512()}, id="with SHA-512"),
        pytest.param(lambda p: {"extensions": [(unknown(), False)]}, id="with something unknown but not critical"),
    ],
)
def test_crt_08_an_answer_that_counts(place, changes):
    place.responds(**changes(place))
    assert place.judge() == RESPONDER
    place.responds(BAD, **changes(place))
    assert place.judge() == REVOKED


def elliptic(place):
    extensions = [(value.value, value.critical) for value in delegate(place.ca).certificate.extensions][2:]
    return issue(place.ca, named("Eksempel OCSP"), ec_key("delegate"), extensions)


def unknown():
    return x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00")


def answered(answer):
    return lambda place: place.answers.update({OCSP: answer})


def responding(**changes):
    return lambda place: place.responds(**changes)


def authorised(**changes):
    """Answer as a responder whose certificate has these changes."""
    return lambda place: place.responds(signer=delegate(place.ca, **changes))


def unsuccessful(kind):
    return answered(says(ocsp.OCSPResponseBuilder.build_unsuccessful(kind).public_bytes(Encoding.DER)))


def recorded(**changes):
    """Answer every question with the good answer that an earlier one got."""

    def prepare(place):
        place.responds(**changes)
        assert place.judge() == RESPONDER
        place.publications.publish(OCSP, place.status(place.publications.asked[-1], **changes))

    return prepare


def about(certificate):
    return lambda place: place.responds(about=certificate(place).certificate)


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        pytest.param(about(lambda p: p.certificate()), "subject", id="CRT-08 about another certificate"),
        pytest.param(
            lambda p: p.responds(about_issuer=intermediate(p.root, key="namesake")),
            "subject",
            id="CRT-08 about the same number by another issuer",
        ),
        pytest.param(
            lambda p: p.responds(about_issuer=Holder(p.root.certificate, p.ca.private)),
            "subject",
            id="CRT-08 about the same number by the root",
        ),
        pytest.param(
            responding(hashed=hashes.SHA256()), "subject", id="CRT-08 about a certificate named in another way"
        ),
        pytest.param(
            about(lambda p: p.certificate(serial=p.leaf.serial, issuer_name=named("Eksempel CA 4"))),
            "subject",
            id="CRT-08 about the same number by our issuer's key under another name",
        ),
        pytest.param(responding(nonce=b"x" * 32), "nonce", id="CRT-08 with another nonce"),
        pytest.param(responding(nonce=b"x"), "nonce", id="CRT-08 with a short nonce"),
        pytest.param(recorded(), "nonce", id="CRT-08 an earlier answer played again"),
        pytest.param(responding(begins=NOW - DAY, ends=NOW), "times", id="CRT-08 runs out this very second"),
        pytest.param(
            responding(nonce=None, begins=NOW - DAY, ends=NOW - HOUR), "times", id="CRT-08 an old one, without nonce"
        ),
        pytest.param(
            responding(nonce=None, begins=NOW - 7 * DAY, ends=NOW + DAY),
            "times",
            id="CRT-08 signed beforehand, too long ago",
        ),
        pytest.param(
            responding(ends=None, begins=NOW - 10 * MINUTE), "times", id="CRT-08 without an end, and not fresh"
        ),
        pytest.param(responding(begins=NOW + 5 * MINUTE + SECOND), "times", id="CRT-08 from the future"),
        pytest.param(responding(private=rsa_key("stranger")), "signature", id="CRT-08 signed by a stranger"),
        pytest.param(
            lambda p: p.responds(signer=root("Fremmed", "stranger")),
            "signer",
            id="CRT-08 by a stranger who brings his certificate",
        ),
        pytest.param(
            lambda p: p.responds(signer=delegate(root("Fremmed", "stranger"))),
            "signer",
            id="CRT-08 by whom a stranger authorised",
        ),
        pytest.param(lambda p: p.responds(signer=delegate(p.root)), "signer", id="CRT-08 by whom the root authorised"),
        pytest.param(lambda p: p.responds(signer=p.root), "signer", id="CRT-08 by the root itself"),
        pytest.param(lambda p: p.responds(signer=p.certificate()), "signer", id="CRT-08 by another enterprise"),
        pytest.param(lambda p: p.responds(signer=p.leaf), "signer", id="CRT-08 by the certificate about itself"),
        pytest.param(
            authorised(without=[x509.ExtendedKeyUsage]), "signer", id="CRT-08 by one not authorised to respond"
        ),
        pytest.param(
            authorised(other=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]), False)]),
            "signer",
            id="CRT-08 by one authorised for everything, but not for this",
        ),
        pytest.param(authorised(without=[x509.OCSPNoCheck]), "signer", id="CRT-08 by one whose own revocation is open"),
        pytest.param(authorised(ends=NOW), "signer", id="CRT-08 by one whose time is over"),
        pytest.param(authorised(begins=NOW + SECOND), "signer", id="CRT-08 by one whose time has not come"),
        pytest.param(
            authorised(other=[(usage("key_encipherment"), True)]), "signer", id="CRT-08 by one who may not sign"
        ),
        pytest.param(
            authorised(other=[(unknown(), True)]), "signer", id="CRT-08 by one with something critical unknown"
        ),
        pytest.param(
            lambda p: p.responds(signer=delegate(p.ca), private=rsa_key("stranger")),
            "signature",
            id="CRT-08 in the name of the one authorised",
        ),
        pytest.param(
            lambda p: p.responds(signer=delegate(p.ca), attached=[]),
            "signer",
            id="CRT-08 by one authorised, without his certificate",
        ),
        pytest.param(
            lambda p: p.responds(signer=delegate(p.ca), attached=[p.ca.certificate] * 4 + [delegate(p.ca).certificate]),
            "signer",
            id="CRT-08 his certificate behind too many others",
        ),
        pytest.param(
            lambda p: p.responds(signer=short_key(p)), "signer", id="CRT-08 by one authorised with a short key"
        ),
        pytest.param(lambda p: p.responds(signer=with_sha1(p)), "signer", id="CRT-08 by one authorised with SHA-1"),
        pytest.param(authorised(algorithm=hashes.SHA224()), "signer", id="CRT-08 by one authorised with SHA-224"),
        pytest.param(
            lambda p: p.responds(signer=elliptic(p), algorithm=hashes.SHA224()),
            "algorithm",
            id="CRT-08 signed with SHA-224 by an elliptic key",
        ),
        pytest.param(responding(algorithm=hashes.SHA224()), "algorithm", id="CRT-08 signed with SHA-224"),
        pytest.param(
            responding(extensions=[(unknown(), True)]), "extension", id="CRT-08 with something critical unknown"
        ),
        pytest.param(unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER), "responder", id="CRT-08 try later"),
        pytest.param(unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED), "responder", id="CRT-08 unauthorised"),
        pytest.param(unsuccessful(ocsp.OCSPResponseStatus.INTERNAL_ERROR), "responder", id="CRT-08 internal error"),
        pytest.param(answered(says(b"")), "malformed", id="CRT-08 empty"),
        pytest.param(answered(says(b"<!doctype html><title>Sorry</title>")), "malformed", id="CRT-08 HTML"),
        pytest.param(answered(says(b"x" * 65537)), "size", id="CRT-08 a byte more than 64 kB"),
        pytest.param(answered(says(b"", 500)), "status", id="CRT-08 error 500"),
        pytest.param(answered(says(b"", 307, Location="/good")), "status", id="CRT-08 a redirect to a good one"),
        pytest.param(answered(drips(b"x", every=0.02)), "timeout", id="CRT-08 byte by byte"),
    ],
)
def test_crt_08_an_answer_that_does_not_count(place, prepare, reason, caplog):
    place.publications.respond("/good", place.status)
    prepare(place)
    assert place.judge(seconds=0.4 if reason == "timeout" else 4.0) == UNKNOWN
    assert [record.reason for record in caplog.records if record.name == "legal.revocation"] == [reason]
    assert place.fetches.keys() == {OCSP}


def short_key(place):
    extensions = [(value.value, value.critical) for value in delegate(place.ca).certificate.extensions][2:]
    return issue(place.ca, named("Eksempel OCSP"), rsa_key("short", 1024), extensions)


def with_sha1(place):
    responder = delegate(place.ca)
    return Holder(x509.load_der_x509_certificate(patched(responder, place.ca, sha1=True)), responder.private)


def test_crt_08_what_is_asked(place):
    place.responds()
    assert [place.judge(), place.judge()] == [RESPONDER, RESPONDER]
    asked = [ocsp.load_der_ocsp_request(each) for each in place.publications.asked]
    assert {each.serial_number for each in asked} == {place.leaf.serial}
    assert len({nonce_of(each) for each in place.publications.asked}) == 2, "a fresh nonce each time"
    assert {len(nonce_of(each)) for each in place.publications.asked} == {32}


@pytest.mark.parametrize(
    "responder",
    [
        pytest.param("http://169.254.169.254/ocsp", id="CRT-08 a host not listed"),
        pytest.param("http://localhost/ocsp", id="CRT-08 this machine by a name not listed"),
        pytest.param("ldap://127.0.0.1/ocsp", id="CRT-08 not by HTTP"),
    ],
)
def test_crt_08_responders_that_are_not_asked(place, responder):
    leaf = place.certificate(crl=None, responder=None, other=[(access(responder), False)])
    assert place.judge(leaf) == UNKNOWN
    assert not place.fetches


def test_crt_08_the_second_responder_where_the_first_fails(place):
    place.responds()
    responders = access(place.origin + "/gone", place.origin + OCSP)
    place.leaf = place.certificate(crl=None, responder=None, other=[(responders, False)])
    assert place.judge() == RESPONDER
    assert place.fetches == {"/gone": 1, OCSP: 1}
