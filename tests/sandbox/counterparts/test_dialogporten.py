"""The stand-in for Dialogporten: a dialog for each BSU report, and how one is found."""

import uuid

import pytest

from tests.sandbox.counterparts.submissions import (
    DIALOGS,
    NOBODY,
    PARTY,
    RESOURCE,
    SCOPE,
    as_system_user,
    changed,
    corrected,
    dialog,
    found,
    send,
    written,
)


def test_a_dialog(stand_ins):
    key = str(uuid.uuid4())
    receipt = send(stand_ins, corrected(), key=key).json()

    opened = dialog(stand_ins, receipt["dialogId"])
    listed = stand_ins.ask("GET", f"{DIALOGS}?party={PARTY}", as_system_user(stand_ins)).json()

    at = opened["createdAt"]
    expected = {
        "id": receipt["dialogId"],
        "org": "ske",
        "serviceResource": RESOURCE,
        "party": PARTY,
        "externalReference": key,
        "createdAt": at,
        "updatedAt": at,
        "isApiOnly": False,
        "content": {
            "title": said("Boligsparing for ungdom 2023"),
            "summary": said("Innsending Korrigert_2023_1"),
        },
        "status": "Completed",
    }
    submission, feedback = opened["transmissions"]
    assert opened == {**expected, "attachments": [], "transmissions": [submission, feedback]}
    assert listed == {
        "items": [expected],
        "hasNextPage": False,
        "continuationToken": None,
        "orderBy": "createdat_desc,id_desc",
    }
    assert without_attachments(submission) == {
        "isAuthorized": True,
        "type": "Submission",
        "sender": {"actorType": "PartyRepresentative", "actorId": PARTY},
        "content": {"title": said("Innsending")},
        "createdAt": at,
        "externalReference": "Korrigert_2023_1",
    }
    assert without_attachments(feedback) == {
        "isAuthorized": True,
        "type": "Acceptance",
        "sender": {"actorType": "ServiceOwner"},
        "content": {"title": said("Tilbakemelding")},
        "createdAt": at,
        "externalReference": "Korrigert_2023_1",
        "relatedTransmissionId": submission["id"],
    }
    assert [url["consumerType"] for url in submission["attachments"][0]["urls"]] == ["Gui", "Api"]


def said(text):
    return {"value": [{"value": text, "languageCode": "nb"}], "mediaType": "text/plain"}


def without_attachments(transmission):
    return {name: value for name, value in transmission.items() if name not in ("id", "attachments")}


def test_a_lost_answer_is_found_again(stand_ins):
    keys = [str(uuid.uuid4()) for _ in range(3)]
    sent = [
        send(stand_ins, changed(corrected(), "leveranse/oppgavegiversLeveranseReferanse", f"Ref-{n}"), key=key)
        for n, key in enumerate(keys)
    ]
    ids = [answer.json()["dialogId"] for answer in sent]

    assert found(stand_ins) == ids[::-1]
    assert found(stand_ins, externalReference=keys[1]) == [ids[1]]
    assert found(stand_ins, ExternalReference="Ref-2") == [ids[2]]
    assert found(stand_ins, search="ref-0") == [ids[0]]
    assert found(stand_ins, search="boligsparing 2023") == ids[::-1]
    assert found(stand_ins, search="boligsparing 2024") == []
    assert found(stand_ins, ServiceResource=RESOURCE, org="ske") == ids[::-1]
    assert found(stand_ins, serviceResource=f"{RESOURCE}-2") == []
    assert found(stand_ins, createdAfter="2020-01-01T00:00:00Z") == ids[::-1]
    assert found(stand_ins, createdBefore="2020-01-01T00:00:00Z") == []


def test_pages(stand_ins):
    ids = [send(stand_ins, corrected()).json()["dialogId"] for _ in range(3)]
    first = stand_ins.ask("GET", f"{DIALOGS}?party={PARTY}&limit=2", as_system_user(stand_ins)).json()
    assert (first["hasNextPage"], [item["id"] for item in first["items"]]) == (True, ids[:0:-1])
    assert found(stand_ins, limit=2, continuationToken=first["continuationToken"]) == [ids[0]]


@pytest.mark.parametrize(
    "query",
    ["", "search=x", f"party={PARTY}&limit=0", f"party={PARTY}&limit=x", f"party={PARTY}&createdAfter=x",
     f"party={PARTY}&search=a&search=b"],
)  # fmt: skip
def test_a_search_that_is_none(stand_ins, query):
    answer = stand_ins.ask("GET", f"{DIALOGS}?{query}", as_system_user(stand_ins))
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")


def test_dialogs_are_the_partys_own(stand_ins):
    receipt = send(stand_ins, corrected()).json()
    other = as_system_user(stand_ins, organisation="312345633")
    assert stand_ins.ask("GET", f"{DIALOGS}?party={PARTY}", other).json()["items"] == []
    assert stand_ins.ask("GET", f"{DIALOGS}/{receipt['dialogId']}", other).status == 404
    assert stand_ins.ask("GET", f"{DIALOGS}/{NOBODY}", as_system_user(stand_ins)).status == 404


@pytest.mark.parametrize("path", [DIALOGS, f"{DIALOGS}/{NOBODY}"])
def test_who_may_ask(stand_ins, path):
    plain = {"Authorization": f"Bearer {stand_ins.token('digdir:dialogporten')}"}
    answers = [
        stand_ins.ask("POST", path),
        stand_ins.ask("GET", path),
        stand_ins.ask("GET", path, {"Authorization": "Bearer x"}),
        stand_ins.ask("GET", path, as_system_user(stand_ins, SCOPE)),
        stand_ins.ask("GET", path, plain),
    ]
    assert [(answer.status, answer.json()["title"]) for answer in answers] == [
        (405, "Method Not Allowed"),
        (401, "Unauthorized"),
        (401, "Unauthorized"),
        (403, "Forbidden"),
        (403, "Forbidden"),
    ]


def test_a_replay_opens_no_second_dialog(stand_ins):
    key, body = str(uuid.uuid4()), written(corrected())
    ids = {send(stand_ins, body, key=key).json()["dialogId"] for _ in range(2)}
    assert found(stand_ins) == list(ids)
