"""What the commands for the agencies' APIs share: how a number is given, and how a failure or a token is told."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from agencies.errors import AgencyError


class AgencyCommand(BaseCommand):
    """A command whose every agency error is one sentence on stderr and exit code 1; bad usage is 2.

    A command implements `errand`; one with `--diagnose` adds its page's checks in `page_checks`.
    """

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="Print one JSON object.")
        parser.add_argument("--diagnose", action="store_true", help="Check the token by the agency's own list.")

    def handle(self, *arguments: Any, **options: Any) -> None:
        try:
            self.errand(*arguments, **options)
        except AgencyError as error:
            raise CommandError(told(error)) from None

    def errand(self, *arguments: Any, **options: Any) -> None:
        """Do what the command is for."""
        raise NotImplementedError

    def identifier(self, argument: str) -> str:
        """Return the number given, or the line on stdin for `-`, which production insists on.

        Arguments are seen by every user of the machine and kept in shells' histories.
        """
        if argument == "-":
            return sys.stdin.readline(64).rstrip("\r\n")
        if settings.ENVIRONMENT == "production":
            raise CommandError("In production the number is read from stdin: give - in its place.", returncode=2)
        return argument


def told(error: AgencyError) -> str:
    """Return one line: the error's sentence, and what the agency's support asks for."""
    status = f"HTTP {error.status}" if error.status else ""
    reference = f"correlation id {error.correlation_id}" if error.correlation_id else ""
    facts = ", ".join(fact for fact in (status, error.code, reference) if fact)
    return f"{error} ({facts})" if facts else str(error)
