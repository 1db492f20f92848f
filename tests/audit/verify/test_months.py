"""What is gone as a whole: a month, a month's key. It takes a decision, and what that left behind."""

import pytest

from tests.audit.verify.trail import LATER, MINUTE, MONTH, NEXT

PARTITION = f"audit_access_{NEXT:%Y_%m}"
DETACHED = f"ALTER TABLE audit_access DETACH PARTITION {PARTITION}"
ATTACHED = (
    f"ALTER TABLE audit_access ATTACH PARTITION {PARTITION} FOR VALUES FROM ('{NEXT}T00:00:00Z') TO "
    f"('{NEXT.replace(year=NEXT.year + NEXT.month // 12, month=NEXT.month % 12 + 1)}T00:00:00Z')"
)
KEY = f"{MONTH:%Y%m}.number.a-service-of-old"  # of those that serve there are keys
DELETED = {"what": "numbers", "service": "a-service-of-old", "month": MONTH}


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
    signed = {"count": 2, "first": 1, "last": 3, "digest": trail.digest_of(3).hex()}
    told = {"checkpoints": signed, "kept": {"years": 0}, **evidence}
    words |= {"concerning": request, "evidence": told}
    return trail.write("audit_decision", LATER + 2 * MINUTE, kind="deleted", **words)


@pytest.mark.parametrize(
    ("decided", "found"),
    [
        pytest.param({}, [], id="asked for, approved and carried out"),
        pytest.param(None, ["month key destroyed"], id="by nobody"),
        pytest.param({"approver": " 4711"}, ["decision of one person"], id="asked for and approved by one person"),
        pytest.param({"checkpoints": {"count": 1}}, ["tombstone wrong"], id="with other checkpoints than there are"),
        pytest.param({"kept": {"years": 13}}, ["deleted early"], id="before its years had passed"),
        pytest.param({"kept": {"days": 1}}, ["deleted early"], id="before its days had passed"),
        pytest.param({"kept": {}}, ["deleted early"], id="without a word of how long it was kept"),
        pytest.param({"kept": {"years": "13"}}, ["deleted early"], id="with a word for a number"),
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


@pytest.mark.parametrize("name", ["agencies/of-old", "a-service-of-old.e2"])
def test_a_month_key_of_any_name_destroyed(trail, name):
    key = f"{MONTH:%Y%m}.number.{name}".encode()
    trail.write("audit_record", LATER + 7 * MINUTE, writer="C", control_object_sealed=key + b":nonce")
    assert [kind for kind, _ in trail.findings()] == ["month key destroyed"]


def release(trail, *, approver="17", approved="release approved", asked=True, named=True):
    """Write a hold and its end, as people and audit_retain do."""
    held = trail.write("audit_decision", LATER, kind="held", person="9")
    request = None
    if asked:
        request = trail.write(
            "audit_decision", LATER + MINUTE, kind="release requested", person="4711", concerning=held
        )
        trail.write("audit_decision", LATER + 2 * MINUTE, kind=approved, person=approver, concerning=request)
    evidence = {"request": str(request)} if named else {}
    trail.write("audit_decision", LATER + 3 * MINUTE, kind="released", person="", concerning=held, evidence=evidence)


@pytest.mark.parametrize(
    ("released", "found"),
    [
        pytest.param({}, [], id="asked for, approved and carried out"),
        pytest.param({"asked": False}, ["decision of one person"], id="asked for by nobody"),
        pytest.param({"named": False}, ["decision of one person"], id="of another request than it says"),
        pytest.param({"approver": "4711"}, ["decision of one person"], id="asked for and approved by one person"),
        pytest.param({"approved": "turned down"}, ["decision of one person"], id="turned down"),
    ],
)
def test_a_case_released(trail, released, found):
    release(trail, **released)
    assert [kind for kind, _ in trail.findings()] == found


def test_a_decision_without_a_writer_is_nobodys(trail):
    """No release before this one wrote decisions, so that none may lack its writer even on the first day."""
    trail.write("audit_decision", LATER, kind="held", person="9")
    trail.tamper("UPDATE audit_decision SET writer = NULL, writer_number = NULL, writer_previous = NULL")
    assert "row without writer" in [kind for kind, _ in trail.findings()]


def test_a_forged_decision_excuses_nothing(trail):
    """It explains the key, and is itself found: whoever wrote it lacks the look-up keys."""
    decide(trail)
    trail.tamper("UPDATE audit_decision SET writer = gen_random_uuid(), writer_number = 1 WHERE kind = 'deleted'")
    assert [kind for kind, _ in trail.findings()] == ["writer forged"]
