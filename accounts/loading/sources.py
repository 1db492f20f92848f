"""Reading a delivered file in blocks of whole rows, from wherever a load before has stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from accounts.loading.blocks import Block
from accounts.loading.delivery import File
from accounts.loading.lines import values_of
from accounts.loading.parquet import parquet_source
from accounts.loading.refusals import Refused

BLOCK_BYTES = 128 * 1024  # what a socket takes at once, so that PostgreSQL works while the next block is judged
LONGEST_LINE = 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Source(Protocol):
    """A file that is open. A position is what `blocks` gave as `following`."""

    header: tuple[str, ...]

    def blocks(self, position: int, line: int) -> Iterator[Block]: ...


class CsvSource:
    """A CSV file in UTF-8, with or without a byte order mark; lines end with LF or CRLF."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self._name, self._file = name, file
        first = file.readline(LONGEST_LINE)
        try:
            header = values_of(first.removeprefix(BYTE_ORDER_MARK).decode("utf-8").rstrip("\r\n"))
        except ValueError:
            header = None
        if header is None or not first.endswith(b"\n"):
            raise Refused(f"The first line of {name} does not name its columns.")
        self.header = tuple(header)
        self._begin = file.tell()

    def blocks(self, position: int, line: int) -> Iterator[Block]:
        """Give the file from a position, 0 for its first row. What is no UTF-8 comes as lone surrogates."""
        following = self._file.seek(position or self._begin)
        line = line or 2
        rest = b""
        while chunk := self._file.read(BLOCK_BYTES):
            whole, end, begun = chunk.rpartition(b"\n")
            if end:
                yield (block := self._block(rest + whole + end, line, following))
                rest, line, following = begun, line + block.lines, block.following
            else:
                rest += begun
            if len(rest) > LONGEST_LINE:
                raise Refused(f"Line {line} of {self._name} is longer than {LONGEST_LINE} bytes.")
        if rest:  # the last line may end with the file
            text = rest.decode("utf-8", "surrogateescape").removesuffix("\r") + "\n"
            yield Block(text, line, 1, following + len(rest))

    def _block(self, lines: bytes, line: int, position: int) -> Block:
        return Block(lines.decode("utf-8", "surrogateescape"), line, lines.count(b"\n"), position + len(lines))


@contextmanager
def opened(file: File) -> Iterator[Source]:
    """Open a delivered file. Refuse one that has changed under the load."""
    with file.path.open("rb") as stream:
        before = _state(file.path)
        yield _source(file, stream)
        if _state(file.path) != before:
            raise Refused(f"{file.name} was changed while it was read.")


def _source(file: File, stream: BinaryIO) -> Source:
    if file.path.suffix == ".csv":
        return CsvSource(file.name, stream)
    return parquet_source(file.name, stream)


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
