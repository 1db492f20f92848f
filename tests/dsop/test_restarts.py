"""A restart under load: every question is answered, by either server. The long one is in tests/chaos."""

import os
import signal
import time
from pathlib import Path

import orjson
import pytest

from tests.kept import Clients

OVER = 60  # seconds that a slow machine may need for new workers
RIGHT = {"HTTP_QUESTION": "the same"}


def is_right(body):
    return orjson.loads(body).items() >= RIGHT.items()


def serving(log, word):
    return log.read_text().count(word)


def main_process(port):
    """Return the process that holds the workers: the one whose environment has this port, and whose parent has not."""
    ours = {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and serves(entry, port)}
    [main] = [process for process in ours if parent_of(process) not in ours]
    return main


def serves(entry, port):
    try:
        return f"DSOP_BIND=127.0.0.1:{port}".encode() in (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def parent_of(process):
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.parametrize(
    ("name", "started"),
    [pytest.param("echo", "Booting worker", id="gunicorn"), pytest.param("granian", "worker.startup", id="granian")],
)
def test_no_question_fails_while_the_workers_are_replaced(request, name, started):
    port, log = request.getfixturevalue(name)
    main = main_process(port)
    before = serving(log, started)
    with Clients([port], "/echo", lambda: {"Question": "the same"}, is_right) as asked:
        time.sleep(0.3)
        os.kill(main, signal.SIGHUP)
        deadline = time.monotonic() + OVER
        while serving(log, started) < before + 2:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        enough = asked.right + 100
        while asked.right < enough:  # by the new ones
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
    assert asked.wrong == {}
    assert asked.right > 100
