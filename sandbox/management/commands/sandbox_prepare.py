"""Everything the databases and the admin need before the sandbox serves, in one process and as owner."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    help = "Migrate both databases, grant, load services and the synthetic bank, make admin users, collect files."
    requires_system_checks = ()  # they ask for tables that are made here; the server runs them before it serves

    def handle(self, *args: Any, **options: Any) -> None:
        for alias in connections:
            if is_behind(alias):
                call_command("migrate", database=alias, interactive=False, verbosity=0, skip_checks=True)
        call_command("audit_partitions")
        call_command("database_roles", "--apply")
        call_command("load_services")
        call_command("sandbox_load")
        call_command("sandbox_users")
        call_command("collectstatic", interactive=False, verbosity=0)


def is_behind(alias: str) -> bool:
    """Return whether a migration is missing. `migrate` would find that out too, but looks at far more on the way."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
