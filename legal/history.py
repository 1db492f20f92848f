"""Every change of what is governed is kept by triggers, with who made it and where."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pghistory
from django.db import connection, models
from django.db.backends.postgresql.base import Cursor

Model = TypeVar("Model", bound=type[models.Model])


def tracked(model: Model) -> Model:
    """Keep a copy of each row whenever it is added, changed or deleted; the copies only grow."""
    trackers = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    keep: Any = pghistory.track(*trackers, append_only=True)
    kept: Model = keep(model)
    return kept


@contextmanager
def recorded(**context: str | None) -> Iterator[None]:
    """Let the copies made meanwhile say who acted and where: names of people, commands and pages, nothing else.

    The words travel in front of each statement. The server would bind the parameters of one statement only, so this
    connection binds them here until the end. One that breaks meanwhile comes back without: its writes then fail.
    """
    connection.ensure_connection()
    session: Any = connection.connection
    usual, session.cursor_factory = session.cursor_factory, Cursor
    try:
        with pghistory.context(**context):
            yield
    finally:
        session.cursor_factory = usual
