"""People, what stands behind a version, what is closed; and tables that keep what each of them was."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FOLLOWED = """
CREATE TRIGGER register_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON legal_closing
FOR EACH STATEMENT EXECUTE FUNCTION legal_register_changed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("legal", "0004_bankruptcy_notices"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Closing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("endpoint", models.CharField(blank=True, default="", max_length=40, verbose_name="endpoint")),
                ("path", models.CharField(blank=True, default="", max_length=200, verbose_name="field")),
                ("reason", models.CharField(max_length=500, verbose_name="why it was closed")),
                ("closed_at", models.DateTimeField(verbose_name="closed at")),
                ("asked_at", models.DateTimeField(null=True, verbose_name="opening asked for at")),
                (
                    "asked_because",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="why it should be opened"),
                ),
                ("opened_at", models.DateTimeField(null=True, verbose_name="opened at")),
            ],
            options={
                "verbose_name": "closing",
                "verbose_name_plural": "closings",
                "permissions": [
                    ("close_mandate", "Can close an agency, a service or a field"),
                    ("open_mandate", "Can ask for an opening and agree to another person's"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosingEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("endpoint", models.CharField(blank=True, default="", max_length=40, verbose_name="endpoint")),
                ("path", models.CharField(blank=True, default="", max_length=200, verbose_name="field")),
                ("reason", models.CharField(max_length=500, verbose_name="why it was closed")),
                ("closed_at", models.DateTimeField(verbose_name="closed at")),
                ("asked_at", models.DateTimeField(null=True, verbose_name="opening asked for at")),
                (
                    "asked_because",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="why it should be opened"),
                ),
                ("opened_at", models.DateTimeField(null=True, verbose_name="opened at")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DataConsumerEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("organisation_number", models.CharField(max_length=9, verbose_name="organisation number")),
                ("name", models.CharField(max_length=140, verbose_name="name")),
                (
                    "is_open",
                    models.BooleanField(
                        default=True, help_text="A closed agency is refused within a second.", verbose_name="open"
                    ),
                ),
                (
                    "certificate_participant",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Organisation number its certificate is published under in CertPub; blank: its own.",
                        max_length=9,
                        verbose_name="certificate participant",
                    ),
                ),
                (
                    "key_algorithm",
                    models.CharField(
                        choices=[("RSA-OAEP-256", "RSA-OAEP-256"), ("RSA-OAEP", "RSA-OAEP")],
                        db_default="RSA-OAEP-256",
                        default="RSA-OAEP-256",
                        max_length=12,
                        verbose_name="key encryption",
                    ),
                ),
                (
                    "content_encryption",
                    models.CharField(
                        choices=[
                            ("A128CBC-HS256", "A128CBC-HS256"),
                            ("A256CBC-HS512", "A256CBC-HS512"),
                            ("A128GCM", "A128GCM"),
                            ("A256GCM", "A256GCM"),
                        ],
                        db_default="A128CBC-HS256",
                        default="A128CBC-HS256",
                        max_length=13,
                        verbose_name="content encryption",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("employee_id", models.CharField(max_length=40, unique=True, verbose_name="employee id")),
                ("name", models.CharField(max_length=140, verbose_name="name")),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
        ),
        migrations.CreateModel(
            name="PersonAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "verbose_name": "account of a person",
                "verbose_name_plural": "accounts of people",
            },
        ),
        migrations.CreateModel(
            name="PersonAccountEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PersonEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("employee_id", models.CharField(max_length=40, verbose_name="employee id")),
                ("name", models.CharField(max_length=140, verbose_name="name")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ServiceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("slug", models.SlugField(db_index=False, max_length=40, verbose_name="service")),
                ("name", models.CharField(max_length=140, verbose_name="name")),
                (
                    "is_open",
                    models.BooleanField(
                        default=True, help_text="A closed service is refused within a second.", verbose_name="open"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ServiceVersionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("waiting", "approved, waits for its day"),
                            ("approved", "approved"),
                            ("ended", "ended"),
                        ],
                        default="draft",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "rules",
                    models.JSONField(
                        help_text="Consumers, steps and the standard's own word for each field.", verbose_name="rules"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("approved_at", models.DateTimeField(null=True, verbose_name="approved at")),
                (
                    "origin",
                    models.CharField(
                        choices=[("file", "a reviewed file"), ("admin", "the admin")],
                        db_default="file",
                        default="file",
                        max_length=5,
                        verbose_name="comes from",
                    ),
                ),
                (
                    "effective_from",
                    models.DateField(
                        blank=True,
                        help_text="Empty: from the day of approval.",
                        null=True,
                        verbose_name="in force from",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AlterModelOptions(
            name="serviceversion",
            options={
                "permissions": [
                    ("propose_serviceversion", "Can draft a version of a service"),
                    ("approve_serviceversion", "Can approve another person's draft"),
                ],
                "verbose_name": "version of a service",
                "verbose_name_plural": "versions of services",
            },
        ),
        migrations.AddField(
            model_name="serviceversion",
            name="effective_from",
            field=models.DateField(
                blank=True, help_text="Empty: from the day of approval.", null=True, verbose_name="in force from"
            ),
        ),
        migrations.AddField(
            model_name="serviceversion",
            name="origin",
            field=models.CharField(
                choices=[("file", "a reviewed file"), ("admin", "the admin")],
                db_default="file",
                default="file",
                max_length=5,
                verbose_name="comes from",
            ),
        ),
        migrations.AlterField(
            model_name="serviceversion",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("waiting", "approved, waits for its day"),
                    ("approved", "approved"),
                    ("ended", "ended"),
                ],
                default="draft",
                max_length=8,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="closing",
            name="consumer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="closings",
                to="legal.dataconsumer",
                verbose_name="agency",
            ),
        ),
        migrations.AddField(
            model_name="closing",
            name="service",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="closings",
                to="legal.service",
                verbose_name="service",
            ),
        ),
        migrations.AddField(
            model_name="closingevent",
            name="consumer",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="legal.dataconsumer",
                verbose_name="agency",
            ),
        ),
        migrations.AddField(
            model_name="closingevent",
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
            model_name="closingevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="legal.closing",
            ),
        ),
        migrations.AddField(
            model_name="closingevent",
            name="service",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="legal.service",
                verbose_name="service",
            ),
        ),
        migrations.AddField(
            model_name="dataconsumerevent",
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
            model_name="dataconsumerevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="legal.dataconsumer",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("employee_id__regex", "^[a-z0-9][a-z0-9._-]*$")), name="employee_id_is_lower_case"
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="a_person_has_a_name"
            ),
        ),
        migrations.AddField(
            model_name="closingevent",
            name="asked_by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="legal.person",
                verbose_name="opening asked for by",
            ),
        ),
        migrations.AddField(
            model_name="closingevent",
            name="closed_by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="legal.person",
                verbose_name="closed by",
            ),
        ),
        migrations.AddField(
            model_name="closingevent",
            name="opened_by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="legal.person",
                verbose_name="opened by",
            ),
        ),
        migrations.AddField(
            model_name="closing",
            name="asked_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="legal.person",
                verbose_name="opening asked for by",
            ),
        ),
        migrations.AddField(
            model_name="closing",
            name="closed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="legal.person",
                verbose_name="closed by",
            ),
        ),
        migrations.AddField(
            model_name="closing",
            name="opened_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="legal.person",
                verbose_name="opened by",
            ),
        ),
        migrations.AddField(
            model_name="serviceversion",
            name="approver",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="legal.person",
                verbose_name="approver",
            ),
        ),
        migrations.AddField(
            model_name="serviceversion",
            name="author",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="legal.person",
                verbose_name="author",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "waiting"), _negated=True),
                    models.Q(("approved_at__isnull", False), ("effective_from__isnull", False)),
                    _connector="OR",
                ),
                name="waiting_versions_are_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("author__isnull", True),
                    ("approver__isnull", True),
                    models.Q(("approver", models.F("author")), _negated=True),
                    _connector="OR",
                ),
                name="approver_is_another_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("origin", "admin"), _negated=True),
                    models.Q(("approved_at__isnull", True), ("approver__isnull", True), ("author__isnull", False)),
                    models.Q(("approved_at__isnull", False), ("approver__isnull", False), ("author__isnull", False)),
                    _connector="OR",
                ),
                name="two_people_stand_behind_a_version",
            ),
        ),
        migrations.AddField(
            model_name="personaccount",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accounts",
                to="legal.person",
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="personaccount",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="person_account",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="personaccountevent",
            name="person",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="legal.person",
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="personaccountevent",
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
            model_name="personaccountevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="legal.personaccount",
            ),
        ),
        migrations.AddField(
            model_name="personaccountevent",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="personevent",
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
            model_name="personevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="legal.person",
            ),
        ),
        migrations.AddField(
            model_name="serviceevent",
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
            model_name="serviceevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="legal.service",
            ),
        ),
        migrations.AddField(
            model_name="serviceversionevent",
            name="approver",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="legal.person",
                verbose_name="approver",
            ),
        ),
        migrations.AddField(
            model_name="serviceversionevent",
            name="author",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="legal.person",
                verbose_name="author",
            ),
        ),
        migrations.AddField(
            model_name="serviceversionevent",
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
            model_name="serviceversionevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="legal.serviceversion",
            ),
        ),
        migrations.AddField(
            model_name="serviceversionevent",
            name="service",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="legal.service",
                verbose_name="service",
            ),
        ),
        migrations.AddConstraint(
            model_name="closing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("consumer__isnull", False), ("endpoint", ""), ("path", ""), ("service__isnull", True)),
                    models.Q(("consumer__isnull", True), ("endpoint", ""), ("path", ""), ("service__isnull", False)),
                    models.Q(
                        ("consumer__isnull", True),
                        ("service__isnull", False),
                        models.Q(("endpoint", ""), _negated=True),
                        models.Q(("path", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_closing_closes_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="closing",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="a_closing_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="closing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asked_at__isnull", True), ("asked_because", ""), ("asked_by__isnull", True)),
                    models.Q(
                        ("asked_at__isnull", False),
                        ("asked_by__isnull", False),
                        models.Q(("asked_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="who_asks_for_an_opening_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="closing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("opened_at__isnull", True), ("opened_by__isnull", True)),
                    models.Q(
                        ("asked_by__isnull", False),
                        ("opened_at__isnull", False),
                        ("opened_by__isnull", False),
                        models.Q(("opened_by", models.F("asked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="opening_takes_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="closing",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("consumer__isnull", False),
                    ("endpoint", ""),
                    ("path", ""),
                    ("service__isnull", True),
                    ("opened_at__isnull", True),
                ),
                fields=("consumer",),
                name="consumer_closed_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="closing",
            constraint=models.UniqueConstraint(
                condition=models.Q(("consumer__isnull", True), ("opened_at__isnull", True)),
                fields=("service", "endpoint", "path"),
                name="service_or_field_closed_once",
            ),
        ),
        migrations.RunSQL(FOLLOWED, migrations.RunSQL.noop),
    ]
