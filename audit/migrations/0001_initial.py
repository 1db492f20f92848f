"""The trail's tables, partitioned by month and guarded from the first row on."""

from datetime import UTC, datetime
from typing import Any

import uuid_utils.compat
from django.db import migrations, models

import audit.models
from audit.guards import FUNCTION, MAKE_FUNCTION, guard
from audit.partitions import keep_up

RECORD = """
CREATE TABLE audit_record (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    duration_us bigint NOT NULL,
    consumer varchar(32) NOT NULL,
    supplier varchar(32) NOT NULL,
    client_id varchar(255) NOT NULL,
    jti varchar(255) NOT NULL,
    scopes varchar(2000) NOT NULL,
    audience varchar(255) NOT NULL,
    requester_id varchar(255) NOT NULL,
    service varchar(64) NOT NULL,
    service_version integer,
    legal_mandate varchar(500) NOT NULL,
    additional_reference_type varchar(16) NOT NULL,
    additional_reference_hash bytea,
    additional_reference_sealed bytea,
    account_info_request_id uuid,
    correlation_id uuid,
    method varchar(16) NOT NULL,
    endpoint varchar(64) NOT NULL,
    control_object_hash bytea,
    control_object_sealed bytea,
    account_reference_hash bytea,
    account_reference_sealed bytea,
    from_date date,
    to_date date,
    only_primary_owner boolean,
    malformed_sealed bytea,
    outcome varchar(16) NOT NULL,
    http_status smallint NOT NULL,
    code varchar(16) NOT NULL,
    refusal varchar(64) NOT NULL,
    items integer,
    as_of timestamptz,
    empty_because varchar(64) NOT NULL,
    account_hashes bytea[] NOT NULL,
    accounts_sealed bytea,
    document_digest bytea,
    evidence jsonb,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_record_newest ON audit_record (at, id);
CREATE INDEX audit_record_case ON audit_record (account_info_request_id, at);
CREATE INDEX audit_record_correlation ON audit_record (correlation_id, at);
CREATE INDEX audit_record_control_object ON audit_record (control_object_hash, at);
"""

TURNED_AWAY = """
CREATE TABLE audit_turned_away (
    id uuid NOT NULL,
    minute timestamptz NOT NULL,
    reason varchar(64) NOT NULL,
    consumer varchar(32) NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (id, minute)
) PARTITION BY RANGE (minute);
CREATE INDEX audit_turned_away_newest ON audit_turned_away (minute, id);
"""


def make_partitions(apps: Any, schema_editor: Any) -> None:
    keep_up(
        schema_editor.connection,
        today=datetime.now(UTC).date(),
        ahead=3,
        tables=("audit_record", "audit_turned_away"),  # as they were when this migration was written
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(RECORD, "DROP TABLE audit_record"),
                migrations.RunSQL(TURNED_AWAY, "DROP TABLE audit_turned_away"),
                migrations.RunSQL(MAKE_FUNCTION, f"DROP FUNCTION {FUNCTION}"),
                migrations.RunSQL(guard("audit_record"), migrations.RunSQL.noop),
                migrations.RunSQL(guard("audit_turned_away"), migrations.RunSQL.noop),
                migrations.RunPython(make_partitions, migrations.RunPython.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="AuditRecord",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="time")),
                        ("duration_us", models.BigIntegerField(verbose_name="duration (µs)")),
                        ("consumer", models.CharField(max_length=32, verbose_name="agency")),
                        ("supplier", models.CharField(max_length=32)),
                        ("client_id", models.CharField(max_length=255, verbose_name="client id")),
                        ("jti", models.CharField(max_length=255, verbose_name="token id (jti)")),
                        ("scopes", models.CharField(max_length=2000)),
                        ("audience", models.CharField(max_length=255)),
                        ("requester_id", models.CharField(max_length=255, verbose_name="RequesterID")),
                        ("service", models.CharField(max_length=64)),
                        ("service_version", models.IntegerField(null=True, verbose_name="version of the rules")),
                        ("legal_mandate", models.CharField(max_length=500, verbose_name="Legal-Mandate")),
                        (
                            "additional_reference_type",
                            models.CharField(max_length=16, verbose_name="type of reference"),
                        ),
                        ("additional_reference_hash", models.BinaryField(null=True)),
                        (
                            "additional_reference_sealed",
                            models.BinaryField(null=True, verbose_name="AdditionalReferenceID"),
                        ),
                        ("account_info_request_id", models.UUIDField(null=True, verbose_name="AccountInfoRequestID")),
                        ("correlation_id", models.UUIDField(null=True, verbose_name="CorrelationID")),
                        ("method", models.CharField(max_length=16)),
                        ("endpoint", models.CharField(max_length=64)),
                        ("control_object_hash", models.BinaryField(null=True)),
                        ("control_object_sealed", models.BinaryField(null=True, verbose_name="control object")),
                        ("account_reference_hash", models.BinaryField(null=True)),
                        ("account_reference_sealed", models.BinaryField(null=True, verbose_name="account reference")),
                        ("from_date", models.DateField(null=True)),
                        ("to_date", models.DateField(null=True)),
                        ("only_primary_owner", models.BooleanField(null=True, verbose_name="OnlyPrimaryOwner")),
                        ("malformed_sealed", models.BinaryField(null=True, verbose_name="refused for its form")),
                        (
                            "outcome",
                            models.CharField(
                                choices=[("answered", "Answered"), ("refused", "Refused"), ("failed", "Failed")],
                                max_length=16,
                            ),
                        ),
                        ("http_status", models.SmallIntegerField(verbose_name="HTTP status")),
                        ("code", models.CharField(max_length=16)),
                        ("refusal", models.CharField(max_length=64)),
                        ("items", models.IntegerField(null=True, verbose_name="number of items")),
                        ("as_of", models.DateTimeField(null=True, verbose_name="ledger as of")),
                        ("empty_because", models.CharField(max_length=64, verbose_name="why the list was empty")),
                        ("account_hashes", audit.models.ByteaArrayField()),
                        ("accounts_sealed", models.BinaryField(null=True, verbose_name="accounts answered")),
                        ("document_digest", models.BinaryField(null=True, verbose_name="SHA-256 of the document")),
                        ("evidence", models.JSONField(null=True)),
                    ],
                    options={
                        "verbose_name": "audit record",
                        "db_table": "audit_record",
                        "abstract": False,
                        "default_permissions": ("view",),
                        "base_manager_name": "objects",
                        "indexes": [
                            models.Index(fields=["at", "id"], name="audit_record_newest"),
                            models.Index(fields=["account_info_request_id", "at"], name="audit_record_case"),
                            models.Index(fields=["correlation_id", "at"], name="audit_record_correlation"),
                            models.Index(fields=["control_object_hash", "at"], name="audit_record_control_object"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TurnedAway",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("minute", models.DateTimeField()),
                        ("reason", models.CharField(max_length=64)),
                        ("consumer", models.CharField(max_length=32, verbose_name="agency")),
                        ("count", models.BigIntegerField()),
                    ],
                    options={
                        "verbose_name": "sum of requests turned away",
                        "verbose_name_plural": "sums of requests turned away",
                        "db_table": "audit_turned_away",
                        "abstract": False,
                        "default_permissions": ("view",),
                        "base_manager_name": "objects",
                        "indexes": [models.Index(fields=["minute", "id"], name="audit_turned_away_newest")],
                    },
                ),
            ],
        )
    ]
