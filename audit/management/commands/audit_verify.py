"""Read the trail again and say what does not hold, a line for each."""

import json
import re
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable
from datetime import date
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection

from audit.seal.adapters import Unusable
from audit.seal.copies import Copy, open_copy
from audit.seal.public_keys import read_public_keys
from audit.seal.witnesses import Stamp, kept_stamps
from audit.verify.findings import Finding, Looked
from audit.verify.running import verify

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FOUND, MISUSED, UNCHECKED = 1, 2, 3
SETTINGS = "AUDIT_SEAL_PUBLIC_KEYS_FILE, AUDIT_COPY, AUDIT_WITNESS or its roots' file"


class Command(BaseCommand):
    help = (
        "Verifies the audit trail and prints a line for whatever does not hold. "
        "Ends with 0 when all of it holds, 1 when something does not, 3 when nothing was found and not all could be "
        "checked, 2 when it was called wrongly."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", type=strict_day, dest="first", metavar="YYYY-MM-DD", help="from the month of")
        parser.add_argument("--to", type=strict_day, dest="last", metavar="YYYY-MM-DD", help="to the month of")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON, an object a line")

    def handle(self, *, first: date | None, last: date | None, as_json: bool, **options: Any) -> None:
        if first and last and last < first:
            raise CommandError("--to lies before --from.", returncode=MISUSED)
        looked, found = Looked(), 0
        try:
            keys = (
                read_public_keys(settings.AUDIT_SEAL_PUBLIC_KEYS_FILE) if settings.AUDIT_SEAL_PUBLIC_KEYS_FILE else {}
            )
            copy = open_copy(settings.AUDIT_COPY)
            findings = verify(
                connection,
                copy=copy,
                public_keys=keys,
                first=first,
                last=last,
                looked=looked,
                witnesses=witnesses_of(copy),
            )
            for finding in findings:
                found += 1
                self.stdout.write(json.dumps(in_json(finding)) if as_json else str(finding))
        except Unusable as error:
            raise CommandError(f"{SETTINGS} {error}.", returncode=MISUSED) from None
        except (psycopg.Error, DatabaseError, InterfaceError) as error:
            # The text of a database error may hold a row.
            looked.unchecked[f"the rest: the database ended the verification ({type(error).__name__})"] += 1
        if settings.AUDIT_WITNESS and not looked.witnesses:
            looked.unchecked["what witnesses saw: nothing from them is kept"] += 1
        self.summarise(looked, found, as_json)
        if found:
            raise SystemExit(FOUND)
        if looked.unchecked:
            raise SystemExit(UNCHECKED)

    def summarise(self, looked: Looked, found: int, as_json: bool) -> None:
        if as_json:
            self.stdout.write(
                json.dumps({"summary": {"findings": found, **looked.numbers, "unchecked": looked.unchecked}})
            )
            return
        self.stdout.write(
            "Looked at: " + ", ".join(f"{number} {name}" for name, number in looked.numbers.items()) + "."
        )
        for what, times in looked.unchecked.items():
            self.stdout.write(f"NOT CHECKED: {what}" + (f" ({times} times)." if times > 1 else "."))
        self.stdout.write("Everything that could be checked holds." if not found else f"{found} findings.")


def witnesses_of(copy: Copy | None) -> Iterable[Stamp]:
    """Return what the witnesses gave, as it lies beside the copy."""
    if copy is None:
        return ()
    return kept_stamps(copy, setting=settings.AUDIT_WITNESS, roots_file=settings.AUDIT_WITNESS_ROOTS_FILE)


def in_json(finding: Finding) -> dict[str, str]:
    return {"kind": finding.kind, "where": finding.where, "detail": finding.detail}


def strict_day(text: str) -> date:
    """Return the day, written as YYYY-MM-DD and not otherwise."""
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ArgumentTypeError("must be a day, YYYY-MM-DD")
