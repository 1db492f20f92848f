"""The copy outside and the witnesses say what the database alone cannot."""

import json
from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.seal.copies import CopyFailed
from audit.seal.witnesses import Stamp, State
from audit.verify.findings import Looked
from tests.audit.verify.trail import LATER, MINUTE

ANOTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
RESEAL = (
    "DELETE FROM audit_checkpoint",
    *(f"DELETE FROM audit_{name}_sealed" for name in ("record", "access", "turned_away")),
)
ALL = ["checkpoint 1", "checkpoint 2", "checkpoint 3", "checkpoint 4", "checkpoint 5", "checkpoint 6"]


def changed(lines):
    """Edit the third line as whoever can write there would."""
    found = json.loads(lines[2])
    found["statement"]["size"] += 1
    lines[2] = json.dumps(found, separators=(",", ":"), sort_keys=True).encode() + b"\n"
    return lines


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param(lambda lines: lines[:2] + lines[3:], [("line of the copy removed", "checkpoint 3")], id="removed"),
        pytest.param(lambda lines: lines[:-1], [("line of the copy removed", "checkpoint 6")], id="the last removed"),
        pytest.param(
            lambda lines: lines[:3], [("line of the copy removed", "checkpoints 4 to 6")], id="the tail removed"
        ),
        pytest.param(changed, [("line of the copy changed", "checkpoint 3")], id="changed"),
        pytest.param(
            lambda lines: [*lines, b"no checkpoint\n"],
            [("line of the copy changed", "line 7 of the outside copy")],
            id="something else added",
        ),
        pytest.param(lambda lines: [*lines, lines[3]], [], id="one that was appended twice"),
        pytest.param(lambda lines: lines[::-1], [], id="in another order"),
    ],
)
def test_a_line_of_the_copy(trail, change, found):
    trail.edit_copy(change)
    assert trail.findings() == found


def test_history_signed_again_with_another_key(trail):
    trail.tamper(*RESEAL)
    trail.seal(LATER + 10 * MINUTE, key=ANOTHER, copied=False)
    found = trail.findings()
    assert {where for kind, where in found if kind == "unknown signing key"} == set(ALL[:5])
    assert {where for kind, where in found if kind == "checkpoint differs"} == set(ALL[:5])
    assert ("checkpoint missing", ALL[5]) in found


def test_history_signed_again_with_the_stolen_key(trail):
    trail.tamper("UPDATE audit_record SET http_status = 404 WHERE id = '{record5}'", *RESEAL)
    trail.seal(LATER + 10 * MINUTE, copied=False)
    found = trail.findings()
    assert [where for kind, where in found if kind == "history rewritten"] == ALL[:5]
    assert ("writer's chain broken", "audit_record {next}, row {record6}".format(**trail.names)) in found


def test_an_old_dump_restored(trail):
    """What was sealed since is named from the copy, with how many rows it had; also once the sealer has gone on."""
    trail.tamper(
        "DELETE FROM audit_record WHERE at >= '{next}-01'",
        "DELETE FROM audit_record_sealed WHERE at >= '{next}-01'",
        "DELETE FROM audit_access WHERE at >= '{next}-01'",
        "DELETE FROM audit_access_sealed WHERE at >= '{next}-01'",
        "DELETE FROM audit_checkpoint WHERE number >= 5",
    )
    assert trail.findings() == [("checkpoint missing", "checkpoint 5"), ("checkpoint missing", "checkpoint 6")]


@pytest.mark.parametrize(
    ("left_out", "unchecked"),
    [
        pytest.param({"copy": None}, {"the copy outside: AUDIT_COPY names none": 1}, id="no copy outside"),
        pytest.param({"public_keys": {}}, {"signatures: no public key is known": 6}, id="no public key"),
    ],
)
def test_what_cannot_be_checked_is_said(trail, left_out, unchecked):
    assert trail.looked(**left_out).unchecked == unchecked


def test_a_copy_that_cannot_be_read_is_said(trail):
    class Broken:
        def read(self, since=None):
            raise CopyFailed

    assert trail.looked(copy=Broken()).unchecked == {"the copy outside: it cannot be read": 1}


def stamp(state, digest=bytes(32)):
    return Stamp("witness-2026-11-22.tsr", date(2026, 11, 22), state, digest, datetime(2026, 11, 22, tzinfo=UTC))


@pytest.mark.parametrize(
    ("state", "known", "found"),
    [
        pytest.param(State.PROVEN, True, [], id="saw a checkpoint that is there"),
        pytest.param(State.TOLD, True, [], id="was told of one that is there"),
        pytest.param(State.PROVEN, False, ["witness differs"], id="saw another"),
        pytest.param(State.BROKEN, True, ["witness changed"], id="gave something else"),
    ],
)
def test_a_witness(trail, state, known, found):
    digest = trail.digest_of(4) if known else bytes(32)
    findings = trail.findings(witnesses=[stamp(state, digest)])
    assert findings == [(kind, "witness-2026-11-22.tsr") for kind in found]


def test_a_witness_of_whom_nothing_is_known(trail):
    looked = Looked()
    assert trail.findings(witnesses=[stamp(State.UNCHECKED)], looked=looked) == []
    assert looked.unchecked == {"what witnesses gave: there is nothing to check it by": 1}
