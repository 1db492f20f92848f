"""Print or carry out what the serving role may do in both databases."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections, transaction

from dsop.database_rights import statements


class Command(BaseCommand):
    help = "Print the SQL that gives the serving role its rights; --apply runs it as owner, after every migration."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", default="dsop_serving", help="the serving role (default: dsop_serving)")
        parser.add_argument("--apply", action="store_true", help="run it instead of printing it")

    def handle(self, *args: Any, **options: Any) -> None:
        for alias in ("default", "ledger"):
            with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
                if not options["apply"]:
                    self.stdout.write(f"-- {alias}")
                for statement in statements(alias, options["role"]):
                    text = statement.as_string(cursor.cursor)
                    if options["apply"]:
                        cursor.execute(text)
                    else:
                        self.stdout.write(text + ";")
