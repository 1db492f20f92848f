"""What each role may do in each database, as SQL that the owner runs after every migration; and the roles themselves.

Everything is taken away first, so that a right that was too wide does not survive. On the trail each role has what
audit/rights.py says. The serving role reads the ledger and the history of what is governed, which triggers write.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from django.apps import apps
from django.db import connections
from pghistory.models import Context, Event
from psycopg import sql

from audit.rights import RIGHTS

READ_ONLY = frozenset({"django_migrations"})
TRAIL, LEDGER = "default", "ledger"
# What only a superuser can make, once. `migrate` and the statements below need no superuser.
MADE_ONCE = """
CREATE ROLE {owner} {attributes};
CREATE ROLE {ledger_owner} {attributes};
CREATE ROLE {serving} {attributes};
CREATE ROLE {sealer} {attributes};
CREATE ROLE {auditor} {attributes};
CREATE ROLE {loader} {attributes};
CREATE DATABASE {trail} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE {ledger} OWNER {ledger_owner} TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE {trail}, {ledger} FROM PUBLIC;
GRANT CONNECT ON DATABASE {trail} TO {serving}, {sealer}, {auditor};
GRANT CONNECT ON DATABASE {ledger} TO {serving}, {loader};
-- A record is on disk before its answer leaves, and a checkpoint before its copy, whatever the server's default is.
ALTER ROLE {serving} SET synchronous_commit = on;
ALTER ROLE {sealer} SET synchronous_commit = on;
ALTER ROLE {auditor} SET synchronous_commit = on;
-- A second lock: the first is that no right to write is ever granted there.
ALTER ROLE {serving} IN DATABASE {ledger} SET default_transaction_read_only = on;
-- A migration that cannot have its lock soon gives up, instead of letting every request queue up behind it.
ALTER ROLE {owner} SET lock_timeout = '5s';
ALTER ROLE {ledger_owner} SET lock_timeout = '5s';
-- So that the sealer can name the session that a late seal waits for. It seals without this too.
GRANT pg_read_all_stats TO {sealer} WITH ADMIN FALSE, INHERIT TRUE, SET FALSE;
"""
ATTRIBUTES = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"


@dataclass(frozen=True, slots=True)
class Roles:
    """The names of those who own nothing."""

    serving: str = "dsop_serving"
    sealer: str = "dsop_sealer"
    auditor: str = "dsop_auditor"
    loader: str = "ledger_loader"

    def entering(self, alias: str) -> tuple[str, ...]:
        """Return who has business in a database."""
        return (self.serving, self.loader) if alias == LEDGER else (self.serving, self.sealer, self.auditor)


def made_once(roles: Roles) -> sql.Composed:
    """Return what makes the roles and their databases, for whoever installs."""
    servers = {"trail": connections[TRAIL].settings_dict, "ledger": connections[LEDGER].settings_dict}
    names = {
        **asdict(roles),
        "owner": servers["trail"]["USER"],
        "ledger_owner": servers["ledger"]["USER"],
        **{alias: server["NAME"] for alias, server in servers.items()},
    }
    identifiers = {name: sql.Identifier(value) for name, value in names.items()}
    return sql.SQL(MADE_ONCE).format(attributes=sql.SQL(ATTRIBUTES), **identifiers)


def statements(alias: str, roles: Roles) -> list[sql.Composed]:
    """Return the statements for one database, in order."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        tables = sorted(info.name for info in connection.introspection.get_table_list(cursor))
    everybody = _names(asdict(roles).values())
    entering, database = _names(roles.entering(alias)), sql.Identifier(connection.settings_dict["NAME"])
    return [
        sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}, PUBLIC").format(everybody),
        sql.SQL("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {}, PUBLIC").format(everybody),
        sql.SQL("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM {}, PUBLIC").format(everybody),
        sql.SQL("REVOKE CREATE ON SCHEMA public FROM {}, PUBLIC").format(everybody),
        sql.SQL("REVOKE ALL ON DATABASE {} FROM {}, PUBLIC").format(database, everybody),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, entering),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(entering),
        *(_in_ledger(tables, roles) if alias == LEDGER else _in_trail(tables, roles)),
    ]


def _in_ledger(tables: Iterable[str], roles: Roles) -> list[sql.Composed]:
    served, loader = _of_rooms(tables, LEDGER), sql.Identifier(roles.loader)
    return [
        # What the loader stages lies in a schema of its own, which nobody else enters.
        sql.SQL("CREATE SCHEMA IF NOT EXISTS loading").format(),
        sql.SQL("REVOKE ALL ON SCHEMA loading FROM {}, PUBLIC").format(_names(asdict(roles).values())),
        sql.SQL("GRANT USAGE, CREATE ON SCHEMA loading TO {}").format(loader),
        *_grants(dict.fromkeys(served, "SELECT"), roles.serving),
        *_grants(dict.fromkeys(served - READ_ONLY, "SELECT, INSERT, UPDATE, DELETE"), roles.loader),
    ]


def _in_trail(tables: Iterable[str], roles: Roles) -> list[sql.Composed]:
    served = _of_rooms(tables, TRAIL)
    history = {Context._meta.db_table} | {
        model._meta.db_table for model in apps.get_models() if issubclass(model, Event) and model._meta.managed
    }
    read = READ_ONLY | history
    trail = {
        role: {table: _words(rights) for table, rights in of_role.items() if table in served}
        for role, of_role in RIGHTS.items()
    }
    others = {
        table: "SELECT" if table in read else "SELECT, INSERT, UPDATE, DELETE"
        for table in served - RIGHTS["serving"].keys()
    }
    return [
        *_grants(others | trail["serving"], roles.serving),
        sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(sql.Identifier(roles.serving)),
        # What the triggers that write history call is called as whoever made the change.
        sql.SQL("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}").format(sql.Identifier(roles.serving)),
        *_grants(trail["sealer"], roles.sealer),
        *_grants(trail["auditor"], roles.auditor),
    ]


def _of_rooms(tables: Iterable[str], alias: str) -> set[str]:
    """Return the tables that models of this database have; partitions and strangers' tables are not among them."""
    own = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if (model._meta.app_label == "accounts") == (alias == LEDGER)
    }
    return {table for table in tables if table in own | READ_ONLY}


def _words(rights: Iterable[str]) -> str:
    return ", ".join(sorted(rights, reverse=True))


def _grants(rights: Mapping[str, str], role: str) -> list[sql.Composed]:
    return [
        sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(words), sql.Identifier(table), sql.Identifier(role))
        for table, words in sorted(rights.items())
    ]


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
