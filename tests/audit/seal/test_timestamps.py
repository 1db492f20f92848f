"""A time stamp is taken when everything about it holds, and kept ones are believed no further than they prove."""

import hashlib
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from audit.seal.adapters import Unusable
from audit.seal.evidence import Evidence, NoEvidence, WitnessFailed
from audit.seal.timestamps import CLOCKS, QUERY, REPLY, TimestampAuthority, read_roots, read_time_stamp
from audit.transport import Limits
from sandbox.certpub.authority import OF_AN_AUTHORITY
from sandbox.certpub.issuing import Signer, Wanted, as_pem, made
from sandbox.counterparts.tsa.authority import prepare, roots_file
from sandbox.counterparts.tsa.stamping import FAULTS, answer
from tests import cluster
from tests.audit.seal.outside import STATEMENT


def now():
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def authority():
    return prepare(cluster.FOLDER)


@pytest.fixture(scope="module")
def roots():
    return read_roots(str(roots_file(cluster.FOLDER)))


@pytest.fixture
def witness(stand_ins, roots):
    return TimestampAuthority(f"{stand_ins.base}/tsa/", roots)


def stamped(authority, message=STATEMENT.message, fault="", algorithm=HashAlgorithm.SHA256):
    request = TimestampRequestBuilder(message, algorithm, nonce=True, cert_req=True).build()
    return answer(request.as_bytes(), authority, now(), fault)


@pytest.fixture(scope="module")
def right(authority):
    return stamped(authority)


# --- asking ---


def test_a_stamp_is_taken(stand_ins, witness):
    before = now().replace(microsecond=0)
    content = witness.ask(STATEMENT, now=now())
    evidence = witness.read(content)
    assert (evidence.digest, evidence.proven) == (STATEMENT.digest, True)
    assert before <= evidence.at <= now()


def test_the_authority_is_told_a_digest_and_nothing_else(stand_ins, witness):
    witness.ask(STATEMENT, now=now())
    (seen,) = stand_ins.requests()
    assert (seen["method"], seen["path"]) == ("POST", "/tsa/")
    assert (seen["headers"]["CONTENT-TYPE"], seen["headers"]["ACCEPT"]) == (QUERY, REPLY)
    assert len(seen["body"]) < 100


REASONS = {
    "other_digest": "another digest",
    "other_algorithm": "another kind of digest",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_stamp_that_is_wrong_is_not_taken(stand_ins, witness, fault):
    stand_ins.fault("/tsa/", code=fault)
    with pytest.raises(WitnessFailed) as failed:
        witness.ask(STATEMENT, now=now())
    assert str(failed.value) == REASONS.get(fault, "no valid time stamp")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param({"status": 500, "body": "no"}, "status", id="an error"),
        pytest.param({"status": 302, "body": "", "headers": {"Location": "/tsa/"}}, "status", id="a redirect"),
        pytest.param({"status": 204, "body": ""}, "status", id="nothing"),
        pytest.param(
            {"status": 200, "body": "<html>", "headers": {"Content-Type": "text/html"}}, "media type", id="a page"
        ),
        pytest.param(
            {"status": 200, "body": "<html>", "headers": {"Content-Type": REPLY}},
            "no valid time stamp",
            id="a page that says it is none",
        ),
        pytest.param(
            {"status": 200, "body": "", "headers": {"Content-Type": REPLY}}, "no valid time stamp", id="an empty one"
        ),
        pytest.param(
            {"status": 200, "body": "0" * 65537, "headers": {"Content-Type": REPLY}}, "size", id="one byte too long"
        ),
        pytest.param({"drop": "before"}, "no answer", id="the connection is cut"),
        pytest.param({"drop": "after"}, "no answer", id="the connection is cut after it was stamped"),
    ],
)
def test_what_is_no_answer_is_not_taken(stand_ins, witness, fault, reason):
    stand_ins.fault("/tsa/", **fault)
    with pytest.raises(WitnessFailed, match=f"^{reason}$"):
        witness.ask(STATEMENT, now=now())


def test_a_slow_authority_is_not_waited_for(stand_ins, witness):
    stand_ins.fault("/tsa/", seconds=4)
    impatient = TimestampAuthority(witness.address, witness.roots, Limits(connect_seconds=0.2, read_seconds=0.1))
    begun = time.monotonic()
    with pytest.raises(WitnessFailed, match=r"^no answer$"):
        impatient.ask(STATEMENT, now=now())
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "apart",
    [
        pytest.param(CLOCKS + timedelta(seconds=5), id="ahead"),
        pytest.param(-CLOCKS - timedelta(seconds=5), id="behind"),
    ],
)
def test_clocks_that_differ_are_told(witness, apart):
    with pytest.raises(WitnessFailed, match=r"^another time$"):
        witness.ask(STATEMENT, now=now() + apart)


