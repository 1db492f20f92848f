"""Where the processes of one server put their figures together, so that any of them can show those of all.

Each writes a file of its own, and holds a lock that ends with it. What the dead have counted is added up in one file,
so that counters never fall while a worker comes and goes. It holds for any server, in whatever way it makes workers:
the first process to come empties the folder, and the locks of the others tell it that it is not the first.
"""

import fcntl
import os
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from dsop.metrics.known import BY_NAME, WORKERS, Kind, Metric, Whose
from dsop.metrics.sums import Found, Labels

FIGURES, ALIVE, HALF = ".figures", ".alive", ".half"
THE_DEAD, THE_SERVICE = "the-dead.figures", "the-service.figures"
EVERYBODY, LOOKING, READING = "everybody.lock", "looking.lock", "reading.lock"


class NotOurs(Exception):
    """The folder is somebody else's, or open to others. Its text names no more than the fault."""


class Folder:
    """The folder of one server."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: list[int] = []
        self._alive: Path | None = None
        self._reads_for_all = False
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._alive, self._reads_for_all = None, False  # they are the parent's

    def make(self) -> None:
        """Make the folder where it is missing. Raise NotOurs or OSError."""
        self._path.mkdir(mode=0o700, exist_ok=True)
        found = self._path.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise NotOurs("it is no folder")
        if found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise NotOurs("it must be this user's, with mode 0700")

    def join(self) -> None:
        """Take part, before any fork or after. Whoever is first takes away what earlier servers left."""
        self.make()
        lock = self._open(EVERYBODY)
        if _locked(lock, fcntl.LOCK_EX):
            for file in self._path.iterdir():
                if file.suffix in {FIGURES, ALIVE, HALF}:
                    file.unlink()
        fcntl.flock(lock, fcntl.LOCK_SH)
        self._held.append(lock)

    def tell(self, found: Found) -> None:
        """Let the others know what this process has found so far, in place of what it told before."""
        if self._alive is None:
            self._alive = self._begin()
        self._write(self._alive.with_suffix(FIGURES), found)

    def tell_of_service(self, found: Found) -> None:
        self._write(self._path / THE_SERVICE, found)

    def may_read_for_all(self) -> bool:
        """Return whether this process is the one that reads what is the same for all, until it ends."""
        if not self._reads_for_all:
            lock = self._open(READING)
            self._reads_for_all = _locked(lock, fcntl.LOCK_EX)
            if self._reads_for_all:
                self._held.append(lock)
            else:
                os.close(lock)
        return self._reads_for_all

    def bury(self) -> None:
        """Add what ended processes have counted to the sum of the dead."""
        with self._alone():
            for alive in self._path.glob(f"*{ALIVE}"):
                if alive != self._alive and _has_ended(alive):
                    self._bury(alive)

    def found(self) -> Found:
        """Return the figures of all processes, put together."""
        self.bury()
        with self._alone():
            living = [alive.with_suffix(FIGURES) for alive in self._path.glob(f"*{ALIVE}")]
            told = [_read(file) for file in (*living, self._path / THE_DEAD, self._path / THE_SERVICE)]
        return together(told) | {WORKERS.name: {(): [float(len(living))]}}

    def _begin(self) -> Path:
        """Take this process's place. Nobody looks meanwhile, who would find its lock free and take it for dead."""
        with self._alone():
            alive = self._path / f"{uuid.uuid4().hex}{ALIVE}"
            lock = self._open(alive.name)
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._held.append(lock)
        return alive

    def _bury(self, alive: Path) -> None:
        figures = alive.with_suffix(FIGURES)
        counted = {name: cells for name, cells in _read(figures).items() if BY_NAME[name].kind is not Kind.GAUGE}
        self._write(self._path / THE_DEAD, together([_read(self._path / THE_DEAD), counted]))
        figures.unlink(missing_ok=True)
        alive.unlink()

    def _write(self, file: Path, found: Found) -> None:
        half = file.with_suffix(HALF)
        half.write_bytes(orjson.dumps({name: [*cells.items()] for name, cells in found.items()}))
        half.replace(file)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = self._open(LOOKING)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _open(self, name: str) -> int:
        return os.open(self._path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _locked(number: int, kind: int) -> bool:
    try:
        fcntl.flock(number, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _has_ended(alive: Path) -> bool:
    with alive.open("rb") as file:
        return _locked(file.fileno(), fcntl.LOCK_SH)


def _read(file: Path) -> Found:
    """Return what a process told. What only another release knows, which may be here too, is left out."""
    told: dict[str, list[Any]] = {}
    with suppress(FileNotFoundError):
        told = orjson.loads(file.read_bytes())
    return {name: dict(_fitting(BY_NAME[name], of)) for name, of in told.items() if name in BY_NAME}


def _fitting(metric: Metric, of: list[Any]) -> Iterator[tuple[Labels, list[float]]]:
    for labels, cells in of:
        if len(labels) == len(metric.labels) and len(cells) == metric.cells:
            yield tuple(labels), cells


def together(told: list[Found]) -> Found:
    """Return counts added up, and of gauges the one that is shown."""
    found: Found = {}
    for one in told:
        for name, of in one.items():
            metric, known = BY_NAME[name], found.setdefault(name, {})
            for labels, cells in of.items():
                known[labels] = _one(metric.kind, metric.whose, known[labels], cells) if labels in known else cells
    return found


def _one(kind: Kind, whose: Whose, before: list[float], cells: list[float]) -> list[float]:
    if kind is not Kind.GAUGE:
        return [a + b for a, b in zip(before, cells, strict=True)]
    return min(before, cells) if whose is Whose.LOWEST else max(before, cells)
