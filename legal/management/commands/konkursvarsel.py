"""Read bankruptcy notices from Konkursvarsel, once or as a duty that stays."""

import logging
import signal
import threading
import uuid
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from legal.konkursvarsel import FeedUnavailable, feed
from legal.notice_keeping import dismiss
from legal.notice_reading import Reading, read

AFTER_ERROR = 60.0
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Reads new bankruptcy notices. Running it twice, or two at once, is harmless. Fails when a notice waits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="stay, and read again every few minutes")
        parser.add_argument(
            "--dismiss", type=uuid.UUID, metavar="ID", help="a person has dealt with this unreadable notice"
        )

    def handle(self, *, watch: bool, dismiss: uuid.UUID | None, **options: Any) -> None:
        if dismiss:
            self.dismiss(dismiss)
        elif watch:
            self.stay()
        else:
            self.once()

    def once(self) -> None:
        try:
            reading = self.read()
        except FeedUnavailable as error:
            raise CommandError(f"Konkursvarsel cannot be read: {error}.") from None
        except (DatabaseError, InterfaceError):
            raise CommandError("The database cannot be asked.") from None
        self.stdout.write(f"{reading.new} new notices.")
        if reading.waiting:
            raise CommandError(f"{len(reading.waiting)} notices cannot be read; the admin shows which.")

    def stay(self) -> None:
        """Return after SIGTERM or SIGINT."""
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        pause = 0.0
        while not stopped.wait(pause):
            try:
                reading = self.read()
                if reading.new:
                    logger.info("konkursvarsel.read", extra={"new": reading.new})
                pause = settings.KONKURSVARSEL_EVERY_MINUTES * 60.0
            except (FeedUnavailable, DatabaseError, InterfaceError):
                pause = AFTER_ERROR
            finally:
                connection.close()

    def read(self) -> Reading:
        """Read, and log what is wrong. No line holds a party's number; an id is the feed's own, of the notice."""
        try:
            reading = read(feed(), now=timezone.now())
        except FeedUnavailable as error:
            logger.error("konkursvarsel.failed", extra={"reason": str(error)})
            raise
        except (DatabaseError, InterfaceError) as error:
            logger.error("konkursvarsel.failed", extra={"reason": type(error).__name__})
            raise
        if reading.waiting:
            logger.error(
                "konkursvarsel.unreadable", extra={"count": len(reading.waiting), "notices": list(reading.waiting)}
            )
        return reading

    def dismiss(self, notice: uuid.UUID) -> None:
        if not dismiss(notice):
            raise CommandError("No notice with that id waits to be read.")
        logger.warning("konkursvarsel.dismissed", extra={"notice": notice})
        self.stdout.write("It counts no longer, and is not asked for again.")
