"""Exports and who agreed to them; triggers that keep a copy of each change, and what was asked as it was asked."""

import django.db.models.deletion
import pgtrigger.compiler
import uuid_utils.compat
from django.db import migrations, models

import legal.history


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("legal", "0006_history"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExportRequest",
            fields=[
                (
                    "consent",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for another person"),
                            ("agreed", "agreed to"),
                            ("turned_down", "turned down"),
                        ],
                        default="waiting",
                        max_length=11,
                        verbose_name="consent",
                    ),
                ),
                ("asked_name", models.CharField(max_length=190, verbose_name="asked for by")),
                ("asked_at", models.DateTimeField(verbose_name="asked for at")),
                ("judged_name", models.CharField(blank=True, default="", max_length=190, verbose_name="judged by")),
                ("judged_at", models.DateTimeField(null=True, verbose_name="judged at")),
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("criteria_sealed", models.BinaryField()),
                ("sought_hash", models.BinaryField(null=True)),
                ("filter", models.CharField(blank=True, max_length=1000, verbose_name="looked for")),
                ("until", models.DateTimeField(verbose_name="records before")),
                ("columns", models.CharField(blank=True, max_length=1000, verbose_name="columns")),
                ("with_numbers", models.BooleanField(default=False, verbose_name="with numbers in full")),
                ("reason", models.CharField(max_length=400, verbose_name="reason")),
                ("case_reference", models.CharField(blank=True, max_length=64, verbose_name="the bank's case")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.person",
                        verbose_name="asked for by",
                    ),
                ),
                (
                    "judged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.person",
                        verbose_name="judged by",
                    ),
                ),
            ],
            options={
                "verbose_name": "large export",
                "verbose_name_plural": "large exports",
                "abstract": False,
                "default_permissions": (),
                "indexes": [models.Index(fields=["consent", "asked_at"], name="export_request_waiting")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("judged_by__isnull", True),
                            models.Q(("consent", "agreed"), _negated=True),
                            models.Q(("judged_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="exporting_exportrequest_takes_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("consent", "waiting"), ("judged_at__isnull", True), ("judged_by__isnull", True)),
                            models.Q(
                                ("consent__in", ["agreed", "turned_down"]),
                                ("judged_at__isnull", False),
                                ("judged_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="exporting_exportrequest_says_who_judged",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("criteria_sealed", models.BinaryField()),
                ("sought_hash", models.BinaryField(null=True)),
                ("filter", models.CharField(blank=True, max_length=1000, verbose_name="looked for")),
                ("until", models.DateTimeField(verbose_name="records before")),
                ("columns", models.CharField(blank=True, max_length=1000, verbose_name="columns")),
                ("with_numbers", models.BooleanField(default=False, verbose_name="with numbers in full")),
                ("reason", models.CharField(max_length=400, verbose_name="reason")),
                ("case_reference", models.CharField(blank=True, max_length=64, verbose_name="the bank's case")),
                ("person_name", models.CharField(max_length=190, verbose_name="person")),
                ("begun_at", models.DateTimeField(verbose_name="begun at")),
                (
                    "state",
                    models.CharField(
                        choices=[("begun", "begun"), ("complete", "sent whole"), ("interrupted", "interrupted")],
                        default="begun",
                        max_length=11,
                        verbose_name="state",
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("rows", models.BigIntegerField(null=True, verbose_name="records")),
                ("hidden", models.BigIntegerField(null=True, verbose_name="left out because shielded")),
                ("digest", models.BinaryField(null=True, verbose_name="SHA-256 of the manifest")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="exporting.exportrequest",
                        verbose_name="large export",
                    ),
                ),
            ],
            options={
                "verbose_name": "export",
                "verbose_name_plural": "exports",
                "default_permissions": (),
                "indexes": [models.Index(fields=["begun_at"], name="export_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "complete"), _negated=True),
                            models.Q(
                                ("digest__isnull", False),
                                ("ended_at__isnull", False),
                                ("hidden__isnull", False),
                                ("rows__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="export_sent_whole_has_a_digest",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                ("criteria_sealed", models.BinaryField()),
                ("sought_hash", models.BinaryField(null=True)),
                ("filter", models.CharField(blank=True, max_length=1000, verbose_name="looked for")),
                ("until", models.DateTimeField(verbose_name="records before")),
                ("columns", models.CharField(blank=True, max_length=1000, verbose_name="columns")),
                ("with_numbers", models.BooleanField(default=False, verbose_name="with numbers in full")),
                ("reason", models.CharField(max_length=400, verbose_name="reason")),
                ("case_reference", models.CharField(blank=True, max_length=64, verbose_name="the bank's case")),
                ("person_name", models.CharField(max_length=190, verbose_name="person")),
                ("begun_at", models.DateTimeField(verbose_name="begun at")),
                (
                    "state",
                    models.CharField(
                        choices=[("begun", "begun"), ("complete", "sent whole"), ("interrupted", "interrupted")],
                        default="begun",
                        max_length=11,
                        verbose_name="state",
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("rows", models.BigIntegerField(null=True, verbose_name="records")),
                ("hidden", models.BigIntegerField(null=True, verbose_name="left out because shielded")),
                ("digest", models.BinaryField(null=True, verbose_name="SHA-256 of the manifest")),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="legal.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="exporting.export",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="exporting.exportrequest",
                        verbose_name="large export",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ExportRequestEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "consent",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for another person"),
                            ("agreed", "agreed to"),
                            ("turned_down", "turned down"),
                        ],
                        default="waiting",
                        max_length=11,
                        verbose_name="consent",
                    ),
                ),
                ("asked_name", models.CharField(max_length=190, verbose_name="asked for by")),
                ("asked_at", models.DateTimeField(verbose_name="asked for at")),
                ("judged_name", models.CharField(blank=True, default="", max_length=190, verbose_name="judged by")),
                ("judged_at", models.DateTimeField(null=True, verbose_name="judged at")),
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                ("criteria_sealed", models.BinaryField()),
                ("sought_hash", models.BinaryField(null=True)),
                ("filter", models.CharField(blank=True, max_length=1000, verbose_name="looked for")),
                ("until", models.DateTimeField(verbose_name="records before")),
                ("columns", models.CharField(blank=True, max_length=1000, verbose_name="columns")),
                ("with_numbers", models.BooleanField(default=False, verbose_name="with numbers in full")),
                ("reason", models.CharField(max_length=400, verbose_name="reason")),
                ("case_reference", models.CharField(blank=True, max_length=64, verbose_name="the bank's case")),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="legal.person",
                        verbose_name="asked for by",
                    ),
                ),
                (
                    "judged_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="legal.person",
                        verbose_name="judged by",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="exporting.exportrequest",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        legal.history.AddTrigger(
            model_name="exportrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="asked_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."criteria_sealed" IS DISTINCT FROM (NEW."criteria_sealed") OR OLD."sought_hash" IS DISTINCT FROM (NEW."sought_hash") OR OLD."filter" IS DISTINCT FROM (NEW."filter") OR OLD."until" IS DISTINCT FROM (NEW."until") OR OLD."columns" IS DISTINCT FROM (NEW."columns") OR OLD."with_numbers" IS DISTINCT FROM (NEW."with_numbers") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."case_reference" IS DISTINCT FROM (NEW."case_reference") OR OLD."asked_by_id" IS DISTINCT FROM (NEW."asked_by_id") OR OLD."asked_name" IS DISTINCT FROM (NEW."asked_name") OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="77dbbf93de11c3629d18e838d4233b15f1edf2e8",
                    operation="UPDATE",
                    pgid="pgtrigger_asked_once_b6ee2",
                    table="exporting_exportrequest",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="exportrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "exporting_exportrequestevent" ("asked_at", "asked_by_id", "asked_name", "case_reference", "columns", "consent", "criteria_sealed", "filter", "id", "judged_at", "judged_by_id", "judged_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sought_hash", "until", "with_numbers") VALUES (NEW."asked_at", NEW."asked_by_id", NEW."asked_name", NEW."case_reference", NEW."columns", NEW."consent", NEW."criteria_sealed", NEW."filter", NEW."id", NEW."judged_at", NEW."judged_by_id", NEW."judged_name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."sought_hash", NEW."until", NEW."with_numbers"); RETURN NULL;',
                    hash="bb712b5508800d2fbe80ee28129f3d04a77b5b62",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_ba4be",
                    table="exporting_exportrequest",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="exportrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "exporting_exportrequestevent" ("asked_at", "asked_by_id", "asked_name", "case_reference", "columns", "consent", "criteria_sealed", "filter", "id", "judged_at", "judged_by_id", "judged_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sought_hash", "until", "with_numbers") VALUES (NEW."asked_at", NEW."asked_by_id", NEW."asked_name", NEW."case_reference", NEW."columns", NEW."consent", NEW."criteria_sealed", NEW."filter", NEW."id", NEW."judged_at", NEW."judged_by_id", NEW."judged_name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."sought_hash", NEW."until", NEW."with_numbers"); RETURN NULL;',
                    hash="940f9992d94a38c28de9b9afb5653cb5a9cba79a",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_98a45",
                    table="exporting_exportrequest",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="exportrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "exporting_exportrequestevent" ("asked_at", "asked_by_id", "asked_name", "case_reference", "columns", "consent", "criteria_sealed", "filter", "id", "judged_at", "judged_by_id", "judged_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "sought_hash", "until", "with_numbers") VALUES (OLD."asked_at", OLD."asked_by_id", OLD."asked_name", OLD."case_reference", OLD."columns", OLD."consent", OLD."criteria_sealed", OLD."filter", OLD."id", OLD."judged_at", OLD."judged_by_id", OLD."judged_name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."sought_hash", OLD."until", OLD."with_numbers"); RETURN NULL;',
                    hash="dfbe52022c911742b1a57a262dbd86536ca3cf0f",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_51e04",
                    table="exporting_exportrequest",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="exportevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="51a2e84bbd0a8795678c04616ad7d2d15f86fb01",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_48235",
                    table="exporting_exportevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="export",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "exporting_exportevent" ("begun_at", "case_reference", "columns", "criteria_sealed", "digest", "ended_at", "filter", "hidden", "id", "person_id", "person_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "request_id", "rows", "sought_hash", "state", "until", "with_numbers") VALUES (NEW."begun_at", NEW."case_reference", NEW."columns", NEW."criteria_sealed", NEW."digest", NEW."ended_at", NEW."filter", NEW."hidden", NEW."id", NEW."person_id", NEW."person_name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."request_id", NEW."rows", NEW."sought_hash", NEW."state", NEW."until", NEW."with_numbers"); RETURN NULL;',
                    hash="25a085d1f305e2c36a8a53b4b84bc08e850fde77",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_1e3cf",
                    table="exporting_export",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="export",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "exporting_exportevent" ("begun_at", "case_reference", "columns", "criteria_sealed", "digest", "ended_at", "filter", "hidden", "id", "person_id", "person_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "request_id", "rows", "sought_hash", "state", "until", "with_numbers") VALUES (NEW."begun_at", NEW."case_reference", NEW."columns", NEW."criteria_sealed", NEW."digest", NEW."ended_at", NEW."filter", NEW."hidden", NEW."id", NEW."person_id", NEW."person_name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."request_id", NEW."rows", NEW."sought_hash", NEW."state", NEW."until", NEW."with_numbers"); RETURN NULL;',
                    hash="eb114cc799e61bfa742eab2779b674df41d45cf1",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4b886",
                    table="exporting_export",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="export",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "exporting_exportevent" ("begun_at", "case_reference", "columns", "criteria_sealed", "digest", "ended_at", "filter", "hidden", "id", "person_id", "person_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "request_id", "rows", "sought_hash", "state", "until", "with_numbers") VALUES (OLD."begun_at", OLD."case_reference", OLD."columns", OLD."criteria_sealed", OLD."digest", OLD."ended_at", OLD."filter", OLD."hidden", OLD."id", OLD."person_id", OLD."person_name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."request_id", OLD."rows", OLD."sought_hash", OLD."state", OLD."until", OLD."with_numbers"); RETURN NULL;',
                    hash="12c1e7a6e7997d0df358e3c66103ca1a540db641",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ff96f",
                    table="exporting_export",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="exportrequestevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4f275fe892b60c7f81edd2407ca71b655a0966e3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ffd4f",
                    table="exporting_exportrequestevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.copies_by_the_owner("exporting"),
    ]
