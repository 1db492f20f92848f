"""Appending to a sealed table: one row, salted and chained to its writer's row before, committed by one INSERT."""

import logging
import os
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.db import DatabaseError, IntegrityError, InterfaceError, connection
from uuid_utils.compat import uuid7

from audit.retain.month_keys import KeyGone
from audit.seal.leaves import SALT_BYTES, columns_of
from audit.seal.writers import Writer, committed, current
from audit.texts import Text, hexadecimal, texts_of

logger = logging.getLogger(__name__)

LOST = {"57P01", "57P02", "57P03"}  # the server ended the session
CLASHED = {"40001", "40P01"}  # serialisation failure, deadlock
FAULTS = (DatabaseError, InterfaceError, KeyGone)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotRecorded(Exception):
    """The record could not be committed; nothing may leave."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be: its columns' texts but for writer and salt, the statement, and what that takes before the row."""

    texts: dict[str, Text]
    statement: str
    before: list[Any] = field(default_factory=list)


def append(table: str, columns: Mapping[str, Any]) -> uuid.UUID:
    """Commit a row with these values and return its id. Raise NotRecorded.

    Its id and its moment, `at`, are drawn here. Words are cleaned and cut to what their columns hold; a column that is
    left out is empty. In a transaction of the caller's the row stands or falls with it.
    """
    row_id, at = drawn()
    texts = texts_of(table, {**columns, "id": row_id, "at": at})
    commit(table, lambda: Row(texts, insert_into(table)))
    return row_id


def drawn() -> tuple[uuid.UUID, datetime]:
    """Return a new row's id and moment, which are of one time."""
    nanoseconds = time.time_ns()
    return uuid7(nanoseconds=nanoseconds), EPOCH + timedelta(microseconds=nanoseconds // 1000)


@cache
def insert_into(table: str) -> str:
    """Return the statement that appends a row, whatever is absent in it: so it is prepared once in each connection.

    It takes the values as texts, and PostgreSQL the types from the columns.
    """
    names = (*columns_of(table), "salt")
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})"  # noqa: S608 - our own words


def commit(table: str, build: Callable[[], Row]) -> None:
    """Commit the row that `build` returns by one autocommit INSERT. Raise NotRecorded.

    Where there was no session, or it was lost, it is built and sent once more, over another one.
    """
    try:
        _insert(table, build)
    except FAULTS as error:
        if connection.in_atomic_block or not may_pass(error):
            raise not_recorded(error) from None
        _insert_again(table, build)


def _insert(table: str, build: Callable[[], Row]) -> None:
    writer, row = current(table), build()
    values, following = chained(writer, row.texts)
    try:
        with connection.cursor() as cursor:
            cursor.execute(row.statement, [*row.before, *values])
    except DatabaseError:
        raise
    except BaseException:
        # Interrupted while waiting: the row may be there all the same, and its number may not be used again.
        if not connection.in_atomic_block:
            connection.close()
        raise
    committed(following)


def chained(writer: Writer, texts: Mapping[str, Text]) -> tuple[list[Text], Writer]:
    """Return what to insert for this writer's next row, and the writer as it is once that is committed."""
    salt = os.urandom(SALT_BYTES)
    row = {**texts, **writer.columns()}
    values = [row[name] for name in columns_of(writer.table)]
    return [*values, hexadecimal(salt)], writer.after(salt, row)


def _insert_again(table: str, build: Callable[[], Row]) -> None:
    """Try once more. The id is the same: where it exists already, the first try was committed after all."""
    connection.close()
    try:
        _insert(table, build)
    except IntegrityError as error:
        if _sqlstate(error) != "23505":
            raise not_recorded(error) from None
    except FAULTS as error:
        raise not_recorded(error) from None


def may_pass(error: Exception) -> bool:
    """Return whether another session, or the same a moment later, may do what this one did not.

    A server that is slow to take a connection is asked again: how long all of it takes the request's clock says.
    """
    lost = connection.connection is None or connection.connection.closed
    return bool(lost) or _sqlstate(error) in LOST | CLASHED


def _sqlstate(error: Exception) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def not_recorded(error: Exception) -> NotRecorded:
    """Return what to raise for a database error, which is logged without its text."""
    # The text of a database error holds the failing row.
    logger.error("audit.not_recorded", extra={"error": type(error).__name__, "sqlstate": _sqlstate(error)})
    return NotRecorded("The record could not be committed.")
