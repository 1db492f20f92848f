"""Everything the databases and the admin need before the sandbox serves, in one process and as owner."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from sandbox.certpub.enterprise import prepare_bank
from sandbox.certpub.preparing import prepare
from sandbox.certpub.site import here
from sandbox.counterparts.tsa.authority import prepare as prepare_witness
from sandbox.files import write_privately
from sandbox.police.authority import prepare as prepare_police
from sandbox.seal_keys import prepare as prepare_seal


class Command(BaseCommand):
    help = "Migrate both databases, grant, load services and the synthetic bank, make admin users, collect files."
    requires_system_checks = ()  # they ask for tables that are made here; the server runs them before it serves

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--small", action="store_true", help="a bank of a hundred parties and the characters")

    def handle(self, *args: Any, small: bool, **options: Any) -> None:
        for alias in connections:
            if is_behind(alias):
                call_command("migrate", database=alias, interactive=False, verbosity=0, skip_checks=True)
        call_command("audit_partitions")
        call_command("database_roles", "--apply")
        call_command("load_services")
        call_command("load_groups")
        call_command("sandbox_load", small=small)
        prepare()  # also when only the port is another: it stands in the certificates
        prepare_bank(here())
        prepare_police(here())
        prepare_witness(Path(settings.SANDBOX_FOLDER))
        prepare_seal(Path(settings.SANDBOX_FOLDER))
        self._make_users(Path(settings.SANDBOX_FOLDER))
        call_command("collectstatic", interactive=False, verbosity=0)

    def _make_users(self, folder: Path) -> None:
        """Make the admin's users. To compare a password is slow on purpose, so it is done only after a change."""
        file, known = folder / "users", folder / "users-as-made"
        if known.exists() and known.read_text() == users_now(file):
            self.stdout.write(file.read_text().rstrip())
            return
        call_command("sandbox_users")
        write_privately(known, users_now(file))


def is_behind(alias: str) -> bool:
    """Return whether a migration is missing. `migrate` would find that out too, but looks at far more on the way."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def users_now(file: Path) -> str:
    """Return a value that changes when a password or a group does, here or in the admin."""
    written = file.read_text() if file.exists() else ""
    columns = ("username", "password", "is_staff", "is_active", "groups__name", "person_account__person__employee_id")
    users = sorted(User.objects.values_list(*columns), key=repr)
    return hashlib.sha256(repr((written, users)).encode()).hexdigest()
