"""What the stand-ins remember: JSON values on shelves in one SQLite file, safe between threads and processes."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from sandbox.maskinporten.keys import private_folder

WAIT_SECONDS = 20.0
TABLE = """CREATE TABLE IF NOT EXISTS shelf (
    name TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name, key)
) WITHOUT ROWID"""


class Shelf(Mapping[str, Any]):
    """A mapping whose values are JSON. What is taken out is a copy: put it back, or change it by `update`."""

    def __init__(self, name: str, file: Path) -> None:
        self._name = name
        self._file = file

    def __getitem__(self, key: str) -> Any:
        with _opened(self._file) as database:
            return json.loads(self._text(database, key))

    def __setitem__(self, key: str, value: Any) -> None:
        with _opened(self._file) as database:
            self._put(database, key, value)

    def __delitem__(self, key: str) -> None:
        with _opened(self._file) as database:
            self._text(database, key)
            self._remove(database, key)

    def __iter__(self) -> Iterator[str]:
        with _opened(self._file) as database:
            rows = database.execute("SELECT key FROM shelf WHERE name = ? ORDER BY key", [self._name]).fetchall()
        return iter([key for (key,) in rows])

    def __len__(self) -> int:
        with _opened(self._file) as database:
            return int(database.execute("SELECT count(*) FROM shelf WHERE name = ?", [self._name]).fetchone()[0])

    def update(self, key: str, function: Callable[[Any], Any]) -> Any:
        """Put there what the function makes of the value, or of None; a result of None removes it. Return it.

        Nobody else changes anything meanwhile.
        """
        with _opened(self._file) as database:
            try:
                value = json.loads(self._text(database, key))
            except KeyError:
                value = None
            changed = function(value)
            if changed is None:
                self._remove(database, key)
            else:
                self._put(database, key, changed)
            return changed

    def clear(self) -> None:
        with _opened(self._file) as database:
            database.execute("DELETE FROM shelf WHERE name = ?", [self._name])

    def _text(self, database: sqlite3.Connection, key: str) -> str:
        row = database.execute("SELECT value FROM shelf WHERE name = ? AND key = ?", [self._name, key]).fetchone()
        if row is None:
            raise KeyError(key)
        return str(row[0])

    def _put(self, database: sqlite3.Connection, key: str, value: Any) -> None:
        database.execute("REPLACE INTO shelf VALUES (?, ?, ?)", [self._name, key, json.dumps(value)])

    def _remove(self, database: sqlite3.Connection, key: str) -> None:
        database.execute("DELETE FROM shelf WHERE name = ? AND key = ?", [self._name, key])


def shelf(name: str, folder: Path | None = None) -> Shelf:
    """Return the shelf of that name in this sandbox folder, or in another."""
    return Shelf(name, _file(folder))


def forget_all(folder: Path | None = None) -> None:
    """Empty every shelf."""
    with _opened(_file(folder)) as database:
        database.execute("DELETE FROM shelf")


def _file(folder: Path | None) -> Path:
    return (folder or Path(settings.SANDBOX_FOLDER)) / "counterparts" / "state.sqlite3"


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection in a transaction of its own: committed at the end, undone by an exception."""
    private_folder(file.parent)
    with closing(sqlite3.connect(file, timeout=WAIT_SECONDS, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")  # it outlives this process, and need not outlive the machine
        database.execute("BEGIN IMMEDIATE")
        try:
            database.execute(TABLE)
            yield database
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")
