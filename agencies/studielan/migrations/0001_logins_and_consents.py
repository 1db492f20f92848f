"""The tables of logins and consents."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="BrowserSession",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("person_hash", models.BinaryField(unique=True)),
                ("code_sealed", models.BinaryField()),
                ("valid_to", models.DateTimeField()),
                ("exchanged", models.BooleanField(default=False)),
                ("primed", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="KeptLogin",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("settled", models.BooleanField(default=False)),
                ("asking_until", models.DateTimeField(null=True)),
                ("not_before", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
