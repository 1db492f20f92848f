"""Past balances by month, and all that the standard says of a transaction and a card.

The three flat columns of a counterparty stay in the database, with a default, for the version before this one.
"""

import django.db.models.deletion
from django.db import migrations, models

FLAT_COLUMNS = [
    f"ALTER TABLE \"transaction\" ALTER COLUMN {column} SET DEFAULT ''"
    for column in ("counterparty_name", "counterparty_account", "counterparty_kind")
]
BALANCE_HISTORY = """
CREATE TABLE balance_history (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    registered_at timestamptz NOT NULL,
    amount numeric(30, 5) NOT NULL,
    currency varchar(3) NOT NULL,
    credit_line_included boolean NOT NULL,
    credit_line_amount numeric(30, 5),
    credit_line_currency varchar(3) NOT NULL,
    PRIMARY KEY (account_id, registered_at, id)
) PARTITION BY RANGE (registered_at)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FLAT_COLUMNS, migrations.RunSQL.noop)],
            state_operations=[
                migrations.RemoveField(
                    model_name="transaction",
                    name="counterparty_account",
                ),
                migrations.RemoveField(
                    model_name="transaction",
                    name="counterparty_kind",
                ),
                migrations.RemoveField(
                    model_name="transaction",
                    name="counterparty_name",
                ),
            ],
        ),
        migrations.AddField(
            model_name="paymentcard",
            name="issuer_country",
            field=models.CharField(blank=True, db_default="", max_length=2),
        ),
        migrations.AddField(
            model_name="paymentcard",
            name="issuer_name",
            field=models.CharField(blank=True, db_default="", max_length=140),
        ),
        migrations.AddField(
            model_name="paymentcard",
            name="issuer_number",
            field=models.CharField(blank=True, db_default="", max_length=35),
        ),
        migrations.AddField(
            model_name="transaction",
            name="bank_references",
            field=models.JSONField(
                db_default=[], default=list, help_text="A list of objects with the standard's own names: value, type."
            ),
        ),
        migrations.AddField(
            model_name="transaction",
            name="card",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="transactions",
                to="accounts.paymentcard",
            ),
        ),
        migrations.AddField(
            model_name="transaction",
            name="counterparties",
            field=models.JSONField(
                db_default=[],
                default=list,
                help_text="A list of objects with the standard's own names: type, name, accountIdentifier, identifier, postalAddress.",
            ),
        ),
        migrations.AddField(
            model_name="transaction",
            name="exchange_rate",
            field=models.DecimalField(decimal_places=10, max_digits=30, null=True),
        ),
        migrations.AddField(
            model_name="transaction",
            name="free_text_code",
            field=models.CharField(
                blank=True, db_default="", help_text="The bank's own code, where ISO 20022 has none.", max_length=500
            ),
        ),
        migrations.AddField(
            model_name="transaction",
            name="original_amount",
            field=models.DecimalField(
                decimal_places=5, help_text="Before conversion; never negative.", max_digits=30, null=True
            ),
        ),
        migrations.AddField(
            model_name="transaction",
            name="source_currency",
            field=models.CharField(blank=True, db_default="", max_length=3),
        ),
        migrations.AddField(
            model_name="transaction",
            name="target_currency",
            field=models.CharField(blank=True, db_default="", max_length=3),
        ),
        migrations.AddField(
            model_name="transaction",
            name="unit_currency",
            field=models.CharField(blank=True, db_default="", max_length=3),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(BALANCE_HISTORY, "DROP TABLE balance_history")],
            state_operations=[
                migrations.CreateModel(
                    name="BalanceHistory",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("registered_at", models.DateTimeField()),
                        ("amount", models.DecimalField(decimal_places=5, max_digits=30)),
                        ("currency", models.CharField(max_length=3)),
                        ("credit_line_included", models.BooleanField(default=False)),
                        ("credit_line_amount", models.DecimalField(decimal_places=5, max_digits=30, null=True)),
                        ("credit_line_currency", models.CharField(blank=True, max_length=3)),
                        (
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="balance_history",
                                to="accounts.account",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "balance_history",
                    },
                ),
            ],
        ),
    ]
