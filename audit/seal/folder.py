"""The copy in a folder: a file of lines for each month, and beside them what the witnesses gave.

Files are only ever opened for appending or made anew, so that the folder may lie where nothing else is allowed. The
folder itself is not made here: when what should be mounted there is missing, nothing must be written in its place.
"""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from audit.seal.adapters import Unusable
from audit.seal.lines import LONGEST_LINE, NotALine, parse_line

FILE = re.compile(r"checkpoints-(\d{4}-\d{2})\.jsonl")
KEPT = re.compile(r"[a-z0-9-]{1,100}\.[a-z0-9]{1,8}")
LARGEST_KEPT = 256 * 1024
MODE = 0o640
OTHERS_WRITE = 0o022
APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT
ANEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
# A pipe would block, and a link leads elsewhere.
SAFELY = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class CopyFailed(Exception):
    """The copy could not be written or read. The text says why and holds nothing of what was to be written."""


class Folder:
    """A folder of this user's alone, named by its whole path."""

    def __init__(self, path: str) -> None:
        if not Path(path).is_absolute():
            raise Unusable("names a folder that must be named by its whole path")
        self._path = path

    def append(self, lines: Sequence[bytes]) -> None:
        """Append to the files of the months the checkpoints were made in, each file in one write."""
        named = [(_file_of(line), line) for line in lines]
        with self._opened() as folder:
            for name, group in groupby(named, key=lambda pair: pair[0]):
                _append(folder, name, b"".join(line for _, line in group))

    def read(self, since: date | None = None) -> Iterator[bytes]:
        """Yield the lines, oldest month first; one that is too long is cut, so that it is none."""
        with self._opened() as folder:
            for name in _names(folder):
                month = FILE.fullmatch(name)
                if month and (since is None or month[1] >= f"{since:%Y-%m}"):
                    with _reading(folder, name) as file:
                        yield from _lines(file)

    def keep(self, name: str, content: bytes) -> None:
        """Write a file of its own."""
        if not KEPT.fullmatch(name) or len(content) > LARGEST_KEPT:
            raise CopyFailed("what is to be kept has no such name, or is too large")
        with self._opened() as folder, _writing(folder, name, ANEW) as descriptor:
            try:
                _write(descriptor, content)
            except (OSError, CopyFailed):
                with suppress(OSError):  # not allowed where nothing may be removed: then half of it stays
                    os.unlink(name, dir_fd=folder)
                raise
            os.fsync(folder)

    def kept(self, beginning: str = "") -> Iterator[tuple[str, bytes]]:
        """Yield name and content; of a file that is too large, as much as tells that it is."""
        with self._opened() as folder:
            for name in _names(folder):
                if KEPT.fullmatch(name) and not FILE.fullmatch(name) and name.startswith(beginning):
                    with _reading(folder, name) as file:
                        yield name, file.read(LARGEST_KEPT + 1)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        with _told():
            descriptor = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | SAFELY)
            try:
                _refuse_others(os.fstat(descriptor))
                yield descriptor
            finally:
                os.close(descriptor)


def _names(folder: int) -> list[str]:
    with os.scandir(folder) as found:
        return sorted(entry.name for entry in found)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CopyFailed(f"the copy's folder: {error.strerror}") from None


@contextmanager
def _writing(folder: int, name: str, flags: int) -> Iterator[int]:
    descriptor = os.open(name, flags | SAFELY, MODE, dir_fd=folder)
    try:
        file = os.fstat(descriptor)
        _refuse_others(file)
        if not stat.S_ISREG(file.st_mode) or file.st_uid != os.geteuid():
            raise CopyFailed("a file in the copy's folder is none, or is another user's")
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _reading(folder: int, name: str) -> Iterator[BinaryIO]:
    with os.fdopen(os.open(name, os.O_RDONLY | SAFELY, dir_fd=folder), "rb") as file:
        found = os.fstat(file.fileno())
        _refuse_others(found)
        if not stat.S_ISREG(found.st_mode):
            raise CopyFailed("a file in the copy's folder is none")
        yield file


def _refuse_others(file: os.stat_result) -> None:
    if file.st_mode & OTHERS_WRITE:
        raise CopyFailed("others may write in the copy's folder")


def _file_of(line: bytes) -> str:
    try:
        statement, _ = parse_line(line)
    except NotALine:
        raise CopyFailed("a line for the copy is none") from None
    if not line.endswith(b"\n"):
        raise CopyFailed("a line for the copy has no end")
    return f"checkpoints-{statement.at[:7]}.jsonl"


def _append(folder: int, name: str, content: bytes) -> None:
    with _writing(folder, name, APPEND) as descriptor:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            content = b"\n" + content  # a crash tore the last line; it stays, as a line that is none
        _write(descriptor, content)
        if not size:
            os.fsync(folder)


def _write(descriptor: int, content: bytes) -> None:
    written = os.write(descriptor, content)
    os.fsync(descriptor)
    if written != len(content):
        raise CopyFailed("the copy's folder has no room")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST_LINE + 1):
        ended = line.endswith(b"\n")
        yield line.removesuffix(b"\n")
        while not ended and (rest := file.readline(LONGEST_LINE)):
            ended = rest.endswith(b"\n")
