"""What Konkursvarsel sends, read strictly: every form that is not agreed is refused or marked, none is guessed at."""

import json
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from legal.notice_documents import Listed, Notice, Unreadable, read_entry, read_list, read_notice
from tests.legal.notices import COMPANY, NOW, ORIGIN, PERSON, RULED, UNIT, at, entry, id_of, in_full

# As printed in the feed's own documentation, version 1.0.0.
PRINTED = b"""{
  "_embedded" : {
    "konkursvarsler" : [ {
      "uuid" : "385fad87-b3e1-4542-a5ac-86c1b4e130af",
      "type" : "aapning",
      "registreringstidspunkt" : "2018-06-08T11:34:23.111Z",
      "kjennelsesdato" : "2018-06-08",
      "debitor" : "910425463",
      "_links" : {
        "self" : {
          "href" : "https://konkursvarsel.ppe-vcert.brreg.no/konkursvarsler/385fad87-b3e1-4542-a5ac-86c1b4e130af"
        }
      }
    } ]
  }
}"""


def test_the_printed_example():
    entries, following = read_list(PRINTED)
    assert following is None
    assert [read_entry(each, now=NOW) for each in entries] == [
        Listed(
            id=uuid.UUID("385fad87-b3e1-4542-a5ac-86c1b4e130af"),
            type="aapning",
            registered_at=datetime(2018, 6, 8, 11, 34, 23, 111000, tzinfo=UTC),
            debtor="910425463",
            link="https://konkursvarsel.ppe-vcert.brreg.no/konkursvarsler/385fad87-b3e1-4542-a5ac-86c1b4e130af",
        )
    ]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        pytest.param({}, ([], None), id="nothing at all, as HAL says it"),
        pytest.param({"_embedded": {"konkursvarsler": []}}, ([], None), id="an empty list"),
        pytest.param({"_embedded": {"konkursvarsler": [1, {}]}, "page": {"size": 2}}, ([1, {}], None), id="two, as is"),
        pytest.param({"_links": {"next": {"href": f"{ORIGIN}/?page=2"}}}, ([], f"{ORIGIN}/?page=2"), id="a next page"),
    ],
)
def test_lists(document, found):
    assert read_list(json.dumps(document).encode()) == found


@pytest.mark.parametrize(
    ("text", "word"),
    [
        pytest.param(b"", "json", id="nothing"),
        pytest.param(b"<html>hello</html>", "json", id="a page"),
        pytest.param(b"[]", "json", id="a bare list"),
        pytest.param(b'{"_embedded": {}, "_embedded": {}}', "json", id="a member twice"),
        pytest.param(b'{"_embedded": []}', "list", id="embedded as a list"),
        pytest.param(b'{"_embedded": {"konkursvarsler": {}}}', "list", id="notices as an object"),
        pytest.param(b'{"_embedded": {"konkursvarsler": null}}', "list", id="notices as null"),
        pytest.param(b'{"_links": []}', "next", id="links as a list"),
        pytest.param(b'{"_links": {"next": {}}}', "next", id="a next page without an address"),
        pytest.param(
            b'{"_links": {"next": {"href": "https://feed.example/ x"}}}', "next", id="an address with a blank"
        ),
    ],
)
def test_lists_of_another_form(text, word):
    with pytest.raises(Unreadable, match=f"^{word}$"):
        read_list(text)


ORDINARY = Listed(id_of(1), "aapning", at(1), PERSON, f"{ORIGIN}/konkursvarsler/{id_of(1)}")


