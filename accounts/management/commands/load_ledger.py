"""Load a bank's files into the ledger: all of a delivery, or nothing of it."""

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from accounts.loading.delivery import REJECTS, Delivery, read_delivery
from accounts.loading.load import load
from accounts.loading.merging import Changes
from accounts.loading.refusals import Refused, Rejects, RowsRefused

SHOWN = 20


class Command(BaseCommand):
    help = "Loads a delivery of CSV or Parquet files into the ledger (docs/loading.md). Runs as the ledger's loader."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="with delivery.toml and the files")
        parser.add_argument("--rejects", type=Path, help=f"where to list refused rows (default: FOLDER/{REJECTS})")

    def handle(self, *, folder: Path, rejects: Path | None, **options: Any) -> None:
        found, listed = Rejects(), rejects or folder / REJECTS
        try:
            delivery = read_delivery(folder)
            total = sum(part.rows for part in delivery.parts)
            # Nothing is drawn where nobody watches.
            with tqdm(total=total, unit=" rows", unit_scale=True, disable=None, dynamic_ncols=True) as bar:
                changes = load(delivery, now=datetime.now(UTC), rejects=found, progress=Bar(bar))
        except RowsRefused as refused:
            self.tell_rejects(found, listed)
            raise CommandError(f"{refused} Nothing was loaded.") from None
        except Refused as refused:
            raise CommandError(f"{refused} Nothing was loaded.") from None
        self.tell(delivery, changes)

    def tell(self, delivery: Delivery, changes: Sequence[Changes] | None) -> None:
        if changes is None:
            self.stdout.write(f"The ledger has delivery {delivery.id} already. Nothing was changed.")
            return
        for change in changes:
            self.stdout.write(f"{change.table}: {change.new:,} new, {change.changed:,} changed, {change.gone:,} gone")
        for number, moment in sorted(delivery.as_of.items()):
            self.stdout.write(f"{number} is as of {moment.isoformat()}")

    def tell_rejects(self, rejects: Rejects, listed: Path) -> None:
        try:
            rejects.write(listed)
        except OSError as error:
            self.stderr.write(f"{listed} cannot be written: {error.strerror}.")
        for row in rejects.rows[:SHOWN]:
            self.stderr.write(f"{row.file}, line {row.line}: {row.column} {row.reason}".replace(":  ", ": "))
        if rejects.count > SHOWN:
            self.stderr.write(f"{rejects.count - SHOWN:,} more; see {listed}")


class Bar:
    """The progress bar: rows, rate, and the time left of the whole delivery."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def __call__(self, table: str, rows: int) -> None:
        self._bar.set_description(table, refresh=False)
        self._bar.update(rows)
