"""Advisory locks on files: the kernel frees them when their holder ends, in whatever way."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

PAUSE = 0.02


class Lock:
    """A lock on `path`, shared with others who want it shared, or this process's alone. Used once."""

    def __init__(self, path: Path, *, shared: bool = False) -> None:
        self._kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        # O_NOFOLLOW: a lock never opens what somebody else has put in its place.
        self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def take(self, *, seconds: float) -> bool:
        """Return whether the lock was had within that time; 0 asks once."""
        if self._file is None:
            raise ValueError("this lock was released")
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(self._file, self._kind | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(PAUSE)

    def wait(self) -> Self:
        """Take the lock however long its holder keeps it."""
        if self._file is None:
            raise ValueError("this lock was released")
        fcntl.flock(self._file, self._kind)
        return self

    def release(self) -> None:
        """Give the lock back. Doing so twice is harmless."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def is_free(path: Path, *, shared: bool = False) -> bool:
    """Return whether nobody's lock stands in the way of one of that kind right now."""
    with Lock(path, shared=shared) as lock:
        return lock.take(seconds=0)
