"""Watch what the agencies ask and who looks at the trail, once or as a duty that stays."""

import logging
import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from compliance.watching.metrics import write_metrics
from compliance.watching.watcher import Turn, turn

EVERY, AFTER_ERROR = 60.0, 30.0
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Folds the trail into sums and raises alerts. Running it twice, or two at once, is harmless."

    def add_arguments(self, parser: ArgumentParser) -> None:
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--once", action="store_true", help="fold what waits and end; so it does without a word too")
        way.add_argument("--watch", action="store_true", help="stay, and fold again every minute")
        parser.add_argument("--metrics", metavar="FILE", default="", help="where to; else DESK_METRICS_FILE")

    def handle(self, *, watch: bool, metrics: str, **options: Any) -> None:
        file = metrics or settings.DESK_METRICS_FILE
        if watch:
            self.stay(file)
        else:
            self.once(file)

    def once(self, file: str) -> None:
        while True:
            done = self.turn(file)
            left = f" {done.left} hours are left." if done.left else ""
            self.stdout.write(f"{done.hours} hours folded, {done.alerts} alerts, {done.letters} letters.{left}")
            if not done.left:
                return

    def stay(self, file: str) -> None:
        """Return after SIGTERM or SIGINT."""
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        pause = 0.0
        while not stopped.wait(pause):
            try:
                pause = 0.0 if self.turn(file).left else EVERY
            except (CommandError, DatabaseError, InterfaceError) as error:
                sqlstate = getattr(error.__cause__, "sqlstate", None)
                logger.error("desk.watch_failed", extra={"error": type(error).__name__, "sqlstate": sqlstate})
                pause = AFTER_ERROR
            finally:
                connection.close()

    def turn(self, file: str) -> Turn:
        done = turn(timezone.now())
        if done.left:
            logger.info("desk.watch_behind", extra={"hours": done.hours, "left": done.left})
        if file:
            try:
                write_metrics(Path(file))
            except OSError as error:
                raise CommandError(f"The metrics cannot be written ({type(error).__name__}).") from None
        return done
