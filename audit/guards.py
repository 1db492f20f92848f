"""The triggers that refuse every change of the trail, on each table and on each of its partitions.

The table of keys lets its owner delete: that is how values are deleted while no row of the trail changes.

A statement trigger on a partitioned table does not speak for its partitions: whoever names a partition passes it
by. So each has its own. A statement trigger refuses also a change that would have met no row.
"""

from typing import Any

FUNCTION = "audit_refuse_change"
TRIGGER = "audit_append_only"
BODY = """
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
"""
MAKE_FUNCTION = f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $guard${BODY}$guard$"

EVERY, ALL_BUT_DELETE = "UPDATE OR DELETE OR TRUNCATE", "UPDATE OR TRUNCATE"
# pg_trigger's sums of the same, with BEFORE and no ROW.
TYPES = {EVERY: 58, ALL_BUT_DELETE: 50}
UNGUARDED = """
SELECT c.relname FROM pg_class c
WHERE (c.oid = to_regclass(%s)
       OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass(%s)))
  AND NOT EXISTS (
    SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgrelid = c.oid AND t.tgname = %s AND t.tgtype = %s AND t.tgenabled IN ('O', 'A')
      AND t.tgqual IS NULL AND p.proname = %s AND p.prosrc = %s)
ORDER BY c.relname
"""


def guard(table: str, refused: str = EVERY) -> str:
    """Return the statement that puts the trigger on a table, or on one partition; it enables one that was disabled."""
    return (
        f"CREATE OR REPLACE TRIGGER {TRIGGER} BEFORE {refused} ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
    )


def unguarded(cursor: Any, table: str, refused: str = EVERY) -> list[str]:
    """Return which of a table and its partitions have no such trigger at work: gone, disabled or another one."""
    cursor.execute(UNGUARDED, [table, table, TRIGGER, TYPES[refused], FUNCTION, BODY])
    return [name for (name,) in cursor.fetchall()]
