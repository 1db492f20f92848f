"""What databases say of our packages is judged: silence is never taken for a clean bill."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.cluster import free_port
from tools.audit_dependencies import Findings, NotReached, NotRun, ask, ask_all, main, read, sentences, together

PINS = "".join(f"{name}==1.0 --hash=sha256:{'0' * 64}\n" for name in ("faulty", "sound"))
FAULT = {
    "id": "GHSA-1",
    "aliases": ["CVE-1"],
    "summary": "a fault",
    "affected": [
        {
            "package": {"name": "faulty", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}
LINE = "faulty 1.0: CVE-1, GHSA-1; mended in 1.1"


def findings(checked="", unchecked="", known=()):
    return Findings(frozenset(checked.split()), frozenset(unchecked.split()), tuple(known))


class Database(BaseHTTPRequestHandler):
    """A database of known vulnerabilities that knows one."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = {"vulns": [FAULT]} if asked["package"]["name"] == "faulty" else {}
        body = json.dumps(known).encode() if self.server.status == 200 else b"<html>Sign in</html>"
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def database():
    """Return a function that has a database answer with a status, and gives the options that name it."""
    servers = []

    def serve(status):
        server = HTTPServer(("127.0.0.1", 0), Database)
        server.status = status
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return options_of(server.server_port)

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def options_of(port):
    return ("-s", "osv", "--osv-url", f"http://127.0.0.1:{port}/v1/query")


@pytest.fixture
def pinned(tmp_path):
    path = tmp_path / "pinned.txt"
    path.write_text(PINS)
    return path


def test_a_known_fault_is_told(database, pinned):
    """Also when the first database is down: the next one is asked."""
    found = ask_all(pinned, [options_of(free_port()), database(200)])
    assert found == findings(checked="faulty sound", known=[LINE])
    assert (list(sentences(found)), found.status) == ([LINE, "2 packages checked, 1 known vulnerabilities."], 1)


def test_a_database_that_fails_is_none(database, pinned):
    with pytest.raises(NotReached):
        ask(pinned, database(503))


def test_what_cannot_be_run_is_no_silence(tmp_path):
    with pytest.raises(NotRun):
        ask(tmp_path / "missing.txt", options_of(free_port()))


def test_the_command_says_that_nothing_was_checked(capsys):
    assert main(options_of(free_port())) == 3
    told = "No database of known vulnerabilities that knows these packages was reached: nothing was checked.\n"
    assert capsys.readouterr() == (told, "")


@pytest.mark.parametrize(
    ("report", "found"),
    [
        pytest.param([{"name": "a", "version": "1", "vulns": []}], findings(checked="a"), id="nothing known"),
        pytest.param([{"name": "a", "skip_reason": "not there"}], findings(unchecked="a"), id="not in the database"),
        pytest.param([], findings(), id="an empty report"),
        pytest.param(
            [{"name": "a", "version": "1", "vulns": [{"id": "X", "fix_versions": [], "aliases": ["X"]}]}],
            findings(checked="a", known=["a 1: X; mended in no version yet"]),
            id="a fault that nobody has mended",
        ),
        pytest.param(
            [{"name": "a", "version": "1", "vulns": [{"id": "X", "fix_versions": ["2", "3"], "aliases": ["Y"]}]}],
            findings(checked="a", known=["a 1: X, Y; mended in 2, 3"]),
            id="a fault with two names, mended twice",
        ),
    ],
)
def test_what_a_report_says(report, found):
    assert read({"dependencies": report}) == found


@pytest.mark.parametrize(
    ("said", "status", "last"),
    [
        pytest.param([findings("a b")], 0, "2 packages checked, 0 known vulnerabilities.", id="all is well"),
        pytest.param([], 3, "nothing was checked.", id="nobody answered"),
        pytest.param([findings("", "a b")], 3, "nothing was checked.", id="the database has none of them"),
        pytest.param([findings()], 3, "nothing was checked.", id="nothing was asked about"),
        pytest.param([findings("a", "b")], 3, "1 packages checked, 0 known vulnerabilities.", id="one is missing"),
        pytest.param(
            [findings("a", "b"), findings("a b")],
            0,
            "2 packages checked, 0 known vulnerabilities.",
            id="the second database has what the first one lacks",
        ),
        pytest.param(
            [findings("a", "b", ["a 1: X"]), findings("a b", "", ["a 1: X"])],
            1,
            "2 packages checked, 1 known vulnerabilities.",
            id="both know the same fault",
        ),
        pytest.param(
            [findings("a", "b", ["a 1: X"])],
            1,
            "1 packages checked, 1 known vulnerabilities.",
            id="a fault counts for more than what is missing",
        ),
    ],
)
def test_how_it_ends(said, status, last):
    found = together(said)
    assert found.status == status
    assert list(sentences(found))[-1].endswith(last)
