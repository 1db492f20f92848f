"""What the commands for the agencies' APIs share: how a number is given, and how a failure or a token is told."""

import json
import sys
import time
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from agencies.diagnosis import token_findings
from agencies.errors import AgencyError, NoToken
from agencies.session import Session


class AgencyCommand(ABC, BaseCommand):
    """A command whose every agency error is one sentence on stderr and exit code 1; bad usage is 2.

    A command implements `errand`, which does `diagnose` alone where that was asked for.
    """

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="Print one JSON object.")
        parser.add_argument("--diagnose", action="store_true", help="Check the token by the agency's own list.")

    def handle(self, *arguments: Any, **options: Any) -> None:
        try:
            self.errand(*arguments, **options)
        except AgencyError as error:
            raise CommandError(told(error)) from None

    @abstractmethod
    def errand(self, *arguments: Any, **options: Any) -> None:
        """Do what the command is for."""

    def diagnose(self, session: Session, *, as_json: bool, more: Mapping[str, bool] | None = None) -> None:
        """Print how a token fares against the agency's list, with `more` of a page's own; never the token itself.

        Raise CommandError where it would be refused.
        """
        findings = {**token_findings(session.token(), session, now=time.time()), **(more or {})}
        if as_json:
            self.stdout.write(json.dumps(findings, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(f"{'yes' if holds else 'NO':3} {what}" for what, holds in findings.items()))
        if not all(findings.values()):
            raise CommandError("The agency would refuse this token.")

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
    reason = error.reason if isinstance(error, NoToken) else ""
    reference = f"correlation id {error.correlation_id}" if error.correlation_id else ""
    facts = ", ".join(fact for fact in (status, reason, error.code, reference) if fact)
    return f"{error} ({facts})" if facts else str(error)
