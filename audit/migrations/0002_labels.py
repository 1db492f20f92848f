from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="auditrecord",
            options={
                "base_manager_name": "objects",
                "default_permissions": ("view",),
                "verbose_name": "audit record",
                "verbose_name_plural": "audit records",
            },
        ),
        migrations.AlterField(
            model_name="auditrecord",
            name="audience",
            field=models.CharField(max_length=255, verbose_name="audience"),
        ),
        migrations.AlterField(
            model_name="auditrecord",
            name="code",
            field=models.CharField(max_length=16, verbose_name="code"),
        ),
        migrations.AlterField(
            model_name="auditrecord",
            name="endpoint",
            field=models.CharField(max_length=64, verbose_name="endpoint"),
        ),
        migrations.AlterField(
            model_name="auditrecord",
            name="from_date",
            field=models.DateField(null=True, verbose_name="from date"),
        ),
        migrations.AlterField(
            model_name="auditrecord",
            name="method",
            field=models.CharField(max_length=16, verbose_name="method"),
        ),
        migrations.AlterField(
            model_name="auditrecord",
            name="outcome",
            field=models.CharField(
                choices=[("answered", "Answered"), ("refused", "Refused"), ("failed", "Failed")],
                max_length=16,
                verbose_name="outcome",
            ),
        ),
        migrations.AlterField(
            model_name="auditrecord",
            name="refusal",
            field=models.CharField(max_length=64, verbose_name="refusal"),
        ),
        migrations.AlterField(
            model_name="auditrecord",
            name="scopes",
            field=models.CharField(max_length=2000, verbose_name="scopes"),
        ),
        migrations.AlterField(
            model_name="auditrecord",
            name="service",
            field=models.CharField(max_length=64, verbose_name="service"),
        ),
        migrations.AlterField(
            model_name="auditrecord",
            name="supplier",
            field=models.CharField(max_length=32, verbose_name="supplier"),
        ),
        migrations.AlterField(
            model_name="auditrecord",
            name="to_date",
            field=models.DateField(null=True, verbose_name="to date"),
        ),
        migrations.AlterField(
            model_name="turnedaway",
            name="count",
            field=models.BigIntegerField(verbose_name="count"),
        ),
        migrations.AlterField(
            model_name="turnedaway",
            name="reason",
            field=models.CharField(max_length=64, verbose_name="reason"),
        ),
    ]
