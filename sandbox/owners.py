"""The two databases of an embedded cluster and the roles that use them, as production has them."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import LiteralString

import psycopg
from psycopg import sql

DATABASES = {"dsop": "dsop_owner", "ledger": "ledger_owner"}
SERVING, SEALER, AUDITOR, LOADER = "dsop_serving", "dsop_sealer", "dsop_auditor", "ledger_loader"
ROLES = (*DATABASES.values(), SERVING, SEALER, AUDITOR, LOADER)
CONNECTED = {"dsop": (SERVING, SEALER, AUDITOR), "ledger": (SERVING, LOADER)}
EDITION = 2  # raise it when `arrange` changes, so that clusters made before are arranged again


def new_passwords() -> dict[str, str]:
    return {role: secrets.token_hex(24) for role in ROLES}


def arrange(connection: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    """Make databases and roles what they should be. Costs one question when they are that already."""
    arranged = f"arranged {hashlib.sha256(json.dumps([EDITION, dict(passwords)]).encode()).hexdigest()}"
    if _remark(connection) == arranged:
        return
    for role in ROLES:
        _arrange_role(connection, role, passwords[role])
    for database, owner in DATABASES.items():
        _arrange_database(connection, database, owner)
    for database in ("postgres", "template1"):
        _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
    # The second lock. The first is that no GRANT lets this role write there: one SET lifts this one.
    _run(connection, "ALTER ROLE {} IN DATABASE ledger SET default_transaction_read_only = on", SERVING)
    # So that it can say which session a late seal waits for.
    _run(connection, "GRANT pg_read_all_stats TO {} WITH ADMIN FALSE, INHERIT TRUE, SET FALSE", SEALER)
    connection.execute(sql.SQL("COMMENT ON DATABASE dsop IS {}").format(sql.Literal(arranged)))


def _remark(connection: psycopg.Connection) -> str | None:
    question = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'dsop'"
    row = connection.execute(question).fetchone()
    return row[0] if row else None


def _arrange_role(connection: psycopg.Connection, role: str, password: str) -> None:
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
        _run(connection, "CREATE ROLE {}", role)
    # Only what the password is checked against travels to the server, so that no log can hold the password.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    rights = "ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {}"
    connection.execute(sql.SQL(rights).format(sql.Identifier(role), sql.Literal(verifier)))


def _arrange_database(connection: psycopg.Connection, database: str, owner: str) -> None:
    if connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
        _run(connection, "CREATE DATABASE {} OWNER {}", database, owner)
    _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
    for role in CONNECTED[database]:
        _run(connection, "GRANT CONNECT ON DATABASE {} TO {}", database, role)


def _run(connection: psycopg.Connection, statement: LiteralString, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
