"""The shipped server at its edge, by raw sockets: JSON or nothing, never HTML, a redirect or an echo."""

import os
import signal
import time
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from tests.dsop.wire import connect, read_reply, talk

SECRET = "15869010089"  # a synthetic person's number, sent where it must not come back from

MALFORMED = {"code": "ACC-001", "message": "The request is malformed."}
LINE_TOO_LONG = {"code": "ACC-001", "message": "The request line is too long."}
FIELDS_TOO_LARGE = {"code": "ACC-001", "message": "A header field is too large, or there are too many."}
EXPECTATION = {"code": "ACC-001", "message": "The expectation cannot be met."}
TRANSFER_CODING = {"code": "ACC-500", "message": "The transfer coding is not supported."}
HOST_UNKNOWN = {"code": "ACC-001", "message": "This host is not served here."}
NO_TOKEN = {"code": "ACC-010", "message": "An access token from Maskinporten is required."}
NOT_FOUND = {"code": "ACC-002", "message": "Not found."}
FAILED = {"code": "ACC-500", "message": "The service failed. Try again later."}


def get(path="/v2/accounts", *fields, method="GET", version="HTTP/1.1", host="127.0.0.1"):
    """Return a request as bytes; fields are whole lines."""
    lines = [f"{method} {path} {version}", *([] if host is None else [f"Host: {host}"]), *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def assert_fit_for_machines(reply, method="GET"):
    assert reply.headers.get("content-type") == "application/json"
    assert method == "HEAD" or orjson.loads(reply.body)
    assert b"<" not in reply.body
    assert SECRET.encode() not in reply.body
    assert not {"location", "set-cookie", "vary"} & reply.headers.keys()
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-store"


def assert_secret_not_logged(log):
    text = Path(log).read_text()
    assert SECRET not in text
    assert "Traceback" not in text
    for line in text.splitlines():
        assert orjson.loads(line)["event"]


# --- what the server refuses before Django sees it ---


@pytest.mark.parametrize(
    ("sent", "status", "document"),
    [
        pytest.param(f"{SECRET}\r\n\r\n".encode(), 400, MALFORMED, id="no request at all"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, MALFORMED, id="TLS to a plain port"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, MALFORMED, id="HTTP/2 preface"),
        pytest.param(get(version="HTTP/2.0"), 400, MALFORMED, id="HTTP/2 by its name"),
        pytest.param(get(version="HTTP/0.9"), 400, MALFORMED, id="HTTP/0.9"),
        pytest.param(get(version=f"HTTP/{SECRET}"), 400, MALFORMED, id="unknown version"),
        pytest.param(get(method="get"), 400, MALFORMED, id="method in lower case"),
        pytest.param(get(method="G"), 400, MALFORMED, id="method of one letter"),
        pytest.param(get(method="GET<b>"), 400, MALFORMED, id="method with brackets"),
        pytest.param(get(f"/v2/{'æ' * 3}{SECRET}"), 400, MALFORMED, id="bytes beyond ASCII in the path"),
        pytest.param(get(f"/v2/\x00{SECRET}"), 400, MALFORMED, id="NUL in the path"),
        pytest.param(get(f"/v2/a b{SECRET}"), 400, MALFORMED, id="space in the path"),
        pytest.param(get("*"), 400, MALFORMED, id="asterisk with GET"),
        pytest.param(get("127.0.0.1:80"), 400, MALFORMED, id="authority as target"),
        pytest.param(get("http://[::1/v2"), 400, MALFORMED, id="broken address as target"),
        pytest.param(get("/v2/" + "a" * (8190 - 16)), 414, LINE_TOO_LONG, id="request line of 8,191 bytes"),
        pytest.param(get("/v2/" + "a" * 100_000), 414, LINE_TOO_LONG, id="request line of 100 kB"),
        pytest.param(
            get("/v2/accounts", f"X-Long: {'a' * (20_481 - 10)}"), 431, FIELDS_TOO_LARGE, id="field of 20,481 bytes"
        ),
        pytest.param(get("/v2/accounts", f"X-Long: {SECRET * 20_000}"), 431, FIELDS_TOO_LARGE, id="field of 220 kB"),
        pytest.param(
            get("/v2/accounts", *(f"X-{n}: {SECRET}" for n in range(64))), 431, FIELDS_TOO_LARGE, id="65 fields"
        ),
        pytest.param(get("/v2/accounts", f"PartyID {SECRET}"), 400, MALFORMED, id="field without colon"),
        pytest.param(get("/v2/accounts", f"PartyID : {SECRET}"), 400, MALFORMED, id="space before the colon"),
        pytest.param(get("/v2/accounts", f"Party(ID): {SECRET}"), 400, MALFORMED, id="brackets in a field's name"),
        pytest.param(get("/v2/accounts", f": {SECRET}"), 400, MALFORMED, id="field without name"),
        pytest.param(get("/v2/accounts", f"PartyID: \x00{SECRET}"), 400, MALFORMED, id="NUL in a field"),
        pytest.param(get("/v2/accounts", f"PartyID: \x0b{SECRET}"), 400, MALFORMED, id="control character in a field"),
        pytest.param(get("/v2/accounts", f"PartyID: {SECRET}\rX: 1"), 400, MALFORMED, id="bare carriage return"),
        pytest.param(get("/v2/accounts", f"PartyID: 1\r\n {SECRET}"), 400, MALFORMED, id="folded field"),
        pytest.param(get("/v2/accounts").replace(b"\r\n", b"\n"), 400, MALFORMED, id="line feeds alone"),
        pytest.param(get("/v2/accounts", "Host: 127.0.0.1"), 400, MALFORMED, id="host twice, the same"),
        pytest.param(get("/v2/accounts", f"Host: {SECRET}"), 400, MALFORMED, id="host twice, another"),
        pytest.param(
            get("/v2/accounts", "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
            400,
            MALFORMED,
            id="length and chunks at once",
        ),
        pytest.param(
            get("/v2/accounts", "Content-Length: 0", "Content-Length: 30") + get("/health/live"),
            400,
            MALFORMED,
            id="two lengths",
        ),
        pytest.param(get("/v2/accounts", "Content-Length: -1"), 400, MALFORMED, id="negative length"),
        pytest.param(get("/v2/accounts", f"Content-Length: +{SECRET}"), 400, MALFORMED, id="length with a sign"),
        pytest.param(get("/v2/accounts", "Content-Length: \xb2"), 400, MALFORMED, id="length in superscript"),
        pytest.param(get("/v2/accounts", "Transfer-Encoding: chunked, chunked"), 400, MALFORMED, id="chunked twice"),
        pytest.param(get("/v2/accounts", "Transfer-Encoding: gzip"), 400, MALFORMED, id="gzip without chunks"),
        pytest.param(
            get("/v2/accounts", "Transfer-Encoding: chunked", version="HTTP/1.0"),
            400,
            MALFORMED,
            id="chunks in HTTP/1.0",
        ),
        pytest.param(
            get("/v2/accounts", f"Transfer-Encoding: {SECRET}"), 501, TRANSFER_CODING, id="unknown transfer coding"
        ),
        pytest.param(get("/v2/accounts", f"Expect: {SECRET}"), 417, EXPECTATION, id="unknown expectation"),
    ],
)
def test_refused_by_the_server(server, sent, status, document):
    [reply], closed = talk(server.port, sent)
    assert (reply.status, reply.document, closed) == (status, document, True)
    assert reply.headers["connection"] == "close"
    assert_fit_for_machines(reply)
    assert_secret_not_logged(server.log)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(get("/v2/" + "a" * (8190 - 17)), id="request line of 8,190 bytes"),
        pytest.param(get("/v2/accounts", f"X-Long: {'a' * (20_480 - 10)}"), id="field of 20,480 bytes"),
        pytest.param(get("/v2/accounts", *(f"X-{n}: {SECRET}" for n in range(63))), id="64 fields"),
        pytest.param(get("/v2/accounts", f"PartyID: {SECRET}æøå"), id="bytes beyond ASCII in a field"),
        pytest.param(get("/v2/accounts", f"PartyID:{SECRET} \t"), id="blanks around a value"),
        pytest.param(b"\r\n" + get("/v2/accounts"), id="an empty line first"),
        pytest.param(get("/v2/accounts", "Connection: keep-alive", version="HTTP/1.0"), id="HTTP/1.0 that stays"),
        pytest.param(get("/v2/accounts", "Upgrade: h2c", "Connection: Upgrade"), id="upgrade to HTTP/2"),
        pytest.param(get("/v2/accounts", "X-Forwarded-Proto: http", "X-Forwarded-Ssl: on"), id="schemes at odds"),
        pytest.param(get("/v2/accounts", f"SCRIPT_NAME: /{SECRET}"), id="SCRIPT_NAME"),
        pytest.param(get("/v2/accounts", "Content-Type: a/b; charset=base64"), id="charset that is no charset"),
        pytest.param(get("/v2/accounts", f"Content-Type: a/b; c*={SECRET}''%41"), id="charset in a parameter"),
        pytest.param(get("/v2/accounts", "Cookie: sessionid=\xe6; \x22"), id="broken cookie"),
        pytest.param(get("/v2/accounts?%FF&=&&a=%zz"), id="broken query"),
    ],
)
def test_accepted_by_the_server_and_asked_for_a_token(server, sent):
    [reply], closed = talk(server.port, sent)
    assert (reply.status, reply.document, closed) == (401, NO_TOKEN, False)
    assert_fit_for_machines(reply)
    assert_secret_not_logged(server.log)


