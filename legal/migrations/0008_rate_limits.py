"""Limits of requests by agency and service, and the buckets that the workers share."""

import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
from django.db import migrations, models

import legal.history

FOLLOWED = """
CREATE TRIGGER register_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON legal_ratelimit
FOR EACH STATEMENT EXECUTE FUNCTION legal_register_changed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("legal", "0007_persons_number"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="LimitedMinute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("consumer", models.CharField(max_length=32, unique=True)),
                ("minute", models.BigIntegerField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="PermitLevel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("consumer", models.CharField(max_length=32)),
                ("service", models.CharField(max_length=40)),
                ("level", models.FloatField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("consumer", "service"), name="one_level_of_an_agency")],
            },
        ),
        migrations.CreateModel(
            name="RateLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "per_second",
                    models.PositiveIntegerField(
                        help_text="What it may go on asking, over all servers together.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="requests per second",
                    ),
                ),
                (
                    "burst",
                    models.PositiveIntegerField(
                        help_text="After a pause. A person with 100 accounts takes 201 requests at once.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100000),
                        ],
                        verbose_name="requests at once",
                    ),
                ),
                (
                    "consumer",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: each agency of the service that has no limit of its own.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rate_limits",
                        to="legal.dataconsumer",
                        verbose_name="agency",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rate_limits",
                        to="legal.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "limit of requests",
                "verbose_name_plural": "limits of requests",
                "constraints": [
                    models.UniqueConstraint(fields=("service", "consumer"), name="one_limit_of_an_agency_in_a_service"),
                    models.UniqueConstraint(
                        condition=models.Q(("consumer__isnull", True)),
                        fields=("service",),
                        name="one_limit_of_the_others_in_a_service",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("per_second__gte", 1),
                            ("per_second__lte", 10000),
                            ("burst__gte", models.F("per_second")),
                            ("burst__lte", 100000),
                        ),
                        name="limit_is_within_bounds",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RateLimitEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "per_second",
                    models.PositiveIntegerField(
                        help_text="What it may go on asking, over all servers together.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="requests per second",
                    ),
                ),
                (
                    "burst",
                    models.PositiveIntegerField(
                        help_text="After a pause. A person with 100 accounts takes 201 requests at once.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100000),
                        ],
                        verbose_name="requests at once",
                    ),
                ),
                (
                    "consumer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Empty: each agency of the service that has no limit of its own.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="legal.dataconsumer",
                        verbose_name="agency",
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
                        to="legal.ratelimit",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="legal.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        legal.history.AddTrigger(
            model_name="ratelimit",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_ratelimitevent" ("burst", "consumer_id", "id", "per_second", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "service_id") VALUES (NEW."burst", NEW."consumer_id", NEW."id", NEW."per_second", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."service_id"); RETURN NULL;',
                    hash="6d67b88dcf58a338f909e9b2f6a84c3d4a9ee23b",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_c4c9a",
                    table="legal_ratelimit",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="ratelimit",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "legal_ratelimitevent" ("burst", "consumer_id", "id", "per_second", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "service_id") VALUES (NEW."burst", NEW."consumer_id", NEW."id", NEW."per_second", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."service_id"); RETURN NULL;',
                    hash="45b907f64acc59f4bfb3927a6d092b68fae02712",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_fed2b",
                    table="legal_ratelimit",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="ratelimit",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_ratelimitevent" ("burst", "consumer_id", "id", "per_second", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "service_id") VALUES (OLD."burst", OLD."consumer_id", OLD."id", OLD."per_second", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."service_id"); RETURN NULL;',
                    hash="3b201e9eace283dff2b2cc9a54b21008a2e045ce",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e0cf3",
                    table="legal_ratelimit",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="ratelimitevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="545bb366efc12bce52a4d2a20569d356fb84abca",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_fcfb4",
                    table="legal_ratelimitevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.copies_by_the_owner("legal"),
        migrations.RunSQL(FOLLOWED, migrations.RunSQL.noop),
    ]
