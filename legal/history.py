"""Every change of what is governed is kept by triggers, with who made it and where."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pghistory
import pgtrigger.migrations
from django.db import connection, migrations, models
from django.db.backends.postgresql.base import Cursor
from django.db.migrations.state import ProjectState

Model = TypeVar("Model", bound=type[models.Model])
OWN_RIGHTS = """
DO $$ DECLARE name text; BEGIN
    FOR name IN
        SELECT DISTINCT tgfoid::regprocedure::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE proname LIKE 'pgtrigger%%' AND tgrelid::regclass::text LIKE '%s%%'
    LOOP
        EXECUTE 'ALTER FUNCTION ' || name || ' SECURITY DEFINER SET search_path = public, pg_temp';
    END LOOP;
END $$;
"""
NEVER_OFF = """
CREATE OR REPLACE FUNCTION "public"._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN
LANGUAGE sql IMMUTABLE AS 'SELECT false';
"""


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


class AddTrigger(pgtrigger.migrations.AddTrigger):
    """The library's operation, without drawing anew every model that is related: a trigger changes none of them.

    With some hundred triggers that was most of the time that a migration took.
    """

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        options = state.models[app_label, self.model_name].options
        options["triggers"] = [*options.get("triggers", []), self.trigger]


def copies_by_the_owner(app: str) -> migrations.RunSQL:
    """Return what ends a migration that has added triggers to this app's tables.

    They run with the rights of the tables' owner, so that the serving role, of this release and of the one before,
    keeps copies without a right to write them; and no setting of a session turns them off.
    """
    return migrations.RunSQL(OWN_RIGHTS % app + NEVER_OFF, migrations.RunSQL.noop)
