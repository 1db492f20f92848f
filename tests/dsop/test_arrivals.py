"""How long a request has waited is known, wherever it waited; and many may wait."""

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import orjson
import pytest

from dsop.arrivals import here_since
from tests.dsop.wire import connect, read_reply, talk

STOPPED = 0.6


def test_what_the_system_held_has_waited():
    with closing(socket.create_server(("127.0.0.1", 0))) as listener, closing(connect_to(listener)) as client:
        client.sendall(b"GET")
        time.sleep(0.3)
        server, _ = listener.accept()
        with server:
            assert 0.25 < time.monotonic() - here_since(server) < 5


def test_where_the_system_does_not_tell_it_came_just_now():
    one, other = socket.socketpair()
    with one, other:
        assert time.monotonic() - here_since(one) < 1


def connect_to(listener):
    return socket.create_connection(listener.getsockname())


@pytest.fixture
def stopped(echo):
    """Return a function that keeps the workers from doing anything for a while, during which `send` is called."""
    port, log = echo
    lines = [orjson.loads(line) for line in log.read_text().splitlines() if "Booting worker" in line]
    workers = [int(line["event"].rpartition(" ")[2]) for line in lines]
    alive = [worker for worker in workers if Path(f"/proc/{worker}").exists()]

    def stop(send):
        for worker in alive:
            os.kill(worker, signal.SIGSTOP)
        try:
            sent = send(port)
            time.sleep(STOPPED)
        finally:
            for worker in alive:
                os.kill(worker, signal.SIGCONT)
        return sent

    return stop


def test_a_request_on_a_new_connection_that_no_worker_took_up_has_waited(stopped):
    with closing(stopped(lambda port: sent_on(connect(port)))) as client:
        reply, _ = read_reply(client, b"", "GET")
    assert STOPPED - 0.1 < reply.document["seconds"] < 10


def test_a_request_on_a_kept_connection_that_no_worker_read_has_waited(echo, stopped):
    with closing(sent_on(connect(echo[0]))) as client:
        read_reply(client, b"", "GET")
        stopped(lambda _: sent_on(client))
        reply, _ = read_reply(client, b"", "GET")
    assert STOPPED - 0.1 < reply.document["seconds"] < 10


@pytest.mark.parametrize(
    ("path", "status", "retry_after", "code"),
    [
        pytest.param("/v2/accounts", 500, "2", b'{"code":"ACC-100"', id="a question"),
        pytest.param("/v2/customers/customerRelationships", 500, "2", b'{"errorCode":"ERR-500"', id="of the other API"),
        pytest.param("/health/live", 200, None, b'{"status":"ok"}', id="whether it lives"),
    ],
)
def test_what_waited_too_long_is_told_when_to_come_back(stopped, path, status, retry_after, code):
    with closing(stopped(lambda port: sent_on(connect(port), path))) as client:
        reply, _ = read_reply(client, b"", "GET")
    assert (reply.status, reply.headers.get("retry-after")) == (status, retry_after)
    assert reply.body.startswith(code)


def sent_on(client, path="/waited"):
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return client


def test_what_is_served_at_once_has_not_waited(echo):
    [reply], _ = talk(echo[0], b"GET /waited HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert 0 <= reply.document["seconds"] < 2


def test_three_hundred_calls_may_wait_and_are_all_answered(echo, stopped):
    with ExitStack() as held:
        clients = stopped(lambda port: [held.enter_context(closing(sent_on(connect(port)))) for _ in range(300)])
        with ThreadPoolExecutor(16) as pool:
            replies = list(pool.map(lambda client: read_reply(client, b"", "GET")[0], clients))
    assert [reply.status for reply in replies] == [200] * 300
    assert all(reply.document["seconds"] + 0.1 >= STOPPED / 2 for reply in replies)
