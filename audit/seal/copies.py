"""The copy outside the database: whatever is signed is appended there, and nothing there is ever changed."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

from audit.seal.adapters import Unusable, adapter
from audit.seal.folder import CopyFailed, Folder
from audit.seal.lines import NotALine, line_of, parse_line

__all__ = ["Copy", "CopyFailed", "NotALine", "Unusable", "line_of", "open_copy", "parse_line"]

FOLDER = "folder:"


class Copy(Protocol):
    """A place outside. Whatever is not done whole and durably raises CopyFailed, and may be done again."""

    def append(self, lines: Sequence[bytes]) -> None:
        """Add the lines, each with its line feed, behind all others."""

    def read(self, since: date | None = None) -> Iterator[bytes]:
        """Yield every line, without line feeds, also those that are none (NotALine). The order promises nothing.

        A line may come twice: somebody tried again. Checkpoints made before the day `since` (UTC) may be left out.
        """

    def keep(self, name: str, content: bytes) -> None:
        """Keep what a witness gave. A name is used once: CopyFailed when it is taken."""

    def kept(self, beginning: str = "") -> Iterator[tuple[str, bytes]]:
        """Yield what is kept under names that begin so, by name."""


def open_copy(setting: str) -> Copy | None:
    """Return the place that AUDIT_COPY names, None for an empty setting. Raise Unusable.

    Nothing is touched yet: a folder that is not there is found by the first use.
    """
    if not setting:
        return None
    if setting.startswith(FOLDER):
        return Folder(setting.removeprefix(FOLDER))
    copy: Copy = adapter(setting, ("append", "read", "keep", "kept"))
    return copy
