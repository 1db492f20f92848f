"""Sending a report to the stand-in: what is recorded, what is kept, and what becomes of every kind of answer."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from agencies import errors
from agencies.bsu import approvals, client, following, preparing, sending
from agencies.bsu.errors import BytesChanged, HasFaults, NotApproved, OnItsWay
from agencies.bsu.models import Delivery
from audit.models import AuditRecord
from audit.secrecy import Kind, hash_of, seal
from tests.agencies.bsu.conftest import NOW, YEAR, let_go, processed
from tests.agencies.code_tables import FOLDER
from tests.legal.governed import person

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

INTAKE = "/bsu/v1"
LATER = NOW + timedelta(days=31)


@pytest.fixture(autouse=True)
def without_waits(monkeypatch):
    real = client.Intake.__init__
    monkeypatch.setattr(
        client.Intake, "__init__", lambda self, organisation, **_: real(self, organisation, waits=(0.0,))
    )


def kept(delivery):
    delivery = Delivery.objects.get(pk=delivery.pk)
    return delivery.state, delivery.status, delivery.code


def refused(delivery, error, *, now=NOW):
    with pytest.raises(error) as caught:
        sending.send(delivery, now=now)
    return caught.value


def test_a_report_is_sent_received_and_judged(ready, intake):
    (delivery,) = ready()
    received = sending.send(delivery, now=NOW)
    assert (received.state, received.received_accounts, received.sent_at) == ("received", 10, NOW)
    assert processed(intake) == {delivery.reference: 1}
    assert following.follow(received, waits=(0.0,))
    judged = Delivery.objects.get()
    assert (judged.state, judged.feedback["status"], judged.feedback["counts_differ"]) == (
        "accepted",
        "godkjent",
        False,
    )
    assert judged.sendings.get().state == "done"


def test_each_person_named_is_recorded_before_anything_leaves(ready, intake):
    (delivery,) = ready()
    body = preparing.body_kept(delivery)
    sending.send(delivery, now=NOW)
    told = AuditRecord.objects.filter(correlation_id=delivery.key)
    assert {bytes(each.control_object_hash) for each in told} == {
        hash_of(Kind.PARTY, number) for number in sending.parties_of(body)
    }
    assert {(each.outcome, each.endpoint, each.consumer, each.service) for each in told} == {
        ("sent", "bsu.innsending", "974761076", "agencies:bsu")
    }
    assert {bytes(each.document_digest) for each in told} == {bytes(delivery.digest)}


def test_no_record_no_report(ready, intake, monkeypatch):
    (delivery,) = ready()
    monkeypatch.setattr(sending.outbound, "record_sent", lambda **_: raise_not_recorded())
    refused(delivery, errors.NotRecorded)
    assert (kept(delivery)[0], processed(intake)) == ("prepared", {})


def raise_not_recorded():
    raise sending.outbound.NotRecorded


def test_without_a_token_nothing_is_recorded(ready, intake, settings):
    (delivery,) = ready()
    settings.MASKINPORTEN_CLIENT_ID = "11111111-1111-4111-8111-111111111111"
    refused(delivery, errors.NoToken)
    assert not AuditRecord.objects.filter(correlation_id=delivery.key).exists()
    assert kept(delivery)[0] == "prepared"


def test_what_nobody_approved_is_not_sent(intake):
    (delivery,) = preparing.prepare(YEAR, now=NOW)
    refused(delivery, NotApproved)
    approvals.request_sending(delivery, because="x", by=person("Kari"), now=NOW)
    refused(delivery, NotApproved)
    assert processed(intake) == {}


def test_an_approval_is_for_these_bytes(ready):
    (delivery,) = ready()
    Delivery.objects.filter(pk=delivery.pk).update(body_sealed=seal("{}", column="body_sealed", record=delivery.pk))
    refused(delivery, BytesChanged)
    Delivery.objects.filter(pk=delivery.pk).update(body_sealed=None)
    refused(delivery, BytesChanged)


@pytest.mark.parametrize("code", ["GLD_001", "GLD_017", "GLD_023"])
def test_a_fault_of_the_agencys_own_leaves_it_to_be_sent_again(ready, intake, code):
    (delivery,) = ready()
    intake.switch(**{"bsu.answer_with": code})
    refused(delivery, errors.Failed)
    assert kept(delivery) == ("sending", 500, code)
    intake.switch(**{"bsu.answer_with": None})
    assert sending.send(delivery, now=NOW).state == "received"
    assert processed(intake) == {delivery.reference: 1}
    assert delivery.sendings.count() == 1


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_connection_leaves_it_to_be_sent_again(ready, intake, drop):
    (delivery,) = ready()
    intake.fault(INTAKE, times=3, drop=drop)
    refused(delivery, errors.Unreachable)
    assert kept(delivery)[0] == "sending"
    assert sending.send(delivery, now=NOW).state == "received"
    assert processed(intake) == {delivery.reference: 1}


def test_a_refusal_ends_the_sending_and_the_next_one_is_approved_anew(ready, intake):
    (delivery,) = ready()
    intake.switch(**{"bsu.open_years": [1999]})
    error = refused(delivery, errors.Invalid)
    assert [each.code for each in error.specifications] == ["GLD_1027"]
    assert kept(delivery) == ("refused", 400, "GLD_006")
    assert Delivery.objects.get().faults == [{"code": "GLD_1027", "path": "inntektsaar"}]
    intake.switch(**{"bsu.open_years": None})
    refused(delivery, NotApproved)
    assert let_go(delivery, "The year is open now").number == 2
    assert sending.send(delivery, now=NOW).state == "received"
    assert [each.outcome for each in delivery.sendings.order_by("number")] == ["refused 400 GLD_006", "received"]


def test_a_key_used_before_is_looked_up_in_our_own_journal(ready, intake):
    (delivery,) = ready()
    sending.send(delivery, now=NOW)
    let_go(delivery, "To be sure")
    intake.fault(INTAKE, times=1, status=409, body=GLD_019)
    assert sending.send(delivery, now=NOW).state == "received"
    assert [each.outcome for each in delivery.sendings.order_by("number")] == ["received", "received"]


GLD_019 = (
    '{"kode": "GLD_019", "melding": "x", "korrelasjonsid": "df496591-dabc-42b8-84e2-163ad19302e6", "spesifisering": []}'
)


def test_a_key_used_before_is_looked_up_in_dialogporten(ready, intake):
    (delivery,) = ready()
    intake.fault(INTAKE, times=3, drop="after")  # processed, and the answer lost
    refused(delivery, errors.Unreachable)
    intake.fault(INTAKE, times=1, status=409, body=GLD_019)
    assert sending.send(delivery, now=NOW).state == "received"
    assert processed(intake) == {delivery.reference: 1}
    assert following.follow(delivery_of(delivery), waits=(0.0,))


def delivery_of(delivery):
    return Delivery.objects.defer("body_sealed").get(pk=delivery.pk)


def test_a_key_used_before_that_nobody_knows_of_is_left_for_later(ready, intake):
    (delivery,) = ready()
    intake.fault(INTAKE, times=1, status=409, body=GLD_019)
    refused(delivery, errors.Conflict)
    assert kept(delivery) == ("sending", 409, "GLD_019")
    assert approvals.approved_sending(delivery) is not None


@pytest.mark.parametrize("arrived", [True, False], ids=["it had arrived", "it had not arrived"])
def test_after_the_keys_life_dialogporten_is_asked_first(ready, intake, arrived):
    (delivery,) = ready()
    intake.fault(INTAKE, times=3, drop="after" if arrived else "before")
    refused(delivery, errors.Unreachable)
    intake.switch(**{"bsu.key_days": 0})  # the agency has forgotten the key
    posts = len([each for each in intake.requests() if each["method"] == "POST" and INTAKE in each["path"]])
    assert sending.send(delivery_of(delivery), now=LATER).state == "received"
    again = [each for each in intake.requests() if each["method"] == "POST" and INTAKE in each["path"]]
    assert len(again) - posts == (0 if arrived else 1)
    assert processed(intake) == {delivery.reference: 1}


def test_feedback_is_waited_for_and_then_asked_for_by_schedule(ready, intake):
    (delivery,) = ready()
    received = sending.send(delivery, now=NOW)
    intake.switch(**{"bsu.feedback_seconds": 3600})
    slept = []
    assert not following.follow(received, sleep=slept.append)
    assert slept == [2.0, 5.0, 15.0, 60.0]
    assert (kept(delivery)[0], Delivery.objects.get().times_asked) == ("received", 4)
    intake.switch(**{"bsu.feedback_seconds": None})
    assert following.ask(received, now=NOW)
    assert kept(delivery)[0] == "accepted"


def test_a_rejected_report_is_corrected_by_another_with_a_key_of_its_own(ready, intake):
    (first,) = ready()
    intake.switch(**{"bsu.feedback_status": "avvist"})
    assert following.follow(sending.send(first, now=NOW), waits=(0.0,))
    assert kept(first)[0] == "rejected"
    intake.switch(**{"bsu.feedback_status": None})
    (second,) = preparing.prepare(YEAR, now=NOW + timedelta(seconds=1))
    assert (second.replaces, second.key == first.key) == (first.report, False)
    refused(second, NotApproved)
    let_go(second, "Corrected")
    assert sending.send(second, now=NOW).state == "received"
    assert processed(intake) == {first.reference: 1, second.reference: 1}
    assert [each.pk for each in preparing.current(YEAR)] == [second.pk]


@pytest.mark.parametrize(
    ("columns", "doubts"),
    [
        pytest.param({}, ["every account is as in the report that this corrects"], id="nothing has changed"),
        pytest.param({"saved": 5}, [], id="an amount has changed"),
        pytest.param(
            {"year": 1999},
            ["1 accounts of the report that this corrects are not in it, and a correction deletes none"],
            id="an account is gone",
        ),
    ],
)
def test_a_correction_is_compared_with_what_it_corrects(ready, intake, monkeypatch, columns, doubts):
    (first,) = ready()
    sending.send(first, now=NOW)
    real = preparing.bsu_accounts

    def changed(organisation, *, year):
        for number, row in enumerate(real(organisation, year=year)):
            if number or "year" not in columns:
                yield replace(row, saved=Decimal(5)) if not number and columns else row

    monkeypatch.setattr(preparing, "bsu_accounts", changed)
    (second,) = preparing.prepare(YEAR, now=NOW + timedelta(seconds=1))
    assert [each["message"] for each in second.findings] == doubts


def test_logs_name_nobody(ready, intake, caplog, capfd):
    (delivery,) = ready()
    caplog.set_level("DEBUG")
    body = preparing.body_kept(delivery)
    intake.switch(**{"bsu.answer_with": "GLD_010"})
    error = refused(delivery, errors.Invalid)
    intake.switch(**{"bsu.answer_with": None})
    let_go(delivery, "Again")
    following.follow(sending.send(delivery_of(delivery), now=NOW), waits=(0.0,))
    said = caplog.text + "".join(map(str, caplog.records)) + "".join(capfd.readouterr()) + str(error) + repr(error)
    for account in json.loads(body)["leveranse"]["oppgave"]:
        for secret in (account["kontonummer"], *account["oppgaveeier"].values()):
            assert secret not in said
    assert "eyJ" not in said
    assert "agencies.call" in said


def test_parts_are_let_go_and_sent_one_by_one(ready, intake):
    deliveries = ready(largest=3_000)
    assert [(each.part, each.parts) for each in deliveries] == [
        (n, len(deliveries)) for n in range(1, len(deliveries) + 1)
    ]
    assert len({each.key for each in deliveries}) == len({each.reference for each in deliveries}) == len(deliveries) > 1
    for delivery in deliveries:
        sending.send(delivery, now=NOW)
    assert processed(intake) == {each.reference: 1 for each in deliveries}
    assert sum(each.accounts for each in deliveries) == 10


def test_a_new_report_takes_the_place_of_one_that_was_not_sent(intake):
    (first,) = preparing.prepare(YEAR, now=NOW)
    (second,) = preparing.prepare(YEAR, now=NOW + timedelta(seconds=1))
    assert (kept(first)[0], kept(second)[0], second.replaces) == ("withdrawn", "prepared", None)
    let_go(second)
    with pytest.raises(OnItsWay):
        preparing.prepare(YEAR, now=NOW)


def test_the_pages_example_is_kept_and_never_sent(intake, settings):
    settings.BSU_SYSTEM_USER_ORGANISATION = "987654321"
    (delivery,) = preparing.prepare_file(2023, (FOLDER / "bsu_example.json").read_bytes(), now=NOW)
    told = [each["message"] for each in delivery.findings if each["code"] == "sum"]
    assert told == ["118500 is stated, the accounts have 118050"]
    with pytest.raises(ValidationError):
        let_go(delivery)
    Delivery.objects.filter(pk=delivery.pk).update(findings=[])  # as if the checks had once been others
    let_go(delivery_of(delivery))
    refused(delivery_of(delivery), HasFaults)
    assert processed(intake) == {}
