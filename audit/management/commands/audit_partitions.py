"""Make the trail's partitions for this month and the next ones, once or as a duty that stays."""

import logging
import signal
import threading
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection

from audit.partitions import AHEAD, ENOUGH, keep_up

HOUR, AFTER_ERROR = 3600.0, 60.0

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Makes the audit trail's monthly partitions, as owner. Running it twice, or two at once, is harmless."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="stay, and look again every hour")
        parser.add_argument("--months", type=int, default=AHEAD, help="months ahead of this one (default %(default)s)")

    def handle(self, *, watch: bool, months: int, **options: Any) -> None:
        if not ENOUGH <= months <= 24:
            raise CommandError(f"--months must lie between {ENOUGH} and 24.")
        if watch:
            self.stay(months)
        else:
            self.make(months)

    def make(self, months: int) -> None:
        upkeep = keep_up(connection, today=datetime.now(UTC).date(), ahead=months)
        for name in upkeep.made:
            self.stdout.write(f"made {name}")
        for name in upkeep.restored:
            # Somebody had taken the trail's protection away: an alarm, not a line of upkeep.
            logger.error("audit.trigger_restored", extra={"table": name})
            self.stderr.write(f"The trigger that refuses changes was gone or disabled on {name}. It is back.")

    def stay(self, months: int) -> None:
        """Return after SIGTERM or SIGINT."""
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        pause = 0.0
        while not stopped.wait(pause):
            try:
                self.make(months)
                pause = HOUR
            except (DatabaseError, InterfaceError) as error:
                logger.error("audit.partitions_failed", extra={"error": type(error).__name__})
                pause = AFTER_ERROR
            finally:
                connection.close()
