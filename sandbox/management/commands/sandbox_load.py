"""Load the synthetic bank into the ledger, or bring a loaded one to another day."""

import time
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connections, transaction
from psycopg.errors import UndefinedTable

from legal.periods import day_in_oslo
from sandbox.bank import DEFAULT_SEED, FULL, SMALL
from sandbox.loading import ForeignLedger, load


class Command(BaseCommand):
    help = "Load the synthetic bank, or move its characters when the day has changed. Runs as the ledger's owner."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="another number gives another bank")
        parser.add_argument("--day", type=date.fromisoformat, help="the characters' day, by default today in Oslo")
        parser.add_argument("--small", action="store_true", help="160 parties instead of 1,000")

    def handle(self, *args: Any, seed: int, day: date | None, small: bool, **options: Any) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        size = SMALL if small else FULL
        started = time.monotonic()
        try:
            with transaction.atomic(using="ledger"), connections["ledger"].cursor() as cursor:
                done = load(cursor, seed=seed, day=day or day_in_oslo(now), size=size, now=now)
        except ForeignLedger:
            raise CommandError("The ledger holds rows that sandbox_load did not load. Empty it first.") from None
        except ProgrammingError as error:
            if isinstance(error.__cause__, UndefinedTable):
                raise CommandError("The ledger has no tables. Run manage.py migrate --database=ledger.") from None
            raise
        self.stderr.write(f"Synthetic bank of {size.parties:,} parties: {done} in {time.monotonic() - started:.1f} s.")
