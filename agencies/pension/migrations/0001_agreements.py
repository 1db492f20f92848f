"""Agreements as they are desired and as they were sent, and triggers that keep a copy of what was desired.

The triggers run with the rights of the tables' owner, and no setting of a session turns them off.
"""

import django.db.models.deletion
import pgtrigger.compiler
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
            name="AgreementEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("provider", models.CharField(help_text="Organisation number.", max_length=9, verbose_name="provider")),
                ("employer", models.CharField(help_text="Organisation number.", max_length=9, verbose_name="employer")),
                (
                    "reference",
                    models.CharField(
                        help_text="The provider's own. Never a person's number.",
                        max_length=4000,
                        verbose_name="reference",
                    ),
                ),
                (
                    "from_month",
                    models.CharField(
                        blank=True, help_text="Such as 2021-01.", max_length=7, verbose_name="first month"
                    ),
                ),
                (
                    "to_month",
                    models.CharField(
                        blank=True, help_text="Empty: it is still running.", max_length=7, verbose_name="last month"
                    ),
                ),
                (
                    "wanted",
                    models.BooleanField(
                        default=True, help_text="Not wanted: it is deleted at the agency.", verbose_name="wanted"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("provider", models.CharField(help_text="Organisation number.", max_length=9, verbose_name="provider")),
                ("employer", models.CharField(help_text="Organisation number.", max_length=9, verbose_name="employer")),
                (
                    "reference",
                    models.CharField(
                        help_text="The provider's own. Never a person's number.",
                        max_length=4000,
                        verbose_name="reference",
                    ),
                ),
                (
                    "from_month",
                    models.CharField(
                        blank=True, help_text="Such as 2021-01.", max_length=7, verbose_name="first month"
                    ),
                ),
                (
                    "to_month",
                    models.CharField(
                        blank=True, help_text="Empty: it is still running.", max_length=7, verbose_name="last month"
                    ),
                ),
                (
                    "wanted",
                    models.BooleanField(
                        default=True, help_text="Not wanted: it is deleted at the agency.", verbose_name="wanted"
                    ),
                ),
                ("changed_at", models.DateTimeField(verbose_name="changed at")),
                (
                    "sent_state",
                    models.CharField(
                        choices=[
                            ("nothing", "not registered"),
                            ("registered", "registered"),
                            ("under_way", "sent, not answered"),
                        ],
                        default="nothing",
                        max_length=10,
                        verbose_name="at the agency",
                    ),
                ),
                ("sent_from", models.CharField(blank=True, max_length=7, verbose_name="first month sent")),
                ("sent_to", models.CharField(blank=True, max_length=7, verbose_name="last month sent")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="confirmed at")),
                ("failure", models.CharField(blank=True, max_length=300, verbose_name="last failure")),
                ("failed_at", models.DateTimeField(null=True, verbose_name="failed at")),
                (
                    "differs",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.ExpressionWrapper(
                            models.Q(
                                models.Q(
                                    ("wanted", True),
                                    ("sent_state", "registered"),
                                    ("sent_from", models.F("from_month")),
                                    ("sent_to", models.F("to_month")),
                                ),
                                models.Q(("wanted", False), ("sent_state", "nothing")),
                                _connector="OR",
                                _negated=True,
                            ),
                            output_field=models.BooleanField(),
                        ),
                        output_field=models.BooleanField(verbose_name="to be sent"),
                    ),
                ),
            ],
            options={
                "verbose_name": "pension agreement",
                "verbose_name_plural": "pension agreements",
                "indexes": [
                    models.Index(fields=["changed_at", "id"], name="agreements_by_change"),
                    models.Index(fields=["employer", "changed_at", "id"], name="agreements_by_employer"),
                    models.Index(fields=["provider", "changed_at", "id"], name="agreements_by_provider"),
                    models.Index(condition=models.Q(("differs", True)), fields=["id"], name="agreements_differing"),
                    models.Index(
                        condition=models.Q(("differs", True)),
                        fields=["changed_at", "id"],
                        name="agreements_differing_by_change",
                    ),
                    models.Index(
                        condition=models.Q(("failure", ""), _negated=True),
                        fields=["changed_at", "id"],
                        name="agreements_failed_by_change",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("employer__regex", "^[0-9]{9}$"), ("provider__regex", "^[0-9]{9}$")),
                        name="parties_are_nine_digits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reference", ""), _negated=True), name="an_agreement_has_a_reference"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("from_month__regex", "^[0-9]{4}-(0[1-9]|1[0-2])$"),
                            models.Q(("from_month", ""), ("to_month", ""), ("wanted", False)),
                            _connector="OR",
                        ),
                        name="a_wanted_agreement_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_month", ""),
                            models.Q(
                                ("to_month__gte", models.F("from_month")),
                                ("to_month__regex", "^[0-9]{4}-(0[1-9]|1[0-2])$"),
                            ),
                            _connector="OR",
                        ),
                        name="an_agreement_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sent_state__in", ["nothing", "registered", "under_way"])),
                        name="state_at_the_agency_is_listed",
                    ),
                ],
            },
        ),
        legal.history.AddTrigger(
            model_name="agreement",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "pension_agreementevent" ("employer", "from_month", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider", "reference", "to_month", "wanted") VALUES (NEW."employer", NEW."from_month", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."provider", NEW."reference", NEW."to_month", NEW."wanted"); RETURN NULL;',
                    hash="35104df58dd649beec0b75f20dd310051109093f",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_c3e65",
                    table="pension_agreement",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="agreement",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."employer" IS DISTINCT FROM (NEW."employer") OR OLD."from_month" IS DISTINCT FROM (NEW."from_month") OR OLD."provider" IS DISTINCT FROM (NEW."provider") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."to_month" IS DISTINCT FROM (NEW."to_month") OR OLD."wanted" IS DISTINCT FROM (NEW."wanted"))',
                    func='INSERT INTO "pension_agreementevent" ("employer", "from_month", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider", "reference", "to_month", "wanted") VALUES (NEW."employer", NEW."from_month", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."provider", NEW."reference", NEW."to_month", NEW."wanted"); RETURN NULL;',
                    hash="af2f4230b7638bc4c01dcbc8aeb0d3d8bbbc5b74",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4ed30",
                    table="pension_agreement",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="agreement",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "pension_agreementevent" ("employer", "from_month", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider", "reference", "to_month", "wanted") VALUES (OLD."employer", OLD."from_month", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."provider", OLD."reference", OLD."to_month", OLD."wanted"); RETURN NULL;',
                    hash="833e879d33245b754f3310e24990f0c0bf642f62",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d3671",
                    table="pension_agreement",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="agreementevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="agreementevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="pension.agreement",
            ),
        ),
        legal.history.AddTrigger(
            model_name="agreementevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="7c5d50b36a703e2f55a10cde17160ccaf01ad5bd",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ab5de",
                    table="pension_agreementevent",
                    when="BEFORE",
                ),
            ),
        ),
        # Making a trigger puts the library's own function back.
        legal.history.copies_by_the_owner("pension"),
    ]
