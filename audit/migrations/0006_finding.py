"""Indexes by which records are found, built month by month beside whoever writes: no statement locks the trail."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models

TABLE = "audit_record"
REQUESTER, KINDS = "audit_record_requester", "audit_record_kinds"
COLUMNS = ("consumer", "service", "legal_mandate", "endpoint", "outcome", "code")
SEEN_OR_NOT = "text_bloom_ops(n_distinct_per_range=16)"
DEFINITIONS = {
    REQUESTER: "(requester_id, at) WHERE NOT (requester_id = '')",
    KINDS: f"USING brin ({', '.join(f'{column} {SEEN_OR_NOT}' for column in COLUMNS)})"
    " WITH (autosummarize = on, pages_per_range = 64)",
}
WITHOUT = """
SELECT part.relname, own.relname, coalesce(own.indisvalid, true)
FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid
LEFT JOIN (SELECT relname, indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid) AS own
    ON own.relname = part.relname || %s
WHERE inhparent = %s::regclass AND NOT EXISTS (
    SELECT FROM pg_index child JOIN pg_inherits attached ON attached.inhrelid = child.indexrelid
    WHERE child.indrelid = part.oid AND attached.inhparent = %s::regclass)
"""
"""The months that lack the index, and what an earlier try may have left of it: half an index has to go first."""


def build(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for name, definition in DEFINITIONS.items():
            # With ONLY, the index of the whole is a promise: months made from now on have it, and the others get it here.
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON ONLY {TABLE} {definition}")
            suffix = name.removeprefix(TABLE)
            cursor.execute(WITHOUT, [suffix, TABLE, name])
            for month, left, is_whole in cursor.fetchall():
                if left and not is_whole:
                    cursor.execute(f"DROP INDEX CONCURRENTLY {left}")
                cursor.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {month}{suffix} ON {month} {definition}")
                cursor.execute(f"ALTER INDEX {name} ATTACH PARTITION {month}{suffix}")


def drop(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for name in DEFINITIONS:
            cursor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("audit", "0005_desk"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(build, drop)],
            state_operations=[
                migrations.AddIndex(
                    "auditrecord",
                    models.Index(fields=["requester_id", "at"], condition=~models.Q(requester_id=""), name=REQUESTER),
                ),
                migrations.AddIndex(
                    "auditrecord",
                    BrinIndex(
                        fields=COLUMNS,
                        name=KINDS,
                        opclasses=[SEEN_OR_NOT] * len(COLUMNS),
                        pages_per_range=64,
                        autosummarize=True,
                    ),
                ),
            ],
        ),
    ]
