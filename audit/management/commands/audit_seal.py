"""Seal what waits, once or as a duty that stays; or say how far the seal is behind."""

import logging
import signal
import threading
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection

from audit.seal.copies import Unusable, open_copy
from audit.seal.lag import Lag, lag
from audit.seal.roots import Sealed
from audit.seal.rows import TooOld
from audit.seal.sealing import Sealer
from audit.seal.status import status as state_of
from audit.seal.witnesses import Daily, open_witness
from audit.security_module import KeyUnusable
from audit.signers import Signing, read_signer

FAULTS = (DatabaseError, InterfaceError, KeyUnusable, TooOld, OSError)

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Seals the audit trail, as sealer. Running it twice, or two at once, is harmless."

    def add_arguments(self, parser: ArgumentParser) -> None:
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--watch", action="store_true", help="stay, and seal every AUDIT_SEAL_SECONDS")
        way.add_argument("--status", action="store_true", help="seal nothing; print how far the seal is behind")

    def handle(self, *, watch: bool, status: bool, **options: Any) -> None:
        if status:
            self.stdout.write(state_of(connection), ending="")
        elif watch:
            self.stay(self.sealer(), self.daily())
        else:
            daily = self.daily()
            sealed, behind = self.seal(self.sealer())
            daily.turn(connection, now=datetime.now(UTC))
            self.stdout.write(f"Sealed {sealed.rows} rows in {sealed.checkpoints} checkpoints.")
            if behind.cause:
                self.stderr.write(f"The seal is {behind.seconds:.0f} seconds behind: {behind.cause}.")

    def sealer(self) -> Sealer:
        if not settings.AUDIT_SEAL_KEY:
            raise CommandError("Set AUDIT_SEAL_KEY, in this process's environment alone.")
        try:
            signer = read_signer(settings.AUDIT_SEAL_KEY, Signing.ED25519, module=settings.SECURITY_MODULE)
            copy = open_copy(settings.AUDIT_COPY)
        except KeyUnusable as error:
            raise CommandError(f"AUDIT_SEAL_KEY: the key {error}.") from None
        except Unusable as error:
            raise CommandError(f"AUDIT_COPY {error}.") from None
        return Sealer(signer, copy)

    def daily(self) -> Daily:
        try:
            witness = open_witness(settings.AUDIT_WITNESS, settings.AUDIT_WITNESS_ROOTS_FILE)
            return Daily(open_copy(settings.AUDIT_COPY), witness)
        except Unusable as error:
            raise CommandError(f"AUDIT_WITNESS {error}.") from None

    def seal(self, sealer: Sealer) -> tuple[Sealed, Lag]:
        """Seal what can be sealed, log it, and return how far the seal is behind then."""
        sealed = sealer.run(connection, now=datetime.now(UTC))
        behind = lag(connection)
        if sealed.checkpoints:
            told = {"rows": sealed.rows, "checkpoints": sealed.checkpoints, "lag_seconds": round(behind.seconds, 1)}
            logger.info("audit.sealed", extra=told)
        if behind.cause:
            logger.error("audit.seal_late", extra={"lag_seconds": round(behind.seconds), "cause": behind.cause})
        return sealed, behind

    def stay(self, sealer: Sealer, daily: Daily) -> None:
        """Return after SIGTERM or SIGINT, having sealed once more."""
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        while not stopped.is_set():
            self.try_to_seal(sealer)
            daily.turn(connection, now=datetime.now(UTC))
            stopped.wait(settings.AUDIT_SEAL_SECONDS)
        self.try_to_seal(sealer)

    def try_to_seal(self, sealer: Sealer) -> None:
        try:
            self.seal(sealer)
        except FAULTS as error:
            sqlstate = getattr(error.__cause__, "sqlstate", None)
            logger.error("audit.seal_failed", extra={"error": type(error).__name__, "sqlstate": sqlstate})
            connection.close()
