"""The time-stamp authority of the sandbox: what it stamps, by another reader than the one that made it."""

import hashlib
from datetime import UTC, datetime

import pytest
from asn1crypto import tsp
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response

from sandbox.counterparts.tsa.authority import prepare
from sandbox.counterparts.tsa.stamping import FAULTS, POLICY, Rejection
from sandbox.counterparts.tsa.views import QUERY, REPLY
from tests import cluster

MESSAGE = b"a message"
PAGE = cluster.ROOT / "docs" / "stand-ins.md"


def query(**changes):
    """Return a request as RFC 3161 writes it."""
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": hashlib.sha256(MESSAGE).digest()}
    return tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True, **changes}).dump()


def asked(stand_ins, body, content_type=QUERY, method="POST"):
    return stand_ins.ask(method, "/tsa/", {"Content-Type": content_type}, body)


@pytest.mark.parametrize("algorithm", [HashAlgorithm.SHA256, HashAlgorithm.SHA512])
def test_a_stamp(stand_ins, algorithm):
    before = datetime.now(UTC).replace(microsecond=0)
    request = TimestampRequestBuilder(MESSAGE, algorithm).build()
    answer = asked(stand_ins, request.as_bytes())
    stamp = decode_timestamp_response(answer.data)
    info = stamp.tst_info
    assert (answer.status, answer.headers["Content-Type"], stamp.status) == (200, REPLY, 0)
    assert (info.nonce, info.policy.dotted_string, info.version) == (request.nonce, POLICY, 1)
    assert info.message_imprint.message == hashlib.new(algorithm.value, MESSAGE).digest()
    assert before <= info.gen_time <= datetime.now(UTC)


def test_no_stamp_is_given_twice(stand_ins):
    numbers = {decode_timestamp_response(asked(stand_ins, query()).data).tst_info.serial_number for _ in range(3)}
    assert len(numbers) == 3


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "bad_data_format", id="nothing"),
        pytest.param(b"<html>", "bad_data_format", id="something else"),
        pytest.param(query()[:-5], "bad_data_format", id="torn"),
        pytest.param(query() + b"\0", "bad_data_format", id="something behind it"),
        pytest.param(query(version="v2"), "bad_request", id="another version"),
        pytest.param(query(nonce=2**200), "bad_request", id="a nonce without end"),
        pytest.param(query(req_policy="1.2.3"), "unaccepted_policy", id="another policy"),
        pytest.param(
            query(message_imprint={"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": bytes(20)}),
            "bad_alg",
            id="SHA-1",
        ),
        pytest.param(
            query(message_imprint={"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(31)}),
            "bad_data_format",
            id="a digest too short",
        ),
        pytest.param(
            query(extensions=[{"extn_id": "1.2.3", "critical": True, "extn_value": b""}]),
            "unaccepted_extensions",
            id="an extension",
        ),
    ],
)
def test_a_rejection_says_why(stand_ins, body, reason):
    answer = asked(stand_ins, body)
    told = {"status": "rejection", "status_string": None, "fail_info": {reason}}
    assert (answer.status, answer.headers["Content-Type"]) == (200, REPLY)
    assert Rejection.load(answer.data, strict=True).native == {"status": told}


@pytest.mark.parametrize(
    ("how", "status"),
    [
        pytest.param({"method": "GET"}, 405, id="GET"),
        pytest.param({"content_type": "application/json"}, 415, id="another media type"),
        pytest.param({"body": b"0" * 5000}, 413, id="too long"),
    ],
)
def test_what_is_refused_before_it_is_read(stand_ins, how, status):
    answer = asked(stand_ins, **{"body": query(), **how})
    assert answer.status == status


def test_its_files_are_kept(tmp_path):
    first, second = prepare(tmp_path), prepare(tmp_path)
    assert (first.certificate, first.root.certificate) == (second.certificate, second.root.certificate)
    assert {file.name for file in (tmp_path / "tsa").iterdir() if file.suffix in {".pem", ".key"}} == {
        "root.key",
        "roots.pem",
        "signing.key",
        "signing.pem",
    }


def test_every_fault_is_told():
    section = PAGE.read_text().split("## A time-stamp authority", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert {name.strip("` ") for row in rows for name in row.split(",")} == set(FAULTS)
