"""The stand-in for the intake of BSU reports: what it takes in, once for each key."""

import threading
import uuid

import pytest
import urllib3

from sandbox.maskinporten.clients import BANK_NUMBER
from tests.sandbox.counterparts.submissions import (
    ACCOUNT,
    EVENTS,
    LAST_YEAR,
    TABLES,
    changed,
    corrected,
    headers,
    is_refused,
    send,
    written,
)


def processed(stand_ins):
    return stand_ins.ask("GET", "/control/bsu/deliveries").json()["deliveries"]


# --- what is taken in ---


def test_the_published_example_is_taken_in_as_printed(stand_ins):
    answer = send(stand_ins, (TABLES / "bsu_example.json").read_bytes())

    receipt = answer.json()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert list(receipt) == ["dialogId", "forsendelseId", "oppgavegiversLeveranseReferanse", "antallOppgaver"]
    assert [uuid.UUID(receipt[name]).version for name in ("dialogId", "forsendelseId")] == [7, 7]
    assert receipt["oppgavegiversLeveranseReferanse"] == "EksternReferanse_2023_1"
    assert receipt["antallOppgaver"] == 5
    assert processed(stand_ins) == [
        {"organisation": BANK_NUMBER, "year": 2023, "reference": "EksternReferanse_2023_1", "processed": 1}
    ]


def test_without_a_reference_the_receipt_has_none(stand_ins):
    receipt = send(stand_ins, changed(corrected(), "leveranse/oppgavegiversLeveranseReferanse")).json()
    assert list(receipt) == ["dialogId", "forsendelseId", "antallOppgaver"]


NOTHING = {
    "leveranse": {
        "inntektsaar": LAST_YEAR,
        "leveransetype": "ingenoppgaver",
        "oppgavegiver": {"organisasjonsnummer": BANK_NUMBER},
        "oppgaveoppsummering": {
            "antallOppgaver": 0, "sumAaretsSparebeloep": 0, "sumAaretsRenter": 0,
            "sumBundetAkkumulertSparebeloep": 0, "sumBundetAkkumulertRenter": 0, "sumSaldo": 0,
        },
    }
}  # fmt: skip


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_an_account_with(stand_ins, event):
    document = corrected()
    document["leveranse"]["oppgave"][0] |= event
    assert send(stand_ins, document).status == 200


def test_nothing_to_report(stand_ins):
    answer = send(stand_ins, NOTHING, year=LAST_YEAR)
    assert (answer.status, answer.json()["antallOppgaver"]) == (200, 0)


@pytest.mark.parametrize("name", ["idempotencyKey", "IDEMPOTENCYKEY", "idempotencykey"])
@pytest.mark.parametrize("place", ["header", "query"])
def test_the_key_is_found(stand_ins, name, place):
    key = str(uuid.uuid4())
    sent = headers(stand_ins, without=("idempotencyKey",)) | ({name: key} if place == "header" else {})
    path = "/bsu/v1/2023" if place == "header" else f"/bsu/v1/2023?{name}={key}"
    assert stand_ins.ask("POST", path, sent, written(corrected())).status == 200


@pytest.mark.parametrize("accept", ["application/json", "Application/JSON;q=0.9", "text/html, application/json"])
def test_accept(stand_ins, accept):
    assert send(stand_ins, corrected(), Accept=accept).status == 200


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON"])
def test_content_type(stand_ins, content_type):
    assert send(stand_ins, corrected(), Content_Type=content_type).status == 200


# --- idempotency ---


def test_the_same_again_is_answered_with_the_first_response_and_processed_once(stand_ins):
    key = str(uuid.uuid4())
    answers = [send(stand_ins, corrected(), key=each) for each in (key, key.upper(), key)]

    assert {(answer.status, answer.data) for answer in answers} == {(200, answers[0].data)}
    assert processed(stand_ins) == [
        {"organisation": BANK_NUMBER, "year": 2023, "reference": "Korrigert_2023_1", "processed": 1}
    ]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"document": changed(corrected(), f"{ACCOUNT}/saldo", 1)}, id="another body"),
        pytest.param({"document": written(corrected()) + b" "}, id="a blank more"),
        pytest.param(
            {"document": changed(corrected(), "leveranse/inntektsaar", LAST_YEAR), "year": LAST_YEAR}, id="another year"
        ),
        pytest.param({"organisation": "312345633"}, id="another organisation"),
    ],
)
def test_a_used_key_for_something_else_is_refused(stand_ins, change):
    stand_ins.switch(**{"bsu.acts_for": {"312345633": [BANK_NUMBER]}})
    key = str(uuid.uuid4())
    assert send(stand_ins, corrected(), key=key).status == 200
    is_refused(send(stand_ins, change.pop("document", corrected()), key=key, **change), "GLD_019")
    assert [each["processed"] for each in processed(stand_ins)] == [1]


def test_refusals_and_failures_do_not_use_a_key_up(stand_ins):
    key, wrong = str(uuid.uuid4()), changed(corrected(), f"{ACCOUNT}/saldo", -1)
    stand_ins.switch(**{"bsu.answer_with": "GLD_001"})
    assert [send(stand_ins, document, key=key).status for document in (wrong, corrected())] == [400, 500]

    stand_ins.switch(**{"bsu.answer_with": None})
    assert send(stand_ins, corrected(), key=key).status == 200


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_lost_connection_leaves_one_delivery_once_it_is_sent_again(stand_ins, moment):
    key = str(uuid.uuid4())
    stand_ins.fault("/bsu/", drop=moment)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        send(stand_ins, corrected(), key=key)
    assert [each["processed"] for each in processed(stand_ins)] == ([1] if moment == "after" else [])

    assert send(stand_ins, corrected(), key=key).status == 200
    assert [each["processed"] for each in processed(stand_ins)] == [1]


def test_after_its_time_a_key_is_new(stand_ins):
    key = str(uuid.uuid4())
    first = send(stand_ins, corrected(), key=key).json()
    stand_ins.switch(**{"bsu.key_days": 0})
    second = send(stand_ins, corrected(), key=key).json()

    assert first["forsendelseId"] != second["forsendelseId"]
    assert [each["processed"] for each in processed(stand_ins)] == [2]


@pytest.mark.parametrize(("while_running", "statuses"), [("wait", [200, 200]), ("conflict", [200, 409])])
def test_the_same_key_while_the_first_request_runs(stand_ins, while_running, statuses):
    stand_ins.switch(**{"bsu.processing_seconds": 0.5, "bsu.while_running": while_running})
    key, answers = str(uuid.uuid4()), []
    threads = [threading.Thread(target=lambda: answers.append(send(stand_ins, corrected(), key=key))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status for answer in answers) == statuses
    assert [each["processed"] for each in processed(stand_ins)] == [1]


def test_a_correction_replaces_accounts_by_number_and_holder(stand_ins):
    first = send(stand_ins, corrected()).json()["forsendelseId"]
    one = corrected()
    del one["leveranse"]["oppgave"][1:]
    other_holder = changed(one, f"{ACCOUNT}/oppgaveeier/foedselsnummer", "04829612025")
    second, third = (send(stand_ins, document).json()["forsendelseId"] for document in (one, other_holder))

    held = stand_ins.ask("GET", f"/control/bsu/held/2023/{BANK_NUMBER}").json()["accounts"]

    account = corrected()["leveranse"]["oppgave"][0]["kontonummer"]
    assert held.pop(f"{account}/03819512085") == second
    assert held.pop(f"{account}/04829612025") == third
    assert list(held.values()) == [first] * 4
