"""Bankruptcy notices, whose changes move the number that the workers watch too."""

import django.db.models.deletion
from django.db import migrations, models

TABLES = ("legal_bankruptcynotice", "legal_noticeparty")
TRIGGER = """
CREATE TRIGGER register_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION legal_register_changed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("legal", "0003_encryption_of_agencies"),
    ]

    operations = [
        migrations.CreateModel(
            name="NoticeReading",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                (
                    "position",
                    models.DateTimeField(
                        help_text="Registration time of the newest notice that is kept.",
                        null=True,
                        verbose_name="read up to",
                    ),
                ),
                ("read_at", models.DateTimeField(null=True, verbose_name="last read")),
            ],
            options={
                "verbose_name": "reading of Konkursvarsel",
                "verbose_name_plural": "reading of Konkursvarsel",
            },
        ),
        migrations.CreateModel(
            name="BankruptcyNotice",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False, verbose_name="notice")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("read", "read"),
                            ("unreadable", "could not be read"),
                            ("dismissed", "dealt with by hand"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("aapning", "opening"),
                            ("sletting", "deletion of an opening"),
                            ("oppheving", "reversal on appeal"),
                            ("avslutning", "closing"),
                        ],
                        max_length=10,
                        verbose_name="type",
                    ),
                ),
                (
                    "debtor",
                    models.UUIDField(
                        help_text="The same for all notices about one debtor.", null=True, verbose_name="debtor"
                    ),
                ),
                ("ruling_date", models.DateField(null=True, verbose_name="date of the ruling")),
                ("registered_at", models.DateTimeField(verbose_name="registered at")),
                ("received_at", models.DateTimeField(verbose_name="received at")),
                ("link", models.CharField(blank=True, max_length=500, verbose_name="resource link")),
                ("fault", models.CharField(blank=True, max_length=16, verbose_name="why it could not be read")),
            ],
            options={
                "verbose_name": "bankruptcy notice",
                "verbose_name_plural": "bankruptcy notices",
                "indexes": [
                    models.Index(fields=["registered_at", "id"], name="notice_newest"),
                    models.Index(fields=["debtor"], name="notice_debtor"),
                    models.Index(
                        condition=models.Q(("state", "unreadable")), fields=["state"], name="notice_unreadable"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "read"), _negated=True),
                            models.Q(
                                ("debtor__isnull", False),
                                ("type__in", ["aapning", "sletting", "oppheving", "avslutning"]),
                            ),
                            _connector="OR",
                        ),
                        name="notice_read_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "read"), ("type", "aapning"), _negated=True),
                            ("ruling_date__isnull", False),
                            _connector="OR",
                        ),
                        name="notice_opening_has_ruling",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "part",
                    models.CharField(
                        choices=[("debtor", "debtor"), ("unit", "linked unit")], max_length=6, verbose_name="part"
                    ),
                ),
                ("number_hash", models.BinaryField()),
                ("organisation_number", models.CharField(blank=True, max_length=9, verbose_name="organisation number")),
                ("person_sealed", models.BinaryField(null=True)),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parties", to="legal.bankruptcynotice"
                    ),
                ),
            ],
            options={
                "verbose_name": "party of a notice",
                "verbose_name_plural": "parties of notices",
                "indexes": [
                    models.Index(fields=["number_hash"], name="notice_party_number"),
                    models.Index(
                        condition=models.Q(("organisation_number", ""), _negated=True),
                        fields=["organisation_number"],
                        name="notice_party_organisation",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("organisation_number", ""), ("person_sealed__isnull", False)),
                            models.Q(("organisation_number__regex", "^[0-9]{9}$"), ("person_sealed__isnull", True)),
                            _connector="OR",
                        ),
                        name="notice_party_person_is_sealed",
                    )
                ],
            },
        ),
        *(migrations.RunSQL(TRIGGER.format(table=table), migrations.RunSQL.noop) for table in TABLES),
    ]
