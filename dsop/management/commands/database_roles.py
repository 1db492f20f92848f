"""Print what makes the databases' roles and what they may do, or give them their rights."""

from dataclasses import fields
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections, transaction
from psycopg import sql
from psycopg.errors import UndefinedObject

from dsop.database_rights import LEDGER, TRAIL, Roles, made_once, statements


class Command(BaseCommand):
    help = "Print the SQL for the databases' roles; --apply gives them their rights as owner, after every migration."

    def add_arguments(self, parser: CommandParser) -> None:
        for role in fields(Roles):
            option = "--role" if role.name == "serving" else f"--{role.name}"
            what = f"the {role.name} role (default: {role.default})"
            parser.add_argument(option, dest=role.name, default=role.default, help=what)
        parser.add_argument("--apply", action="store_true", help="run what the owners can run, instead of printing")

    def handle(self, *args: Any, **options: Any) -> None:
        roles = Roles(**{role.name: options[role.name] for role in fields(Roles)})
        if not options["apply"]:
            self.stdout.write(f"-- superuser, once{self._text(TRAIL, made_once(roles))}", ending="")
        for alias in (TRAIL, LEDGER):
            text = self._text(alias, sql.SQL(";\n").join(statements(alias, roles)))
            if options["apply"]:
                self._apply(alias, text)
            else:
                self.stdout.write(f"-- {alias}\n{text};")

    def _text(self, alias: str, statement: Any) -> str:
        with connections[alias].cursor() as cursor:
            return str(statement.as_string(cursor.cursor))

    def _apply(self, alias: str, text: str) -> None:
        """Run all statements on one way to the server: this happens at every start of the sandbox."""
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            try:
                cursor.cursor.execute(text, prepare=False)
            except UndefinedObject as error:
                raise CommandError(f"{error}".partition("\n")[0]) from None