# --- hosts ---


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(get("/v2/accounts", host=None), id="missing"),
        pytest.param(get("/v2/accounts", host=None, version="HTTP/1.0"), id="missing in HTTP/1.0"),
        pytest.param(get("/v2/accounts", host=""), id="empty"),
        pytest.param(get("/v2/accounts", host=f"{SECRET}.example"), id="unknown"),
        pytest.param(get("/v2/accounts", host="127.0.0.1.example"), id="ours as beginning"),
        pytest.param(get("/v2/accounts", host=f"{SECRET}@127.0.0.1"), id="user before ours"),
        pytest.param(get("/v2/accounts", host="127.0.0.1,127.0.0.1"), id="two in one field"),
        pytest.param(get("/v2/accounts", host="127.0.0.1 127.0.0.1"), id="two with a blank"),
        pytest.param(get("/v2/accounts", host="127.0.0.1:"), id="colon without port"),
        pytest.param(get("/v2/accounts", host="127.0.0.1:0"), id="port 0"),
        pytest.param(get("/v2/accounts", host="127.0.0.1:65536"), id="port too high"),
        pytest.param(get("/v2/accounts", host="127.0.0.1:80:80"), id="two ports"),
        pytest.param(get("/v2/accounts", host="127.0.0.1/v2"), id="with a path"),
        pytest.param(get("/v2/accounts", host="127.0.0.1<b>"), id="brackets"),
        pytest.param(get("/v2/accounts", host="\xe6\xf8"), id="bytes beyond ASCII"),
        pytest.param(get("http://evil.example/v2/accounts"), id="unknown in the target"),
        pytest.param(get("http://127.0.0.1/v2/accounts", host="evil.example"), id="ours in the target only"),
        pytest.param(get(f"http://{SECRET}@127.0.0.1/v2/accounts"), id="user in the target"),
        pytest.param(get("ftp://127.0.0.1/v2/accounts"), id="another scheme in the target"),
        pytest.param(get("http:///v2/accounts"), id="no host in the target"),
        pytest.param(get("/admin/", host="evil.example"), id="the admin as well"),
        pytest.param(get("/health/ready", host="evil.example"), id="health as well"),
        pytest.param(get("/v2/accounts", "X-Forwarded-Host: 127.0.0.1", host="evil.example"), id="forwarded"),
    ],
)
def test_unknown_host(server, sent):
    [reply], _ = talk(server.port, sent)
    assert (reply.status, reply.document) == (400, HOST_UNKNOWN)
    assert_fit_for_machines(reply)
    assert_secret_not_logged(server.log)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(get("/v2/accounts", host="127.0.0.1:443"), id="with a port"),
        pytest.param(get("/v2/accounts", host="LOCALHOST"), id="in capitals"),
        pytest.param(get("/v2/accounts", host="localhost."), id="with the root's dot"),
        pytest.param(get("http://127.0.0.1/v2/accounts"), id="in the target too"),
        pytest.param(get("https://localhost:443/v2/accounts"), id="another of ours in the target"),
    ],
)
def test_known_host(server, sent):
    [reply], _ = talk(server.port, sent)
    assert (reply.status, reply.document) == (401, NO_TOKEN)


