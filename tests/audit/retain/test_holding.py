"""What is held stays readable and provable, after its keys and its month are gone, until two people release it."""

import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from audit.keyring import KeyRing
from audit.models import Decision, Held
from audit.retain import deciding, month_keys, standing
from audit.retain.carrying_out import NotCarriedOut
from audit.retain.deletions import Deletion
from audit.retain.holding import content_of, proof_with
from audit.secrecy import NotRevealed
from tests import cluster
from tests.audit.retain.conftest import (
    CASE,
    DOCUMENTS,
    KARI,
    NUMBERS,
    OLD,
    OTHER,
    RECORDS,
    SKATT,
)

What, Kind = Decision.What, Decision.Kind


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


def test_audit_proof_opens_what_is_held_and_nothing_else(trail, capsys, monkeypatch):
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
    monkeypatch.setattr(month_keys, "_memory", month_keys.Memory())  # as a minute later
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


def test_what_is_held_and_cannot_be_opened_stays(trail, settings):
    trail.hold(OTHER)
    request = trail.approved(Deletion(What.NUMBERS, SKATT, OLD))
    ring = settings.AUDIT_ENCRYPTION_KEYS
    settings.AUDIT_ENCRYPTION_KEYS = KeyRing(cluster.key("e9", 32), length=32)
    with pytest.raises(NotCarriedOut, match="whose case is held, cannot be opened"):
        trail.carry_out(request)
    settings.AUDIT_ENCRYPTION_KEYS = ring
    assert trail.carry_out(request).copies == 1
