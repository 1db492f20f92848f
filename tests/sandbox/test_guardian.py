"""A guarded command ends with its starter, with its guardian and when asked, and nothing of it stays."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.guardian import IN_USE, Guarded, end_left_over
from sandbox.locks import Lock, is_free

# Says which process it is, and afterwards how it ended.
COMMAND = """
import os, signal, sys, time
from pathlib import Path
folder = Path(sys.argv[1])
def end(number, frame):
    (folder / "end").write_text(signal.Signals(number).name)
    if signal.Signals(number).name not in sys.argv[2:]:
        os._exit(0)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
    signal.signal(number, end)
(folder / "pid.new").write_text(str(os.getpid()))
(folder / "pid.new").rename(folder / "pid")
while True:
    time.sleep(60)
"""
STARTER = """
import sys, time
from pathlib import Path
from sandbox.guardian import Guarded
folder = Path(sys.argv[1])
options = {name: Path(value) for name, value in (word.split("=") for word in sys.argv[3:])}
guarded = Guarded([sys.executable, "-c", sys.argv[2], str(folder)], lock=folder / "lock", **options)
time.sleep(60)
"""
ROOT = Path(__file__).parents[2]


def until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.01)


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def pid_of_command(folder):
    until((folder / "pid").exists)
    return int((folder / "pid").read_text())


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def guard(folder, *ignored, command=COMMAND, **options):
    return Guarded([sys.executable, "-c", command, str(folder), *ignored], lock=folder / "lock", **options)


@pytest.fixture
def starter(tmp_path):
    """Return a function that starts another process which starts a guarded command."""
    started = []

    def start(**options):
        words = [f"{name}={value}" for name, value in options.items()]
        command = [sys.executable, "-c", STARTER, str(tmp_path), COMMAND, *words]
        started.append(subprocess.Popen(command, cwd=ROOT, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(signal.SIGKILL, id="killed without a word"),
        pytest.param(signal.SIGTERM, id="terminated"),
        pytest.param(signal.SIGHUP, id="its terminal is gone"),
    ],
)
def test_ends_in_order_when_its_starter_is_gone(starter, tmp_path, how):
    process = starter()
    pid = pid_of_command(tmp_path)
    guardian = parent_of(pid)

    process.send_signal(how)

    until(lambda: not lives(pid) and not lives(guardian))
    assert (tmp_path / "end").read_text() == "SIGTERM"
    assert (tmp_path / "lock").read_text() == ""


def test_ctrl_c_in_the_terminal_does_not_reach_the_command(starter, tmp_path):
    process = starter()
    pid = pid_of_command(tmp_path)
    assert os.getsid(pid) != os.getsid(process.pid)

    os.killpg(process.pid, signal.SIGINT)

    until(lambda: not lives(pid))
    assert (tmp_path / "end").read_text() == "SIGTERM", "the guardian ended it, not the terminal"


def test_ends_when_its_guardian_is_killed(tmp_path):
    guarded = guard(tmp_path, ends_with=signal.SIGINT)
    pid = pid_of_command(tmp_path)

    os.kill(parent_of(pid), signal.SIGKILL)

    until(lambda: not lives(pid))
    assert (tmp_path / "end").read_text() == "SIGINT"
    assert guarded.stop() == -signal.SIGKILL


@pytest.mark.parametrize(
    ("ignored", "end", "status"),
    [
        pytest.param((), "SIGINT", 0, id="obeys the first signal"),
        pytest.param(("SIGINT",), "SIGQUIT", 0, id="obeys the second"),
        pytest.param(("SIGINT", "SIGQUIT"), "SIGQUIT", 128 + signal.SIGKILL, id="obeys neither"),
    ],
)
def test_stop_insists(tmp_path, ignored, end, status):
    signals = {"ends_with": signal.SIGINT, "then": signal.SIGQUIT}
    guarded = guard(tmp_path, *ignored, **signals, patience=0.2, last_patience=0.2)
    pid = pid_of_command(tmp_path)

    assert guarded.stop() == status

    assert not lives(pid)
    assert (tmp_path / "end").read_text() == end


@pytest.mark.parametrize(
    ("command", "status"),
    [
        pytest.param("raise SystemExit(7)", 7, id="with a status"),
        pytest.param("import os; os.kill(os.getpid(), 9)", 128 + 9, id="by a signal"),
    ],
)
def test_says_how_the_command_ended_by_itself(tmp_path, command, status):
    guarded = guard(tmp_path, command=command)

    assert guarded.wait(10) == status
    assert not guarded.alive
    assert guarded.stop() == status


def test_ends_what_the_command_leaves_behind(tmp_path):
    behind = f"""
import subprocess, sys
from pathlib import Path
subprocess.Popen([sys.executable, "-c", {COMMAND!r}, sys.argv[1], "SIGTERM"], start_new_session=True)
"""
    guarded = guard(tmp_path, command=behind, last_patience=0.2)
    pid = pid_of_command(tmp_path)

    assert guarded.stop() == 0
    assert not lives(pid)


def test_lives_on_while_somebody_needs_it(starter, tmp_path):
    with Lock(tmp_path / "in-use", shared=True).wait() as needed:
        process = starter(unless_held=tmp_path / "in-use")
        pid = pid_of_command(tmp_path)
        process.kill()
        process.wait()
        time.sleep(0.3)
        assert lives(pid)

        needed.release()

        until(lambda: not lives(pid))


def test_shares_the_lock_until_the_command_has_ended(starter, tmp_path):
    process = starter(holding=tmp_path / "in-use")
    pid = pid_of_command(tmp_path)
    assert not is_free(tmp_path / "in-use")

    process.kill()

    with Lock(tmp_path / "in-use").wait():
        assert not lives(pid)


def test_one_command_per_lock(tmp_path):
    first = guard(tmp_path)
    pid = pid_of_command(tmp_path)

    second = guard(tmp_path)

    assert second.wait(10) == second.stop() == IN_USE
    assert lives(pid)
    first.stop()


@pytest.mark.parametrize(
    ("mark", "is_ours"),
    [pytest.param("ours", True, id="our own orphan"), pytest.param("a stranger's", False, id="a stranger")],
)
def test_only_our_own_orphan_is_ended(tmp_path, mark, is_ours):
    command = [sys.executable, "-c", COMMAND, str(tmp_path)]
    with subprocess.Popen(command, env={**os.environ, "MARK": mark}) as process:
        try:
            pid = pid_of_command(tmp_path)
            (tmp_path / "lock").write_text(f"{pid}\n")

            assert end_left_over(tmp_path / "lock", "MARK=ours", seconds=5)

            assert (process.poll() is not None) is is_ours
        finally:
            process.kill()


@pytest.mark.parametrize(
    "make", [pytest.param(Path.touch, id="ended in order"), pytest.param(lambda file: None, id="never started")]
)
def test_no_orphan(tmp_path, make):
    make(tmp_path / "lock")

    assert not end_left_over(tmp_path / "lock", "MARK=ours", seconds=5)
