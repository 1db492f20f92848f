"""Make the ledger's monthly partitions, before a delivery needs them."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction

from accounts.partitions import make_partitions, months

MONTH = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])")
MOST = 600


def month(text: str) -> date:
    """Return the first day of a month."""
    found = MONTH.fullmatch(text)
    if found is None:
        raise ArgumentTypeError("must be a month, such as 2026-11")
    return date(int(found[1]), int(found[2]), 1)


class Command(BaseCommand):
    help = "Makes the ledger's monthly partitions, as its owner. Running it twice is harmless."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("first", type=month, help="the first month, such as 2016-11")
        parser.add_argument("last", type=month, help="the last month")

    def handle(self, *, first: date, last: date, **options: Any) -> None:
        if first > last or len(months(first, last)) > MOST:
            raise CommandError(f"The months must be in order, and at most {MOST}.")
        with transaction.atomic(using="ledger"), connections["ledger"].cursor() as cursor:
            for name in make_partitions(cursor, first, last):
                self.stdout.write(f"made {name}")
