"""The stand-ins' own process: what passes there and nowhere else, how it is turned, and how it ends."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import urllib3
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

import dsop.gunicorn
from tests import cluster
from tests.counterparts import running

PSU = "17816994780"


def raw(port, *headers, path="/lanekassen/saldo/v1/Accounts"):
    """Send a request with exactly these header lines, and return the whole answer."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers, "Connection: close", "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


# --- a header with an underscore ---


@pytest.mark.parametrize("header", ["PSU_ID", "PSU-ID"])
def test_either_spelling_arrives_as_it_was_sent(stand_ins, header):
    raw(stand_ins.port, f"{header}: {PSU}")

    assert stand_ins.requests()[-1]["headers"] == {
        "HOST": f"127.0.0.1:{stand_ins.port}",
        header: PSU,
        "CONNECTION": "close",
    }


def test_both_spellings_at_once_are_refused(stand_ins):
    answer = raw(stand_ins.port, f"PSU_ID: {PSU}", "PSU-ID: 46907200809")
    assert answer.startswith("HTTP/1.1 400 ")
    assert PSU not in answer


@pytest.mark.parametrize("name", ["X-Stand-Ins-Names-Sent", "X_STAND_INS_NAMES_SENT"])
def test_nobody_tells_the_process_which_names_were_sent(stand_ins, name):
    answer = raw(stand_ins.port, f"PSU_ID: {PSU}", "PSU-ID: 46907200809", f"{name}: HOST")
    assert answer.startswith("HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("sent", "arrives"),
    [
        pytest.param(("PSU_ID",), [], id="underscore"),
        pytest.param(("PSU-ID",), ["PSU-ID"], id="hyphen"),
        pytest.param(("PSU_ID", "PSU-ID"), ["PSU-ID"], id="both"),
    ],
)
def test_the_banks_own_server_loses_the_header_with_an_underscore(sent, arrives):
    """Its shipped settings and its parser, behind a real socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        lines = ["GET / HTTP/1.1", "Host: x", *(f"{name}: {PSU}" for name in sent), "", ""]
        client.sendall("\r\n".join(lines).encode())
        connection, address = listener.accept()
        with connection:
            request = next(RequestParser(shipped_settings(), connection, address))

    assert [name for name, _ in request.headers] == ["HOST", *arrives]


def shipped_settings():
    settings = Config()
    for name in settings.settings.keys() & vars(dsop.gunicorn).keys():
        settings.set(name, getattr(dsop.gunicorn, name))
    return settings


@pytest.mark.parametrize("path", ["/control/requests", "/sandbox/maskinporten/jwk"])
def test_another_name_for_this_machine_is_refused(stand_ins, path):
    """A page of somebody else's, whose name leads here, reads nothing."""
    answer = stand_ins.ask("GET", path, {"Host": "elsewhere.example"})
    assert answer.status == 400
    assert b"keys" not in answer.data


# --- what can be turned ---


def test_switches(stand_ins):
    stand_ins.switch(one=1, two="2")
    stand_ins.switch(two=None, three=[3])

    assert stand_ins.ask("GET", "/control/switches").json() == {"one": 1, "three": [3]}

    stand_ins.reset()
    assert stand_ins.ask("GET", "/control/switches").json() == {}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param({"status": 503, "body": "away"}, (503, "text/plain", b"away"), id="text"),
        pytest.param(
            {"status": 500, "body": {"kode": "DAS-001"}}, (500, "application/json", b'{"kode": "DAS-001"}'), id="JSON"
        ),
        pytest.param(
            {"status": 429, "headers": {"Content-Type": "application/xml"}}, (429, "application/xml", b""), id="bare"
        ),
        pytest.param({"seconds": 0.01}, (404, "text/plain", b"404 NOT FOUND"), id="slow"),
    ],
)
def test_a_fault_happens_as_often_as_it_was_ordered(stand_ins, fault, expected):
    stand_ins.fault("/here", times=2, **fault)
    usual = (404, "text/plain", b"404 NOT FOUND")

    asked = [stand_ins.ask("GET", path) for path in ("/elsewhere", "/here", "/here/too", "/here")]

    assert [(each.status, each.headers["Content-Type"], each.data) for each in asked] == [
        usual, expected, expected, usual,
    ]  # fmt: skip


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_connection_is_cut(stand_ins, moment):
    stand_ins.fault("/control-it", drop=moment)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        stand_ins.ask("GET", "/control-it")
    assert stand_ins.ask("GET", "/control-it").status == 404


