"""What makes the trail provable: the kept answers, salts and writers, the seal's tables, and keys by the month."""

from datetime import UTC, datetime
from typing import Any

import uuid_utils.compat
from django.db import migrations, models

from audit.guards import guard
from audit.partitions import keep_up

# Rows from before have the number 0: any seal comes after them. A default that is computed would rewrite the tables.
COLUMNS = """
ALTER TABLE {table}
    ADD COLUMN salt bytea,
    ADD COLUMN xact bigint NOT NULL DEFAULT 0,
    ADD COLUMN writer uuid,
    ADD COLUMN writer_number bigint,
    ADD COLUMN writer_previous bytea;
ALTER TABLE {table}
    ALTER COLUMN salt SET DEFAULT uuid_send(gen_random_uuid()),
    ALTER COLUMN xact SET DEFAULT (pg_current_xact_id()::text::bigint);
CREATE INDEX {table}_xact ON {table} (xact);
CREATE INDEX {table}_writer ON {table} (writer) WHERE writer_number = 1;
"""
OF_RECORDS = "ALTER TABLE audit_record ADD COLUMN control_object_commitment bytea, ADD COLUMN answer_digest bytea"

SEALED = """
    salt bytea DEFAULT uuid_send(gen_random_uuid()),
    xact bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    writer uuid,
    writer_number bigint,
    writer_previous bytea,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
"""
ACCESS = f"""
CREATE TABLE audit_access (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    person varchar(140) NOT NULL,
    account varchar(150) NOT NULL,
    page varchar(64) NOT NULL,
    concerning uuid,
    words varchar(500) NOT NULL,
    {SEALED}
CREATE INDEX audit_access_newest ON audit_access (at, id);
CREATE INDEX audit_access_concerning ON audit_access (concerning, at);
CREATE INDEX audit_access_xact ON audit_access (xact);
CREATE INDEX audit_access_writer ON audit_access (writer) WHERE writer_number = 1;
"""
DECISION = f"""
CREATE TABLE audit_decision (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    kind varchar(32) NOT NULL,
    person varchar(140) NOT NULL,
    account varchar(150) NOT NULL,
    ground varchar(1000) NOT NULL,
    concerning uuid,
    account_info_request_id uuid,
    what varchar(16) NOT NULL,
    service varchar(64) NOT NULL,
    month date,
    evidence jsonb,
    {SEALED}
CREATE INDEX audit_decision_newest ON audit_decision (at, id);
CREATE INDEX audit_decision_concerning ON audit_decision (concerning, at);
CREATE INDEX audit_decision_case ON audit_decision (account_info_request_id, at);
CREATE INDEX audit_decision_xact ON audit_decision (xact);
CREATE INDEX audit_decision_writer ON audit_decision (writer) WHERE writer_number = 1;
"""
# The document is compressed before it is encrypted: PostgreSQL need not try.
ANSWER = """
CREATE TABLE audit_answer (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    document bytea STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
"""
MEMBERSHIP = """
CREATE TABLE {table}_sealed (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    checkpoint bigint NOT NULL,
    position integer NOT NULL,
    leaf bytea NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX {table}_sealed_place ON {table}_sealed (checkpoint, position);
"""
COVERED = ("audit_record", "audit_turned_away", "audit_access", "audit_decision")
MADE = ("audit_access", "audit_decision", "audit_answer", *(f"{table}_sealed" for table in COVERED))


