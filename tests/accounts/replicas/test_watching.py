"""Hosts are really asked, as the serving role, all at once and until a deadline; the log tells who comes and goes."""

import logging
import socket
import time

import pytest
from django.db import connections

from accounts.replicas.lag import Lag
from accounts.replicas.probes import ask_all, probes_of
from accounts.replicas.watching import TRUSTED_FOR_SECONDS, Finding, Watch, silent_twice

LEADS = Lag(primary=True, answers=True, fresh=True, bytes=0, seconds=0.0)
SILENT = Lag(primary=False, answers=False, fresh=False)
NOBODY = ("127.0.0.1", "1")


@pytest.fixture
def parameters(django_db_blocker):
    with django_db_blocker.unblock():
        return connections["ledger"].get_connection_params()


@pytest.fixture
def real(parameters):
    return parameters["host"], parameters.get("port", "5432")


@pytest.fixture
def mute():
    """A host that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield "127.0.0.1", str(listener.getsockname()[1])


def test_a_primary_says_where_it_is(real, parameters):
    (probe,) = probes_of([real], parameters)
    try:
        first, second = ask_all([probe], seconds=20)[0], ask_all([probe], seconds=20)[0]
    finally:
        probe.close()
    assert first.primary
    assert int(first.timeline, 16) == 1
    assert first.cluster.isdigit()
    assert 0 < first.position <= second.position
    assert first.received == first.position


def test_whoever_is_silent_holds_nobody_up(real, mute, parameters):
    probes, begun = probes_of([mute, NOBODY, real], parameters), time.monotonic()
    try:
        seen = ask_all(probes, seconds=1.0)
    finally:
        for probe in probes:
            probe.close()
    assert [host is not None for host in seen] == [False, False, True]
    assert time.monotonic() - begun < 10


def test_a_connection_that_was_cut_is_no_silence(real, parameters, superuser):
    """Else a firewall that is restarted would take the ledger away until the next look."""
    probes = probes_of([real, NOBODY], parameters)
    try:
        assert [host is not None for host in ask_all(probes, seconds=20)] == [True, False]
        cut = "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE application_name = %s"
        assert superuser("ledger").execute(cut, ["background:replicas"]).fetchall() == [(True,)]
        assert [host is not None for host in ask_all(probes, seconds=20)] == [True, False]
    finally:
        for probe in probes:
            probe.close()


def test_a_wrong_password_is_no_answer(real, parameters):
    (probe,) = probes_of([real], {**parameters, "password": "wrong"})
    assert ask_all([probe], seconds=20) == [None]


def test_a_process_without_the_thread_looks_itself_and_keeps_no_connection(real, parameters, superuser):
    watch = Watch([real, NOBODY], parameters, wanted="any")
    found = watch.finding()
    assert found.lags == (LEADS, SILENT)
    assert (found.groups, found.primary, len(found.clusters)) == ((frozenset({0}),), 0, 1)
    assert watch.finding() is found, "trusted for a while"
    open_ones = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'background:replicas'"
    deadline = time.monotonic() + 10
    while superuser("ledger").execute(open_ones).fetchone() != (0,):
        assert time.monotonic() < deadline


def test_an_old_finding_is_none(real, parameters, monkeypatch):
    watch = Watch([real], parameters, wanted="any")
    found, now = watch.finding(), time.monotonic()
    monkeypatch.setattr("accounts.replicas.watching.time.monotonic", lambda: now + TRUSTED_FOR_SECONDS)
    assert watch.finding() is not found


def test_the_log_tells_who_comes_and_goes_by_number(real, parameters, caplog):
    watch = Watch([NOBODY, real], parameters, wanted="any")
    with caplog.at_level(logging.INFO, logger="accounts.replicas.watching"):
        watch.turn()
        watch.hosts = (NOBODY, NOBODY)
        watch._probes = []
        watch.turn()
        watch.hosts = (NOBODY, real)
        watch._probes = []
        watch.turn()
    for probe in watch._probes:
        probe.close()
    assert [(row.levelname, row.getMessage(), row.serving, row.left_out) for row in caplog.records] == [
        ("WARNING", "ledger.hosts", [], ["2"]),
        ("INFO", "ledger.hosts", ["2"], []),
    ]
    assert watch.last.edition == 1


@pytest.mark.parametrize(
    ("before", "now", "cut"),
    [
        pytest.param(None, [SILENT], [], id="the first look"),
        pytest.param([LEADS, LEADS], [LEADS, SILENT], [], id="silent for the first time"),
        pytest.param([LEADS, SILENT], [LEADS, SILENT], [1], id="silent twice"),
        pytest.param([LEADS, SILENT], [LEADS, LEADS], [], id="back"),
    ],
)
def test_on_whom_is_hung_up(before, now, cut):
    earlier = None if before is None else Finding(0.0, tuple(before), (), 0)
    assert silent_twice(earlier, Finding(1.0, tuple(now), (), 0)) == cut
