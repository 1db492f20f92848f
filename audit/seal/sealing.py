"""Sealing: each row whose transaction lies below the oldest running one comes under a signed root, once.

One run is one transaction over all sealed tables, so that what a checkpoint says of how far the sealer had come is
true of each of them. Two sealers at once clash over a row or a number, and the second begins again.
"""

from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import DatabaseError, transaction

from audit.partitions import SEALED
from audit.seal.checkpoints import fingerprint
from audit.seal.copies import Copy
from audit.seal.outside import Outside
from audit.seal.roots import Roots, Sealed
from audit.seal.rows import months_waiting, rows_waiting, same_snapshot
from audit.seal.waiting import BY_INDEX, Horizon, horizon
from audit.security_module import KeyUnusable
from audit.signers import Signer

MOST = 50_000
"""Leaves under one root."""
TRIES = 5
CLASHED = {"23505", "40001", "40P01"}  # another sealer has the row or the number; serialisation failure; deadlock
RESTORED = timedelta(hours=1)
"""How often to look for rows that came with a restore; where there are some, that is a long look."""


def seal(connection: Any, signer: Signer, copy: Copy | None, *, now: datetime, most: int = MOST) -> Sealed:
    """Seal every row that can be, in checkpoints of at most `most`, and return how many; or raise what prevents it.

    Before and after, the copy gets what it lacks. Where it fails, that is logged, and the next run appends.
    """
    return Sealer(signer, copy, most=most).run(connection, now=now)


class Sealer:
    """Seals again and again, and remembers what the copy has and when it last looked for restored rows."""

    def __init__(self, signer: Signer, copy: Copy | None, *, most: int = MOST) -> None:
        if not isinstance(signer.public_key, Ed25519PublicKey):
            raise KeyUnusable("is not one for the seal, which takes an Ed25519 key")
        self._signer = signer
        self._key = fingerprint(signer.public_key)
        self._outside = Outside(copy, signer.public_key)
        self._most = most
        self._looked_at: datetime | None = None

    def run(self, connection: Any, *, now: datetime) -> Sealed:
        """Do what `seal` promises."""
        self._outside.catch_up(connection)
        for rest in reversed(range(TRIES)):
            try:
                sealed = self._once(connection, now)
                break
            except DatabaseError as error:
                if not rest or getattr(error.__cause__, "sqlstate", None) not in CLASHED:
                    raise
        if sealed.checkpoints:
            self._outside.catch_up(connection)
        return sealed

    def _once(self, connection: Any, now: datetime) -> Sealed:
        restored = self._looked_at is None or now - self._looked_at >= RESTORED
        with transaction.atomic(using=connection.alias, durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(BY_INDEX)
            far = horizon(cursor)
            head = self._outside.head(connection)
            roots = Roots(cursor, self._signer, self._key, head, far.below, far.cluster, now, self._most)
            seal_all(connection, far, far.done(restored=restored), roots)
        if restored:
            self._looked_at = now
        return roots.sealed


def seal_all(connection: Any, far: Horizon, condition: str, roots: Roots) -> None:
    """Put all rows of all sealed tables that meet the condition and wait under roots."""
    found = [(table, month) for table in SEALED for month in months_waiting(roots.cursor, far, table, condition)]
    if not found:
        return
    with same_snapshot(connection) as reader:
        for table, month in found:
            roots.seal(table, month, rows_waiting(reader, far, table, condition, month))
