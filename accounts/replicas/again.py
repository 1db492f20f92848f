"""What is asked once more: a question whose connection or snapshot was lost, and what a replica did not find."""

from collections.abc import Callable
from typing import TypeVar

from django.db import connections

from accounts.replicas.base import DatabaseWrapper
from accounts.replicas.watching import LEDGER, several, watch

CUT_SHORT = frozenset({"40001", "40P01"})
"""A replica that gives way to its primary says the first."""
CONFLICT = "conflict with recovery"
T = TypeVar("T")


def is_worth_another_try(error: Exception) -> bool:
    """Return whether a question that failed so may be asked again, and see to it that there is a connection to ask."""
    connection = connections[LEDGER]
    if connection.in_atomic_block:
        return False
    if was_cut_short(error):
        return True
    if connection.is_usable():
        return False
    if isinstance(connection, DatabaseWrapper):
        connection.close_this()
    else:
        connection.close()
    return True


def was_cut_short(error: Exception) -> bool:
    """Return whether the host itself took back an answer that the same question may well have a moment later."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    return state in CUT_SHORT or (state == "57014" and CONFLICT in str(cause))


def asked_again(ask: Callable[[], T], *, is_nothing: Callable[[T], bool]) -> T:
    """Return what the ledger answers. What a replica did not find is asked once more at the primary.

    `is_nothing` says of an answer that it tells of nobody. The unknown and the shielded must be alike to it, so that
    both are asked about once more; whoever is answered alike costs the same.
    """
    found = ask()
    replica = _replica_asked() if is_nothing(found) else None
    if replica is None:
        return found
    with replica.at_primary():
        return ask()


def _replica_asked() -> DatabaseWrapper | None:
    """Return the connection if a replica was asked over it, and there is a primary that may know more."""
    connection = connections[LEDGER]
    if not several() or not isinstance(connection, DatabaseWrapper):
        return None
    return connection if connection.at_replica and watch().finding().primary is not None else None
