"""What two people agreed to is done whole or not at all, what is held is copied first, and the proof still holds."""

import json
import subprocess
import sys

import psycopg
import pytest
from django.core.management import CommandError, call_command

from audit.answers import answer_of
from audit.keyring import KeyRing
from audit.models import AuditRecord, Decision, Held, MonthKey
from audit.retain import carrying_out, deciding, standing
from audit.retain.carrying_out import NotCarriedOut
from audit.retain.deletions import Deletion, due
from audit.retain.holding import content_of, digest_of, proof_with
from audit.retain.policy import policy_in_force
from audit.secrecy import NotRevealed, reveal
from tests import cluster
from tests.audit.retain.conftest import CASE, ERRAND, KARI, OLD, OTHER, SALDO, SKATT, TODAY

What, Kind = Decision.What, Decision.Kind
DOCUMENTS = Deletion(What.DOCUMENTS, SALDO, OLD)
NUMBERS = Deletion(What.NUMBERS, SALDO, OLD)
RECORDS = Deletion(What.RECORDS, "", OLD)
PREFIX = f"{OLD:%Y%m}"


def number_of(record):
    """Return the number that a record is about, or None."""
    kept = AuditRecord.objects.get(pk=record)
    try:
        return reveal(kept.control_object_sealed, column="control_object_sealed", record=record)
    except NotRevealed:
        return None


def document_of(record):
    try:
        return answer_of(AuditRecord.objects.get(pk=record)).decode()
    except NotRevealed:
        return None


def keys():
    return sorted(MonthKey.objects.filter(month=OLD).values_list("name", flat=True))


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


def test_what_is_held_is_still_there(trail):
    trail.hold()
    for deletion in (DOCUMENTS, NUMBERS, RECORDS):
        trail.delete(deletion)
    first = {held.what: content_of(held) for held in Held.objects.filter(record=trail.records.first)}
    assert first[What.DOCUMENTS] == {"document": '{"first": 1}'}
    assert first[What.RECORDS] == {}
    salt = first[What.NUMBERS].pop("salt")
    assert (len(salt), first[What.NUMBERS]) == (
        32,
        {
            "control_object": "01810112345",
            "additional_reference": "case 17 of 2026",
            "account_reference": "AAECAwQ",
            "accounts": ["97100000001", "97100000002"],
            "malformed": {"PartyID": "01810112345 "},
        },
    )
    assert {held.record for held in Held.objects.all()} == {trail.records.first, trail.records.second}
    trail.seal()
    assert trail.fault() == ["", ""]


def test_what_is_held_convinces_a_stranger(trail, checked):
    trail.hold()
    trail.delete(RECORDS)
    held = Held.objects.get(record=trail.records.second)
    assert "PROVEN." in checked(held.proof)
    assert "PROVEN." in checked(proof_with(held), "--number", "01810199999")
    assert json.loads(proof_with(held)["document"]) == {"second": 2}


def test_audit_proof_opens_what_is_held_and_nothing_else(trail, capsys):
    trail.hold()
    for deletion in (DOCUMENTS, NUMBERS, RECORDS):
        trail.delete(deletion)
    call_command("audit_proof", str(trail.records.second), "--open", "--document")
    proof = json.loads(capsys.readouterr().out)
    assert (proof["opened"]["control_object"], proof["document"]) == ("01810199999", '{"second": 2}')
    with pytest.raises(CommandError, match="There is no row of that id"):
        call_command("audit_proof", str(trail.records.other), "--open")
    trail.agree(deciding.request_release(standing.holds().get().pk, ground="Judged", by=KARI))
    trail.carry_out(standing.approved().get())
    call_command("audit_proof", str(trail.records.second))
    assert json.loads(capsys.readouterr().out)["row"] == proof["row"]
    with pytest.raises(CommandError, match="no longer held"):
        call_command("audit_proof", str(trail.records.second), "--open")


@pytest.fixture
def checked(trail, tmp_path):
    """Return a function that lets tools/verify_proof.py judge a proof."""

    def judge(proof, *more):
        path = tmp_path / "proof.json"
        path.write_text(json.dumps(proof))
        tool = cluster.ROOT / "tools" / "verify_proof.py"
        command = [sys.executable, "-I", str(tool), str(path), "--key", str(trail.key), *more]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    return judge


def test_a_case_held_after_the_approval_is_respected(trail):
    request = trail.approved(DOCUMENTS)
    trail.hold()
    assert trail.carry_out(request).copies == 2


def test_a_case_that_is_released_loses_its_copies(trail):
    hold = trail.hold()
    trail.delete(NUMBERS)
    trail.agree(deciding.request_release(hold, ground="Judged", by=KARI))
    done = trail.carry_out(standing.approved().get())
    assert (done.copies, done.keys) == (2, [f"-.held.{CASE}"])
    released = Decision.objects.get(kind=Kind.RELEASED)
    assert (released.concerning, released.account_info_request_id) == (hold, CASE)
    assert standing.held_cases() == set()
    held = Held.objects.first()
    assert held.proof["table"] == "audit_record"
    with pytest.raises(NotRevealed):
        content_of(held)


def test_a_case_held_anew_keeps_its_copies(trail):
    hold = trail.hold()
    trail.delete(NUMBERS)
    trail.agree(deciding.request_release(hold, ground="Judged", by=KARI))
    again = trail.hold()
    assert trail.carry_out(standing.approved().get()).keys == []
    assert Decision.objects.get(kind=Kind.RELEASED).evidence["held_again"] == str(again)
    assert standing.held_cases() == {CASE}
    assert content_of(Held.objects.first())["control_object"]


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


def test_what_is_held_and_cannot_be_opened_stays(trail, settings):
    trail.hold(OTHER)
    request = trail.approved(Deletion(What.NUMBERS, SKATT, OLD))
    ring = settings.AUDIT_ENCRYPTION_KEYS
    settings.AUDIT_ENCRYPTION_KEYS = KeyRing(cluster.key("e9", 32), length=32)
    with pytest.raises(NotCarriedOut, match="whose case is held, cannot be opened"):
        trail.carry_out(request)
    settings.AUDIT_ENCRYPTION_KEYS = ring
    assert trail.carry_out(request).copies == 1


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
