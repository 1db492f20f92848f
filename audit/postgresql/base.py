"""Django's PostgreSQL, on connections that wait no longer for an answer than the request has time.

`statement_timeout` and its like bind a server that works. One that is stopped, or a network that keeps the line and
carries nothing, would hold a thread for ever.
"""

from types import SimpleNamespace
from typing import Any, Self

import psycopg
from django.db.backends.postgresql import base
from psycopg import errors
from psycopg.abc import RV, PQGen

from audit import deadlines

SHORTEST_CONNECT = 2  # seconds; libpq's own least


class TooLate(errors.QueryCanceled):
    """The answer did not come in time, or there was no time left to ask. The connection is closed."""


class Punctual(psycopg.Connection[Any]):
    """A connection that gives up, and hangs up, when the request's time is over."""

    @classmethod
    def connect(cls, conninfo: str = "", **named: Any) -> Self:
        """Connect, sharing what time there is among all hosts. Raise TooLate when that is too little to try."""
        left = deadlines.remaining()
        if left is not None:
            share = int(left / len(hosts_of(named.get("host"))))
            if share < SHORTEST_CONNECT:
                raise TooLate
            named["connect_timeout"] = min(share, int(named.get("connect_timeout") or share))
        return super().connect(conninfo, **named)

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        left = deadlines.remaining()
        if left is None:
            return super().wait(gen, interval, timeout)
        try:
            if left == 0.0:
                raise errors._WaitTimeout
            return super().wait(gen, interval, left if timeout is None else min(left, timeout))
        except errors._WaitTimeout:
            # Nobody knows what the server makes of it: neither this answer nor the next may be taken from here.
            gen.close()
            self.pgconn.finish()
            raise TooLate from None


def hosts_of(host: object) -> list[str]:
    """Return the hosts that are tried one after another; a socket's folder is one."""
    return str(host or "").split(",")


class DatabaseWrapper(base.DatabaseWrapper):
    Database = SimpleNamespace(**{**vars(psycopg), "connect": Punctual.connect})  # type: ignore[assignment]

    def is_usable(self) -> bool:
        """Return whether the server answers. Django asks after a request in which something failed."""
        with deadlines.turn(SHORTEST_CONNECT):
            return bool(super().is_usable())