def test_a_fault_for_one_method_spares_the_other(stand_ins):
    stand_ins.fault("/x", status=503, method="POST")
    assert [stand_ins.ask(method, "/x").status for method in ("GET", "POST", "POST")] == [404, 503, 404]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"path_prefix": "/"}, id="no fault at all"),
        pytest.param({"status": 500}, id="no path"),
        pytest.param({"path_prefix": "/", "status": 500, "drop": "before"}, id="two at once"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(stand_ins, fault):
    assert stand_ins.ask("POST", "/control/faults", body=fault).status == 400
    assert stand_ins.ask("GET", "/control/faults").json() == {"faults": []}


def test_the_requests_seen_hold_no_token(stand_ins):
    token = stand_ins.token("skatteetaten:aktivkonto")
    stand_ins.ask("POST", "/x?y=z", {"Authorization": f"Bearer {token}"}, {"tin": PSU})

    (seen,) = stand_ins.requests()

    assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/x?y=z", f'{{"tin": "{PSU}"}}')
    assert seen["headers"]["AUTHORIZATION"] == f"Bearer {token[:5]}…"
    assert token not in str(stand_ins.requests())


# --- how it starts and ends ---


def test_outside_the_sandbox_it_does_not_start(tmp_path):
    command = [sys.executable, "-m", "sandbox.counterparts", "--port=1", f"--folder={tmp_path}", "--issuer=x"]
    others = {name: value for name, value in os.environ.items() if name != "DSOP_ENVIRONMENT"}
    started = [
        subprocess.Popen(
            command,
            env=others | environment,
            cwd=cluster.ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for environment in ({}, {"DSOP_ENVIRONMENT": "test"}, {"DSOP_ENVIRONMENT": "production"})
    ]
    said = [process.communicate(timeout=60) for process in started]
    sentence = "The stand-ins run in the sandbox only: set DSOP_ENVIRONMENT to sandbox.\n"
    assert [(process.returncode, *words) for process, words in zip(started, said, strict=True)] == [
        (1, "", sentence)
    ] * 3


def children(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def until_gone(pids):
    deadline = time.monotonic() + 20
    while not all(map(gone, pids)):
        assert time.monotonic() < deadline, "it did not end"
        time.sleep(0.02)


def test_one_signal_ends_it_at_once_even_with_a_client_connected(tmp_path):
    with running(cluster.free_port(), cluster.FOLDER, tmp_path / "log") as stand_ins:
        workers = children(stand_ins.process.pid)
        assert len(workers) == 1
        with socket.create_connection(("127.0.0.1", stand_ins.port)):
            began = time.monotonic()
            stand_ins.process.send_signal(signal.SIGTERM)
            assert stand_ins.process.wait(20) == 0
            assert time.monotonic() - began < 8
        until_gone(workers)
        assert "Traceback" not in stand_ins.log.read_text()


def test_it_dies_with_its_parent(tmp_path):
    """A parent that is killed tells nobody; the kernel does."""
    port = cluster.free_port()
    command = [sys.executable, "-m", "sandbox.counterparts", f"--port={port}", f"--folder={cluster.FOLDER}"]
    program = "import subprocess, sys; run = subprocess.Popen(sys.argv[1:]); print(run.pid, flush=True); run.wait()"
    with subprocess.Popen(
        [sys.executable, "-c", program, *command, f"--issuer={cluster.ENVIRONMENT['MASKINPORTEN_ISSUER']}"],
        cwd=cluster.ROOT, stdout=subprocess.PIPE, text=True,
    ) as parent:  # fmt: skip
        main = int(parent.stdout.readline())
        deadline = time.monotonic() + 30
        while not children(main):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        processes = [main, *children(main)]
        parent.kill()
        until_gone(processes)
    with contextlib.suppress(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        raise AssertionError("somebody still listens")
