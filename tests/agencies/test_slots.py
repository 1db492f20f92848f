"""Never more than five calls at once, over all processes, and a process that was killed blocks nobody for long."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection

from agencies.errors import NoDatabase, NoSlot
from agencies.slots import MOST, slot
from tests import cluster

ENTERPRISE = "213456008"


def rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT api, enterprise, number, holder IS NULL FROM agencies_slot ORDER BY 1, 2, 3")
        return cursor.fetchall()


@pytest.mark.django_db
class TestInOneProcess:
    def test_five_and_no_more(self):
        with ExitStack() as held:
            leases = [held.enter_context(slot("bsu", ENTERPRISE, seconds=60, wait_seconds=0)) for _ in range(MOST)]
            assert [lease.number for lease in leases] == [1, 2, 3, 4, 5]
            with pytest.raises(NoSlot) as caught, slot("bsu", ENTERPRISE, seconds=60, wait_seconds=0):
                raise AssertionError("a sixth")
            assert caught.value.api == "bsu"
            leases[2].release()
            with slot("bsu", ENTERPRISE, seconds=60, wait_seconds=0) as lease:
                assert lease.number == 3

    def test_other_apis_and_enterprises_have_their_own(self):
        for api, enterprise in [("bsu", ENTERPRISE), ("otp", ENTERPRISE), ("bsu", "313367002")]:
            with slot(api, enterprise, seconds=60) as lease:
                assert lease.number == 1
        assert rows() == [
            *[("bsu", ENTERPRISE, number, True) for number in range(1, 6)],
            *[("bsu", "313367002", number, True) for number in range(1, 6)],
            *[("otp", ENTERPRISE, number, True) for number in range(1, 6)],
        ]

    def test_a_lease_that_is_over_is_anybodys(self):
        with slot("bsu", ENTERPRISE, seconds=-1) as first, slot("bsu", ENTERPRISE, seconds=60) as second:
            assert (first.number, second.number) == (1, 1)
            with pytest.raises(NoSlot):
                first.renew()
            first.release()
            second.renew()

    def test_it_is_given_back_whatever_happens(self):
        with pytest.raises(RuntimeError), slot("bsu", ENTERPRISE, seconds=60):
            raise RuntimeError
        assert all(free for *_, free in rows())

    def test_it_waits_for_one_that_comes_free(self):
        with ExitStack() as held:
            for _ in range(MOST):
                held.enter_context(slot("bsu", ENTERPRISE, seconds=60, wait_seconds=0))
            with connection.cursor() as cursor:
                soon = "clock_timestamp() + make_interval(secs => 0.2)"
                cursor.execute(f"UPDATE agencies_slot SET until = {soon} WHERE number = 4")
            with slot("bsu", ENTERPRISE, seconds=60, wait_seconds=20) as lease:
                assert lease.number == 4


def test_no_database(django_db_blocker, monkeypatch):
    with django_db_blocker.unblock():
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "PORT", "1")
        monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        with pytest.raises(NoDatabase), slot("bsu", ENTERPRISE, seconds=60):
            raise AssertionError("taken")
        connection.close()


@pytest.fixture
def committing(django_db_setup, django_db_blocker, superuser):
    """Let the test and other processes see each other's leases."""

    def empty():
        with superuser() as session:
            session.execute("DELETE FROM agencies_slot")

    empty()
    with django_db_blocker.unblock():
        connection.close()
        yield
        connection.close()
    empty()


def test_a_session_that_the_server_ended_is_replaced_once(committing, superuser):
    with slot("bsu", ENTERPRISE, seconds=60):
        pid = connection.connection.info.backend_pid
    with superuser() as session:
        session.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with slot("bsu", ENTERPRISE, seconds=60) as lease:
        assert lease.number == 1


class Counting:
    """A server that counts who is there at once. A question that ends in `hold` is never answered."""

    def __init__(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self)

            def log_message(self, *args):
                """Keep the test's output clean."""

        self.now = self.most = self.answered = 0
        self.lock, self.held, self.gone = threading.Lock(), threading.Event(), threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def answer(self, handler):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            if handler.path.endswith("hold"):
                self.held.set()
                handler.connection.settimeout(30)
                handler.connection.recv(1)  # until the caller is gone
                self.gone.set()
                return
            time.sleep(0.01)
        finally:
            with self.lock:
                self.now -= 1
                self.answered += 1
        handler.send_response(200)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"{}")

    def close(self):
        self.server.shutdown()
        self.server.server_close()


CALLERS = """
import os, sys, threading
import django
django.setup()
from agencies.session import Api, Session

class Known(Session):
    def token(self):
        return "a.b.c"

def call(address, calls, lease_seconds):
    session = Known(Api(name="counted", scopes=("a",), slot_seconds=60.0))
    session.lease_seconds = lease_seconds
    for number in range(calls):
        session.call("GET", address, repeatable=False)

def process(threads, *work):
    child = os.fork()
    if child:
        return child
    failed = []
    threading.excepthook = failed.append
    working = [threading.Thread(target=call, args=work) for _ in range(threads)]
    [thread.start() for thread in working]
    [thread.join() for thread in working]
    os._exit(len(failed))

base = sys.argv[1]
killed = process(2, base + "/hold", 1, 2.0)
print(killed, flush=True)
sys.stdin.readline()
others = [process(4, base + "/x", 4, 60.0) for _ in range(3)]
print([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in (killed, *others)], flush=True)
"""


@pytest.fixture
def callers():
    """A process that has forked one caller, and forks three more when it is told to; and what they call."""
    server = Counting()
    process = subprocess.Popen(
        [sys.executable, "-c", CALLERS, server.base],
        cwd=cluster.ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "dsop.settings", "BANK_ORGANISATION_NUMBER": ENTERPRISE},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    yield server, process
    process.kill()
    process.communicate()
    server.close()


def test_four_processes_one_of_them_killed(committing, callers):
    """Fourteen threads in four processes want five slots; the killed one's two come free when their time is up."""
    server, process = callers
    killed = int(process.stdout.readline())
    assert server.held.wait(60)
    while server.now < 2:
        time.sleep(0.01)
    os.kill(killed, signal.SIGKILL)
    assert server.gone.wait(60)
    said, _ = process.communicate("go\n", timeout=90)
    assert said == f"[{-signal.SIGKILL}, 0, 0, 0]\n"
    assert server.answered == 2 + 3 * 4 * 4
    assert server.most <= MOST
    with ExitStack() as held:
        every = [slot("counted", ENTERPRISE, seconds=60, wait_seconds=20) for _ in range(MOST)]
        assert {held.enter_context(each).number for each in every} == {1, 2, 3, 4, 5}