def test_unknown_host_under_customers_has_that_form(server):
    [reply], _ = talk(server.port, get("/v2/customers/customerRelationships", host="evil.example"))
    assert reply.status == 400
    document = reply.document
    assert datetime.fromisoformat(document.pop("timestamp")).tzinfo
    assert document == {"errorCode": "ERR-400", "errorMessage": HOST_UNKNOWN["message"]}


# --- paths and methods ---


@pytest.mark.parametrize(
    ("path", "status", "document"),
    [
        pytest.param("/v2/../admin", 401, NO_TOKEN, id="up and out"),
        pytest.param("/v2/%2e%2e/admin", 401, NO_TOKEN, id="up and out, encoded"),
        pytest.param("/v2/..%2fadmin", 401, NO_TOKEN, id="up and out, slash encoded"),
        pytest.param("/v2%2faccounts", 401, NO_TOKEN, id="slash encoded"),
        pytest.param("/%76%32/accounts", 401, NO_TOKEN, id="every letter encoded"),
        pytest.param(f"/v2/accounts%00{SECRET}", 401, NO_TOKEN, id="NUL"),
        pytest.param(f"/v2/accounts%0d%0aX-{SECRET}:1", 401, NO_TOKEN, id="line break"),
        pytest.param("/v2/%0a", 401, NO_TOKEN, id="line break alone"),
        pytest.param("/v2/accounts%ff%fe", 401, NO_TOKEN, id="not UTF-8"),
        pytest.param("/v2/%c0%ae%c0%ae/admin", 401, NO_TOKEN, id="overlong UTF-8"),
        pytest.param("/v2/%3cscript%3e", 401, NO_TOKEN, id="script"),
        pytest.param("/v2", 401, NO_TOKEN, id="the root without slash"),
        pytest.param("/v2/", 401, NO_TOKEN, id="the root"),
        pytest.param("/v2//accounts", 401, NO_TOKEN, id="slash doubled inside"),
        pytest.param("/v2/accounts/", 401, NO_TOKEN, id="slash at the end"),
        pytest.param(f"/v2/accounts/{SECRET}/unknown", 401, NO_TOKEN, id="unknown below a reference"),
        pytest.param("/v2/accounts;x=1", 401, NO_TOKEN, id="path parameter"),
        pytest.param("/v2/accounts#fragment", 401, NO_TOKEN, id="fragment"),
        pytest.param("//v2//accounts", 404, NOT_FOUND, id="slashes doubled"),
        pytest.param("//evil.example/%2e%2e", 404, NOT_FOUND, id="another host as path"),
        pytest.param("/./v2/accounts", 404, NOT_FOUND, id="dot first"),
        pytest.param("/V2/accounts", 404, NOT_FOUND, id="capital V"),
        pytest.param("/v2x", 404, NOT_FOUND, id="longer than v2"),
        pytest.param("/v3/accounts", 404, NOT_FOUND, id="another version"),
        pytest.param("/", 404, NOT_FOUND, id="nothing"),
        pytest.param("/administrator", 404, NOT_FOUND, id="nearly the admin"),
        pytest.param("/health", 404, NOT_FOUND, id="health alone"),
        pytest.param("/health/live/", 404, NOT_FOUND, id="health with a slash"),
    ],
)
def test_path(server, path, status, document):
    [reply], closed = talk(server.port, get(path))
    assert (reply.status, reply.document, closed) == (status, document, False)
    assert_fit_for_machines(reply)
    assert_secret_not_logged(server.log)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", SECRET])
