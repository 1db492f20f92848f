"""The log of those who look says why, and by whose number."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0004_evidence"),
    ]

    operations = [
        migrations.AddField("access", "reason", models.CharField(max_length=400, null=True, verbose_name="reason")),
        migrations.AddField(
            "access", "case_reference", models.CharField(max_length=64, null=True, verbose_name="the bank's case")
        ),
        migrations.AddField("access", "sought_hash", models.BinaryField(null=True)),
        migrations.AddField("access", "marks", models.CharField(max_length=200, null=True, verbose_name="marks")),
    ]
