"""Bringing a delivery's rows beside the ledger, in as many transactions as it takes; what is there stays there.

The loader owns the schema's tables. They are UNLOGGED, what was staged and how far alike: a crash empties both.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import DataError, connections, transaction
from psycopg import sql

from accounts.loading.blocks import Block
from accounts.loading.delivery import Delivery, File, Part
from accounts.loading.lines import Rows
from accounts.loading.refusals import Refused, Reject, Rejects
from accounts.loading.sources import Source, opened
from accounts.loading.tables import Table

SCHEMA = "loading"
MAY_LOAD = "SELECT coalesce(has_schema_privilege(to_regnamespace(%s), 'USAGE, CREATE'), false)"
STATE = (
    "CREATE TABLE IF NOT EXISTS loading.delivered (id text PRIMARY KEY, digest text NOT NULL, "
    "loaded_at timestamptz NOT NULL DEFAULT now())",
    'CREATE UNLOGGED TABLE IF NOT EXISTS loading.staged ("table" text NOT NULL, file text NOT NULL, '
    "digest text NOT NULL, position bigint NOT NULL DEFAULT 0, line bigint NOT NULL DEFAULT 0, "
    'rows bigint NOT NULL DEFAULT 0, is_whole boolean NOT NULL DEFAULT false, PRIMARY KEY ("table", file))',
)
STAGED = 'SELECT position, line, rows, is_whole FROM loading.staged WHERE "table" = %s AND file = %s'
BEGUN = 'INSERT INTO loading.staged ("table", file, digest) VALUES (%s, %s, %s)'
NOTED = (
    "UPDATE loading.staged SET position = %s, line = %s, rows = %s, is_whole = %s"
    ' WHERE "table" = %s AND file = %s AND digest = %s AND position = %s AND NOT is_whole'
)
BATCH_CHARACTERS = 32 * 1024 * 1024  # of one transaction
ANOTHER = "Another load has taken over. Wait for it, and run the command again."

Progress = Callable[[str, int], None]
"""Take a table and how many more of its rows are staged."""


def prepare(cursor: Any) -> None:
    """Make the tables that say what is staged and what was delivered. Refuse where the owner has made no schema."""
    cursor.execute(MAY_LOAD, [SCHEMA])
    if not cursor.fetchone()[0]:
        raise Refused("The loader has no schema of its own yet. Run manage.py database_roles --apply as owner.")
    for statement in STATE:
        cursor.execute(statement)


def staged_table(table: Table) -> sql.Identifier:
    return sql.Identifier(SCHEMA, table.name)


def stage(delivery: Delivery, *, rejects: Rejects, progress: Progress) -> None:
    """Stage whatever is not staged yet. Once a row is rejected the rest is judged only."""
    for part in delivery.parts:
        with transaction.atomic(using="ledger"), connections["ledger"].cursor() as cursor:
            keep_or_empty(cursor, part)
        for file in part.files:
            with opened(file) as source:
                _Staging(part.table, file, source, rejects).run(progress)


def keep_or_empty(cursor: Any, part: Part) -> None:
    """Keep what was staged of these very files; otherwise begin the table anew."""
    cursor.execute('SELECT file, digest FROM loading.staged WHERE "table" = %s', [part.table.name])
    before, now = dict(cursor.fetchall()), {file.name: digest_of(part.table, file) for file in part.files}
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{SCHEMA}.{part.table.name}"])
    if cursor.fetchone()[0] and before and before.items() <= now.items():
        return
    forget(cursor, part.table)
    names = sql.SQL(", ").join(map(sql.Identifier, _columns(part.table)))
    made = "CREATE UNLOGGED TABLE {} AS SELECT {} FROM {} WITH NO DATA"
    cursor.execute(sql.SQL(made).format(staged_table(part.table), names, sql.Identifier(part.table.name)))
    for column in part.table.columns.values():
        if column.default is not None and not (column.is_null_when_empty and not column.default):
            default = sql.SQL("ALTER TABLE {} ALTER {} SET DEFAULT {}")
            cursor.execute(
                default.format(staged_table(part.table), sql.Identifier(column.name), sql.Literal(column.default))
            )


def hold(cursor: Any, delivery: Delivery) -> None:
    """Let nobody stage until the transaction ends. Refuse unless what is staged is all of these very files."""
    cursor.execute("LOCK TABLE loading.staged IN SHARE ROW EXCLUSIVE MODE")
    for part in delivery.parts:
        cursor.execute('SELECT file, digest FROM loading.staged WHERE "table" = %s AND is_whole', [part.table.name])
        if dict(cursor.fetchall()) != {file.name: digest_of(part.table, file) for file in part.files}:
            raise Refused(ANOTHER)


def look_at(cursor: Any, table: Table) -> None:
    """Let PostgreSQL know how many rows are staged, and what the columns hold by which they find others."""
    names = dict.fromkeys((*table.key, *table.unique, *table.references, *filter(None, [table.days])))
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    cursor.execute(sql.SQL("ANALYZE {} ({})").format(staged_table(table), columns))


def forget(cursor: Any, table: Table) -> None:
    """Drop what is staged of a table."""
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(staged_table(table)))
    cursor.execute('DELETE FROM loading.staged WHERE "table" = %s', [table.name])


def digest_of(table: Table, file: File) -> str:
    """Return what a staged file is known by: its bytes, and the rules that it was judged by."""
    rules = "\n".join(f"{column.name} {column.quick}" for column in table.columns.values())
    return hashlib.sha256(f"{file.digest}\n{rules}".encode()).hexdigest()


def copying(table: Table, header: Sequence[str]) -> sql.Composed:
    """Return the COPY that reads lines of CSV as `Rows` gives them."""
    columns = [table.columns[name] for name in header]
    options: list[sql.Composable] = [sql.SQL("FORMAT csv")]
    for words, chosen in (
        ("FORCE_NOT_NULL ({})", [column for column in columns if not column.is_null_when_empty]),
        ("FORCE_NULL ({})", [column for column in columns if column.is_null_when_empty]),
    ):
        if chosen:
            options.append(sql.SQL(words).format(sql.SQL(", ").join(sql.Identifier(each.name) for each in chosen)))
    names = sql.SQL(", ").join(map(sql.Identifier, header))
    return sql.SQL("COPY {} ({}) FROM STDIN ({})").format(staged_table(table), names, sql.SQL(", ").join(options))


def _columns(table: Table) -> list[str]:
    return [*table.columns, *table.from_manifest]


class _Place(NamedTuple):
    """How far a file is staged."""

    position: int = 0
    line: int = 0
    rows: int = 0
    is_whole: bool = False


class _Staging:
    """The staging of one file, from where a load before has stopped."""

    def __init__(self, table: Table, file: File, source: Source, rejects: Rejects) -> None:
        self.table, self.file, self.rejects = table, file, rejects
        self.rows = Rows(table, source.header)
        self.copy = copying(table, source.header)
        self.digest = digest_of(table, file)
        self.place = self._found()
        self.blocks = source.blocks(self.place.position, self.place.line)

    def _found(self) -> _Place:
        with connections["ledger"].cursor() as cursor:
            cursor.execute(STAGED, [self.table.name, self.file.name])
            found = cursor.fetchone()
            if found is None:
                cursor.execute(BEGUN, [self.table.name, self.file.name, self.digest])
        return _Place(*found) if found else _Place()

    def run(self, progress: Progress) -> None:
        progress(self.table.name, self.place.rows)
        while not self.place.is_whole and not self.rejects.count:
            with transaction.atomic(using="ledger"), connections["ledger"].cursor() as cursor:
                before, self.place = self.place, self._batch(cursor, progress)
                if self.rejects.count:
                    transaction.set_rollback(True, using="ledger")
                else:
                    self._note(cursor, before)
        for block in () if self.place.is_whole else self.blocks:
            for _ in self._good(block):
                pass
            progress(self.table.name, block.lines)

    def _batch(self, cursor: Any, progress: Progress) -> _Place:
        position, line, rows, characters = *self.place[:3], 0
        with _refused_by_the_database(self.file), cursor.copy(self.copy) as copy:
            for block in self.blocks:
                for good in self._good(block):
                    rows += good.count("\n")
                    copy.write(good)
                position, line, characters = block.following, block.line + block.lines, characters + len(block.text)
                progress(self.table.name, block.lines)
                if characters >= BATCH_CHARACTERS:
                    return _Place(position, line, rows)
        return _Place(position, line, rows, is_whole=True)

    def _good(self, block: Block) -> Iterator[str]:
        return self.rows.good(block.text, line=block.line, refuse=self._refuse)

    def _refuse(self, line: int, column: str, reason: str) -> None:
        self.rejects.add(Reject(self.table.name, self.file.name, line, column, reason))

    def _note(self, cursor: Any, before: _Place) -> None:
        """Write down how far the file is staged, in the same transaction. Refuse when somebody else has got further."""
        cursor.execute(NOTED, [*self.place, self.table.name, self.file.name, self.digest, before.position])
        if not cursor.rowcount:
            raise Refused(ANOTHER)


@contextmanager
def _refused_by_the_database(file: File) -> Iterator[None]:
    """Let no words of PostgreSQL's through: they repeat the row."""
    try:
        yield
    except DataError as error:
        raise Refused(f"PostgreSQL takes a row of {file.name} for no row ({type(error.__cause__).__name__}).") from None
