"""What two people agreed to is done whole or not at all, what is held is copied first, and the proof still holds."""

import psycopg
import pytest

from audit.models import AuditRecord, Decision, Held, MonthKey
from audit.retain import carrying_out, deciding, standing
from audit.retain.carrying_out import NotCarriedOut
from audit.retain.deletions import Deletion, due
from audit.retain.holding import digest_of
from audit.retain.policy import policy_in_force
from tests.audit.retain.conftest import (
    DOCUMENTS,
    ERRAND,
    KARI,
    NUMBERS,
    OLD,
    RECORDS,
    SALDO,
    SKATT,
    TODAY,
    document_of,
    keys,
    number_of,
)

What, Kind = Decision.What, Decision.Kind
PREFIX = f"{OLD:%Y%m}"


def tombstone():
    return Decision.objects.get(kind=Kind.DELETED)


def test_documents_of_one_service(trail):
    records = trail.records
    done = trail.delete(DOCUMENTS)
    assert (done.rows, done.copies, done.keys, done.tables) == (2, 0, [f"{PREFIX}.document.{SALDO}"], [])
    assert [document_of(one) for one in (records.first, records.second, records.other)] == [None, None, '{"other": 3}']
    assert number_of(records.first) == "01810112345"
    assert trail.fault() == ["", ""]


def test_the_last_documents_of_a_month_give_their_room_back(trail):
    trail.delete(DOCUMENTS)
    done = trail.delete(Deletion(What.DOCUMENTS, SKATT, OLD))
    assert done.tables == [f"audit_answer_{OLD:%Y_%m}"]
    assert document_of(trail.records.other) is None
    assert trail.fault() == ["", ""]


def test_numbers_of_one_service(trail):
    records = trail.records
    done = trail.delete(NUMBERS)
    assert (done.rows, done.keys) == (2, [f"{PREFIX}.number.{SALDO}", f"{PREFIX}.order.{SALDO}"])
    assert [number_of(one) for one in (records.first, records.other, records.refused)] == [
        None,
        "01810112345",
        "01810112345",
    ]
    assert document_of(records.first) == '{"first": 1}'
    assert trail.fault() == ["", ""]


def test_numbers_of_no_service_and_of_an_errand(trail):
    for service, record in (("-", trail.records.refused), (ERRAND, trail.records.errand)):
        assert trail.delete(Deletion(What.NUMBERS, service, OLD)).rows == 1
        assert number_of(record) is None
    assert number_of(trail.records.first) == "01810112345"
    assert trail.fault() == ["", ""]


def test_a_month_of_records(trail):
    month = f"{OLD:%Y_%m}"
    done = trail.delete(RECORDS)
    assert done.rows == 5
    assert done.tables == [f"audit_answer_{month}", f"audit_record_{month}", f"audit_record_sealed_{month}"]
    assert (keys(), AuditRecord.objects.count()) == ([], 0)
    assert trail.fault() == ["", ""]


@pytest.mark.parametrize("what", [What.SUMS, What.ACCESSES])
def test_a_month_of_another_table(trail, what):
    done = trail.delete(Deletion(what, "", OLD))
    assert len(done.tables) == 2
    assert (keys() != [], AuditRecord.objects.count()) == (True, 5)
    assert trail.fault() == ["", ""]


def test_the_tombstone_says_it_all(trail):
    trail.hold()
    request = trail.approved(NUMBERS)
    trail.carry_out(request)
    left, copies = tombstone(), list(Held.objects.order_by("record"))
    signed = carrying_out.signed("audit_record", OLD)
    assert (left.person, left.concerning, left.ground) == ("command line", request.pk, "the bank's own")
    assert Deletion.of(left) == NUMBERS
    assert left.evidence == {
        "rows": 2,
        "checkpoints": {"count": 1, "first": signed.first, "last": signed.last, "digest": signed.digest},
        "keys": [f"{PREFIX}.number.{SALDO}", f"{PREFIX}.order.{SALDO}"],
        "tables": [],
        "held": {"records": [str(copy.record) for copy in copies], "sha256": digest_of(copies)},
        "kept": {"years": 2},
    }
    assert [copy.record for copy in copies] == [trail.records.first, trail.records.second]
    assert due(policy_in_force(), today=TODAY).count(NUMBERS) == 0
    trail.seal()
    assert trail.fault() == ["", ""]


def everything():
    """Return what a deletion could change."""
    return (
        keys(),
        AuditRecord.objects.count(),
        Held.objects.count(),
        list(Decision.objects.order_by("at").values_list("id", flat=True)),
        MonthKey.objects.filter(kind="held").count(),
    )


def test_a_crash_in_the_middle_leaves_everything(trail, monkeypatch):
    trail.hold()
    request, before = trail.approved(RECORDS), everything()
    for step in ("copy_held", "_destroyed", "_dropped", "_tell"):
        with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
            broken.setattr(carrying_out, step, crashing(getattr(carrying_out, step)))
            trail.carry_out(request)
        assert everything() == before
    assert document_of(trail.records.first) == '{"first": 1}'
    assert trail.carry_out(request).copies == 2


