"""The line that scenarios slow down: what it holds comes late, and whole."""

import socket
from contextlib import closing

import pytest

from tests.chaos.proxy import HELD, QUICK, Pace, Proxy

WORDS = bytes(range(200))


@pytest.fixture
def ends():
    """Give a proxy, and both ends of a connection through it."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        closing(Proxy(server.getsockname()[1])) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as near,
    ):
        far = server.accept()[0]
        with far:
            far.settimeout(10)
            yield proxy, near, far


def read(end):
    found = b""
    while len(found) < len(WORDS):
        found += end.recv(1000)
    return found


@pytest.mark.parametrize("pace", [pytest.param(QUICK, id="quick"), pytest.param(Pace(20, 0.001), id="dripping")])
def test_no_byte_is_lost_either_way(ends, pace):
    proxy, near, far = ends
    with proxy.at(pace):
        near.sendall(WORDS)
        far.sendall(WORDS[::-1])
        assert (read(far), read(near)) == (WORDS, WORDS[::-1])


def test_what_is_held_comes_when_it_is_quick_again(ends):
    proxy, near, far = ends
    with proxy.at(HELD):
        near.sendall(WORDS)
        far.settimeout(0.1)
        with pytest.raises(TimeoutError):
            far.recv(1)
    far.settimeout(10)
    assert read(far) == WORDS
