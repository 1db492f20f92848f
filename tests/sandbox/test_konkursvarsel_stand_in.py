"""Konkursvarsel's stand-in over real HTTP: the fifteen notices of a day, in pages and in full."""

import threading
import uuid
from collections import Counter
from datetime import date, timedelta

import pytest
import urllib3
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler
from django.utils import timezone

from legal.numbers import is_party_number, is_synthetic
from sandbox.bank import DEFAULT_SEED, characters
from sandbox.brreg.notices import HISTORIES, notices, written

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def origin():
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/sandbox/konkursvarsel"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ask(origin):
    with urllib3.PoolManager(retries=False, timeout=10) as http:
        yield lambda address, method="GET": http.request(
            method, address if "://" in address else f"{origin}/{address}", redirect=False
        )


def pages(ask, address):
    """Yield the entries of each page."""
    while address:
        document = ask(address).json()
        yield document.get("_embedded", {}).get("konkursvarsler", [])
        address = document["_links"].get("next", {}).get("href")


@pytest.mark.parametrize("day", [DAY, date(2028, 2, 29), date(2027, 1, 1)], ids=str)
def test_fifteen_notices(day):
    made = notices(day)
    assert Counter(notice.type for notice in made) == {"aapning": 10, "sletting": 2, "oppheving": 2, "avslutning": 1}
    assert len({notice.id for notice in made}) == 15
    assert {notice.debtor for notice in made} == {notice.debtor for notice in made if notice.type == "aapning"}
    numbers = {number for notice in made for number in (notice.debtor, *notice.units)}
    assert all(is_party_number(number) and is_synthetic(number) for number in numbers)
    moments = [notice.registered_at for notice in made]
    assert moments == sorted(set(moments))
    assert {timezone.localtime(moment).date() for moment in moments} == {day - timedelta(days=1)}


def test_the_characters_are_among_the_debtors():
    known = {character.case: character.identifier for character in characters(DEFAULT_SEED)}
    cases = known.keys() & HISTORIES.keys()
    assert "bankrupt" in cases
    by_debtor = {case: tuple(n.type for n in notices(DAY) if n.debtor == known[case]) for case in cases}
    assert by_debtor == {case: HISTORIES[case] for case in cases}


def test_rulings_move_with_the_day_and_ids_too():
    today, tomorrow = notices(DAY), notices(DAY + timedelta(days=1))
    assert {DAY - notice.ruling_date for notice in today if notice.type == "aapning"} == {timedelta(days=90)}
    assert not {notice.id for notice in today} & {notice.id for notice in tomorrow}
    assert max(notice.registered_at for notice in today) < min(notice.registered_at for notice in tomorrow)


@pytest.mark.parametrize(
    ("after", "sizes"),
    [
        pytest.param(timedelta(days=-1), [4, 4, 4, 3], id="all of them, in pages of four"),
        pytest.param(timedelta(minutes=15 * 11), [3], id="those after the twelfth"),
        pytest.param(timedelta(minutes=15 * 11, milliseconds=-1), [4], id="the twelfth too"),
        pytest.param(timedelta(minutes=15 * 14), [0], id="none after the last"),
    ],
)
def test_what_is_newer(ask, after, sizes):
    made = notices(timezone.localdate())
    found = list(pages(ask, f"konkursvarsler/oppdatert/{written(made[0].registered_at + after)}"))
    assert [len(page) for page in found] == sizes
    expected = [str(notice.id) for notice in made if notice.registered_at > made[0].registered_at + after]
    assert [entry["uuid"] for page in found for entry in page] == expected


def test_the_list_and_a_notice_in_full(ask, origin):
    (notice,) = [notice for notice in notices(timezone.localdate()) if notice.units]
    address = f"{origin}/konkursvarsler/{notice.id}"
    listed = {
        "uuid": str(notice.id),
        "type": "aapning",
        "registreringstidspunkt": written(notice.registered_at),
        "debitor": notice.debtor,
        "_links": {"self": {"href": address}},
    }
    entries = [entry for page in pages(ask, "konkursvarsler") for entry in page]
    assert [entry for entry in entries if entry["uuid"] == str(notice.id)] == [listed]
    assert ask(address).json() == {
        **listed,
        "kjennelsesdato": str(timezone.localdate() - timedelta(days=90)),
        "tilknyttedeEnheter": list(notice.units),
    }


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        pytest.param("GET", f"konkursvarsler/{uuid.UUID(int=7)}", 404, id="an unknown notice"),
        pytest.param("GET", "konkursvarsler/7", 404, id="no id"),
        pytest.param("GET", "konkursvarsler/oppdatert/yesterday", 400, id="no moment"),
        pytest.param("GET", "konkursvarsler/oppdatert/2026-11-22T08:00:00", 400, id="a moment without its zone"),
        pytest.param("POST", "konkursvarsler", 405, id="written to"),
    ],
)
def test_what_it_refuses(ask, method, address, status):
    assert ask(address, method).status == status
