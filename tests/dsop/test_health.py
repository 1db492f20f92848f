"""Whether the service lives and can answer; asking often costs nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connections
from django.test import Client

from dsop import gunicorn, health
from dsop.health import Readiness

client = partial(Client, headers={"Host": "testserver"})


class Finder:
    """Finds what it is told to, and counts how often it was asked."""

    def __init__(self, *findings):
        self.findings = list(findings)
        self.asked = 0

    def __call__(self):
        self.asked += 1
        return self.findings[min(self.asked, len(self.findings)) - 1]


def test_asked_once_in_a_second():
    find = Finder([], ["ledger"])
    readiness = Readiness(find)
    assert [readiness.waiting_for() for _ in range(1000)] == [[]] * 1000
    assert find.asked == 1


def test_asked_again_soon_while_something_is_missing(monkeypatch):
    monkeypatch.setattr(health, "LOOK_AGAIN_SECONDS", 0.0)
    find = Finder(["keys"], ["keys"], [], ["ledger"])
    readiness = Readiness(find)
    assert [readiness.waiting_for() for _ in range(5)] == [["keys"], ["keys"], [], [], []]
    assert find.asked == 3


def test_asked_again_after_a_second(monkeypatch):
    monkeypatch.setattr(health, "LOOK_EVERY_SECONDS", 0.0)
    readiness = Readiness(Finder(["keys"], []))
    assert [readiness.waiting_for() for _ in range(3)] == [["keys"], [], []]


def test_one_asks_while_the_others_are_answered(monkeypatch):
    monkeypatch.setattr(health, "LOOK_EVERY_SECONDS", 0.0)
    may_end = threading.Event()
    looks = []

    def look():
        looks.append(1)
        if len(looks) > 1:
            may_end.wait(10)
        return []

    readiness = Readiness(look)
    assert readiness.waiting_for() == []
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(readiness.waiting_for)
        while len(looks) < 2:
            pass
        assert [readiness.waiting_for() for _ in range(100)] == [[]] * 100
        monkeypatch.setattr(health, "TRUSTED_FOR_SECONDS", 0.0)
        assert readiness.waiting_for() == ["next look"]
        may_end.set()
        assert hanging.result(10) == []
    assert len(looks) == 2


def test_not_ready_before_the_first_look():
    may_end = threading.Event()
    readiness = Readiness(lambda: [] if may_end.wait(10) else ["never"])
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(readiness.waiting_for)
        while not readiness._looking.locked():
            pass
        assert readiness.waiting_for() == ["next look"]
        may_end.set()
        assert first.result(10) == []


def test_look_that_fails_is_tried_again(monkeypatch):
    readiness = Readiness(Finder([]))
    monkeypatch.setattr(readiness, "_look", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        readiness.waiting_for()
    monkeypatch.setattr(readiness, "_look", list)
    assert readiness.waiting_for() == []


@pytest.fixture
def elsewhere(django_db_blocker):
    """Return a function that runs another in a thread with connections of its own, outside any test's transaction."""
    with django_db_blocker.unblock(), ThreadPoolExecutor(1) as pool:
        yield lambda function, *arguments: pool.submit(function, *arguments).result(20)
        pool.submit(connections.close_all).result(20)


@pytest.mark.parametrize("alias", ["default", "ledger"])
def test_database_is_reached_again_after_the_connection_was_lost(elsewhere, superuser, alias):
    assert elsewhere(health.reachable, alias)
    process = elsewhere(lambda: connections[alias].connection.info.backend_pid)
    superuser(alias).execute("SELECT pg_terminate_backend(%s)", [process])
    assert elsewhere(health.reachable, alias)


@pytest.mark.parametrize("alias", ["default", "ledger"])
def test_database_that_is_down(elsewhere, monkeypatch, alias):
    elsewhere(connections.close_all)
    monkeypatch.setitem(connections[alias].settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connections[alias].settings_dict, "PORT", "1")
    assert not elsewhere(health.reachable, alias)


