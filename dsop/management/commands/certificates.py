"""Show which certificate answers to each agency are encrypted to, and look it up anew."""

import time
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from dsop.certificate_words import contents, explained, moment, source
from dsop.certificates import LOOK_UP_SECONDS, certificates
from dsop.models import AgencyCertificate
from legal.models import DataConsumer


class Command(BaseCommand):
    help = "Show the certificate that answers to each open agency are encrypted to, and why others were refused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--consumer", metavar="ORGNO", help="only the agency with this organisation number")
        parser.add_argument("--refresh", action="store_true", help="look the certificates up now")

    def handle(self, *args: Any, consumer: str | None, refresh: bool, **options: Any) -> None:
        try:
            agencies = open_agencies(consumer)
            if refresh:
                for participant in dict.fromkeys(map(participant_of, agencies)):
                    self.look_up(participant)
            rows = AgencyCertificate.objects.in_bulk([participant_of(agency) for agency in agencies])
        except DatabaseError:
            raise CommandError("The database cannot be asked.") from None
        for agency in agencies:
            participant = participant_of(agency)
            self.stdout.write(str(agency))
            for line in lines(participant, rows.get(participant)):
                self.stdout.write(f"  {line}")

    def look_up(self, participant: str) -> None:
        try:
            mine = certificates().look_up(participant, deadline=time.monotonic() + LOOK_UP_SECONDS)
        except (OSError, ValueError):
            raise CommandError("The certificates that vouch for agencies are unusable; check says why.") from None
        if not mine:
            self.stderr.write(f"Somebody else is looking up {participant} just now; ask again in a few seconds.")


def open_agencies(number: str | None) -> list[DataConsumer]:
    """Return the open agencies by name, or the one. Raise CommandError when there is none."""
    agencies = DataConsumer.objects.filter(is_open=True).order_by("name", "organisation_number")
    if number is None:
        return list(agencies)
    found = list(agencies.filter(organisation_number=number)) if "\0" not in number else []
    if not found:
        raise CommandError("No open agency has that organisation number.")
    return found


def participant_of(agency: DataConsumer) -> str:
    return agency.certificate_participant or agency.organisation_number


def lines(participant: str, row: AgencyCertificate | None) -> Iterator[str]:
    """Yield what is known about the participant's certificate."""
    if row is None or row.attempted_at is None:
        yield f"participant {participant}: not looked up yet"
        return
    yield f"participant {participant}: {row.get_outcome_display()}"
    if told := contents(row):
        ends = f"{'ended' if told.is_over else 'ends'} {told.not_after:%Y-%m-%d}"
        yield f"certificate {told.serial_number}, subject number {told.subject_number}, {ends}, {source(row)}"
    else:
        yield "no certificate"
    yield f"last found {moment(row.found_at)}, revocation last checked {moment(row.revocation_checked_at)}"
    yield f"last attempt {moment(row.attempted_at)}"
    because = "failed" if row.outcome == AgencyCertificate.Outcome.FAILED else "refused"
    for sentence in explained(row.reasons):
        yield f"{because}: {sentence}"
