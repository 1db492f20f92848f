"""Servers around an application of our own, tests/dsop/echo.py."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from tests.cluster import ROOT, free_port

GUNICORN = ("-m", "gunicorn", "-c", "python:dsop.gunicorn", "tests.dsop.echo:application")
GRANIAN = ("-m", "dsop.granian")


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    """Return port and log of the shipped configuration around tests/dsop/echo.py, whose patience is one second."""
    with echoing(tmp_path_factory.mktemp("echo") / "log", GUNICORN, "Booting worker") as served:
        yield served


@pytest.fixture(scope="module")
def granian(tmp_path_factory):
    """Return port and log of the same application behind granian."""
    with echoing(tmp_path_factory.mktemp("granian") / "log", GRANIAN, "worker.startup") as served:
        yield served


@contextmanager
def echoing(log, command, started):
    """Start a server and give its port and log; how long a call may wait for a thread is half a second."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={
                **os.environ,
                "DSOP_BIND": f"127.0.0.1:{port}",
                "QUEUE_SECONDS": "0.5",
                "DSOP_GRANIAN_APPLICATION": "tests.dsop.echo.application",
            },
            stdout=output,
            stderr=output,
        )
    deadline = time.monotonic() + 60
    try:
        while log.read_text().count(started) < 2:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield port, log
    finally:
        process.send_signal(signal.SIGTERM)
        ended = process.wait(40)
    assert ended == 0