@pytest.mark.parametrize(
    ("path", "status"), [("/v2/accounts", 401), ("/v2/unknown", 401), ("/health/ready", 405), ("/unknown", 404)]
)
def test_method(server, method, path, status):
    [reply], closed = talk(server.port, get(path, "Content-Length: 0", method=method), method=method)
    if path.startswith("/health") and method == "HEAD":
        status = 200
    assert (reply.status, closed) == (status, False)
    assert reply.headers.get("allow") == ("GET, HEAD" if status == 405 else None)
    assert_fit_for_machines(reply, method)
    assert_secret_not_logged(server.log)


def test_connect_is_not_a_tunnel(server):
    [reply], closed = talk(server.port, get("127.0.0.1:5432", method="CONNECT"))
    assert (reply.status, reply.document, closed) == (404, NOT_FOUND, True)


# --- bodies, and what follows on the same connection ---

NEXT = get("/health/live")


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(get("/v2/accounts"), id="no body"),
        pytest.param(get("/v2/accounts", "Content-Length: 11") + SECRET.encode(), id="body on GET"),
        pytest.param(
            get("/v2/accounts", "Content-Length: 40000", method="POST") + b"a" * 40_000, id="40 kB nobody reads"
        ),
        pytest.param(get("/v2/accounts", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\n\r\n", id="chunks on GET"),
        pytest.param(
            get("/v2/accounts", "Transfer-Encoding: chunked") + b"1;a=b\r\nx\r\n0\r\nTrailer-Field: 1\r\n\r\n",
            id="chunks with extension and trailer",
        ),
        pytest.param(get("/v2/accounts", "Content-Length: 3", "Expect: 100-continue") + b"abc", id="expecting 100"),
        pytest.param(get("/v2/accounts", "Content-Length: " + str(len(NEXT))) + NEXT, id="a request as body"),
    ],
)
def test_next_request_on_the_same_connection(server, first):
    replies, closed = talk(server.port, first + NEXT, replies=2)
    assert [(reply.status, reply.document) for reply in replies] == [(401, NO_TOKEN), (200, {"status": "ok"})]
    assert not closed


