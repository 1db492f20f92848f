"""Whether what is about to be deleted still holds: a month that was tampered with is evidence, and stays."""

from datetime import date
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from audit.retain.standing import last_done
from audit.seal.adapters import Unusable
from audit.seal.copies import Copy, open_copy
from audit.seal.public_keys import read_public_keys
from audit.verify.checkpoints import Keys
from audit.verify.findings import Looked
from audit.verify.running import PATIENCE, verify

TIMES = 3


class Months:
    """The verifications of one run; a month that several requests are about is verified once."""

    def __init__(self, connection: Any, *, patience: float = PATIENCE) -> None:
        self._connection, self._patience = connection, patience
        self._faults: dict[date, str] = {}

    def fault(self, month: date) -> str:
        """Return in words what does not hold of a month, and nothing when all of it does."""
        if month not in self._faults:
            self._faults[month] = self._verified(month)
        return self._faults[month]

    def _verified(self, month: date) -> str:
        try:
            keys = read_public_keys(settings.AUDIT_SEAL_PUBLIC_KEYS_FILE)
            copy = open_copy(settings.AUDIT_COPY)
        except Unusable as fault:
            return f"AUDIT_SEAL_PUBLIC_KEYS_FILE or AUDIT_COPY {fault}."
        try:
            return self._undisturbed(month, keys, copy)
        except (psycopg.Error, DatabaseError, InterfaceError) as error:
            # The text of a database error may hold a row.
            return f"the database ended the verification ({type(error).__name__})."

    def _undisturbed(self, month: date, keys: Keys, copy: Copy | None) -> str:
        """Verify again where something was deleted meanwhile: half of before and half of after is no finding."""
        for _ in range(TIMES):
            before = last_done()
            fault = self._found(month, keys, copy)
            if not fault or last_done() == before:
                break
        return fault

    def _found(self, month: date, keys: Keys, copy: Copy | None) -> str:
        looked = Looked()
        found = list(
            verify(
                self._connection,
                copy=copy,
                public_keys=keys,
                first=month,
                last=month,
                looked=looked,
                patience=self._patience,
            )
        )
        if found:
            return f"{found[0]} {len(found)} findings in all: run audit_verify."
        if looked.unchecked:
            return f"{next(iter(looked.unchecked))}."
        return ""
