"""A request's time: the longest way to an answer ends before the consumer gives up, whatever hangs."""

import socket
import threading
import time
from contextlib import closing, suppress

import pytest
from django.conf import settings as configured
from django.db import OperationalError, connections
from django.http import HttpResponse
from django.test import RequestFactory

from audit import deadlines, turned_away
from audit.postgresql.base import DatabaseWrapper
from dsop import certificates, time_limits, worker
from dsop.databases import IDLE_SECONDS, LOCK_SECONDS, STATEMENT_SECONDS
from dsop.time_limits import InTime, check_time, connecting, parts, steps
from tests.cluster import ROOT


@pytest.fixture(autouse=True)
def no_clock():
    yield
    deadlines.end()
    deadlines.arrived(None)


def test_the_longest_way_is_shorter_than_consumers_wait():
    assert sum(parts().values()) < 25 < time_limits.CONSUMERS_WAIT
    assert check_time() == []


def test_every_step_by_its_own_limits_fits_into_its_part():
    options = {alias: configured.DATABASES[alias]["OPTIONS"] for alias in ("default", "ledger")}
    assert all("-c statement_timeout=8s -c lock_timeout=5s" in one["options"] for one in options.values())
    assert all(one["connect_timeout"] == 2 and one["tcp_user_timeout"] == 8000 for one in options.values())
    assert steps() == {
        "a question to the ledger": 10.0,
        "a question to our own database": 10.0,
        "CertPub and revocation": 5.0,
        "the record": 4.0,
    }


@pytest.mark.parametrize("alias", ["default", "ledger"])
@pytest.mark.parametrize(
    ("setting", "effective"),
    [
        pytest.param("statement_timeout", "8s", id="a statement"),
        pytest.param("lock_timeout", "5s", id="a lock"),
        pytest.param("idle_in_transaction_session_timeout", "1min", id="a transaction in which nothing is asked"),
    ],
)
@pytest.mark.django_db(databases=["default", "ledger"])
def test_the_server_itself_ends(alias, setting, effective):
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        assert cursor.fetchone() == (effective,)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        pytest.param({}, None, id="as shipped"),
        pytest.param({"QUEUE_SECONDS": 5.0}, "must be less than 25 together", id="twenty-five seconds"),
        pytest.param({"QUEUE_SECONDS": 4.9}, None, id="a little less"),
        pytest.param({"QUEUE_SECONDS": 0.0}, "QUEUE_SECONDS must be positive", id="no waiting at all"),
        pytest.param({"WORK_SECONDS": float("nan")}, "WORK_SECONDS must be positive", id="no number"),
        pytest.param({"WORK_SECONDS": 9.0}, "a question to the ledger may take 10 seconds", id="little work"),
        pytest.param({"RECORD_SECONDS": 3.0}, "the record may take 4 seconds", id="little for the record"),
        pytest.param({"ledger": "a,b,c"}, None, id="a ledger on three hosts"),
        pytest.param({"ledger": "a,b,c,d"}, "a question to the ledger may take 16 seconds", id="four hosts"),
        pytest.param({"default": "a,b,c"}, "the record may take 8 seconds", id="our own database on three"),
    ],
)
def test_e165_refuses_what_takes_too_long(settings, monkeypatch, changed, fault):
    for name, value in changed.items():
        if name.isupper():
            setattr(settings, name, value)
        else:
            monkeypatch.setitem(settings.DATABASES[name], "HOST", value)
    messages = [f"{message.id} {message.msg}" for message in check_time()]
    assert bool(messages) == bool(fault)
    assert not fault or any(fault in message and message.startswith("dsop.E165") for message in messages)


def test_each_host_is_waited_for():
    assert connecting({"HOST": "a,b", "OPTIONS": {"connect_timeout": 2}}) == 4.0


