"""The second server at its edge, by raw sockets: what the first one refuses reaches no application here either."""

import time
from contextlib import ExitStack, closing

import orjson
import pytest

from tests.dsop import test_edge_sockets as edge
from tests.dsop.test_edge_sockets import FAILED, NEXT, NO_TOKEN, SECRET, get
from tests.dsop.wire import connect, read_reply, talk

HARMLESS = {"HTTP/2 preface", "line feeds alone", "length and chunks at once", "unknown transfer coding"}
"""Listed in docs/production.md, and each in a test of its own below."""


def cases_of(test):
    """Return what a test of the first server sends, by the words of each case."""
    [mark] = [mark for mark in test.pytestmark if mark.name == "parametrize"]
    return {case.id: case.values for case in mark.args[1]}


REFUSED = {
    words: values for words, values in cases_of(edge.test_refused_by_the_server).items() if words not in HARMLESS
}


@pytest.mark.parametrize("words", REFUSED)
def test_refused_before_any_application(granian, words):
    """Where granian's own parser refuses, it says nothing beside the status; where we do, it is JSON."""
    port, log = granian
    sent, status, document = REFUSED[words]
    with closing(connect(port)) as client:
        client.sendall(sent)
        reply, rest = answer_of(client)
        assert (reply[0], rest) == (status, b"")
        assert reply[1] == b"" or orjson.loads(reply[1]) == document
        assert client.recv(1) == b"", "it hangs up"
    edge.assert_secret_not_logged(log)


def answer_of(client):
    """Return status and body of an answer that may have no length because it has no body, and what follows."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += client.recv(65_536) or b"\r\n\r\n"
    head, _, rest = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower()[:15] == b"content-length:"), 0
    )
    while len(rest) < length:
        rest += client.recv(65_536)
    return (int(head.split(b" ")[1]), rest[:length]), rest[length:]


ACCEPTED = cases_of(edge.test_accepted_by_the_server_and_asked_for_a_token)


@pytest.mark.parametrize("words", ACCEPTED)
def test_accepted_and_asked_for_a_token(granian, words):
    port, log = granian
    [reply], _ = talk(port, *ACCEPTED[words])
    assert (reply.status, reply.document) == (401, NO_TOKEN)
    edge.assert_fit_for_machines(reply)
    edge.assert_secret_not_logged(log)


PATHS = cases_of(edge.test_path)


@pytest.mark.parametrize("words", PATHS)
def test_path(granian, words):
    path, status, document = PATHS[words]
    [reply], closed = talk(granian[0], get(path))
    assert (reply.status, reply.document, closed) == (status, document, False)
    edge.assert_fit_for_machines(reply)


NAMES = cases_of(edge.test_header_name_with_an_underscore_never_arrives)


@pytest.mark.parametrize("words", NAMES)
def test_header_name_with_an_underscore_never_arrives(granian, words):
    edge.test_header_name_with_an_underscore_never_arrives(granian, *NAMES[words])


SAID = cases_of(edge.test_client_cannot_set_what_the_server_says)


@pytest.mark.parametrize("words", SAID)
def test_client_cannot_set_what_the_server_says(granian, words):
    edge.test_client_cannot_set_what_the_server_says(granian, *SAID[words])


def test_bytes_beyond_ascii_arrive_as_a_second_value(granian):
    [reply], _ = talk(granian[0], get("/echo", "Legal-Mandate: good", "Legal-Mandate: \xe6"))
    assert reply.document["HTTP_LEGAL_MANDATE"] == "good,\xe6"


FOLLOWED = cases_of(edge.test_next_request_on_the_same_connection)


@pytest.mark.parametrize("words", FOLLOWED)
def test_next_request_on_the_same_connection(granian, words):
    replies, closed = talk(granian[0], FOLLOWED[words][0] + NEXT, replies=2)
    assert [(reply.status, reply.document) for reply in replies] == [(401, NO_TOKEN), (200, {"status": "ok"})]
    assert not closed


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(get("/v2/accounts", "Transfer-Encoding: chunked") + b"zz\r\n", id="chunk of no size"),
        pytest.param(get("/v2/accounts", "Transfer-Encoding: chunked") + b"3\r\nabcdef\r\n", id="chunk too long"),
        pytest.param(get("/v2/accounts", "Transfer-Encoding: chunked") + b"3\nabc\n0\n\n", id="chunks by line feed"),
        pytest.param(
            get("/v2/accounts", "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
            id="length and chunks at once",
        ),
        pytest.param(get("/v2/accounts", "Connection: close"), id="asked to close"),
        pytest.param(get("/v2/accounts", version="HTTP/1.0"), id="HTTP/1.0"),
    ],
)
def test_one_answer_and_no_more(granian, sent):
    """What follows a body that cannot be read to its end, or that has two ends, is never taken for a request."""
    replies, closed = talk(granian[0], sent + NEXT, replies=2)
    assert [reply.status for reply in replies] in ([400], [401])
    assert closed


def test_a_preface_of_http_2_is_hung_up_on(granian):
    with closing(connect(granian[0])) as client:
        client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert read_reply(client, b"", "GET") == (None, b"")


@pytest.mark.parametrize(
    "path", [pytest.param("/crash", id="exception"), pytest.param("/bad-header", id="split header")]
)
def test_crash_beyond_django(granian, path):
    port, log = granian
    [reply], closed = talk(port, get(path, f"Secret: {SECRET}"))
    assert (reply.status, reply.document, closed) == (500, FAILED, True)
    edge.assert_fit_for_machines(reply)
    edge.assert_secret_not_logged(log)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="silent"),
        pytest.param(b"GET /v2/acc", id="half a request"),
        pytest.param(get("/v2/accounts", "Content-Length: 50", method="POST") + b"a", id="half a body"),
    ],
)
def test_clients_that_hold_on_do_not_stop_the_others(granian, sent):
    with ExitStack() as held:
        for _ in range(64):
            held.enter_context(closing(connect(granian[0]))).sendall(sent)
        begun = time.monotonic()
        [reply], _ = talk(granian[0], get("/health/live"))
        assert reply.status == 200
        assert time.monotonic() - begun < 4.9
