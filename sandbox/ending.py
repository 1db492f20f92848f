"""How a run learns that it is to end, and how it speaks to a terminal that may be gone."""

import contextlib
import os
import signal
import sys
import threading
from typing import TextIO

_asked = threading.Event()


class Stopped(BaseException):
    """Somebody asked for the end. Not an Exception, so that nothing on the way takes it for a failure."""


def listen() -> None:
    """From here on Ctrl-C, SIGTERM and a closed terminal raise Stopped, wherever the main thread is."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, _ask)


def _ask(number: int, frame: object) -> None:
    _asked.set()  # what is raised here may be swallowed on its way, or come out as something else
    ask_no_more()
    raise Stopped


def asked() -> bool:
    return _asked.is_set()


def ask_no_more() -> None:
    """From here on the end is under way; a second Ctrl-C does not disturb it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: None)


def has_terminal() -> bool:
    """Return whether there is a terminal to end this with. A closed one tells the session's first process only."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN  # nohup: its end is to be ignored


def say(words: str, *, stream: TextIO | None = None) -> None:
    """Print, unless the terminal is gone: that must not keep anything from ending in order."""
    with contextlib.suppress(OSError, ValueError):
        (stream or sys.stdout).write(f"{words}\n")
        (stream or sys.stdout).flush()