@pytest.mark.parametrize(
    ("keys", "register", "made", "databases", "missing"),
    [
        pytest.param(True, True, True, {"default", "ledger"}, [], id="nothing"),
        pytest.param(False, True, True, {"default", "ledger"}, ["keys"], id="keys"),
        pytest.param(True, False, True, {"default", "ledger"}, ["register"], id="register"),
        pytest.param(True, True, False, {"default", "ledger"}, ["month keys"], id="month keys"),
        pytest.param(True, True, True, {"ledger"}, ["database"], id="database"),
        pytest.param(True, True, True, {"default"}, ["ledger"], id="ledger"),
        pytest.param(
            False, False, False, set(), ["keys", "register", "month keys", "database", "ledger"], id="everything"
        ),
    ],
)
def test_answer_names_what_is_missing(monkeypatch, keys, register, made, databases, missing):
    monkeypatch.setattr(health, "key_store", lambda: type("Store", (), {"ready": keys}))
    monkeypatch.setattr(health.register, "ready", lambda: register)
    monkeypatch.setattr(health.month_keys_made, "is_set", lambda: made)
    monkeypatch.setattr(health, "reachable", lambda alias: alias in databases)
    monkeypatch.setattr(health, "readiness", Readiness(health.look))
    response = client().get("/health/ready")
    if missing:
        assert (response.status_code, response.json()) == (503, {"status": "not ready", "waiting_for": missing})
    else:
        assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/json", "no-store")


class Keys:
    def __init__(self, ready):
        self.ready = ready


@pytest.mark.parametrize(
    ("keys", "police", "register", "made", "warm"),
    [
        pytest.param(True, True, True, True, True, id="nothing is missing"),
        pytest.param(True, None, True, True, True, id="the police do not ask here"),
        pytest.param(False, True, True, True, False, id="no keys"),
        pytest.param(True, False, True, True, False, id="no keys of the police"),
        pytest.param(True, True, False, True, False, id="no register"),
        pytest.param(True, True, True, False, False, id="no month keys"),
    ],
)
def test_a_worker_is_warm_when_it_can_judge_and_record(monkeypatch, keys, police, register, made, warm):
    reader = None if police is None else type("Reader", (), {"keys": Keys(police)})
    monkeypatch.setattr(health, "key_store", lambda: Keys(keys))
    monkeypatch.setattr(health, "order_reader", lambda: reader)
    monkeypatch.setattr(health.register, "ready", lambda: register)
    monkeypatch.setattr(health.month_keys_made, "is_set", lambda: made)
    assert health.is_warm() is warm


def test_a_worker_waits_until_it_is_warm_and_no_longer_than_told(monkeypatch):
    find = Finder(False, False, True)
    monkeypatch.setattr(health, "is_warm", find)
    health.wait_until_warm(60)
    assert find.asked == 3
    monkeypatch.setattr(health, "is_warm", lambda: False)
    health.wait_until_warm(0.02)


HERE, ELSEWHERE = "http://127.0.0.1:8000/sandbox/maskinporten/", "https://maskinporten.no/"
FIRST, LAST = 1, gunicorn.workers


@pytest.mark.parametrize(
    ("number", "issuer", "sandbox", "waits"),
    [
        pytest.param(FIRST, ELSEWHERE, False, True, id="the first worker of all"),
        pytest.param(LAST, ELSEWHERE, False, True, id="the last of the first"),
        pytest.param(LAST + 1, ELSEWHERE, False, True, id="one that takes another's place"),
        pytest.param(FIRST, HERE.replace("8000", "8001"), True, True, id="another sandbox is the issuer"),
        pytest.param(FIRST, HERE, True, False, id="the first of a sandbox that is its own issuer"),
        pytest.param(LAST, HERE, True, False, id="the last of its first"),
        pytest.param(LAST + 1, HERE, True, True, id="one that takes another's place in it"),
        pytest.param(FIRST, HERE, False, True, id="no sandbox"),
    ],
)
def test_who_waits_before_it_serves(monkeypatch, settings, number, issuer, sandbox, waits):
    waited = []
    settings.MASKINPORTEN_ISSUER, settings.SANDBOX = issuer, sandbox
    monkeypatch.setattr(gunicorn, "bind", ["127.0.0.1:8000"])
    monkeypatch.setattr(health, "warm_up", lambda: None)
    monkeypatch.setattr(health, "wait_until_warm", waited.append)
    gunicorn.begin(number=number)
    assert waited == [gunicorn.WARM_SECONDS] * waits


def test_alive_whatever_is_missing(monkeypatch):
    monkeypatch.setattr(health, "look", lambda: 1 / 0)
    response = client().get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_running_service(server, path):
    response = server.get(path)
    assert (response.status, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_but_get_and_head(path, method):
    response = client().generic(method, path)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert response.json() == {"code": "ACC-012", "message": "Only GET is allowed."}