def make_partitions(apps: Any, schema_editor: Any) -> None:
    keep_up(schema_editor.connection, today=datetime.now(UTC).date(), ahead=3, tables=MADE)


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_sent"),
    ]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="number")),
                ("sealed_table", models.CharField(max_length=64, verbose_name="table")),
                ("month", models.DateField(verbose_name="month")),
                ("size", models.IntegerField(verbose_name="rows")),
                ("root", models.BinaryField(verbose_name="root")),
                ("previous", models.BinaryField(verbose_name="digest of the one before")),
                ("below", models.BigIntegerField(verbose_name="transactions below")),
                ("cluster", models.CharField(max_length=64, verbose_name="cluster")),
                ("at", models.DateTimeField(verbose_name="time")),
                ("key", models.CharField(max_length=64, verbose_name="fingerprint of the key")),
                ("signature", models.BinaryField(verbose_name="signature")),
            ],
            options={
                "verbose_name": "checkpoint",
                "verbose_name_plural": "checkpoints",
                "db_table": "audit_checkpoint",
                "abstract": False,
                "default_permissions": ("view",),
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Held",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="time")),
                ("account_info_request_id", models.UUIDField(verbose_name="AccountInfoRequestID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("documents", "Documents"),
                            ("numbers", "Numbers and references"),
                            ("records", "Records"),
                            ("sums", "Sums of requests turned away"),
                            ("accesses", "Accesses to the trail"),
                        ],
                        max_length=16,
                        verbose_name="what",
                    ),
                ),
                ("record", models.UUIDField(verbose_name="record")),
                ("proof", models.JSONField(verbose_name="proof")),
                ("opened", models.BinaryField(verbose_name="what it said")),
            ],
            options={
                "verbose_name": "held copy",
                "verbose_name_plural": "held copies",
                "db_table": "audit_held",
                "abstract": False,
                "default_permissions": ("view",),
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="MonthKey",
            fields=[
                ("name", models.CharField(max_length=128, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("number", "Numbers"),
                            ("order", "References and orders"),
                            ("document", "Documents"),
                            ("held", "Held copies"),
                        ],
                        max_length=16,
                    ),
                ),
                ("service", models.CharField(max_length=64)),
                ("month", models.DateField()),
                ("wrapped", models.BinaryField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "db_table": "audit_key",
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="checkpoint",
            index=models.Index(fields=["sealed_table", "month", "number"], name="audit_checkpoint_month"),
        ),
        migrations.AddIndex(
            model_name="held",
            index=models.Index(fields=["account_info_request_id", "at"], name="audit_held_case"),
        ),
        migrations.AddConstraint(
            model_name="held",
            constraint=models.UniqueConstraint(fields=("record", "what"), name="audit_held_once"),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(COLUMNS.format(table="audit_record"), migrations.RunSQL.noop),
                migrations.RunSQL(COLUMNS.format(table="audit_turned_away"), migrations.RunSQL.noop),
                migrations.RunSQL(OF_RECORDS, migrations.RunSQL.noop),
                migrations.RunSQL(ACCESS, "DROP TABLE audit_access"),
                migrations.RunSQL(DECISION, "DROP TABLE audit_decision"),
                migrations.RunSQL(ANSWER, "DROP TABLE audit_answer"),
                *(migrations.RunSQL(MEMBERSHIP.format(table=table), f"DROP TABLE {table}_sealed") for table in COVERED),
                *(
                    migrations.RunSQL(guard(table), migrations.RunSQL.noop)
                    for table in (*MADE, "audit_checkpoint", "audit_held")
                ),
                migrations.RunSQL(guard("audit_key", "UPDATE OR TRUNCATE"), migrations.RunSQL.noop),
                migrations.RunPython(make_partitions, migrations.RunPython.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Access",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "salt",
                            models.BinaryField(
                                db_default=models.Func(
                                    output_field=models.BinaryField(), template="uuid_send(gen_random_uuid())"
                                ),
                                null=True,
                            ),
                        ),
                        (
                            "xact",
                            models.BigIntegerField(
                                db_default=models.Func(
                                    output_field=models.BigIntegerField(),
                                    template="(pg_current_xact_id()::text::bigint)",
                                )
                            ),
                        ),
                        ("writer", models.UUIDField(null=True)),
                        ("writer_number", models.BigIntegerField(null=True)),
                        ("writer_previous", models.BinaryField(null=True)),
                        ("at", models.DateTimeField(verbose_name="time")),
                        ("person", models.CharField(max_length=140, verbose_name="person")),
                        ("account", models.CharField(max_length=150, verbose_name="account")),
                        ("page", models.CharField(max_length=64, verbose_name="page")),
                        ("concerning", models.UUIDField(null=True, verbose_name="what was opened")),
                        ("words", models.CharField(max_length=500, verbose_name="filters")),
                    ],
                    options={
                        "verbose_name": "access to the trail",
                        "verbose_name_plural": "accesses to the trail",
                        "db_table": "audit_access",
                        "abstract": False,
                        "default_permissions": ("view",),
                        "base_manager_name": "objects",
                    },
                ),
                migrations.CreateModel(
                    name="AccessMembership",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("checkpoint", models.BigIntegerField()),
                        ("position", models.IntegerField()),
                        ("leaf", models.BinaryField()),
                    ],
                    options={
                        "db_table": "audit_access_sealed",
                        "abstract": False,
                        "default_permissions": (),
                        "base_manager_name": "objects",
                    },
                ),
                migrations.CreateModel(
                    name="Answer",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("document", models.BinaryField()),
                    ],
                    options={
                        "db_table": "audit_answer",
                        "abstract": False,
                        "default_permissions": (),
                        "base_manager_name": "objects",
                    },
                ),
                migrations.CreateModel(
                    name="Decision",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        (
                            "salt",
                            models.BinaryField(
                                db_default=models.Func(
                                    output_field=models.BinaryField(), template="uuid_send(gen_random_uuid())"
                                ),
                                null=True,
                            ),
                        ),
                        (
                            "xact",
                            models.BigIntegerField(
                                db_default=models.Func(
                                    output_field=models.BigIntegerField(),
                                    template="(pg_current_xact_id()::text::bigint)",
                                )
                            ),
                        ),
                        ("writer", models.UUIDField(null=True)),
                        ("writer_number", models.BigIntegerField(null=True)),
                        ("writer_previous", models.BinaryField(null=True)),
                        ("at", models.DateTimeField(verbose_name="time")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("held", "Case held"),
                                    ("release requested", "Release of a case requested"),
                                    ("release approved", "Release of a case approved"),
                                    ("released", "Held copies destroyed"),
                                    ("deletion requested", "Deletion requested"),
                                    ("deletion approved", "Deletion approved"),
                                    ("deleted", "Deleted"),
                                    ("turned down", "Request turned down"),
                                ],
                                max_length=32,
                                verbose_name="decision",
                            ),
                        ),
                        ("person", models.CharField(max_length=140, verbose_name="person")),
                        ("account", models.CharField(max_length=150, verbose_name="account")),
                        ("ground", models.CharField(max_length=1000, verbose_name="ground")),
                        ("concerning", models.UUIDField(null=True, verbose_name="concerning")),
                        ("account_info_request_id", models.UUIDField(null=True, verbose_name="AccountInfoRequestID")),
                        (
                            "what",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("documents", "Documents"),
                                    ("numbers", "Numbers and references"),
                                    ("records", "Records"),
                                    ("sums", "Sums of requests turned away"),
                                    ("accesses", "Accesses to the trail"),
                                ],
                                max_length=16,
                                verbose_name="what",
                            ),
                        ),
                        ("service", models.CharField(max_length=64, verbose_name="service")),
                        ("month", models.DateField(null=True, verbose_name="month")),
                        ("evidence", models.JSONField(null=True, verbose_name="what was done")),
                    ],
                    options={
                        "permissions": (
                            ("hold_case", "Can hold a case, and decide over its release"),
                            ("decide_deletion", "Can request and approve deletions"),
                        ),
                        "verbose_name": "decision about the trail",
                        "verbose_name_plural": "decisions about the trail",
                        "db_table": "audit_decision",
                        "abstract": False,
                        "default_permissions": ("view",),
                        "base_manager_name": "objects",
                    },
                ),
                migrations.CreateModel(
                    name="DecisionMembership",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("checkpoint", models.BigIntegerField()),
                        ("position", models.IntegerField()),
                        ("leaf", models.BinaryField()),
                    ],
                    options={
                        "db_table": "audit_decision_sealed",
                        "abstract": False,
                        "default_permissions": (),
                        "base_manager_name": "objects",
                    },
                ),
                migrations.CreateModel(
                    name="RecordMembership",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("checkpoint", models.BigIntegerField()),
                        ("position", models.IntegerField()),
                        ("leaf", models.BinaryField()),
                    ],
                    options={
                        "db_table": "audit_record_sealed",
                        "abstract": False,
                        "default_permissions": (),
                        "base_manager_name": "objects",
                    },
                ),
                migrations.CreateModel(
                    name="TurnedAwayMembership",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("checkpoint", models.BigIntegerField()),
                        ("position", models.IntegerField()),
                        ("leaf", models.BinaryField()),
                    ],
                    options={
                        "db_table": "audit_turned_away_sealed",
                        "abstract": False,
                        "default_permissions": (),
                        "base_manager_name": "objects",
                    },
                ),
                migrations.AddField(
                    model_name="auditrecord",
                    name="answer_digest",
                    field=models.BinaryField(null=True),
                ),
                migrations.AddField(
                    model_name="auditrecord",
                    name="control_object_commitment",
                    field=models.BinaryField(null=True),
                ),
                migrations.AddField(
                    model_name="auditrecord",
                    name="salt",
                    field=models.BinaryField(
                        db_default=models.Func(
                            output_field=models.BinaryField(), template="uuid_send(gen_random_uuid())"
                        ),
                        null=True,
                    ),
                ),
                migrations.AddField(
                    model_name="auditrecord",
                    name="writer",
                    field=models.UUIDField(null=True),
                ),
                migrations.AddField(
                    model_name="auditrecord",
                    name="writer_number",
                    field=models.BigIntegerField(null=True),
                ),
                migrations.AddField(
                    model_name="auditrecord",
                    name="writer_previous",
                    field=models.BinaryField(null=True),
                ),
                migrations.AddField(
                    model_name="auditrecord",
                    name="xact",
                    field=models.BigIntegerField(
                        db_default=models.Func(
                            output_field=models.BigIntegerField(), template="(pg_current_xact_id()::text::bigint)"
                        )
                    ),
                ),
                migrations.AddField(
                    model_name="turnedaway",
                    name="salt",
                    field=models.BinaryField(
                        db_default=models.Func(
                            output_field=models.BinaryField(), template="uuid_send(gen_random_uuid())"
                        ),
                        null=True,
                    ),
                ),
                migrations.AddField(
                    model_name="turnedaway",
                    name="writer",
                    field=models.UUIDField(null=True),
                ),
                migrations.AddField(
                    model_name="turnedaway",
                    name="writer_number",
                    field=models.BigIntegerField(null=True),
                ),
                migrations.AddField(
                    model_name="turnedaway",
                    name="writer_previous",
                    field=models.BinaryField(null=True),
                ),
                migrations.AddField(
                    model_name="turnedaway",
                    name="xact",
                    field=models.BigIntegerField(
                        db_default=models.Func(
                            output_field=models.BigIntegerField(), template="(pg_current_xact_id()::text::bigint)"
                        )
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditrecord",
                    index=models.Index(fields=["xact"], name="audit_record_xact"),
                ),
                migrations.AddIndex(
                    model_name="auditrecord",
                    index=models.Index(
                        fields=["writer"], condition=models.Q(("writer_number", 1)), name="audit_record_writer"
                    ),
                ),
                migrations.AddIndex(
                    model_name="turnedaway",
                    index=models.Index(fields=["xact"], name="audit_turned_away_xact"),
                ),
                migrations.AddIndex(
                    model_name="turnedaway",
                    index=models.Index(
                        fields=["writer"], condition=models.Q(("writer_number", 1)), name="audit_turned_away_writer"
                    ),
                ),
                migrations.AddIndex(
                    model_name="access",
                    index=models.Index(fields=["at", "id"], name="audit_access_newest"),
                ),
                migrations.AddIndex(
                    model_name="access",
                    index=models.Index(fields=["concerning", "at"], name="audit_access_concerning"),
                ),
                migrations.AddIndex(
                    model_name="access",
                    index=models.Index(fields=["xact"], name="audit_access_xact"),
                ),
                migrations.AddIndex(
                    model_name="access",
                    index=models.Index(
                        fields=["writer"], condition=models.Q(("writer_number", 1)), name="audit_access_writer"
                    ),
                ),
                migrations.AddIndex(
                    model_name="decision",
                    index=models.Index(fields=["at", "id"], name="audit_decision_newest"),
                ),
                migrations.AddIndex(
                    model_name="decision",
                    index=models.Index(fields=["concerning", "at"], name="audit_decision_concerning"),
                ),
                migrations.AddIndex(
                    model_name="decision",
                    index=models.Index(fields=["account_info_request_id", "at"], name="audit_decision_case"),
                ),
                migrations.AddIndex(
                    model_name="decision",
                    index=models.Index(fields=["xact"], name="audit_decision_xact"),
                ),
                migrations.AddIndex(
                    model_name="decision",
                    index=models.Index(
                        fields=["writer"], condition=models.Q(("writer_number", 1)), name="audit_decision_writer"
                    ),
                ),
            ],
        ),
    ]
