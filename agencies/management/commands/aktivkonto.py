"""Ask Skatteetaten which account somebody has chosen for payouts by public bodies."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError

from agencies.aktivkonto.answers import ActiveAccount
from agencies.aktivkonto.client import AktivKonto, Service
from agencies.commandline import AgencyCommand


class Command(AgencyCommand):
    help = "Show the account that a person has chosen for payouts by public bodies, as Skatteetaten knows it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        words = "eleven digits, or nine of an enterprise where that is set; - reads it from stdin"
        parser.add_argument("identifier", metavar="IDENTIFIER", nargs="?", help=words)

    def errand(self, *arguments: Any, **options: Any) -> None:
        if options["diagnose"]:
            self.diagnose(AktivKonto(Service.from_settings()).session, as_json=options["as_json"])
            return
        if options["identifier"] is None:
            raise CommandError("Give a number, or - to have it read from stdin.", returncode=2)
        answer = AktivKonto(Service.from_settings()).look_up(self.identifier(options["identifier"]))
        if options["as_json"]:
            self.stdout.write(json.dumps(asdict(answer), indent=2, ensure_ascii=False, default=str))
            return
        for line in lines(answer):
            self.stdout.write(line)


def lines(answer: ActiveAccount) -> Iterator[str]:
    """Yield the answer for people to read; what it leaves out is left out here."""
    if answer.present_identifier not in (None, answer.asked_for):
        yield f"The present number is {answer.present_identifier}."
    if answer.is_shielded:
        yield "Skatteetaten shields this person: the answer may leave things out."
    if answer.account is None:
        yield "No account is chosen."
        return
    told = asdict(answer.account) | {"is_foreign": answer.account.is_foreign}
    for name, value in told.items():
        if value is not None:
            yield f"{name.replace('_', ' ')}: {_word(value)}"


def _word(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
