"""Keep one command in the foreground, and end it in order when whoever started it is gone, in whatever way.

The starter uses `Guarded`. It runs this very file as a small process of its own, in a session of its own, so that
Ctrl-C in the terminal does not reach the command before the starter wants it to. That process holds the reading end
of a pipe; when the starter is gone, SIGKILL included, the kernel closes the other end and the command is stopped.
Should the guardian itself be killed, the kernel sends the command its stop signal (Linux: PR_SET_PDEATHSIG).
"""

import argparse
import contextlib
import ctypes
import fcntl
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
POLL = 0.05
IN_USE = 75  # EX_TEMPFAIL: another guardian holds the lock
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with(parent: int, number: int) -> None:
    """Have the kernel send this process the signal when `parent` ends; at once when it has ended already."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


class Guarded:
    """A command under a guardian. It ends when `stop` is called or when this process ends in any way.

    `lock` is held by the guardian for as long as it lives, and names the command's process in it. `unless_held`: a
    guardian whose starter is gone lets the command live while anybody holds that lock. `holding`: a lock the
    guardian shares in until its command has ended. After `patience` seconds it gets the signal `then`, and after
    `last_patience` it is killed.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        lock: Path,
        ends_with: signal.Signals = signal.SIGTERM,
        then: signal.Signals = signal.SIGKILL,
        patience: float = 10.0,
        last_patience: float = 6.0,
        user: tuple[int, int] | None = None,
        environment: Mapping[str, str] | None = None,
        output: IO[bytes] | None = None,
        unless_held: Path | None = None,
        holding: Path | None = None,
    ) -> None:
        options = [f"--lock={lock}", f"--ends-with={ends_with:d}", f"--then={then:d}"]
        options += [f"--patience={patience}", f"--last-patience={last_patience}"]
        options += [f"--user={user[0]}:{user[1]}"] if user else []
        options += [f"--unless-held={unless_held}"] if unless_held else []
        options += [f"--holding={holding}"] if holding else []
        # -I and -S: the guardian needs nothing but the standard library, starts in 20 ms and obeys no PYTHON… variable.
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-I", "-S", __file__, *options, "--", *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def let_go(self) -> None:
        """Tell the guardian that its starter needs the command no longer. Does not wait."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def leave(self) -> None:
        """Let go, and have the guardian's end noted whenever it comes."""
        self.let_go()
        threading.Thread(target=self._process.wait, daemon=True).start()

    def wait(self, seconds: float | None = None) -> int:
        """Return the command's status. Raise TimeoutExpired when it has not ended by then."""
        return self._process.wait(seconds)

    def stop(self) -> int:
        """End the command in order, and return its status when it has ended."""
        self.let_go()
        return self.wait()


def end_left_over(lock: Path, mark: str, seconds: float) -> bool:
    """End the command of a guardian that was killed, and return whether there was one.

    It is ours when its environment holds the mark; a stranger who got its number does not.
    """
    words = lock.read_text().split() if lock.exists() else []
    if not words:
        return False
    pid = int(words[0])
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + seconds
        if _has_mark(pid, mark):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        while _has_mark(pid, mark) and time.monotonic() < deadline:
            time.sleep(POLL)
    return True


def _has_mark(pid: int, mark: str) -> bool:
    try:
        return mark.encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


class Guardian:
    """The other side: the small process that keeps the command."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._stop_now = False
        self._wake, wake_end = os.pipe()
        for end in (self._wake, wake_end):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._asked_by_signal)

    def _asked_by_signal(self, number: int, frame: object) -> None:
        self._stop_now = True

    def keep(self) -> int:
        """Run the command until it ends, and return its status the way a shell tells it."""
        lock = os.open(self._options.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        if not _taken(lock):
            return IN_USE
        if self._options.holding:
            fcntl.flock(os.open(self._options.holding, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), fcntl.LOCK_SH)
        if _libc is not None:
            _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        child = self._start()
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{child.pid}\n".encode(), 0)
        self._until_unwanted(child)
        status = self._end(child)
        _end_stragglers(self._options.last_patience)
        os.ftruncate(lock, 0)  # an empty lock file says: ended in order
        return status if status >= 0 else 128 - status

    def _start(self) -> subprocess.Popen[bytes]:
        user, group = self._options.user or (None, None)
        guardian, number = os.getpid(), self._options.ends_with
        return subprocess.Popen(  # noqa: S603 - what the starter asked for
            self._options.command,
            stdin=subprocess.DEVNULL,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            # Runs after the change of user, which would clear it. Safe: this process has one thread.
            preexec_fn=lambda: die_with(guardian, number),  # noqa: PLW1509
        )

    def _until_unwanted(self, child: subprocess.Popen[bytes]) -> None:
        """Return when the child has ended, or when nobody wants it any more."""
        lifeline: list[int] = [sys.stdin.fileno()]
        while child.poll() is None and not self._stop_now:
            if not lifeline and self._nobody_else():
                return
            pause = None if lifeline else POLL
            readable, _, _ = select.select([*lifeline, self._wake], [], [], pause)
            if self._wake in readable:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake, 4096)
            if lifeline and lifeline[0] in readable and not os.read(lifeline[0], 4096):
                lifeline = []

    def _nobody_else(self) -> bool:
        """Return whether no one shares the lock; it is then kept, so that newcomers wait for the end."""
        if self._options.unless_held is None:
            return True
        file = os.open(self._options.unless_held, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            os.close(file)
            return False

    def _end(self, child: subprocess.Popen[bytes]) -> int:
        steps = ((self._options.ends_with, self._options.patience), (self._options.then, self._options.last_patience))
        for number, patience in steps:
            if child.poll() is None:
                child.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(patience)
        child.kill()
        return child.wait()


def _taken(lock: int) -> bool:
    """Return whether the lock was had; asked for a moment, because others look whether it is free."""
    for _ in range(20):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(POLL)
    return False


def _end_stragglers(patience: float) -> None:
    """Wait for what the command left behind, and kill what does not end by itself."""
    began = time.monotonic()
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < began + 2 * patience:
            ended, _ = os.waitpid(-1, os.WNOHANG)
            if ended:
                continue
            if time.monotonic() > began + patience:
                for straggler in _children():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(straggler, signal.SIGKILL)
            time.sleep(POLL)


def _children() -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []


def _user(text: str) -> tuple[int, int]:
    user, _, group = text.partition(":")
    return int(user), int(group)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", required=True)
    parser.add_argument("--ends-with", type=int, required=True)
    parser.add_argument("--then", type=int, required=True)
    parser.add_argument("--patience", type=float, required=True)
    parser.add_argument("--last-patience", type=float, required=True)
    parser.add_argument("--user", type=_user)
    parser.add_argument("--unless-held")
    parser.add_argument("--holding")
    parser.add_argument("command", nargs="+")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(Guardian(_options(sys.argv[1:])).keep())