def crashing(step):
    """Return a step that is done and then is not."""

    def crash(*words, **more):
        step(*words, **more)
        raise ZeroDivisionError

    return crash


def test_a_rehearsal_changes_nothing(trail):
    trail.hold()
    request, before = trail.approved(RECORDS), everything()
    rehearsed = trail.carry_out(request, rehearse=True)
    assert everything() == before
    assert trail.carry_out(request) == rehearsed


@pytest.mark.parametrize(
    ("harm", "because"),
    [
        pytest.param(
            lambda trail, harm: trail.write(document=b"{}"), "1 rows of audit_record are not sealed", id="unsealed"
        ),
        pytest.param(
            lambda trail, harm: harm("UPDATE audit_record SET outcome = 'refused' WHERE service = %s", SKATT),
            "does not verify: ROW CHANGED",
            id="a row was changed",
        ),
        pytest.param(
            lambda trail, harm: harm("DELETE FROM audit_record WHERE service = %s", SKATT),
            "does not verify: ROW REMOVED",
            id="a row was removed",
        ),
        pytest.param(
            lambda trail, harm: harm(
                "UPDATE audit_checkpoint SET size = size + 1 WHERE sealed_table = %s", "audit_record"
            ),
            "does not verify: CHECKPOINT EDITED",
            id="a checkpoint was edited",
        ),
        pytest.param(
            lambda trail, harm: [path.unlink() for path in trail.key.parent.glob("checkpoints-*")],
            "does not verify",
            id="the copy outside is gone",
        ),
        pytest.param(lambda trail, harm: trail.key.unlink(), "AUDIT_SEAL_PUBLIC_KEYS_FILE", id="no public key"),
    ],
)
def test_what_stops_a_deletion(trail, harm, because, superuser):
    request, before = trail.approved(DOCUMENTS), keys()

    def as_superuser(statement, value):
        with superuser() as session:
            session.execute("SET session_replication_role = replica")
            assert session.execute(statement, [value]).rowcount
            session.execute("RESET session_replication_role")

    harm(trail, as_superuser)
    with pytest.raises(NotCarriedOut, match=because):
        trail.carry_out(request)
    assert (keys(), list(standing.approved())) == (before, [request])


def test_not_before_its_day_even_when_approved(trail):
    request = trail.approved(RECORDS)
    with pytest.raises(NotCarriedOut, match="It is not due before"):
        trail.carry_out(request, today=OLD.replace(year=OLD.year + 3))


def test_nothing_is_done_by_one_person_whatever_the_table_says(trail):
    asked = trail.ask(DOCUMENTS)
    deciding._decided(Kind.DELETION_APPROVED, KARI, concerning=asked, **DOCUMENTS.columns)
    with pytest.raises(NotCarriedOut, match="not asked for and approved by two people"):
        trail.carry_out(standing.approved().get())


def test_what_was_turned_down_is_not_done(trail):
    request = trail.approved(DOCUMENTS)
    deciding.turn_down(request.pk, ground="A case is coming", by=KARI)
    assert trail.carry_out(request) is None
    assert document_of(trail.records.first) == '{"first": 1}'


def test_nothing_is_done_twice(trail):
    request = trail.approved(DOCUMENTS)
    assert trail.carry_out(request) is not None
    assert trail.carry_out(request) is None
    assert Decision.objects.filter(kind=Kind.DELETED).count() == 1


def test_one_at_a_time(trail, superuser, monkeypatch):
    monkeypatch.setattr(carrying_out, "PATIENCE", "SET LOCAL lock_timeout = '20ms'")
    request = trail.approved(DOCUMENTS)
    with superuser() as other, other.transaction(force_rollback=True):
        other.execute(carrying_out.ALONE)
        with pytest.raises(NotCarriedOut, match="Another audit_retain is at work"):
            trail.carry_out(request)
    assert trail.carry_out(request) is not None


def test_a_record_that_is_being_written_lets_the_deletion_wait_not_the_other_way_round(trail, superuser, monkeypatch):
    monkeypatch.setattr(carrying_out, "GLANCE", "SET LOCAL lock_timeout = '20ms'")
    monkeypatch.setattr(carrying_out, "GLANCES", 2)
    request, before = trail.approved(RECORDS), keys()
    with superuser() as other, other.transaction(force_rollback=True):
        other.execute("LOCK TABLE audit_record IN ROW EXCLUSIVE MODE")
        with pytest.raises(NotCarriedOut, match="the trail is busy"):
            trail.carry_out(request)
    assert keys() == before
    assert trail.carry_out(request).rows == 5


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_key",
        "TRUNCATE audit_key",
        "UPDATE audit_key SET wrapped = ''",
        f"DROP TABLE audit_record_{TODAY:%Y_%m}",
        f"ALTER TABLE audit_record DETACH PARTITION audit_record_{TODAY:%Y_%m}",
        "INSERT INTO audit_held SELECT * FROM audit_held",
    ],
)
def test_the_serving_role_destroys_nothing(as_role, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_role("serving", statement)
