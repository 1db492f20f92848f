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
            for seconds in (0.3, 60, 60, 60, 60):
                held.enter_context(slot("bsu", ENTERPRISE, seconds=seconds, wait_seconds=0))
            began = time.monotonic()
            with slot("bsu", ENTERPRISE, seconds=60, wait_seconds=20) as lease:
                assert lease.number == 1
            assert time.monotonic() - began >= 0.05


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


CALLER = """
import os, sys, threading
import django
django.setup()
from django.db import connection
from agencies.session import Api, Session

class Known(Session):
    def token(self):
        return "a.b.c"

base, calls, lease_seconds, threads = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
session = Known(Api(name="counted", scopes=("a",), slot_seconds=60.0))
session.lease_seconds = lease_seconds
def call():
    for number in range(calls):
        session.call("GET", base + ("/hold" if os.environ.get("HOLD") else "/x"), repeatable=False)
    connection.close()
working = [threading.Thread(target=call) for _ in range(threads)]
[thread.start() for thread in working]
[thread.join() for thread in working]
print("done")
"""


def test_four_processes_one_of_them_killed(committing):
    """Fourteen threads in four processes want five slots; the killed one's two come free when their time is up."""
    server = Counting()
    holder = caller(server, calls=1, lease_seconds=2.0, threads=2, HOLD="1")
    others = []
    try:
        assert server.held.wait(30)
        while server.now < 2:
            time.sleep(0.01)
        holder.send_signal(signal.SIGKILL)
        holder.wait(30)
        assert server.gone.wait(30)
        others = [caller(server, calls=4, lease_seconds=60.0, threads=4) for _ in range(3)]
        told = [other.communicate(timeout=60) for other in others]
        assert [output.strip() for output, _ in told] == ["done"] * 3, told
        assert server.answered == 2 + 3 * 4 * 4
        assert 3 <= server.most <= 5
        with ExitStack() as held:
            every = [slot("counted", ENTERPRISE, seconds=60, wait_seconds=20) for _ in range(MOST)]
            assert {held.enter_context(each).number for each in every} == {1, 2, 3, 4, 5}
    finally:
        for process in (holder, *others):
            process.kill()
            process.communicate()
        server.close()


def caller(server, *, calls, lease_seconds, threads, **environment):
    return subprocess.Popen(
        [sys.executable, "-c", CALLER, server.base, str(calls), str(lease_seconds), str(threads)],
        cwd=cluster.ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "dsop.settings",
            "BANK_ORGANISATION_NUMBER": ENTERPRISE,
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
