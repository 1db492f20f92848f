"""Delete the debts, logins and sessions that have expired, once or as a duty that stays."""

import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection

from agencies.studielan.logins import sweep

EVERY, AFTER_ERROR = 20.0, 10.0  # whatever expires is gone within a minute, one failure included

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Deletes what expired logins were told of student loans. Running it twice, or two at once, is harmless."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="stay, and look again every twenty seconds")

    def handle(self, *, watch: bool, **options: Any) -> None:
        if watch:
            self.stay()
            return
        try:
            self.stdout.write(f"{sweep()} rows deleted.")
        except (DatabaseError, InterfaceError):
            raise CommandError("The database cannot be asked.") from None

    def stay(self) -> None:
        """Return after SIGTERM or SIGINT."""
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        pause = 0.0
        while not stopped.wait(pause):
            try:
                if gone := sweep():
                    logger.info("studielan.swept", extra={"rows": gone})
                pause = EVERY
            except (DatabaseError, InterfaceError) as error:
                logger.error("studielan.not_swept", extra={"error": type(error).__name__})
                connection.close()
                pause = AFTER_ERROR