def test_fifty_requests_at_once_are_answered_in_order(server):
    expected = [401, 200] * 25
    replies, closed = talk(server.port, (get("/v2/accounts") + NEXT) * 25, replies=50)
    assert ([reply.status for reply in replies], closed) == (expected, False)


def test_head_has_the_length_and_nothing_else(server):
    replies, _ = talk(server.port, get("/health/live", method="HEAD") * 2, replies=2, method="HEAD")
    assert [(reply.status, reply.headers["content-length"]) for reply in replies] == [(200, "15")] * 2


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(get("/v2/accounts", "Connection: close"), id="asked to close"),
        pytest.param(get("/v2/accounts", version="HTTP/1.0"), id="HTTP/1.0"),
        pytest.param(
            get("/v2/accounts", "Content-Length: 100000", method="POST") + b"a" * 100_000, id="100 kB nobody reads"
        ),
        pytest.param(get("/v2/accounts", "Transfer-Encoding: chunked") + b"zz\r\n", id="chunk of no size"),
        pytest.param(get("/v2/accounts", "Transfer-Encoding: chunked") + b"3\r\nabcdef\r\n", id="chunk too long"),
        pytest.param(get("/v2/accounts", "Transfer-Encoding: chunked") + b"3\nabc\n0\n\n", id="chunks by line feed"),
    ],
)
def test_one_answer_and_no_more(server, first):
    """What follows a body that cannot be read to its end is never taken for a request."""
    replies, closed = talk(server.port, first + NEXT, replies=2)
    assert [(reply.status, reply.document) for reply in replies] == [(401, NO_TOKEN)]
    assert closed
    assert_secret_not_logged(server.log)


def test_request_in_single_bytes(server):
    [reply], _ = talk(server.port, *(bytes([byte]) for byte in get("/health/live")))
    assert reply.status == 200


def test_admin_is_for_browsers(server):
    [reply], _ = talk(server.port, get("/admin/login/"))
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/html")
    assert "cookie" in reply.headers["vary"].lower()
    assert "csrftoken" in reply.headers["set-cookie"]


# --- an application of our own behind the shipped configuration: tests/dsop/echo.py, whose patience is one second ---


