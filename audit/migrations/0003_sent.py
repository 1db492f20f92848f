"""What the bank itself tells an agency is in the trail too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_labels"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditrecord",
            name="outcome",
            field=models.CharField(
                choices=[("answered", "Answered"), ("refused", "Refused"), ("failed", "Failed"), ("sent", "Sent")],
                max_length=16,
                verbose_name="outcome",
            ),
        ),
    ]
