"""The key of balances begins with their account, so that the table can be spread over servers by it."""

from django.db import migrations

# As with transactions, Django's state knows `id` only.
BY_ACCOUNT = """
ALTER TABLE balance DROP CONSTRAINT balance_pkey, ADD CONSTRAINT balance_pkey PRIMARY KEY (account_id, registered_at, id)
"""
BY_ID = "ALTER TABLE balance DROP CONSTRAINT balance_pkey, ADD CONSTRAINT balance_pkey PRIMARY KEY (id)"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_bsu_year")]

    operations = [migrations.RunSQL(BY_ACCOUNT, BY_ID)]