@pytest.mark.parametrize(
    ("fields", "heard"),
    [
        pytest.param(["Legal-Mandate: good"], "good", id="as it should be"),
        pytest.param(["Legal-Mandate: good", "Legal_Mandate: evil"], "good", id="beside, after"),
        pytest.param(["Legal_Mandate: evil", "Legal-Mandate: good"], "good", id="beside, before"),
        pytest.param(["Legal_Mandate: evil"], None, id="alone"),
        pytest.param(["legal_mandate: evil"], None, id="alone, in lower case"),
        pytest.param(["HTTP_LEGAL_MANDATE: evil"], None, id="by its name in the server"),
        pytest.param(["Legal-Mandate: one", "Legal-Mandate: two"], "one,two", id="twice"),
    ],
)
def test_header_name_with_an_underscore_never_arrives(echo, fields, heard):
    port, _ = echo
    [reply], _ = talk(port, get("/echo", *fields))
    assert reply.document.get("HTTP_LEGAL_MANDATE") == heard
    assert "evil" not in reply.body.decode()


@pytest.mark.parametrize(
    ("field", "name", "value"),
    [
        pytest.param("SCRIPT_NAME: /echo", "SCRIPT_NAME", "", id="the path's beginning"),
        pytest.param("PATH_INFO: /other", "PATH_INFO", "/echo", id="the path"),
        pytest.param("REMOTE_USER: admin", "REMOTE_USER", None, id="the user"),
        pytest.param("REMOTE_ADDR: 10.0.0.1", "REMOTE_ADDR", "127.0.0.1", id="the address"),
        pytest.param("X-Forwarded-For: 10.0.0.1", "REMOTE_ADDR", "127.0.0.1", id="the address, forwarded"),
        pytest.param("Content_Length: 5", "CONTENT_LENGTH", None, id="the length"),
    ],
)
def test_client_cannot_set_what_the_server_says(echo, field, name, value):
    port, _ = echo
    [reply], _ = talk(port, get("/echo", field))
    assert reply.document.get(name) == value


@pytest.mark.parametrize(
    "path", [pytest.param("/crash", id="exception"), pytest.param("/bad-header", id="split header")]
)
def test_crash_beyond_django(echo, path):
    port, log = echo
    [reply], closed = talk(port, get(path, f"Secret: {SECRET}"))
    assert (reply.status, reply.document, closed) == (500, FAILED, True)
    assert_fit_for_machines(reply)
    assert_secret_not_logged(log)
    assert '"event":"server.crash"' in log.read_text()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="silent"),
        pytest.param(b"GET /v2/acc", id="half a request"),
        pytest.param(b"no request\r\n\r\n", id="refused and not hanging up"),
        pytest.param(get("/health/live", "Connection: close"), id="answered and not hanging up"),
        pytest.param(get("/v2/accounts", "Content-Length: 50", method="POST") + b"a", id="half a body"),
    ],
)
def test_clients_that_hold_on_do_not_stop_the_others(echo, sent):
    """Four times as many of them as there are threads; another client is answered all the same."""
    port, log = echo
    with ExitStack() as held:
        for _ in range(64):
            client = held.enter_context(closing(connect(port)))
            client.sendall(sent)
        begun = time.monotonic()
        [reply], _ = talk(port, get("/health/live"))
        assert reply.status == 200
        assert time.monotonic() - begun < 4.9
    assert_secret_not_logged(log)


def test_half_a_request_is_dropped_without_an_answer(echo):
    port, _ = echo
    with closing(connect(port)) as client:
        client.sendall(b"GET /v2/acc")
        begun = time.monotonic()
        assert read_reply(client, b"", "GET") == (None, b"")
        assert 0.9 < time.monotonic() - begun < 4


def test_killed_worker_is_replaced(echo):
    port, log = echo
    workers = [orjson.loads(line) for line in log.read_text().splitlines() if "Booting worker" in line]
    for worker in workers:
        os.kill(int(worker["event"].rpartition(" ")[2]), signal.SIGKILL)
    deadline = time.monotonic() + 10
    while log.read_text().count("Booting worker") < 2 * len(workers):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    [reply], _ = talk(port, get("/health/live"))
    assert reply.status == 200
