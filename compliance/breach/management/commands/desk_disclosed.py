"""Count wrong answers and the persons hit, write which records they are, and on demand the numbers."""

import csv
import os
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from tqdm import tqdm

from audit.access import COMMAND_LINE, note_command, system_account
from audit.appending import NotRecorded
from compliance.breach.bounds import Bounds, BoundsForm
from compliance.breach.hits import WrongDisclosure
from compliance.breach.persons import all_persons
from compliance.breach.reading import begun, go_on, left_of, records_behind
from compliance.finding.looking import TooSlow
from compliance.reasons import without_number

PAGE = "desk breach"
BOUNDS = ("service", "service_version", "certificate", "consumer", "endpoint", "first", "last")
COLUMNS = (
    *("id", "at", "consumer", "service", "service_version", "endpoint"),
    *("account_info_request_id", "correlation_id"),
)
PERSONS_AT_A_TIME = 200
SECONDS = 60.0
# Whoever runs the command stands outside the groups: what shielded persons' numbers need is asked of the officers.
STRANGER: Any = SimpleNamespace(has_perm=lambda right: False)
INDEX = "The trail has no index by version or certificate: every record of the period is looked at, newest first."


class Command(BaseCommand):
    help = "Finds answers under a version, to a certificate or in a period. Whoever asks is noted first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in BOUNDS:
            parser.add_argument(f"--{name.replace('_', '-')}", dest=name, default="", metavar=name.upper())
        parser.add_argument("--reason", required=True, help="why, in words without names or numbers; kept")
        parser.add_argument("--csv", type=Path, metavar="FILE", help="write the ids of the records to a new file")
        parser.add_argument("--numbers", type=Path, metavar="FILE", help="write the persons' numbers to a new file")

    def handle(self, *, reason: str, csv: Path | None, numbers: Path | None, **options: Any) -> None:
        bounds = bounds_of({name: options[name] for name in BOUNDS})
        try:
            words = " ".join([without_number(reason), bounds.words, *(["numbers"] if numbers else [])])
            note_command(PAGE, None, words[:500])
            search = self.read(bounds)
            self.tell(search)
            if csv:
                self.hand_over(csv, COLUMNS, rows_of(search))
            if numbers:
                note_command("desk numbers", search.pk, words[:500])
                self.hand_over(
                    numbers, ("number", "answers", "first_day", "last_day", "record"), self.persons_of(search)
                )
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages), returncode=2) from None
        except NotRecorded:
            raise CommandError("It could not be noted that you look at the trail, so nothing of it is shown.") from None
        except TooSlow:
            raise CommandError("The database does not answer in time. Try again when it has less to do.") from None
        except (DatabaseError, InterfaceError) as error:
            # The text of a database error may hold the row.
            raise CommandError(f"The database could not be asked ({type(error).__name__}).") from None

    def read(self, bounds: Bounds) -> WrongDisclosure:
        """Read the whole trail of the period, with a bar that says how far."""
        self.stderr.write(INDEX)
        search = begun(bounds, by=f"{COMMAND_LINE}: {system_account()}", now=timezone.now())
        whole = left_of(search)
        with tqdm(total=hours(whole), unit="h", file=self.stderr, disable=None) as bar:
            while search.finished_at is None:
                for left in go_on(search, seconds=SECONDS):
                    bar.update(hours(whole - left) - bar.n)
        return search

    def tell(self, search: WrongDisclosure) -> None:
        self.stdout.write(f"search {search.pk}")
        self.stdout.write(f"answers {search.answers}, persons {search.persons}")
        for each in search.agencies:
            told = "{consumer}: answers {answers}, persons {persons}, {first} to {last}"
            self.stdout.write(told.format(**each))
        for tally in search.tallies.order_by("day", "consumer").iterator(chunk_size=2000):
            self.stdout.write(f"{tally.day} {tally.consumer}: answers {tally.answers}, persons {tally.persons}")

    def persons_of(self, search: WrongDisclosure) -> Iterator[list[Any]]:
        """Yield who was hit, but nobody whose number may not be shown or cannot be read; say how many those are."""
        left_out = 0
        for person in all_persons(search, STRANGER, limit=PERSONS_AT_A_TIME):
            if person.number:
                yield [person.number, person.answers, person.first, person.last, person.record]
            else:
                left_out += 1
        if left_out:
            self.stderr.write(f"{left_out} persons are left out: shielded, or their number cannot be read.")

    def hand_over(self, path: Path, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
        with new_file(path) as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(rows)


def bounds_of(given: dict[str, str]) -> Bounds:
    """Return the bounds of the arguments. Raise CommandError."""
    form = BoundsForm(given)
    if not form.is_valid():
        told = [f"{name}: {' '.join(map(str, faults))}" for name, faults in form.errors.items()]
        raise CommandError(" ".join(told).replace("__all__: ", ""), returncode=2)
    return form.bounds


def rows_of(search: WrongDisclosure) -> Iterator[list[Any]]:
    for record in records_behind(search, COLUMNS):
        yield [getattr(record, name) for name in COLUMNS]


@contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """Give a new file that others cannot read. Raise CommandError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise CommandError(f"{path} cannot be written ({error.strerror}).") from None
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        yield file


def hours(time: timedelta) -> int:
    return int(time.total_seconds() // 3600)
