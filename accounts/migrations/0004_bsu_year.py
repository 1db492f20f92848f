"""BSU accounts and their year, as the bank reports them to Skatteetaten."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_account_by_number"),
    ]

    operations = [
        migrations.CreateModel(
            name="BsuYear",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.SmallIntegerField()),
                ("saved", models.DecimalField(decimal_places=5, help_text="Paid in this year.", max_digits=30)),
                ("interest", models.DecimalField(decimal_places=5, help_text="Of this year.", max_digits=30)),
                (
                    "saved_in_all",
                    models.DecimalField(decimal_places=5, help_text="Paid in since the opening.", max_digits=30),
                ),
                (
                    "interest_in_all",
                    models.DecimalField(decimal_places=5, help_text="Since the opening.", max_digits=30),
                ),
                ("balance", models.DecimalField(decimal_places=5, max_digits=30)),
                ("housing_date", models.DateField(help_text="Withdrawn for a home.", null=True)),
                ("housing_amount", models.DecimalField(decimal_places=5, max_digits=30, null=True)),
                ("breach_date", models.DateField(help_text="The contract was broken.", null=True)),
                ("bankruptcy_date", models.DateField(help_text="A claim was covered in a bankruptcy.", null=True)),
                ("security_date", models.DateField(help_text="The account was pledged.", null=True)),
                ("seizure_date", models.DateField(null=True)),
                ("seizure_amount", models.DecimalField(decimal_places=5, max_digits=30, null=True)),
                ("moved_out_date", models.DateField(null=True)),
                ("moved_out_to_spouse", models.CharField(blank=True, db_default="", max_length=11)),
                ("moved_out_to_manager", models.CharField(blank=True, db_default="", max_length=9)),
                ("moved_in_date", models.DateField(null=True)),
                ("moved_in_from_spouse", models.CharField(blank=True, db_default="", max_length=11)),
                ("moved_in_from_manager", models.CharField(blank=True, db_default="", max_length=9)),
                (
                    "contact_name",
                    models.CharField(blank=True, db_default="", help_text="For another bank to ask.", max_length=100),
                ),
                ("contact_telephone", models.CharField(blank=True, db_default="", max_length=20)),
                ("contact_email", models.CharField(blank=True, db_default="", max_length=254)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bsu_years",
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "db_table": "bsu_year",
                "constraints": [models.UniqueConstraint(fields=("account", "year"), name="bsu_year_once")],
            },
        ),
    ]
