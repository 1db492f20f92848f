"""Why a delivery is not loaded: one sentence, or rows with their lines. No words repeat a value of a row."""

import csv
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

MOST = 1000


class Refused(Exception):
    """The delivery is refused as a whole; the message is for who runs the command."""


class Reject(NamedTuple):
    """A row that cannot be taken. Line 0 is the file itself."""

    table: str
    file: str
    line: int
    column: str
    reason: str


@dataclass
class Rejects:
    """The rows that were refused: the first thousand with their lines, and how many there are."""

    rows: list[Reject] = field(default_factory=list)
    count: int = 0

    def add(self, reject: Reject) -> None:
        self.count += 1
        if len(self.rows) < MOST:
            self.rows.append(reject)

    def write(self, path: Path) -> None:
        """Write the file anew, for its owner alone; without rejects there is none."""
        path.unlink(missing_ok=True)
        if not self.rows:
            return
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(Reject._fields)
            writer.writerows(sorted(self.rows))


class RowsRefused(Refused):
    """Some rows cannot be taken; which ones stands in the rejects."""