@pytest.mark.parametrize(
    ("changes", "listed"),
    [
        pytest.param({}, {}, id="as it should be"),
        pytest.param({"noe": "annet", "kjennelsesdato": "2026-01-01"}, {}, id="more than is needed"),
        pytest.param({"type": "noe nytt"}, {"type": ""}, id="an unknown type"),
        pytest.param({"type": 7}, {"type": ""}, id="a type that is no text"),
        pytest.param({"debitor": None}, {"debtor": None}, id="no debtor"),
        pytest.param({"debitor": 12345678901}, {"debtor": None}, id="a debtor as a number"),
        pytest.param({"debitor": "1234567890"}, {"debtor": None}, id="a debtor of ten digits"),
        pytest.param({"debitor": "٠١٨١٠١١٢٣٤٥"}, {"debtor": None}, id="a debtor in other digits"),
        pytest.param({"registreringstidspunkt": "2026-11-21"}, {"registered_at": None}, id="a day"),
        pytest.param({"registreringstidspunkt": "2026-11-21T00:01:00"}, {"registered_at": None}, id="no zone"),
        pytest.param({"registreringstidspunkt": "2026-02-30T00:01:00Z"}, {"registered_at": None}, id="no such day"),
        pytest.param({"registreringstidspunkt": "2026-11-22T13:00:01Z"}, {"registered_at": None}, id="in the future"),
        pytest.param({"registreringstidspunkt": "2026-11-21T01:01:00+01:00"}, {}, id="another zone"),
        pytest.param({"registreringstidspunkt": "2026-11-21T00:01:00.000000000Z"}, {}, id="nanoseconds"),
        pytest.param({"_links": None}, {"link": ""}, id="no link"),
        pytest.param({"_links": {"self": "https://feed.example"}}, {"link": ""}, id="a link of another form"),
        pytest.param({"_links": {"self": {"href": "x" * 501}}}, {"link": ""}, id="a link too long"),
    ],
)
def test_an_entry_tells_what_can_be_read_of_it(changes, listed):
    expected = {name: getattr(ORDINARY, name) for name in ("id", "type", "registered_at", "debtor", "link")} | listed
    assert read_entry(entry(1, "aapning", PERSON, **changes), now=NOW) == Listed(**expected)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(entry(1, "aapning", PERSON, uuid=None), id="no id"),
        pytest.param(entry(1, "aapning", PERSON, uuid="1"), id="a short id"),
        pytest.param(entry(1, "aapning", PERSON, uuid="g" * 36), id="an id in other letters"),
        pytest.param("text", id="text"),
        pytest.param(None, id="null"),
        pytest.param([], id="a list"),
        pytest.param({}, id="nothing"),
    ],
)
def test_an_entry_without_an_id_gets_one_that_stays(bad):
    listed = read_entry(bad, now=NOW)
    assert listed.fault == "entry"
    assert read_entry(json.loads(json.dumps(bad)), now=NOW + timedelta(days=1)).id == listed.id
    assert listed.id != read_entry({"other": "entry"}, now=NOW).id


@pytest.mark.parametrize(
    ("kind", "changes", "notice"),
    [
        pytest.param("aapning", {}, {}, id="an opening"),
        pytest.param("aapning", {"tilknyttedeEnheter": [UNIT, UNIT]}, {"units": (UNIT,)}, id="a unit named twice"),
        pytest.param("aapning", {"registreringstidspunkt": None}, {"registered_at": None}, id="no time"),
        pytest.param("sletting", {"kjennelsesdato": None}, {"ruling_date": None}, id="a deletion without a ruling"),
        pytest.param("avslutning", {}, {}, id="a closing with a ruling"),
    ],
)
def test_a_notice_in_full(kind, changes, notice):
    expected = {"id": id_of(1), "type": kind, "registered_at": at(1), "debtor": PERSON, "ruling_date": RULED}
    text = json.dumps(in_full(1, kind, PERSON, **changes)).encode()
    assert read_notice(text, now=NOW) == Notice(**(expected | {"units": ()} | notice))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        pytest.param({"uuid": None}, "notice", id="no id"),
        pytest.param({"type": None}, "notice", id="no type"),
        pytest.param({"type": "aapning "}, "notice", id="a type with a blank"),
        pytest.param({"debitor": None}, "debtor", id="no debtor"),
        pytest.param({"debitor": {"organisasjonsnummer": COMPANY}}, "debtor", id="a debtor of another form"),
        pytest.param({"debitor": f"{COMPANY} "}, "debtor", id="a debtor with a blank"),
        pytest.param({"kjennelsesdato": None}, "ruling", id="an opening without a ruling"),
        pytest.param({"kjennelsesdato": "20260824"}, "ruling", id="a date without hyphens"),
        pytest.param({"kjennelsesdato": "2026-02-30"}, "ruling", id="a date that does not exist"),
        pytest.param({"kjennelsesdato": "2026-08-24T00:00:00Z"}, "ruling", id="a moment"),
        pytest.param({"kjennelsesdato": "2026-11-24"}, "ruling", id="a ruling to come"),
        pytest.param({"tilknyttedeEnheter": UNIT}, "units", id="units as text"),
        pytest.param({"tilknyttedeEnheter": [PERSON]}, "units", id="a person as a unit"),
        pytest.param({"tilknyttedeEnheter": [{"nummer": UNIT}]}, "units", id="units of another form"),
        pytest.param({"tilknyttedeEnheter": [UNIT] * 1001}, "units", id="units without end"),
    ],
)
def test_a_notice_of_another_form(changes, word):
    with pytest.raises(Unreadable, match=f"^{word}$"):
        read_notice(json.dumps(in_full(1, "aapning", PERSON, **changes)).encode(), now=NOW)


def test_a_ruling_of_today_may_be_tomorrow_s_in_oslo():
    text = json.dumps(in_full(1, "aapning", PERSON, ruled=date(2026, 11, 23))).encode()
    assert read_notice(text, now=NOW).ruling_date == date(2026, 11, 23)
