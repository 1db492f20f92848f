"""Who may do what to the tables of the trail: what is granted, and what a start is refused for when there is more.

Rights are on the tables, never on their partitions. The owner has all of them; the triggers hold it too.
"""

from typing import Any

from audit.partitions import SEALED, TABLES

READ, APPEND = frozenset({"SELECT"}), frozenset({"SELECT", "INSERT"})
MEMBERSHIPS = tuple(f"{table}_sealed" for table in SEALED)
ROOM = (*TABLES, "audit_checkpoint", "audit_held", "audit_key")
RIGHTS = {
    "serving": {**dict.fromkeys(ROOM, READ), **dict.fromkeys((*SEALED, "audit_answer", "audit_key"), APPEND)},
    "sealer": {**dict.fromkeys(SEALED, READ), **dict.fromkeys((*MEMBERSHIPS, "audit_checkpoint"), APPEND)},
    "auditor": {**dict.fromkeys(ROOM, READ), "audit_access": APPEND},
}
"""For each role the rights on each table. The serving role has other tables too, and those are not this room's."""

PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"]
HELD = """
WITH tables AS (
    SELECT c.oid, c.relname::text AS name, coalesce(p.relname, c.relname)::text AS parent, c.relowner AS owner
    FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace = 'public'::regnamespace)
SELECT name, parent, privilege FROM tables CROSS JOIN unnest(%s::text[]) AS privilege
WHERE CASE WHEN privilege IN ('SELECT', 'INSERT', 'UPDATE') THEN has_any_column_privilege(oid, privilege)
      ELSE has_table_privilege(oid, privilege) END
UNION ALL
SELECT name, parent, 'ownership' FROM tables WHERE pg_has_role(owner, 'MEMBER')
"""
BESIDES = """
SELECT 'CREATE on schema public' WHERE has_schema_privilege('public', 'CREATE')
UNION ALL
SELECT 'SET on session_replication_role' WHERE has_parameter_privilege('session_replication_role', 'SET')
UNION ALL
SELECT privilege || ' on database ' || current_database() FROM unnest(ARRAY['CREATE', 'TEMPORARY']) AS privilege
WHERE has_database_privilege(current_database(), privilege)
UNION ALL
SELECT 'membership in ' || rolname FROM pg_roles WHERE pg_has_role(oid, 'MEMBER') AND rolname IN (
    'pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files', 'pg_write_all_data')
"""


def too_wide(cursor: Any, role: str) -> list[str]:
    """Return what the session's role may do beyond its rights. A partition is named when its table is not."""
    cursor.execute(HELD, [PRIVILEGES])
    found = {(name, parent, privilege) for name, parent, privilege in cursor.fetchall()}
    wide = {held for held in found if not _granted(role, held[1], held[2])}
    tables = {(name, privilege) for name, parent, privilege in wide if name == parent}
    rights = {
        f"{privilege} {'of' if privilege == 'ownership' else 'on'} {name}"
        for name, parent, privilege in wide
        if name == parent or (parent, privilege) not in tables
    }
    cursor.execute(BESIDES)
    return sorted(rights.union(right for (right,) in cursor.fetchall()))


def _granted(role: str, table: str, privilege: str) -> bool:
    """Return whether it is the role's right. What the serving role does to other rooms' tables is not judged here."""
    if role == "serving" and table not in ROOM:
        return True
    return privilege in RIGHTS[role].get(table, ())
