"""Accounts are also asked for by their number alone: by accountServicingProvider, and for those named on a page."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0002_history_and_whole_transactions")]

    operations = [
        AddIndexConcurrently(model_name="account", index=models.Index(fields=["number"], name="account_by_number")),
    ]
