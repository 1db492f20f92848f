"""Django's PostgreSQL for a ledger on several hosts: a connection is to one of them, asked only while that is fresh."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError

from accounts.replicas.watching import Finding, watch
from audit.postgresql import base

MOST_TRIED = 2
"""Hosts for one connection, two seconds each: what a request may wait for stays bounded however many there are."""
NOWHERE = -1


class DatabaseWrapper(base.DatabaseWrapper):
    """The thread's connection; beside it one to the primary, for what a replica did not find."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._host, self._edition = NOWHERE, 0
        self._aside: tuple[Any, int, int] | None = None
        self._primary_only = False

    def _cursor(self, name: str | None = None) -> Any:
        """Return a cursor for the next question, on a host that answers at this moment."""
        if self.connection is not None and not self.in_atomic_block and not self._may_stay(watch().finding()):
            self.close_this()
        return super()._cursor(name)  # type: ignore[misc]  # the stubs lack it

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        finding = watch().finding()
        error: Exception = OperationalError("No host of the ledger is fresh.")
        random_order = conn_params.pop("load_balance_hosts") == "random"
        conn_params.pop("target_session_attrs")
        for host in self._candidates(finding, random_order):
            name, port = watch().hosts[host]
            parameters = {**conn_params, "host": name, "port": port}
            if host == finding.primary:
                parameters["target_session_attrs"] = "primary"  # it may have become a replica a moment ago
            try:
                connection = super().get_new_connection(parameters)
            except self.Database.OperationalError as failure:
                error = failure
            else:
                self._host, self._edition = host, finding.edition
                watch().lines.opened(host, connection)
                return connection
        raise error

    @property
    def at_replica(self) -> bool:
        """Return whether the last question was asked of a replica."""
        return self._host not in (NOWHERE, watch().finding().primary)

    @contextmanager
    def at_primary(self) -> Iterator[None]:
        """Ask the primary within the block, over a connection that lasts; the thread's own is kept meanwhile."""
        self._swap()
        self._primary_only = True
        try:
            yield
        finally:
            self._primary_only = False
            self._swap()

    def close(self) -> None:
        self.close_this()
        if self._aside is not None and not self.in_atomic_block:
            self._swap()
            self.close_this()

    def close_this(self) -> None:
        """Close the connection in use, and keep the one aside."""
        super().close()
        self._host = NOWHERE

    def _may_stay(self, finding: Finding) -> bool:
        if self._primary_only:
            return self._host == finding.primary
        return finding.serves(self._host, self._edition)

    def _candidates(self, finding: Finding, random_order: bool) -> list[int]:
        """Return whom to try: the first in order, and then the primary where it may answer, or else the next."""
        if self._primary_only:
            return [] if finding.primary is None else [finding.primary]
        groups = [sorted(group) for group in finding.groups]
        if random_order:
            for group in groups:
                random.shuffle(group)
        first, *others = [host for group in groups for host in group] or [NOWHERE]
        others.sort(key=lambda host: host != finding.primary)
        return [host for host in (first, *others) if host != NOWHERE][:MOST_TRIED]

    def _swap(self) -> None:
        aside = self._aside or (None, NOWHERE, 0)
        self._aside = (self.connection, self._host, self._edition)
        self.connection, self._host, self._edition = aside
