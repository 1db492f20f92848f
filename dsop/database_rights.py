"""What the serving role may do in each database, as SQL that the owner runs after every migration.

Everything is taken away first, so that a right that was too wide does not survive. On the audit tables the role
may insert and read; on the ledger and on the history of what is governed, which triggers write, it may read.
"""

from collections.abc import Sequence

from django.apps import apps
from django.db import connections
from pghistory.models import Context, Event
from psycopg import sql

APPEND_ONLY_APPS = frozenset({"audit"})
READ_ONLY = frozenset({"django_migrations"})


def statements(alias: str, role: str) -> list[sql.Composed]:
    """Return the statements for one database, in order."""
    name = sql.Identifier(role)
    connection = connections[alias]
    tables = sorted(info.name for info in connection.introspection.get_table_list(connection.cursor()))
    begin = [
        sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}, PUBLIC").format(name),
        sql.SQL("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {}, PUBLIC").format(name),
        sql.SQL("REVOKE CREATE ON SCHEMA public FROM {}, PUBLIC").format(name),
        sql.SQL("REVOKE CREATE, TEMPORARY ON DATABASE {} FROM {}, PUBLIC").format(
            sql.Identifier(connection.settings_dict["NAME"]), name
        ),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
    ]
    if alias == "ledger":
        return [*begin, *(_grant("SELECT", table, name) for table in _served(tables, alias))]
    history = {Context._meta.db_table} | {
        model._meta.db_table for model in apps.get_models() if issubclass(model, Event) and model._meta.managed
    }
    append_only = {model._meta.db_table for model in apps.get_models() if model._meta.app_label in APPEND_ONLY_APPS}
    grants = []
    for table in _served(tables, alias):
        if table in append_only:
            grants.append(_grant("SELECT, INSERT", table, name))
        elif table in READ_ONLY | history:
            grants.append(_grant("SELECT", table, name))
        else:
            grants.append(_grant("SELECT, INSERT, UPDATE, DELETE", table, name))
    return [*begin, *grants, sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(name)]


def _served(tables: Sequence[str], alias: str) -> list[str]:
    """Return the tables that models of this database have; partitions and strangers' tables are not among them."""
    own = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if (model._meta.app_label == "accounts") == (alias == "ledger")
    }
    return [table for table in tables if table in own | READ_ONLY]


def _grant(rights: str, table: str, role: sql.Identifier) -> sql.Composed:
    return sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(rights), sql.Identifier(table), role)
