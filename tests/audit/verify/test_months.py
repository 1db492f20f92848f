"""What is gone as a whole: a month, a month's key. It takes a decision, and what that left behind."""

import pytest

from tests.audit.verify.trail import LATER, MINUTE, MONTH, NEXT

PARTITION = f"audit_access_{NEXT:%Y_%m}"
DETACHED = f"ALTER TABLE audit_access DETACH PARTITION {PARTITION}"
ATTACHED = (
    f"ALTER TABLE audit_access ATTACH PARTITION {PARTITION} FOR VALUES FROM ('{NEXT}T00:00:00Z') TO "
    f"('{NEXT.replace(year=NEXT.year + NEXT.month // 12, month=NEXT.month % 12 + 1)}T00:00:00Z')"
)
KEY = f"{MONTH:%Y%m}.number.fi-utlegg-saldo"
DELETED = {"what": "numbers", "service": "fi-utlegg-saldo", "month": MONTH}


@pytest.fixture
def detached(trail):
    trail.tamper(DETACHED)
    yield trail
    trail.tamper(ATTACHED)


def test_a_month_taken_aside(detached):
    assert detached.findings() == [("partition missing", "audit_access {next}".format(**detached.names))]


def decide(trail, *, approver="17", **evidence):
    """Write what audit_retain leaves behind, and what comes before it."""
    words = {"person": "4711", **DELETED}
    request = trail.write("audit_decision", LATER, kind="deletion requested", **words)
    trail.write(
        "audit_decision",
        LATER + MINUTE,
        kind="deletion approved",
        **{**words, "person": approver, "concerning": request},
    )
    told = {"checkpoints": {"count": 2, "first": 1, "last": 3, "digest": trail.digest_of(3).hex()}, **evidence}
    words |= {"concerning": request, "evidence": told}
    return trail.write("audit_decision", LATER + 2 * MINUTE, kind="deleted", **words)


@pytest.mark.parametrize(
    ("decided", "found"),
    [
        pytest.param({}, [], id="asked for, approved and carried out"),
        pytest.param(None, ["month key destroyed"], id="by nobody"),
        pytest.param({"approver": " 4711"}, ["decision of one person"], id="asked for and approved by one person"),
        pytest.param({"checkpoints": {"count": 1}}, ["tombstone wrong"], id="with other checkpoints than there are"),
        pytest.param(
            {"held": {"records": ["0190a1b2-0000-7000-8000-000000000001"], "sha256": "00"}},
            ["held copy changed"],
            id="with copies of held cases that are not there",
        ),
    ],
)
def test_a_month_key_destroyed(trail, decided, found):
    trail.write("audit_record", LATER + 7 * MINUTE, writer="C", control_object_sealed=f"{KEY}:nonce".encode())
    if decided is not None:
        decide(trail, **decided)
    assert [kind for kind, _ in trail.findings()] == found


def test_a_forged_decision_excuses_nothing(trail):
    """It explains the key, and is itself found: whoever wrote it lacks the look-up keys."""
    decide(trail)
    trail.tamper("UPDATE audit_decision SET writer = gen_random_uuid(), writer_number = 1 WHERE kind = 'deleted'")
    assert [kind for kind, _ in trail.findings()] == ["writer forged"]
