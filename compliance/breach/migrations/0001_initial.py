"""Breaches, notices, routines and outages, with triggers that keep each change of them with the owner's rights."""

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
            name="Outage",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="begins at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                ("what", models.CharField(max_length=200, verbose_name="what is down")),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("planned_name", models.CharField(max_length=190, verbose_name="planned by")),
                ("planned_at", models.DateTimeField(verbose_name="planned at")),
                (
                    "called_off_name",
                    models.CharField(blank=True, default="", max_length=190, verbose_name="called off by"),
                ),
                ("called_off_at", models.DateTimeField(null=True, verbose_name="called off at")),
                (
                    "planned_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="legal.person"),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="breach_outage_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("starts_at__gt", models.F("planned_at"))),
                        name="breach_outage_is_planned_ahead",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutageEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                ("starts_at", models.DateTimeField(verbose_name="begins at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                ("what", models.CharField(max_length=200, verbose_name="what is down")),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("planned_name", models.CharField(max_length=190, verbose_name="planned by")),
                ("planned_at", models.DateTimeField(verbose_name="planned at")),
                (
                    "called_off_name",
                    models.CharField(blank=True, default="", max_length=190, verbose_name="called off by"),
                ),
                ("called_off_at", models.DateTimeField(null=True, verbose_name="called off at")),
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
                        to="breach.outage",
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="legal.person",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Routine",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("breach", "Privacy and security breach"),
                            ("notification", "Notification"),
                            ("errors", "Error handling"),
                            ("questions", "Question management"),
                            ("changes", "Change management"),
                        ],
                        max_length=12,
                        primary_key=True,
                        serialize=False,
                        verbose_name="routine",
                    ),
                ),
                ("contact", models.CharField(blank=True, default="", max_length=200, verbose_name="contact")),
                ("text", models.TextField(blank=True, default="", verbose_name="text")),
                ("reviewed_on", models.DateField(null=True, verbose_name="last reviewed")),
                ("reviewed_name", models.CharField(blank=True, default="", max_length=190, verbose_name="reviewed by")),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.person",
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["breach", "notification", "errors", "questions", "changes"])),
                        name="breach_routine_is_one_of_five",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RoutineEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("breach", "Privacy and security breach"),
                            ("notification", "Notification"),
                            ("errors", "Error handling"),
                            ("questions", "Question management"),
                            ("changes", "Change management"),
                        ],
                        max_length=12,
                        serialize=False,
                        verbose_name="routine",
                    ),
                ),
                ("contact", models.CharField(blank=True, default="", max_length=200, verbose_name="contact")),
                ("text", models.TextField(blank=True, default="", verbose_name="text")),
                ("reviewed_on", models.DateField(null=True, verbose_name="last reviewed")),
                ("reviewed_name", models.CharField(blank=True, default="", max_length=190, verbose_name="reviewed by")),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="legal.person",
                        verbose_name="owner",
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
                        to="breach.routine",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WrongDisclosure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("criteria", models.JSONField()),
                ("begins_at", models.DateTimeField(verbose_name="begins at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                ("edge", models.CharField(max_length=80)),
                ("slice_seconds", models.FloatField()),
                ("answers", models.BigIntegerField(default=0, verbose_name="answers")),
                ("persons", models.BigIntegerField(null=True, verbose_name="persons")),
                ("agencies", models.JSONField(default=list)),
                ("made_name", models.CharField(max_length=190, verbose_name="searched by")),
                ("made_at", models.DateTimeField(verbose_name="searched at")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["made_at", "id"], name="breach_disclosure_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("begins_at__lte", models.F("ends_at"))),
                        name="breach_disclosure_begins_first",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", True), ("persons__isnull", True)),
                            models.Q(("finished_at__isnull", False), ("persons__isnull", False)),
                            _connector="OR",
                        ),
                        name="breach_disclosure_is_counted_when_finished",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_hash", models.BinaryField()),
                ("consumer", models.CharField(max_length=32)),
                ("day", models.DateField()),
                ("answers", models.IntegerField()),
                ("record", models.UUIDField()),
                (
                    "disclosure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="hits", to="breach.wrongdisclosure"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("disclosure", "person_hash", "consumer", "day"), name="breach_hit_once_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("consumer", models.CharField(max_length=32, verbose_name="agency")),
                ("answers", models.BigIntegerField(verbose_name="answers")),
                ("persons", models.BigIntegerField(verbose_name="persons")),
                (
                    "disclosure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tallies", to="breach.wrongdisclosure"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("disclosure", "day", "consumer"), name="breach_tally_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Breach",
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
                            (
                                "wrong_rules",
                                "answered under wrong rules: too much, too far back or without a legal basis",
                            ),
                            ("wrong_recipient", "told or encrypted to somebody wrong"),
                            ("wrong_content", "answered with wrong data"),
                            ("unauthorised", "seen by somebody who had no right to it"),
                            ("lost", "data lost or altered"),
                            ("other", "something else"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "case_reference",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="the bank's case"),
                ),
                ("discovered_at", models.DateTimeField(verbose_name="discovered at")),
                ("aware_at", models.DateTimeField(verbose_name="known at")),
                ("happened_sealed", models.BinaryField(verbose_name="what happened")),
                ("categories_sealed", models.BinaryField(null=True, verbose_name="persons and data")),
                ("consequences_sealed", models.BinaryField(null=True, verbose_name="likely consequences")),
                ("measures_sealed", models.BinaryField(null=True, verbose_name="measures")),
                ("criteria", models.JSONField(null=True)),
                ("answers", models.BigIntegerField(null=True, verbose_name="answers")),
                ("persons", models.BigIntegerField(null=True, verbose_name="persons")),
                ("agencies", models.JSONField(null=True)),
                (
                    "authority",
                    models.CharField(
                        choices=[("open", "not decided"), ("yes", "yes"), ("no", "no")],
                        default="open",
                        max_length=4,
                        verbose_name="tell Datatilsynet",
                    ),
                ),
                ("authority_ground_sealed", models.BinaryField(null=True)),
                (
                    "subjects",
                    models.CharField(
                        choices=[("open", "not decided"), ("yes", "yes"), ("no", "no")],
                        default="open",
                        max_length=4,
                        verbose_name="tell those hit",
                    ),
                ),
                ("subjects_ground_sealed", models.BinaryField(null=True)),
                ("decided_name", models.CharField(blank=True, default="", max_length=190, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("opened_name", models.CharField(max_length=190, verbose_name="opened by")),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "closed_name",
                    models.CharField(blank=True, default="", max_length=190, verbose_name="breach closed by"),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="breach closed at")),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="legal.person"
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="legal.person"),
                ),
                (
                    "disclosure",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="breaches",
                        to="breach.wrongdisclosure",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at__isnull", True)), fields=["aware_at"], name="breach_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("aware_at__gte", models.F("discovered_at"))),
                        name="breach_known_once_discovered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("authority", "open"), ("authority_ground_sealed__isnull", False), _connector="OR"
                            ),
                            models.Q(("subjects", "open"), ("subjects_ground_sealed__isnull", False), _connector="OR"),
                        ),
                        name="breach_decided_with_a_ground",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("closed_by__isnull", True)),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                models.Q(("authority", "open"), _negated=True),
                                models.Q(("subjects", "open"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="breach_closed_once_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("authority", "to Datatilsynet"),
                            ("agency", "to the agency that got the data"),
                            ("bits", "to Bits"),
                            ("customers", "to the customers hit"),
                            ("correction", "correction to the agency (article 19)"),
                            ("outage", "planned outage"),
                        ],
                        max_length=10,
                        verbose_name="notice",
                    ),
                ),
                ("agency", models.CharField(blank=True, default="", max_length=9, verbose_name="agency")),
                ("text_sealed", models.BinaryField(verbose_name="text")),
                ("addresses", models.TextField(blank=True, default="", verbose_name="goes by e-mail to")),
                ("agreed_digest", models.BinaryField(null=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("sent_name", models.CharField(blank=True, default="", max_length=190, verbose_name="sent by")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent at")),
                (
                    "sent_how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("form", "on the recipient's own form"),
                            ("digital_post", "digital post"),
                            ("letter", "letter"),
                            ("email", "e-mail"),
                            ("telephone", "telephone, then in writing"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="sent how",
                    ),
                ),
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
                    "breach",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="breach.breach",
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
                (
                    "sent_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="legal.person"
                    ),
                ),
                (
                    "outage",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="breach.outage",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("judged_by__isnull", True),
                            models.Q(("consent", "agreed"), _negated=True),
                            models.Q(("judged_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="breach_notice_takes_two_people",
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
                        name="breach_notice_says_who_judged",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("breach__isnull", False), ("outage__isnull", True)),
                            models.Q(("breach__isnull", True), ("outage__isnull", False)),
                            _connector="OR",
                        ),
                        name="breach_notice_is_about_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("consent", "agreed"), _negated=True),
                            models.Q(
                                (
                                    "agreed_digest",
                                    models.Func(
                                        models.F("text_sealed"),
                                        models.Func(
                                            models.F("addresses"),
                                            models.Value("UTF8"),
                                            function="convert_to",
                                            output_field=models.BinaryField(),
                                        ),
                                        arg_joiner=" || ",
                                        function="sha256",
                                        output_field=models.BinaryField(),
                                    ),
                                ),
                                ("agreed_digest__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="breach_notice_is_what_was_agreed_to",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", True), ("sent_by__isnull", True), ("sent_how", "")),
                            models.Q(
                                ("consent", "agreed"),
                                ("sent_at__isnull", False),
                                ("sent_by__isnull", False),
                                models.Q(("sent_how", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="breach_notice_is_sent_once_agreed_to",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("authority", "to Datatilsynet"),
                            ("agency", "to the agency that got the data"),
                            ("bits", "to Bits"),
                            ("customers", "to the customers hit"),
                            ("correction", "correction to the agency (article 19)"),
                            ("outage", "planned outage"),
                        ],
                        max_length=10,
                        verbose_name="notice",
                    ),
                ),
                ("agency", models.CharField(blank=True, default="", max_length=9, verbose_name="agency")),
                ("text_sealed", models.BinaryField(verbose_name="text")),
                ("addresses", models.TextField(blank=True, default="", verbose_name="goes by e-mail to")),
                ("agreed_digest", models.BinaryField(null=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("sent_name", models.CharField(blank=True, default="", max_length=190, verbose_name="sent by")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent at")),
                (
                    "sent_how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("form", "on the recipient's own form"),
                            ("digital_post", "digital post"),
                            ("letter", "letter"),
                            ("email", "e-mail"),
                            ("telephone", "telephone, then in writing"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="sent how",
                    ),
                ),
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
                    "breach",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="breach.breach",
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
                        to="breach.notice",
                    ),
                ),
                (
                    "sent_by",
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
                    "outage",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="breach.outage",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="time")),
                ("done_sealed", models.BinaryField(verbose_name="what was done")),
                ("by_name", models.CharField(max_length=190, verbose_name="by")),
                (
                    "breach",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="breach.breach"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="legal.person"),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="StepEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                ("at", models.DateTimeField(verbose_name="time")),
                ("done_sealed", models.BinaryField(verbose_name="what was done")),
                ("by_name", models.CharField(max_length=190, verbose_name="by")),
                (
                    "breach",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="breach.breach",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
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
                        to="breach.step",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BreachEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                "wrong_rules",
                                "answered under wrong rules: too much, too far back or without a legal basis",
                            ),
                            ("wrong_recipient", "told or encrypted to somebody wrong"),
                            ("wrong_content", "answered with wrong data"),
                            ("unauthorised", "seen by somebody who had no right to it"),
                            ("lost", "data lost or altered"),
                            ("other", "something else"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "case_reference",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="the bank's case"),
                ),
                ("discovered_at", models.DateTimeField(verbose_name="discovered at")),
                ("aware_at", models.DateTimeField(verbose_name="known at")),
                ("happened_sealed", models.BinaryField(verbose_name="what happened")),
                ("categories_sealed", models.BinaryField(null=True, verbose_name="persons and data")),
                ("consequences_sealed", models.BinaryField(null=True, verbose_name="likely consequences")),
                ("measures_sealed", models.BinaryField(null=True, verbose_name="measures")),
                ("criteria", models.JSONField(null=True)),
                ("answers", models.BigIntegerField(null=True, verbose_name="answers")),
                ("persons", models.BigIntegerField(null=True, verbose_name="persons")),
                ("agencies", models.JSONField(null=True)),
                (
                    "authority",
                    models.CharField(
                        choices=[("open", "not decided"), ("yes", "yes"), ("no", "no")],
                        default="open",
                        max_length=4,
                        verbose_name="tell Datatilsynet",
                    ),
                ),
                ("authority_ground_sealed", models.BinaryField(null=True)),
                (
                    "subjects",
                    models.CharField(
                        choices=[("open", "not decided"), ("yes", "yes"), ("no", "no")],
                        default="open",
                        max_length=4,
                        verbose_name="tell those hit",
                    ),
                ),
                ("subjects_ground_sealed", models.BinaryField(null=True)),
                ("decided_name", models.CharField(blank=True, default="", max_length=190, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("opened_name", models.CharField(max_length=190, verbose_name="opened by")),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "closed_name",
                    models.CharField(blank=True, default="", max_length=190, verbose_name="breach closed by"),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="breach closed at")),
                (
                    "closed_by",
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
                    "opened_by",
                    models.ForeignKey(
                        db_constraint=False,
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
                        to="breach.breach",
                    ),
                ),
                (
                    "disclosure",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="breach.wrongdisclosure",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("agency", models.CharField(blank=True, default="", max_length=9, verbose_name="agency")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("agency", "email"), name="breach_contact_once")],
            },
        ),
        migrations.CreateModel(
            name="ContactEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("agency", models.CharField(blank=True, default="", max_length=9, verbose_name="agency")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
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
                        to="breach.contact",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RunSQL(
            sql="ALTER TABLE breach_outage ADD CONSTRAINT breach_outages_do_not_overlap EXCLUDE USING gist (tstzrange(starts_at, ends_at) WITH &&) WHERE (called_off_at IS NULL)",
            reverse_sql="",
        ),
        legal.history.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "breach_contactevent" ("agency", "email", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."agency", NEW."email", NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="4c951856abe6a269512990cceaf224608684e252",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_da590",
                    table="breach_contact",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "breach_contactevent" ("agency", "email", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."agency", NEW."email", NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="d35da15ddfb1010cebf95fcaeec17b9b98dd69f0",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_bf269",
                    table="breach_contact",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "breach_contactevent" ("agency", "email", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."agency", OLD."email", OLD."id", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="3838a6bdff07d23d1c679215e996a099f45fd50a",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ad3e8",
                    table="breach_contact",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="contactevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="064789b7ebc6f57abf2d2fd7cf937504d2f1bb44",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_169e5",
                    table="breach_contactevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="outage",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "breach_outageevent" ("called_off_at", "called_off_name", "ends_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "planned_at", "planned_by_id", "planned_name", "reason", "starts_at", "what") VALUES (NEW."called_off_at", NEW."called_off_name", NEW."ends_at", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."planned_at", NEW."planned_by_id", NEW."planned_name", NEW."reason", NEW."starts_at", NEW."what"); RETURN NULL;',
                    hash="81a1058c9a82fccea9b31d255c6fc4fc0f43af28",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_c7597",
                    table="breach_outage",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="outage",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "breach_outageevent" ("called_off_at", "called_off_name", "ends_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "planned_at", "planned_by_id", "planned_name", "reason", "starts_at", "what") VALUES (NEW."called_off_at", NEW."called_off_name", NEW."ends_at", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."planned_at", NEW."planned_by_id", NEW."planned_name", NEW."reason", NEW."starts_at", NEW."what"); RETURN NULL;',
                    hash="a4a9f0dd794f69886d945c3850ebe3cc2f3a076f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_49e1d",
                    table="breach_outage",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="outage",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "breach_outageevent" ("called_off_at", "called_off_name", "ends_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "planned_at", "planned_by_id", "planned_name", "reason", "starts_at", "what") VALUES (OLD."called_off_at", OLD."called_off_name", OLD."ends_at", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."planned_at", OLD."planned_by_id", OLD."planned_name", OLD."reason", OLD."starts_at", OLD."what"); RETURN NULL;',
                    hash="2ea07f9f54e70fef3015f965bb1f07f047c735b4",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_4a027",
                    table="breach_outage",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="noticeevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f2fe696ea01870abf283014c8a2b0c5e1312fc0b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7f023",
                    table="breach_noticeevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "breach_noticeevent" ("addresses", "agency", "agreed_digest", "asked_at", "asked_by_id", "asked_name", "breach_id", "claimed_at", "consent", "id", "judged_at", "judged_by_id", "judged_name", "kind", "outage_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sent_at", "sent_by_id", "sent_how", "sent_name", "text_sealed") VALUES (NEW."addresses", NEW."agency", NEW."agreed_digest", NEW."asked_at", NEW."asked_by_id", NEW."asked_name", NEW."breach_id", NEW."claimed_at", NEW."consent", NEW."id", NEW."judged_at", NEW."judged_by_id", NEW."judged_name", NEW."kind", NEW."outage_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."sent_at", NEW."sent_by_id", NEW."sent_how", NEW."sent_name", NEW."text_sealed"); RETURN NULL;',
                    hash="07a26ad00632afbbcfa5d84af1416cd18d20f25a",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_9d9e8",
                    table="breach_notice",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "breach_noticeevent" ("addresses", "agency", "agreed_digest", "asked_at", "asked_by_id", "asked_name", "breach_id", "claimed_at", "consent", "id", "judged_at", "judged_by_id", "judged_name", "kind", "outage_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sent_at", "sent_by_id", "sent_how", "sent_name", "text_sealed") VALUES (NEW."addresses", NEW."agency", NEW."agreed_digest", NEW."asked_at", NEW."asked_by_id", NEW."asked_name", NEW."breach_id", NEW."claimed_at", NEW."consent", NEW."id", NEW."judged_at", NEW."judged_by_id", NEW."judged_name", NEW."kind", NEW."outage_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."sent_at", NEW."sent_by_id", NEW."sent_how", NEW."sent_name", NEW."text_sealed"); RETURN NULL;',
                    hash="5211798351f05bd4d1f9bb6e534d8ed0a868e169",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_70d62",
                    table="breach_notice",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "breach_noticeevent" ("addresses", "agency", "agreed_digest", "asked_at", "asked_by_id", "asked_name", "breach_id", "claimed_at", "consent", "id", "judged_at", "judged_by_id", "judged_name", "kind", "outage_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sent_at", "sent_by_id", "sent_how", "sent_name", "text_sealed") VALUES (OLD."addresses", OLD."agency", OLD."agreed_digest", OLD."asked_at", OLD."asked_by_id", OLD."asked_name", OLD."breach_id", OLD."claimed_at", OLD."consent", OLD."id", OLD."judged_at", OLD."judged_by_id", OLD."judged_name", OLD."kind", OLD."outage_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."sent_at", OLD."sent_by_id", OLD."sent_how", OLD."sent_name", OLD."text_sealed"); RETURN NULL;',
                    hash="4d5370e956c444498faea6cde02fda0a19ecd9b7",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_06f06",
                    table="breach_notice",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="outageevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ced08ddb0cfe64688e7e3366f01fc2c7ae03ac35",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_12f46",
                    table="breach_outageevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="routine",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "breach_routineevent" ("contact", "kind", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reviewed_name", "reviewed_on", "text") VALUES (NEW."contact", NEW."kind", NEW."owner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."kind", NEW."reviewed_name", NEW."reviewed_on", NEW."text"); RETURN NULL;',
                    hash="f1db3f88729e7063c0da1dcaf03505ec019dbc1c",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_2f0ee",
                    table="breach_routine",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="routine",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "breach_routineevent" ("contact", "kind", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reviewed_name", "reviewed_on", "text") VALUES (NEW."contact", NEW."kind", NEW."owner_id", _pgh_attach_context(), NOW(), \'update\', NEW."kind", NEW."reviewed_name", NEW."reviewed_on", NEW."text"); RETURN NULL;',
                    hash="0515533491a8745f2c426514a226ddebb0ec7195",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_aad70",
                    table="breach_routine",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="routine",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "breach_routineevent" ("contact", "kind", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reviewed_name", "reviewed_on", "text") VALUES (OLD."contact", OLD."kind", OLD."owner_id", _pgh_attach_context(), NOW(), \'delete\', OLD."kind", OLD."reviewed_name", OLD."reviewed_on", OLD."text"); RETURN NULL;',
                    hash="6320ceffc3211483691041aa3beec005d5b7fb10",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d663a",
                    table="breach_routine",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="routineevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="91669f9b604011fa6eb58ac2f3851f045fd1348a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_74270",
                    table="breach_routineevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="step",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "breach_stepevent" ("at", "breach_id", "by_id", "by_name", "done_sealed", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."at", NEW."breach_id", NEW."by_id", NEW."by_name", NEW."done_sealed", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="5eb1b64f0c3c373eccdcfe3c2d726d3fab53e8aa",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0d532",
                    table="breach_step",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="step",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "breach_stepevent" ("at", "breach_id", "by_id", "by_name", "done_sealed", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."at", NEW."breach_id", NEW."by_id", NEW."by_name", NEW."done_sealed", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="43f23ed937b37cf77e1ec145b7f84bda379e9c01",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c9367",
                    table="breach_step",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="step",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "breach_stepevent" ("at", "breach_id", "by_id", "by_name", "done_sealed", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."at", OLD."breach_id", OLD."by_id", OLD."by_name", OLD."done_sealed", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="8a8f68e7b092514c12ef6da2fa970c0459aa9334",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_b6ed7",
                    table="breach_step",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="stepevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="87a826a390ad0e553c71f3435c160cdf5d471516",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0310f",
                    table="breach_stepevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="breachevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="61b2449c1d77b70ecb389d9bb895bccfeb638843",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_83adf",
                    table="breach_breachevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="breach",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "breach_breachevent" ("agencies", "answers", "authority", "authority_ground_sealed", "aware_at", "case_reference", "categories_sealed", "closed_at", "closed_by_id", "closed_name", "consequences_sealed", "criteria", "decided_at", "decided_name", "disclosure_id", "discovered_at", "happened_sealed", "id", "kind", "measures_sealed", "opened_at", "opened_by_id", "opened_name", "persons", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subjects", "subjects_ground_sealed") VALUES (NEW."agencies", NEW."answers", NEW."authority", NEW."authority_ground_sealed", NEW."aware_at", NEW."case_reference", NEW."categories_sealed", NEW."closed_at", NEW."closed_by_id", NEW."closed_name", NEW."consequences_sealed", NEW."criteria", NEW."decided_at", NEW."decided_name", NEW."disclosure_id", NEW."discovered_at", NEW."happened_sealed", NEW."id", NEW."kind", NEW."measures_sealed", NEW."opened_at", NEW."opened_by_id", NEW."opened_name", NEW."persons", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."subjects", NEW."subjects_ground_sealed"); RETURN NULL;',
                    hash="4ee1d8666749a22b500cadcd2a09f85cd0fe7072",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_2e5be",
                    table="breach_breach",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="breach",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "breach_breachevent" ("agencies", "answers", "authority", "authority_ground_sealed", "aware_at", "case_reference", "categories_sealed", "closed_at", "closed_by_id", "closed_name", "consequences_sealed", "criteria", "decided_at", "decided_name", "disclosure_id", "discovered_at", "happened_sealed", "id", "kind", "measures_sealed", "opened_at", "opened_by_id", "opened_name", "persons", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subjects", "subjects_ground_sealed") VALUES (NEW."agencies", NEW."answers", NEW."authority", NEW."authority_ground_sealed", NEW."aware_at", NEW."case_reference", NEW."categories_sealed", NEW."closed_at", NEW."closed_by_id", NEW."closed_name", NEW."consequences_sealed", NEW."criteria", NEW."decided_at", NEW."decided_name", NEW."disclosure_id", NEW."discovered_at", NEW."happened_sealed", NEW."id", NEW."kind", NEW."measures_sealed", NEW."opened_at", NEW."opened_by_id", NEW."opened_name", NEW."persons", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."subjects", NEW."subjects_ground_sealed"); RETURN NULL;',
                    hash="1ee565a9b7005a5aab5d42665725506af9ece10c",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_62b59",
                    table="breach_breach",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="breach",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "breach_breachevent" ("agencies", "answers", "authority", "authority_ground_sealed", "aware_at", "case_reference", "categories_sealed", "closed_at", "closed_by_id", "closed_name", "consequences_sealed", "criteria", "decided_at", "decided_name", "disclosure_id", "discovered_at", "happened_sealed", "id", "kind", "measures_sealed", "opened_at", "opened_by_id", "opened_name", "persons", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subjects", "subjects_ground_sealed") VALUES (OLD."agencies", OLD."answers", OLD."authority", OLD."authority_ground_sealed", OLD."aware_at", OLD."case_reference", OLD."categories_sealed", OLD."closed_at", OLD."closed_by_id", OLD."closed_name", OLD."consequences_sealed", OLD."criteria", OLD."decided_at", OLD."decided_name", OLD."disclosure_id", OLD."discovered_at", OLD."happened_sealed", OLD."id", OLD."kind", OLD."measures_sealed", OLD."opened_at", OLD."opened_by_id", OLD."opened_name", OLD."persons", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."subjects", OLD."subjects_ground_sealed"); RETURN NULL;',
                    hash="1cb9eb13b862614fa6d102e0ffa03674b448a07a",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d61b5",
                    table="breach_breach",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.copies_by_the_owner("breach"),
    ]
