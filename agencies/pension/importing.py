"""Taking in a file of agreements: all of its good lines or none, and every other line into a file of rejects.

The lines lie in a database file of this process meanwhile, so that memory does not grow with the file.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.db import transaction

from agencies.pension.files import COLUMNS, SEPARATORS, FileRefused, Line, read_lines
from agencies.pension.keeping import Kept, Wish, keep
from agencies.pension.models import key_of
from agencies.pension.months import month_of
from legal.periods import day_in_oslo

BATCH = 1000
TABLE = """
CREATE TABLE line (
    number INTEGER PRIMARY KEY, raw BLOB NOT NULL, reason TEXT NOT NULL, key BLOB,
    provider TEXT, employer TEXT, reference TEXT, from_month TEXT, to_month TEXT, wanted INTEGER
)
"""
BY_KEY = "CREATE INDEX by_key ON line (key, from_month, to_month, wanted)"
INSERT = "INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
CONTRADICTED = """
UPDATE line SET reason = 'Line ' || (
    SELECT min(other.number) FROM line other WHERE other.key = line.key
    AND (other.from_month, other.to_month, other.wanted) <> (line.from_month, line.to_month, line.wanted)
) || ' says something else of the same agreement.'
WHERE key IN (
    SELECT key FROM line WHERE key IS NOT NULL GROUP BY key
    HAVING count(DISTINCT from_month || '/' || to_month || '/' || wanted) > 1
)
"""
WISHES = """
SELECT provider, employer, reference, from_month, to_month, wanted FROM line
WHERE reason = '' GROUP BY key ORDER BY key
"""
REJECTS = "SELECT number, reason, raw FROM line WHERE reason <> '' ORDER BY number"


@dataclass(frozen=True, slots=True)
class Imported:
    """How many lines were read and rejected, how many agreements that changed, and how many begin too early."""

    lines: int
    rejected: int
    kept: Kept
    too_early: int


def import_file(file: Path, *, rejects: Path, separator: str, future_end: bool, now: datetime) -> Imported:
    """Keep what the file desires. Raise FileRefused, OSError or a database's error; then nothing was kept.

    Importing it again changes nothing. A file of rejects that is there already is not written over.
    """
    if os.path.lexists(rejects):
        raise FileRefused("The file for the rejects is there already.")
    this_month = month_of(day_in_oslo(now))
    with file.open("rb") as content, closing(sqlite3.connect("")) as held:
        lines = read_lines(content, separator=SEPARATORS[separator], this_month=this_month, future_end=future_end)
        count, too_early = _hold(held, lines)
        rejected: int = held.execute("SELECT count(*) FROM line WHERE reason <> ''").fetchone()[0]
        try:
            if rejected:
                _write_rejects(rejects, held, SEPARATORS[separator])
            with transaction.atomic():
                kept = sum((keep(wishes, now=now) for wishes in _wishes(held)), Kept())
        except FileExistsError:
            raise FileRefused("The file for the rejects is there already.") from None
        except BaseException:
            if rejected:
                rejects.unlink(missing_ok=True)  # of a file of which nothing was kept, the rejects are the file
            raise
    return Imported(count, rejected, kept, too_early)


def _hold(held: sqlite3.Connection, lines: Iterable[Line]) -> tuple[int, int]:
    """Hold the lines, with a reason at each that another contradicts; return how many there are and begin too early."""
    count = too_early = 0
    held.execute(TABLE)
    for line in lines:
        held.execute(INSERT, _row(line))
        count += 1
        too_early += line.begins_too_early
    held.execute(BY_KEY)
    held.execute(CONTRADICTED)
    return count, too_early


def _row(line: Line) -> tuple[object, ...]:
    wish = line.wish
    if wish is None:
        return (line.number, line.raw, line.reason, *[None] * 7)
    key = key_of(wish.provider, wish.employer, wish.reference).bytes
    values = (wish.provider, wish.employer, wish.reference, wish.from_month, wish.to_month, wish.wanted)
    return (line.number, line.raw, "", key, *values)


def _wishes(held: sqlite3.Connection) -> Iterator[list[Wish]]:
    """Yield the wishes in batches, each agreement once, in an order that all imports share: none waits in a circle."""
    found = held.execute(WISHES)
    while rows := found.fetchmany(BATCH):
        yield [replace(Wish(*row), wanted=bool(row[-1])) for row in rows]


def _write_rejects(rejects: Path, held: sqlite3.Connection, separator: str) -> None:
    """Write what was rejected: as it stood, each line below a remark that says where it stood and why."""
    with os.fdopen(os.open(rejects, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(separator.join(COLUMNS).encode() + b"\n")
        for number, reason, raw in held.execute(REJECTS):
            file.write(f"# line {number}: {reason}\n".encode() + raw + b"\n")
        file.flush()
        os.fsync(file.fileno())
