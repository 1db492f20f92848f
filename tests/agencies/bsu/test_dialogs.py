"""Dialogporten on the wire: what is asked, which attachments are followed, and which never are."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from agencies import errors
from agencies.bsu.dialogs import Attached, Dialogs, attachments
from tests.agencies.conftest import TOKENS

pytestmark = pytest.mark.django_db

BANK, DIALOG = "213456008", "0193b5cd-cb85-7320-bd8c-6c78c88dc8af"
MOMENT = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)
BASE = "https://innrapporteringbsu.api.skatteetaten-test.no/v1"
DOCUMENT = f"{BASE}/2025/forsendelser/0193-a/dokumenter/0193-b"


@pytest.fixture
def dialogs(bank, agency):
    bank.DIALOGPORTEN_URL, bank.BSU_BASE_URL = f"{agency.base}/dialogporten", BASE
    return Dialogs(BANK)


def url(address=DOCUMENT, consumer="Api", media_type="application/xml; charset=utf-8"):
    return {"id": "1", "url": address, "consumerType": consumer, "mediaType": media_type}


def dialog(*urls):
    return {"id": DIALOG, "transmissions": [{"attachments": [{"urls": list(urls)}]}]}


def test_a_dialog_is_asked_for_by_its_id(dialogs, agency):
    agency.answer(200, json.dumps(dialog(url())))
    found = dialogs.dialog(DIALOG, year=2025)
    assert found.attached == (Attached("0193-a", "0193-b", "application/xml", DOCUMENT),)
    (seen,) = agency.seen
    assert seen.line == f"GET /dialogporten/api/v1/enduser/dialogs/{DIALOG} HTTP/1.1"
    assert seen.header("Authorization") == f"Bearer {TOKENS[0]}"


def test_a_dialog_that_is_not_there_yet(dialogs, agency):
    agency.answer(404, json.dumps({"title": "Not Found", "status": 404}))
    assert dialogs.dialog(DIALOG, year=2025) is None


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        pytest.param(403, {"title": "Forbidden"}, errors.Forbidden, id="no right"),
        pytest.param(404, "Unknown instance", errors.NotTheApplication, id="not Dialogporten"),
        pytest.param(200, ["a"], errors.NotTheApplication, id="a list for a dialog"),
    ],
)
def test_what_dialogporten_does_not_give(dialogs, agency, status, body, error):
    agency.answer(status, json.dumps(body))
    with pytest.raises(error):
        dialogs.dialog(DIALOG, year=2025)


def test_pages_of_dialogs_follow_each_other(dialogs, agency):
    agency.answer(200, json.dumps({"items": [{"id": "a"}], "hasNextPage": True, "continuationToken": "next"}))
    agency.answer(200, json.dumps(dialog(url())))
    agency.answer(200, json.dumps({"items": [{"id": "b"}, "?"], "hasNextPage": False, "continuationToken": None}))
    agency.answer(200, json.dumps(dialog()))
    assert [(each.id, len(each.attached)) for each in dialogs.since(MOMENT, year=2025)] == [("a", 1), ("b", 0)]
    asked = [urlsplit(seen.line.split(" ")[1]) for seen in agency.seen]
    assert [each.path.rpartition("/")[2] for each in asked] == ["dialogs", "a", "dialogs", "b"]
    query = {
        "Party": f"urn:altinn:organization:identifier-no:{BANK}",
        "ServiceResource": "urn:altinn:resource:ske-innrapportering-boligsparing-ungdom",
        "CreatedAfter": "2026-01-15T07:50:00+00:00",
        "Limit": "100",
    }
    assert [dict(parse_qsl(each.query)) for each in asked[::2]] == [query, query | {"ContinuationToken": "next"}]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(url("https://elsewhere.example/2025/forsendelser/a/dokumenter/b"), id="another host"),
        pytest.param(url(DOCUMENT.replace("https:", "http:")), id="without TLS"),
        pytest.param(url(f"{DOCUMENT}/../../../../2024"), id="steps upwards"),
        pytest.param(url(f"{DOCUMENT}?x=1"), id="a query"),
        pytest.param(url(DOCUMENT.replace("2025", "2024")), id="another year"),
        pytest.param(
            url(DOCUMENT.replace("innrapporteringbsu.api", "innrapporteringbsuXapi")), id="a host that looks like it"
        ),
        pytest.param(url(consumer="Gui"), id="a page for people"),
        pytest.param({"url": None, "consumerType": "Api"}, id="no address"),
    ],
)
def test_addresses_that_are_not_followed(settings, given):
    settings.BSU_BASE_URL = BASE
    assert list(attachments(dialog(given), year=2025)) == []


@pytest.mark.parametrize("odd", [{}, {"transmissions": 5}, {"transmissions": [{"attachments": [{"urls": "x"}]}]}])
def test_odd_dialogs_have_no_attachments(settings, odd):
    settings.BSU_BASE_URL = BASE
    assert list(attachments(odd, year=2025)) == []
