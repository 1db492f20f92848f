"""What the tests of the trail share: a session that commits, and the names of the roles."""

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from audit.partitions import TABLES


@pytest.fixture(scope="session")
def superusers():
    """The session of the superuser that these tests share, once there is one."""
    return []


@pytest.fixture
def as_superuser(superuser, superusers):
    """One session of the superuser for all these tests; another one where a test has cut all sessions."""
    if not (superusers and is_alive(superusers[-1])):
        superusers.append(superuser("default"))
    return superusers[-1]


def is_alive(session):
    try:
        session.execute("SELECT")
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture
def committing(django_db_setup, django_db_blocker, clean_audit):
    """Let the test commit as a serving process does, on a connection of its own that is closed afterwards."""
    with django_db_blocker.unblock():
        connection.close()
        yield connection
        connection.close()


@pytest.fixture
def as_role(as_superuser):
    """Return a function that runs one statement as one of the roles or as superuser, and takes it back."""
    owner = as_superuser.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'auth_user'").fetchone()[0]
    roles = {"owner": owner, "serving": connection.settings_dict["USER"], "superuser": as_superuser.info.user}
    roles |= {"sealer": "dsop_sealer", "auditor": "dsop_auditor"}

    def run(role, statement):
        with as_superuser.transaction(force_rollback=True):
            as_superuser.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(roles[role])))
            return as_superuser.execute(statement)

    return run


@pytest.fixture
def tables(as_superuser):
    """Return the names of the trail's partitioned tables and of all their partitions."""
    rows = as_superuser.execute(
        "SELECT relname FROM unnest(%s::text[]) AS root, pg_partition_tree(root::regclass), pg_class WHERE oid = relid",
        [[*TABLES]],
    )
    return [name for (name,) in rows]


@pytest.fixture
def read(as_superuser):
    """Return a function that reads a table of the trail from another session, oldest first: only what is committed."""

    def rows(table):
        with as_superuser.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            return cursor.execute(f"SELECT * FROM {table} ORDER BY 2, 1").fetchall()

    return rows
