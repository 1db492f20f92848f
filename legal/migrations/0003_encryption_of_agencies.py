"""How answers to an agency are encrypted, and whose certificate it is; defaults live in the database too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("legal", "0002_register_change"),
    ]

    operations = [
        migrations.AddField(
            model_name="dataconsumer",
            name="certificate_participant",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Organisation number its certificate is published under in CertPub; blank: its own.",
                max_length=9,
                verbose_name="certificate participant",
            ),
        ),
        migrations.AddField(
            model_name="dataconsumer",
            name="content_encryption",
            field=models.CharField(
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
        migrations.AddField(
            model_name="dataconsumer",
            name="key_algorithm",
            field=models.CharField(
                choices=[("RSA-OAEP-256", "RSA-OAEP-256"), ("RSA-OAEP", "RSA-OAEP")],
                db_default="RSA-OAEP-256",
                default="RSA-OAEP-256",
                max_length=12,
                verbose_name="key encryption",
            ),
        ),
        migrations.AddConstraint(
            model_name="dataconsumer",
            constraint=models.CheckConstraint(
                condition=models.Q(("certificate_participant__regex", "^([0-9]{9})?$")),
                name="participant_number_is_nine_digits",
            ),
        ),
        migrations.AddConstraint(
            model_name="dataconsumer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("key_algorithm__in", ["RSA-OAEP-256", "RSA-OAEP"]),
                    ("content_encryption__in", ["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"]),
                ),
                name="algorithms_are_listed",
            ),
        ),
    ]
