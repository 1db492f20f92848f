"""The tables of a ledger that the bank loads; one of views over the bank's own tables is never migrated."""

import django.db.models.deletion
from django.db import migrations, models

# Range-partitioned by month, which Django cannot say. The key is the order in which an account's transactions
# are read, so that reading needs no other index.
TRANSACTION = """
CREATE TABLE "transaction" (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    booked_at timestamptz NOT NULL,
    value_at timestamptz NOT NULL,
    performed_at timestamptz,
    identifier varchar(64) NOT NULL,
    status varchar(7) NOT NULL,
    amount numeric(30, 5) NOT NULL,
    currency varchar(3) NOT NULL,
    reversal boolean NOT NULL,
    domain varchar(20) NOT NULL,
    family varchar(50) NOT NULL,
    sub_family varchar(50) NOT NULL,
    additional_info varchar(500) NOT NULL,
    merchant varchar(140) NOT NULL,
    counterparty_name varchar(140) NOT NULL,
    counterparty_account varchar(35) NOT NULL,
    counterparty_kind varchar(16) NOT NULL,
    PRIMARY KEY (account_id, booked_at, id)
) PARTITION BY RANGE (booked_at)
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="FinancialInstitution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation_number", models.CharField(max_length=9, unique=True)),
                ("name", models.CharField(max_length=140)),
                ("country", models.CharField(default="NO", max_length=2)),
                ("as_of", models.DateTimeField()),
                (
                    "history_from",
                    models.DateField(help_text="First day of the history that can be answered by machine."),
                ),
            ],
            options={
                "db_table": "financial_institution",
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "type",
                    models.CharField(choices=[("person", "Person"), ("organisation", "Organisation")], max_length=12),
                ),
                ("name", models.CharField(max_length=140)),
                ("country", models.CharField(default="NO", max_length=2)),
                ("protection_grade", models.CharField(max_length=20)),
                ("date_of_death", models.DateField(null=True)),
            ],
            options={
                "db_table": "party",
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=35)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("loanAccount", "Loan"),
                            ("salaryAccount", "Salary"),
                            ("currencyAccount", "Currency"),
                            ("savingsAccount", "Savings"),
                            ("clientAccount", "Client"),
                            ("taxDeductionAccount", "Tax Deduction"),
                            ("businessAccount", "Business"),
                            ("creditCardAccount", "Credit Card"),
                            ("prepaidCardAccount", "Prepaid Card"),
                            ("accountWithoutBalance", "Without Balance"),
                            ("otherAccount", "Other"),
                        ],
                        max_length=21,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=70)),
                ("currency", models.CharField(max_length=3)),
                (
                    "status",
                    models.CharField(
                        choices=[("enabled", "Enabled"), ("disabled", "Disabled"), ("deleted", "Deleted")], max_length=8
                    ),
                ),
                ("start_date", models.DateField()),
                ("end_date", models.DateField(null=True)),
                ("nics_creditable", models.BooleanField(help_text="Whether NICS can credit the account.")),
                (
                    "data_delivered",
                    models.BooleanField(
                        default=True, help_text="False: listed only, as dataNotDelivered, where the service allows it."
                    ),
                ),
                (
                    "servicer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="accounts.financialinstitution",
                    ),
                ),
            ],
            options={
                "db_table": "account",
            },
        ),
        migrations.CreateModel(
            name="Guardianship",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "service",
                    models.CharField(
                        help_text="FREG vergeTjenesteoppgave, such as representasjonDagligbank.", max_length=60
                    ),
                ),
                ("start_date", models.DateField()),
                ("end_date", models.DateField(null=True)),
                (
                    "guardian",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="wards", to="accounts.party"
                    ),
                ),
                (
                    "ward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="guardianships", to="accounts.party"
                    ),
                ),
            ],
            options={
                "db_table": "guardianship",
            },
        ),
        migrations.CreateModel(
            name="AccountRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("primaryOwner", "Primary Owner"),
                            ("secondaryOwner", "Secondary Owner"),
                            ("authorisedUser", "Authorised User"),
                            ("coBorrower", "Co Borrower"),
                            ("guarantor", "Guarantor"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "permission",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("rightToUseAlone", "Use Alone"),
                            ("rightToUseWithOther", "Use With Other"),
                            ("rightToSeeOnly", "See Only"),
                        ],
                        max_length=20,
                    ),
                ),
                ("start_date", models.DateField()),
                ("end_date", models.DateField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="roles",
                        to="accounts.account",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="roles",
                        to="accounts.party",
                    ),
                ),
            ],
            options={
                "db_table": "account_role",
            },
        ),
        migrations.CreateModel(
            name="PartyIdentifier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.CharField(max_length=11, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("birthNumber", "Birth Number"),
                            ("dNumber", "D Number"),
                            ("organisationNumber", "Organisation Number"),
                        ],
                        max_length=20,
                    ),
                ),
                ("start_date", models.DateField()),
                ("end_date", models.DateField(null=True)),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="identifiers", to="accounts.party"
                    ),
                ),
            ],
            options={
                "db_table": "party_identifier",
            },
        ),
        migrations.CreateModel(
            name="PaymentCard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("masked_number", models.CharField(max_length=19)),
                ("type", models.CharField(max_length=10)),
                ("status", models.CharField(max_length=8)),
                ("version_number", models.CharField(blank=True, max_length=1)),
                ("start_month", models.CharField(max_length=7)),
                ("expiry_month", models.CharField(max_length=7)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cards", to="accounts.account"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cards", to="accounts.party"
                    ),
                ),
            ],
            options={
                "db_table": "payment_card",
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TRANSACTION, 'DROP TABLE "transaction"')],
            state_operations=[
                migrations.CreateModel(
                    name="Transaction",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("booked_at", models.DateTimeField()),
                        ("value_at", models.DateTimeField()),
                        ("performed_at", models.DateTimeField(null=True)),
                        ("identifier", models.CharField(max_length=64)),
                        ("status", models.CharField(default="booked", max_length=7)),
                        (
                            "amount",
                            models.DecimalField(
                                decimal_places=5, help_text="Signed: negative left the account.", max_digits=30
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("reversal", models.BooleanField(default=False)),
                        ("domain", models.CharField(blank=True, max_length=20)),
                        ("family", models.CharField(blank=True, max_length=50)),
                        ("sub_family", models.CharField(blank=True, max_length=50)),
                        ("additional_info", models.CharField(blank=True, max_length=500)),
                        ("merchant", models.CharField(blank=True, max_length=140)),
                        ("counterparty_name", models.CharField(blank=True, max_length=140)),
                        ("counterparty_account", models.CharField(blank=True, max_length=35)),
                        ("counterparty_kind", models.CharField(blank=True, max_length=16)),
                        (
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="transactions",
                                to="accounts.account",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "transaction",
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "type",
                    models.CharField(
                        choices=[("availableBalance", "Available"), ("bookedBalance", "Booked")], max_length=16
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=5, max_digits=30)),
                ("currency", models.CharField(max_length=3)),
                ("credit_line_included", models.BooleanField(default=False)),
                ("credit_line_amount", models.DecimalField(decimal_places=5, max_digits=30, null=True)),
                ("credit_line_currency", models.CharField(blank=True, max_length=3)),
                ("registered_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="balances",
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "db_table": "balance",
                "indexes": [models.Index(fields=["account", "type", "-registered_at"], name="balance_of_account")],
            },
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(fields=("servicer", "number"), name="account_number_once"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("end_date__isnull", True), ("end_date__gt", models.F("start_date")), _connector="OR"
                ),
                name="account_ends_later",
            ),
        ),
        migrations.AddIndex(
            model_name="accountrole",
            index=models.Index(fields=["party", "kind", "start_date"], name="role_of_party"),
        ),
        migrations.AddIndex(
            model_name="accountrole",
            index=models.Index(fields=["account", "kind", "start_date"], name="role_on_account"),
        ),
        migrations.AddIndex(
            model_name="partyidentifier",
            index=models.Index(fields=["party", "start_date"], name="identifier_of_party"),
        ),
        migrations.AddConstraint(
            model_name="paymentcard",
            constraint=models.CheckConstraint(
                condition=models.Q(("masked_number__regex", "^[0-9]{0,6}X{2,}[0-9]{0,4}$")),
                name="card_number_is_masked",
            ),
        ),
    ]