def test_the_page_for_production_has_the_limits_that_are_in_force():
    text = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
    section = text.split("\n## Time limits and overload\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip(" `*") for cell in line.split("|")[1:3]] for line in section.splitlines() if line[:1] == "|"]
    line = configured.DATABASES["ledger"]["OPTIONS"]
    silent = line["keepalives_idle"] + line["keepalives_interval"] * line["keepalives_count"]
    in_force = {f"{name.upper()}_SECONDS": seconds for name, seconds in parts().items()} | {
        "together": sum(parts().values()),
        "connect_timeout": line["connect_timeout"],
        "statement_timeout": STATEMENT_SECONDS,
        "lock_timeout": LOCK_SECONDS,
        "idle_in_transaction_session_timeout": IDLE_SECONDS,
        "tcp_user_timeout": line["tcp_user_timeout"] / 1000,
        "keepalives": silent,
        "certificate of an agency": certificates.LOOK_UP_SECONDS,
        "head": worker.HEAD_SECONDS,
        "body": worker.BODY_SECONDS,
        "answer": worker.ANSWER_SECONDS,
    }
    assert {name: float(seconds) for name, seconds in rows[2:]} == in_force


# --- the clock of a request ---


def served(path="/v2/accounts", *, waited=0.0, get_response=None):
    deadlines.arrived(time.monotonic() - waited)
    return InTime(get_response or (lambda _: HttpResponse("served")))(RequestFactory().get(path))


@pytest.mark.parametrize(
    ("path", "waited", "status"),
    [
        pytest.param("/v2/accounts", 0.0, 200, id="at once"),
        pytest.param("/v2/accounts", 3.0, 200, id="after a moment"),
        pytest.param("/v2/accounts", 4.1, 500, id="too late"),
        pytest.param("/v2/unknown", 4.1, 500, id="too late for nothing"),
        pytest.param("/health/live", 60.0, 200, id="health, whenever"),
        pytest.param("/admin/", 60.0, 200, id="people, whenever"),
    ],
)
def test_what_waited_too_long_is_refused_without_any_work(monkeypatch, path, waited, status):
    counted = []
    monkeypatch.setattr(turned_away, "count", counted.append)
    answer = served(path, waited=waited)
    assert answer.status_code == status
    assert counted == (["load.waited"] if status == 500 else [])
    if status == 500:
        assert answer.content == (
            b'{"code":"ACC-100","message":"The service is not available for the moment. Try again later."}'
        )
        assert (answer["Retry-After"], answer["Cache-Control"]) == ("2", "no-store")


def test_under_customers_the_refusal_has_that_form():
    answer = served("/v2/customers/customerRelationships", waited=9.0)
    assert (answer.status_code, answer["Retry-After"]) == (500, "2")
    assert answer.content.startswith(b'{"errorCode":"ERR-500"')


def test_the_clock_runs_from_the_arrival_and_ends_with_the_answer():
    left = []
    served(waited=3.0, get_response=lambda _: left.append(deadlines.remaining()) or HttpResponse())
    assert left == [pytest.approx(15.0, abs=2)]
    assert deadlines.remaining() is None


def test_the_clock_ends_with_a_crash_too():
    def crash(_):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        served(get_response=crash)
    assert deadlines.remaining() is None


# --- databases that neither answer nor hang up ---


@pytest.fixture
def silent():
    """Return the port of a server that takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def muted():
    """Return a proxy before the suite's own database that stops carrying answers when its event is set."""
    with closing(Muted(connections["ledger"].settings_dict)) as proxy:
        yield proxy


class Muted:
    """One line to the suite's cluster, which listens at a socket in a folder."""

    def __init__(self, server):
        self.silence = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.far = socket.socket(socket.AF_UNIX)
        self.far.connect(f"{server['HOST']}/.s.PGSQL.{server['PORT'] or 5432}")
        self.near = None
        self.threads = [threading.Thread(target=self.ask), threading.Thread(target=self.answer)]
        self.threads[0].start()

    def ask(self):
        self.near, _ = self.listener.accept()
        self.threads[1].start()
        self.carry(self.near, self.far, threading.Event())

    def answer(self):
        self.carry(self.far, self.near, self.silence)

    @staticmethod
    def carry(one, other, silence):
        with suppress(OSError):
            while piece := one.recv(65_536):
                if not silence.is_set():
                    other.sendall(piece)

    def close(self):
        for line in (self.near, self.far):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(10)
        for line in (self.near, self.far, self.listener):
            line.close()


class Session(DatabaseWrapper):
    """A connection that pytest-django neither keeps from the database nor wraps into a test's transaction."""

    def ensure_connection(self):
        if self.connection is None:
            with self.wrap_database_errors:
                self.connect()


@pytest.fixture
def session():
    """Return a function that gives one more connection to the ledger's database, not opened yet."""
    made = []

    def make(**changed):
        made.append(Session({**connections["ledger"].settings_dict, **changed}, "ledger"))
        return made[-1]

    yield make
    deadlines.end()
    for wrapper in made:
        if wrapper.connection is not None:
            wrapper.connection.close()


def test_an_answer_that_does_not_come_is_not_waited_for(session, muted):
    wrapper = session(HOST="127.0.0.1", PORT=str(muted.port))
    wrapper.ensure_connection()
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT 1")
        muted.silence.set()
        begun = time.monotonic()
        deadlines.begin(work_until=begun + 0.3, last=begun + 0.3)
        with pytest.raises(OperationalError):
            cursor.execute("SELECT 1")
    assert 0.2 < time.monotonic() - begun < 4
    assert wrapper.connection.closed, "the next answer on it would be that of the last question"


def test_a_server_that_takes_connections_and_says_nothing_is_not_waited_for(session, silent):
    wrapper = session(HOST="127.0.0.1", PORT=str(silent))
    begun = time.monotonic()
    deadlines.begin(work_until=begun + 2.5, last=begun + 2.5)
    with pytest.raises(OperationalError):
        wrapper.ensure_connection()
    assert time.monotonic() - begun < 6


@pytest.mark.parametrize(
    ("hosts", "left"),
    [pytest.param("127.0.0.1", 1.9, id="one host"), pytest.param("127.0.0.1,127.0.0.1,127.0.0.1", 5.9, id="three")],
)
def test_a_connection_for_which_there_is_no_time_is_not_tried(session, silent, hosts, left):
    wrapper = session(HOST=hosts, PORT=str(silent))
    begun = time.monotonic()
    deadlines.begin(work_until=begun + left, last=begun + left)
    with pytest.raises(OperationalError):
        wrapper.ensure_connection()
    assert time.monotonic() - begun < 1.5


def test_without_time_nothing_is_asked(session):
    wrapper = session()
    wrapper.ensure_connection()
    deadlines.begin(work_until=0.0, last=0.0)
    with wrapper.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT 1")
    assert wrapper.connection.closed
