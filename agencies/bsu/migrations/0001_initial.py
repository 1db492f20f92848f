"""Deliveries of the yearly report, and who let them go."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("legal", "0006_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("year", models.PositiveSmallIntegerField(verbose_name="income year")),
                ("institution", models.CharField(max_length=9, verbose_name="reporting institution")),
                (
                    "report",
                    models.UUIDField(help_text="The parts of one report have this in common.", verbose_name="report"),
                ),
                ("part", models.PositiveSmallIntegerField(default=1, verbose_name="part")),
                ("parts", models.PositiveSmallIntegerField(default=1, verbose_name="parts")),
                ("replaces", models.UUIDField(null=True, verbose_name="corrects the report")),
                ("reference", models.CharField(max_length=100, verbose_name="reference")),
                ("type", models.CharField(max_length=16, verbose_name="type of delivery")),
                ("accounts", models.PositiveIntegerField(verbose_name="accounts reported")),
                ("sums", models.JSONField(verbose_name="sums")),
                ("findings", models.JSONField(default=list, verbose_name="findings")),
                ("key", models.UUIDField(default=uuid.uuid4, unique=True, verbose_name="idempotencyKey")),
                ("body_sealed", models.BinaryField(null=True)),
                ("digest", models.BinaryField(verbose_name="SHA-256 of the bytes")),
                ("size", models.PositiveIntegerField(verbose_name="bytes")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "prepared"),
                            ("sending", "sent, no answer kept yet"),
                            ("received", "received, feedback awaited"),
                            ("accepted", "accepted"),
                            ("rejected", "rejected in the feedback"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="prepared",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("prepared_at", models.DateTimeField(verbose_name="prepared at")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="first sent at")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered at")),
                ("dialog_id", models.CharField(blank=True, default="", max_length=64, verbose_name="dialogId")),
                (
                    "submission_id",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="forsendelseId"),
                ),
                ("received_accounts", models.PositiveIntegerField(null=True, verbose_name="accounts received")),
                ("receipt", models.JSONField(null=True, verbose_name="receipt")),
                ("status", models.PositiveSmallIntegerField(null=True, verbose_name="HTTP status")),
                ("code", models.CharField(blank=True, default="", max_length=16, verbose_name="code")),
                (
                    "correlation_id",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="correlation id"),
                ),
                ("faults", models.JSONField(default=list, verbose_name="faults named by the agency")),
                ("asked_at", models.DateTimeField(null=True, verbose_name="feedback asked for at")),
                ("times_asked", models.PositiveIntegerField(default=0, verbose_name="times feedback was asked for")),
                ("feedback_at", models.DateTimeField(null=True, verbose_name="feedback read at")),
                ("feedback_sealed", models.BinaryField(null=True)),
                ("feedback", models.JSONField(null=True, verbose_name="feedback")),
            ],
            options={
                "verbose_name": "BSU delivery",
                "verbose_name_plural": "BSU deliveries",
                "permissions": [
                    ("request_sending", "Can ask for a BSU delivery to be sent"),
                    ("approve_sending", "Can agree to the sending that another person asked for"),
                ],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["institution", "year", "prepared_at"], name="bsu_delivery_of_year")],
                "constraints": [
                    models.UniqueConstraint(fields=("report", "part"), name="bsu_part_once"),
                    models.CheckConstraint(
                        condition=models.Q(("institution__regex", "^[0-9]{9}$")), name="bsu_institution_is_nine_digits"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("part__gte", 1), ("part__lte", models.F("parts"))),
                        name="bsu_part_is_one_of_the_parts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["prepared", "withdrawn"]), ("sent_at__isnull", False), _connector="OR"
                        ),
                        name="bsu_what_was_sent_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["received", "accepted", "rejected"]), _negated=True),
                            models.Q(("submission_id", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="bsu_what_was_received_has_an_id",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Sending",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "number",
                    models.PositiveSmallIntegerField(
                        help_text="1 is the first sending, others send again.", verbose_name="number"
                    ),
                ),
                ("digest", models.BinaryField(verbose_name="SHA-256 of the bytes")),
                ("because", models.CharField(max_length=500, verbose_name="reason")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for another person"),
                            ("approved", "approved, to be carried out"),
                            ("done", "carried out"),
                            ("ended", "turned down or withdrawn"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("requested_name", models.CharField(max_length=190, verbose_name="asked for by")),
                ("requested_at", models.DateTimeField(verbose_name="asked for at")),
                (
                    "approved_name",
                    models.CharField(blank=True, default="", max_length=190, verbose_name="agreed to by"),
                ),
                ("approved_at", models.DateTimeField(null=True, verbose_name="agreed to at")),
                ("ended_name", models.CharField(blank=True, default="", max_length=190, verbose_name="ended by")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                ("recorded_at", models.DateTimeField(null=True, verbose_name="disclosure recorded at")),
                ("outcome", models.CharField(blank=True, default="", max_length=120, verbose_name="outcome")),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.person",
                        verbose_name="agreed to by",
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sendings",
                        to="bsu.delivery",
                        verbose_name="delivery",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.person",
                        verbose_name="asked for by",
                    ),
                ),
            ],
            options={
                "verbose_name": "sending of a BSU delivery",
                "verbose_name_plural": "sendings of BSU deliveries",
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(fields=("delivery", "number"), name="bsu_sending_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "approved"])),
                        fields=("delivery",),
                        name="bsu_one_open_sending_of_a_delivery",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("because", ""), _negated=True), name="bsu_a_sending_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            models.Q(("approved_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="bsu_two_people_stand_behind_a_sending",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["approved", "done"]), _negated=True),
                            models.Q(
                                ("approved_at__isnull", False),
                                ("approved_by__isnull", False),
                                models.Q(("approved_name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="bsu_an_approved_sending_says_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recorded_at__isnull", True), ("approved_at__isnull", False), _connector="OR"
                        ),
                        name="bsu_only_approved_sendings_are_carried_out",
                    ),
                ],
            },
        ),
    ]
