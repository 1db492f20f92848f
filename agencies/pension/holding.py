"""One sender for each agreement at a time, over all processes and hosts.

The lock belongs to a connection of its own: a process that dies lets go of it at once, and what became of a call is
written by that connection too, so that only who still holds the agreement can write it.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

LOCK = "SELECT pg_try_advisory_xact_lock(%s)"


class Holder:
    """Holds agreements, one at a time, by a connection that only the thread that made it may use."""

    def __init__(self) -> None:
        self._connection: BaseDatabaseWrapper = connections.create_connection("default")

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def held(self, agreement: uuid.UUID) -> Iterator[BaseDatabaseWrapper | None]:
        """Hold the agreement in a transaction of the connection given, or give None where another holds it."""
        own = self._connection
        own.ensure_connection()
        own.set_autocommit(False)
        try:
            yield own if _locked(own, agreement) else None
            own.commit()
            own.set_autocommit(True)
        except BaseException:
            own.close()  # the lock goes with it
            raise


def _locked(own: BaseDatabaseWrapper, agreement: uuid.UUID) -> bool:
    with own.cursor() as cursor:
        cursor.execute(LOCK, [int.from_bytes(agreement.bytes[:8], "big", signed=True)])
        (ours,) = cursor.fetchone()
    return bool(ours)
