"""The table of calls under way."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Slot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("api", models.CharField(max_length=32)),
                ("enterprise", models.CharField(max_length=9)),
                ("number", models.PositiveSmallIntegerField()),
                ("holder", models.UUIDField(null=True)),
                ("until", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("api", "enterprise", "number"), name="agencies_slot_unique")
                ],
            },
        ),
    ]
