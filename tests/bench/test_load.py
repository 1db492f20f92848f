"""The load generator counts every answer, whatever its status, and waits for the last ones."""

import itertools
import threading
import time
from array import array
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice

import pytest

from bench.load import drive
from bench.machine import stolen_between
from bench.sustained.arrivals import NO_ANSWER, Arrivals, told
from bench.sustained.mix import EXPECTED, RENEWED_AFTER, TOKENS, WEIGHTS, Drawn, Tokens

STANDS_STILL = 0.6
ASKED = b"GET %d HTTP/1.1\r\nHost: bank\r\n\r\n"


@pytest.fixture
def late():
    """Set when those answers may come that wait for it."""
    return threading.Event()


@pytest.fixture
def server(late):
    """A server that answers as it is asked to, keeps connections, and counts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if self.path == "/cut":
                self.close_connection = True
                return
            if self.path == "/last":
                self.path, self.close_connection = "200", True
            if self.path == "/late":
                late.wait()
                self.path = "200"
            body = b"x" * 100_000
            seen.append(int(self.path))
            self.send_response(int(self.path))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            """Keep the test's output clean."""

    seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    yield server.server_address[1], seen
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("connections", [1, 2, 8])
def test_every_answer_is_counted(server, connections):
    port, seen = server
    found = drive(port, cycle([ASKED % 200, ASKED % 200, ASKED % 500]), connections, 0.1)
    assert found["count"] == len(seen) >= connections
    assert found["failures"] == len([status for status in seen if status != 200])
    assert {int(status): count for status, count in found["statuses"].items()} == {
        status: seen.count(status) for status in set(seen)
    }
    assert 0 < found["p50_ms"] <= found["p99_ms"]


def test_a_server_that_hangs_up_ends_the_load(server):
    port, _ = server
    with pytest.raises(ConnectionError):
        drive(port, islice(cycle([b"nothing that can be read\r\n\r\n"]), 100), 1, 5.0)


class Wire:
    """A question as it lies on the wire, and nothing else."""

    def __init__(self, path):
        self._path = path

    def wire(self):
        return f"GET {self._path} HTTP/1.1\r\nHost: bank\r\n\r\n".encode()


def arrived(port, drawn, *, rate=200.0, seconds=0.3):
    arrivals = Arrivals(port, rate=rate, seconds=seconds, questions=cycle(drawn))
    return told(arrivals, arrivals.run())


@pytest.mark.parametrize(
    ("answered", "unexpected"),
    [
        pytest.param([("accounts", 200), ("refused", 400)], set(), id="each as it must be"),
        pytest.param([("accounts", 200), ("refused", 200)], {"refused: 200"}, id="what must be refused is answered"),
        pytest.param([("accounts", 500), ("details", 200)], {"accounts: 500"}, id="an error"),
        pytest.param([("accounts", 429), ("accounts", 200)], {"accounts: 429"}, id="turned away below the limit"),
        pytest.param([("accounts", "/cut"), ("details", 200)], {f"accounts: {NO_ANSWER}"}, id="no answer"),
    ],
)
def test_whatever_arrives_is_counted(server, answered, unexpected):
    port, _ = server
    found = arrived(port, [Drawn(kind, Wire(answer)) for kind, answer in answered])
    assert found["borne"] and found["asked"] > 5
    assert found["unexpected"].keys() == unexpected
    assert found["errors"] == sum(found["unexpected"].values())
    assert found["errors"] in ({0} if not unexpected else {found["asked"] // 2, (found["asked"] + 1) // 2})


def test_a_kept_connection_that_was_closed_is_made_anew_once(server):
    """The server hangs up after an answer without a word of it; a first question that is cut is an error."""
    port, _ = server
    found = arrived(port, [Drawn("accounts", Wire("/last"))], rate=50.0)
    assert found["errors"] == 0
    assert found["asked_again"] > 0


def test_each_minute_is_told(server):
    """A minute is one of when the questions were due."""
    port, _ = server
    arrivals = Arrivals(port, rate=200.0, seconds=0.3, questions=cycle([Drawn("accounts", Wire("200"))]))
    assert len(told(arrivals, arrivals.run())["p95_by_minute"]) == 1
    first, second = array("f", [1.0] * 100), array("f", [200.0] * 100)
    arrivals.by_minute = {1: second, 0: first}
    assert told(arrivals, 120.0)["p95_by_minute"] == [1.0, 200.0]


def test_waiting_counts_from_when_a_question_was_due(server, late, monkeypatch):
    """A server that stands still for a while makes all of them wait, those too that were not sent meanwhile."""
    port, _ = server
    begun = time.monotonic()
    threading.Timer(STANDS_STILL, late.set).start()
    monkeypatch.setattr("bench.sustained.arrivals.CONNECTIONS", 2)
    found = arrived(port, [Drawn("accounts", Wire("/late"))], seconds=0.2)
    assert found["asked"] > 10, "more than could be sent"
    assert found["errors"] == 0
    assert (STANDS_STILL - 0.2) * 1000 < found["ms"]["all"]["p50"] < (time.monotonic() - begun) * 1000


def test_what_other_machines_took():
    """user nice system idle iowait irq softirq steal guest guest_nice; a guest's time is the user's too."""
    assert stolen_between([0] * 10, [30, 0, 10, 40, 0, 0, 0, 20, 30, 0]) == 0.2
    assert stolen_between([5] * 10, [5] * 10) == 0.0


def test_the_mixture_is_whole():
    assert sum(WEIGHTS.values()) == 100
    assert EXPECTED.keys() == WEIGHTS.keys()


def test_tokens_take_turns_and_are_renewed(monkeypatch):
    made, now = itertools.count(), 0.0
    monkeypatch.setattr("bench.sustained.mix.token", lambda audience, scope: f"{audience} {scope} {next(made)}")
    tokens = Tokens("bank", "accounts", clock=lambda: now)
    first = [tokens.next() for _ in range(TOKENS)]
    assert len(set(first)) == TOKENS
    assert [tokens.next() for _ in range(TOKENS)] == first
    now = RENEWED_AFTER
    assert not {tokens.next() for _ in range(TOKENS)} & set(first)
