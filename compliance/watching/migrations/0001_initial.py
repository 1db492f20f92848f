import uuid

import django.db.models.deletion
import pgtrigger.compiler
import uuid_utils.compat
from django.db import migrations, models

import compliance.watching.models
import legal.history


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("legal", "0006_history"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="Folding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("reached", models.DateTimeField()),
                ("succeeded_at", models.DateTimeField(null=True)),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_row_says_how_far")],
            },
        ),
        migrations.CreateModel(
            name="StaffTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("person", models.CharField(max_length=160)),
                ("mark", models.CharField(max_length=16)),
                ("count", models.BigIntegerField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["hour"], name="watching_staff_tally_hour")],
            },
        ),
        migrations.CreateModel(
            name="StandOut",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                (
                    "kind",
                    models.CharField(choices=[("requester", "RequesterID"), ("person", "a person")], max_length=9),
                ),
                ("consumer", models.CharField(max_length=32)),
                ("subject_hash", models.BinaryField()),
                ("subject_sealed", models.BinaryField(null=True)),
                ("number", models.BigIntegerField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["day", "kind"], name="watching_stand_out_day")],
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("consumer", models.CharField(max_length=32)),
                ("service", models.CharField(max_length=64)),
                ("endpoint", models.CharField(max_length=64)),
                ("outcome", models.CharField(max_length=16)),
                ("code", models.CharField(max_length=16)),
                ("refusal", models.CharField(max_length=64)),
                ("empty_because", models.CharField(max_length=64)),
                ("count", models.BigIntegerField()),
                ("duration_us", models.BigIntegerField()),
                ("histogram", compliance.watching.models.CountsField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["hour"], name="watching_tally_hour")],
            },
        ),
        migrations.CreateModel(
            name="WatchRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("volume", "An agency asks far more than it usually does"),
                            ("refused", "Many refusals"),
                            ("failed", "Many failures"),
                            ("slow", "Slow answers"),
                            ("night", "Questions at night"),
                            ("requester", "Many persons by one RequesterID"),
                            ("person", "The same person from many cases"),
                            ("shielded", "Shielded persons asked for"),
                            ("mandate", "Unknown mandates"),
                            ("audience", "Tokens that were made for another service"),
                            ("no-case", "Looks without a case"),
                            ("own-number", "One's own number"),
                            ("colleague", "Colleagues"),
                            ("same-surname", "The same surname"),
                            ("staff-shielded", "Shielded persons looked at"),
                            ("staff-volume", "Many looks"),
                        ],
                        max_length=16,
                        unique=True,
                        verbose_name="what is counted",
                    ),
                ),
                (
                    "window",
                    models.CharField(
                        choices=[("hour", "an hour"), ("day", "a day"), ("week", "a week"), ("month", "a month")],
                        max_length=5,
                        verbose_name="within",
                    ),
                ),
                ("threshold", models.PositiveIntegerField(verbose_name="limit")),
                ("is_on", models.BooleanField(default=True, verbose_name="on")),
            ],
            options={
                "verbose_name": "limit of what is strange",
                "verbose_name_plural": "limits of what is strange",
                "ordering": ["id"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("threshold__gte", 1)), name="a_limit_is_reached_by_something"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("volume", "An agency asks far more than it usually does"),
                            ("refused", "Many refusals"),
                            ("failed", "Many failures"),
                            ("slow", "Slow answers"),
                            ("night", "Questions at night"),
                            ("requester", "Many persons by one RequesterID"),
                            ("person", "The same person from many cases"),
                            ("shielded", "Shielded persons asked for"),
                            ("mandate", "Unknown mandates"),
                            ("audience", "Tokens that were made for another service"),
                            ("no-case", "Looks without a case"),
                            ("own-number", "One's own number"),
                            ("colleague", "Colleagues"),
                            ("same-surname", "The same surname"),
                            ("staff-shielded", "Shielded persons looked at"),
                            ("staff-volume", "Many looks"),
                        ],
                        max_length=16,
                        verbose_name="what was counted",
                    ),
                ),
                (
                    "audience",
                    models.CharField(choices=[("compliance", "compliance"), ("auditor", "the auditor")], max_length=10),
                ),
                ("consumer", models.CharField(max_length=32, verbose_name="agency")),
                ("subject", models.CharField(max_length=200)),
                ("subject_sealed", models.BinaryField(null=True)),
                (
                    "window",
                    models.CharField(
                        choices=[("hour", "an hour"), ("day", "a day"), ("week", "a week"), ("month", "a month")],
                        max_length=5,
                    ),
                ),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("observed", models.BigIntegerField(verbose_name="counted")),
                ("threshold", models.BigIntegerField(verbose_name="limit")),
                ("raised_at", models.DateTimeField(verbose_name="raised at")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
                ("settled_name", models.CharField(blank=True, default="", max_length=190, verbose_name="settled by")),
                ("words", models.CharField(blank=True, default="", max_length=500, verbose_name="in words")),
                (
                    "about",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="legal.person"
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.person",
                        verbose_name="settled by",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="watching.watchrule",
                        verbose_name="limit",
                    ),
                ),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "default_permissions": (),
                "indexes": [models.Index(fields=["audience", "raised_at", "id"], name="watching_alert_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rule", "consumer", "subject", "begins_at", "window"), name="an_alert_is_raised_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("settled_by__isnull", True), ("words", "")),
                            models.Q(
                                ("settled_at__isnull", False),
                                ("settled_by__isnull", False),
                                models.Q(("words", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="who_settles_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("about__isnull", True),
                            ("settled_by__isnull", True),
                            models.Q(("settled_by", models.F("about")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_settles_what_is_about_himself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("settled_by__isnull", True),
                            ("about__isnull", False),
                            models.Q(("subject__startswith", "@"), _negated=True),
                            _connector="OR",
                        ),
                        name="what_is_about_a_nobody_is_not_settled",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WatchRuleEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("volume", "An agency asks far more than it usually does"),
                            ("refused", "Many refusals"),
                            ("failed", "Many failures"),
                            ("slow", "Slow answers"),
                            ("night", "Questions at night"),
                            ("requester", "Many persons by one RequesterID"),
                            ("person", "The same person from many cases"),
                            ("shielded", "Shielded persons asked for"),
                            ("mandate", "Unknown mandates"),
                            ("audience", "Tokens that were made for another service"),
                            ("no-case", "Looks without a case"),
                            ("own-number", "One's own number"),
                            ("colleague", "Colleagues"),
                            ("same-surname", "The same surname"),
                            ("staff-shielded", "Shielded persons looked at"),
                            ("staff-volume", "Many looks"),
                        ],
                        max_length=16,
                        verbose_name="what is counted",
                    ),
                ),
                (
                    "window",
                    models.CharField(
                        choices=[("hour", "an hour"), ("day", "a day"), ("week", "a week"), ("month", "a month")],
                        max_length=5,
                        verbose_name="within",
                    ),
                ),
                ("threshold", models.PositiveIntegerField(verbose_name="limit")),
                ("is_on", models.BooleanField(default=True, verbose_name="on")),
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
                        to="watching.watchrule",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AlertMail",
            fields=[
                (
                    "alert",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="mail",
                        serialize=False,
                        to="watching.alert",
                    ),
                ),
                ("claimed_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at__isnull", True)), fields=["alert"], name="watching_mail_waiting"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("volume", "An agency asks far more than it usually does"),
                            ("refused", "Many refusals"),
                            ("failed", "Many failures"),
                            ("slow", "Slow answers"),
                            ("night", "Questions at night"),
                            ("requester", "Many persons by one RequesterID"),
                            ("person", "The same person from many cases"),
                            ("shielded", "Shielded persons asked for"),
                            ("mandate", "Unknown mandates"),
                            ("audience", "Tokens that were made for another service"),
                            ("no-case", "Looks without a case"),
                            ("own-number", "One's own number"),
                            ("colleague", "Colleagues"),
                            ("same-surname", "The same surname"),
                            ("staff-shielded", "Shielded persons looked at"),
                            ("staff-volume", "Many looks"),
                        ],
                        max_length=16,
                        verbose_name="what was counted",
                    ),
                ),
                (
                    "audience",
                    models.CharField(choices=[("compliance", "compliance"), ("auditor", "the auditor")], max_length=10),
                ),
                ("consumer", models.CharField(max_length=32, verbose_name="agency")),
                ("subject", models.CharField(max_length=200)),
                ("subject_sealed", models.BinaryField(null=True)),
                (
                    "window",
                    models.CharField(
                        choices=[("hour", "an hour"), ("day", "a day"), ("week", "a week"), ("month", "a month")],
                        max_length=5,
                    ),
                ),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("observed", models.BigIntegerField(verbose_name="counted")),
                ("threshold", models.BigIntegerField(verbose_name="limit")),
                ("raised_at", models.DateTimeField(verbose_name="raised at")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
                ("settled_name", models.CharField(blank=True, default="", max_length=190, verbose_name="settled by")),
                ("words", models.CharField(blank=True, default="", max_length=500, verbose_name="in words")),
                (
                    "about",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="legal.person",
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
                        to="watching.alert",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="legal.person",
                        verbose_name="settled by",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="watching.watchrule",
                        verbose_name="limit",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        legal.history.AddTrigger(
            model_name="watchrule",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "watching_watchruleevent" ("id", "is_on", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "threshold", "window") VALUES (NEW."id", NEW."is_on", NEW."kind", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."threshold", NEW."window"); RETURN NULL;',
                    hash="fb3a5e1bc2fa2c829de6b575520b1eafa2183144",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_f4be6",
                    table="watching_watchrule",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="watchrule",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "watching_watchruleevent" ("id", "is_on", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "threshold", "window") VALUES (NEW."id", NEW."is_on", NEW."kind", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."threshold", NEW."window"); RETURN NULL;',
                    hash="0301690e46e0f0dbe2a916d21f24f8673a7f9ce8",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_edf12",
                    table="watching_watchrule",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="watchrule",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "watching_watchruleevent" ("id", "is_on", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "threshold", "window") VALUES (OLD."id", OLD."is_on", OLD."kind", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."threshold", OLD."window"); RETURN NULL;',
                    hash="06b0a8637ed765e5f16a0252e24686b482a645d7",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c43c3",
                    table="watching_watchrule",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="alertevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="1ec35379b8c34e91c7893e3457b8c0ca625af0bf",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_b1f21",
                    table="watching_alertevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="alert",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "watching_alertevent" ("about_id", "audience", "begins_at", "consumer", "ends_at", "id", "kind", "observed", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raised_at", "rule_id", "settled_at", "settled_by_id", "settled_name", "subject", "subject_sealed", "threshold", "window", "words") VALUES (NEW."about_id", NEW."audience", NEW."begins_at", NEW."consumer", NEW."ends_at", NEW."id", NEW."kind", NEW."observed", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."raised_at", NEW."rule_id", NEW."settled_at", NEW."settled_by_id", NEW."settled_name", NEW."subject", NEW."subject_sealed", NEW."threshold", NEW."window", NEW."words"); RETURN NULL;',
                    hash="a64555c4d7ff9d857fdba8221fbf5ff86197c5d1",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_68d3c",
                    table="watching_alert",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="alert",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "watching_alertevent" ("about_id", "audience", "begins_at", "consumer", "ends_at", "id", "kind", "observed", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raised_at", "rule_id", "settled_at", "settled_by_id", "settled_name", "subject", "subject_sealed", "threshold", "window", "words") VALUES (NEW."about_id", NEW."audience", NEW."begins_at", NEW."consumer", NEW."ends_at", NEW."id", NEW."kind", NEW."observed", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."raised_at", NEW."rule_id", NEW."settled_at", NEW."settled_by_id", NEW."settled_name", NEW."subject", NEW."subject_sealed", NEW."threshold", NEW."window", NEW."words"); RETURN NULL;',
                    hash="c910a586fb3dd50875ae50144193b51dc7c08ec0",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c1010",
                    table="watching_alert",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="alert",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "watching_alertevent" ("about_id", "audience", "begins_at", "consumer", "ends_at", "id", "kind", "observed", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raised_at", "rule_id", "settled_at", "settled_by_id", "settled_name", "subject", "subject_sealed", "threshold", "window", "words") VALUES (OLD."about_id", OLD."audience", OLD."begins_at", OLD."consumer", OLD."ends_at", OLD."id", OLD."kind", OLD."observed", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."raised_at", OLD."rule_id", OLD."settled_at", OLD."settled_by_id", OLD."settled_name", OLD."subject", OLD."subject_sealed", OLD."threshold", OLD."window", OLD."words"); RETURN NULL;',
                    hash="cce53f9033e0f8032856eecc46207e8655815685",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_025a9",
                    table="watching_alert",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="watchruleevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f615a1c6387f9b17767a932f57ba0eef70aba06b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f089f",
                    table="watching_watchruleevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