@pytest.mark.parametrize(
    ("address", "sandbox"),
    [
        pytest.param("http://tsa.example/", True, id="http to elsewhere"),
        pytest.param("ftp://tsa.example/", True, id="another protocol"),
        pytest.param("http://127.0.0.1:9/", False, id="http to this machine outside the sandbox"),
        pytest.param("https://user:password@tsa.example/", False, id="a password in it"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_nobody_is_asked_at_such_an_address(settings, roots, address, sandbox):
    settings.SANDBOX = sandbox
    with pytest.raises(WitnessFailed, match=r"^address$"):
        TimestampAuthority(address, roots).ask(STATEMENT, now=now())


def test_the_proxy_is_the_one_of_the_settings(settings, stand_ins, roots):
    settings.OUTBOUND_PROXY_URL = "http://127.0.0.1:9"
    with pytest.raises(WitnessFailed, match=r"^no answer$"):
        TimestampAuthority("https://tsa.example/", roots).ask(STATEMENT, now=now())


# --- reading what was kept ---


def test_a_stamp_whose_certificate_has_ended_since_still_holds(authority):
    """The digest was known while the certificate was in force."""
    wanted = Wanted(
        subject=authority.root.certificate.subject,
        days=300,
        begins_in_days=-60,
        constraints=x509.BasicConstraints(ca=True, path_length=0),
        usages=OF_AN_AUTHORITY,
    )
    root = made(wanted, authority.root.key.public_key(), Signer(authority.root.key), now())
    old = replace(authority, root=Signer(authority.root.key, root)).with_certificate(begins_in_days=-30, days=29)
    at = now().replace(microsecond=0) - timedelta(days=10)
    request = TimestampRequestBuilder(STATEMENT.message, HashAlgorithm.SHA256).build().as_bytes()
    assert read_time_stamp(answer(request, old, at), [root]) == Evidence(STATEMENT.digest, at, proven=True)


def test_a_digest_of_another_kind_is_not_read(authority, roots):
    with pytest.raises(NoEvidence, match=r"^another kind of digest$"):
        read_time_stamp(stamped(authority, algorithm=HashAlgorithm.SHA512), roots)


def test_without_roots_nothing_is_proven(right):
    with pytest.raises(NoEvidence):
        read_time_stamp(right, [])


def test_another_authoritys_roots_prove_nothing(right, tmp_path):
    other = prepare(tmp_path)
    with pytest.raises(NoEvidence):
        read_time_stamp(right, [other.root.certificate])


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_changed_bit_says_nothing_else(right, roots, place, bit):
    """Some bytes are signed by nobody; but digest and time are."""
    content = bytearray(right)
    content[place % len(content)] ^= 1 << bit
    try:
        evidence = read_time_stamp(bytes(content), roots)
    except NoEvidence:
        return
    assert evidence == read_time_stamp(right, roots)


@given(content=st.binary(max_size=200))
def test_whatever_lies_there_is_read_or_refused(roots, content):
    with pytest.raises(NoEvidence):
        read_time_stamp(content, roots)


@given(cut=st.integers(0, 1_000))
def test_a_torn_stamp_proves_nothing(right, roots, cut):
    with pytest.raises(NoEvidence):
        read_time_stamp(right[: len(right) - 1 - cut], roots)


def test_something_behind_a_stamp_makes_it_none(right, roots):
    with pytest.raises(NoEvidence):
        read_time_stamp(right + b"\0", roots)


# --- the roots ---


def test_roots_are_read(tmp_path, authority):
    file = tmp_path / "roots.pem"
    file.write_text(as_pem([authority.root.certificate, authority.certificate]))
    assert read_roots(str(file)) == [authority.root.certificate, authority.certificate]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(None, "names a file that cannot be read (No such file or directory)", id="no file"),
        pytest.param("", "names a file without certificates in PEM", id="an empty file"),
        pytest.param(
            "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n",
            "names a file without certificates in PEM",
            id="none in its armour",
        ),
    ],
)
def test_roots_that_cannot_be_used(tmp_path, content, reason):
    file = tmp_path / "roots.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(Unusable) as refused:
        read_roots(str(file))
    assert str(refused.value) == reason


def test_the_digest_is_the_one_the_next_checkpoint_names():
    assert hashlib.sha256(STATEMENT.message).digest() == STATEMENT.digest
