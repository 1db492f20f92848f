"""The certificates that answers are encrypted to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AgencyCertificate",
            fields=[
                (
                    "participant",
                    models.CharField(max_length=9, primary_key=True, serialize=False, verbose_name="participant"),
                ),
                ("certificate", models.BinaryField(null=True, verbose_name="certificate")),
                ("pinned", models.BooleanField(default=False, verbose_name="pinned")),
                ("found_at", models.DateTimeField(null=True, verbose_name="last found")),
                ("revocation_checked_at", models.DateTimeField(null=True, verbose_name="revocation last checked")),
                ("attempted_at", models.DateTimeField(null=True, verbose_name="last attempt")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("usable", "usable"),
                            ("not_published", "not published"),
                            ("none_valid", "none valid"),
                            ("failed", "look-up failed"),
                        ],
                        max_length=13,
                        verbose_name="outcome of the last attempt",
                    ),
                ),
                (
                    "reasons",
                    models.JSONField(
                        default=list,
                        help_text="Why certificates were refused or the look-up failed, in fixed words.",
                        verbose_name="reasons",
                    ),
                ),
                (
                    "leased_until",
                    models.DateTimeField(help_text="Somebody is looking it up until then at the latest.", null=True),
                ),
            ],
            options={
                "verbose_name": "certificate of an agency",
                "verbose_name_plural": "certificates of agencies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("participant__regex", "^[0-9]{9}$")),
                        name="certificate_participant_is_nine_digits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pinned", False), ("certificate__isnull", False), _connector="OR"),
                        name="what_is_pinned_is_there",
                    ),
                ],
            },
        ),
    ]
