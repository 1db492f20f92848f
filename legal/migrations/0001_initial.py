"""Agencies, services, versions and the number that tells of a change."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="RegisterChange",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "legal_register_change",
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=40, unique=True, verbose_name="service")),
                ("name", models.CharField(max_length=140, verbose_name="name")),
                (
                    "is_open",
                    models.BooleanField(
                        default=True, help_text="A closed service is refused within a second.", verbose_name="open"
                    ),
                ),
            ],
            options={
                "verbose_name": "service",
                "verbose_name_plural": "services",
            },
        ),
        migrations.CreateModel(
            name="DataConsumer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organisation_number",
                    models.CharField(max_length=9, unique=True, verbose_name="organisation number"),
                ),
                ("name", models.CharField(max_length=140, verbose_name="name")),
                (
                    "is_open",
                    models.BooleanField(
                        default=True, help_text="A closed agency is refused within a second.", verbose_name="open"
                    ),
                ),
            ],
            options={
                "verbose_name": "agency",
                "verbose_name_plural": "agencies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("organisation_number__regex", "^[0-9]{9}$"),
                            models.Q(("organisation_number", "000000000"), _negated=True),
                        ),
                        name="consumer_number_is_nine_digits",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceVersion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("approved", "approved"), ("ended", "ended")],
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
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="legal.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a service",
                "verbose_name_plural": "versions of services",
                "constraints": [
                    models.UniqueConstraint(fields=("service", "number"), name="service_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "approved")),
                        fields=("service",),
                        name="one_approved_version_of_a_service",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            ("approved_at__isnull", False),
                            _connector="OR",
                        ),
                        name="approved_versions_say_when",
                    ),
                ],
            },
        ),
    ]
