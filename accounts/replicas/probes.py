"""Ask every host of the ledger where it is: all at once, in one thread, until one common deadline."""

import time
from collections.abc import Mapping, Sequence
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from typing import Any

from psycopg import Error, pq
from psycopg.conninfo import make_conninfo

from accounts.replicas.lag import Seen

# As any role may ask it, of a primary and of a replica alike.
QUESTION = b"""
SELECT pg_is_in_recovery(), (SELECT system_identifier FROM pg_control_system()),
  CASE WHEN pg_is_in_recovery() THEN '0' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END,
  CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0',
  CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
    ELSE pg_current_wal_lsn() END - '0/0'
"""
NAME = "background:replicas"
OUR_OWN = frozenset(
    {
        *("host", "port", "application_name", "connect_timeout", "target_session_attrs", "load_balance_hosts"),
        *("context", "cursor_factory", "prepare_threshold"),
    }
)
"""Of what a request's connection is opened with: what a probe has otherwise, and what only psycopg understands."""
WORDS = pq.PollingStatus


class Probe:
    """A connection of our own to one host. It lasts from one look to the next, until the host fails to answer.

    One that was cut since the look before says nothing of its host, which is asked once more over a new one.
    """

    def __init__(self, conninfo: bytes) -> None:
        self._conninfo = conninfo
        self._connection: pq.abc.PGconn | None = None
        self._connecting = False
        self._kept = False
        self._wants = EVENT_READ
        self.seen: Seen | None = None
        self.waiting = False

    @property
    def place(self) -> tuple[int, int]:
        """Return the socket to wait for, and for what."""
        assert self._connection is not None
        return self._connection.socket, self._wants

    def begin(self) -> None:
        """Ask, or begin to connect."""
        self.seen, self._kept = None, self._connection is not None
        try:
            if self._connection is None:
                self._connect()
            else:
                self.waiting = True
                self._ask(self._connection)
        except Error:
            self._lost()

    def step(self) -> None:
        """Go on, now that the socket is ready."""
        assert self._connection is not None
        try:
            if self._connecting:
                self._connect_further(self._connection)
            else:
                self._read(self._connection)
        except Error:
            self._lost()

    def close(self) -> None:
        """Give up on this host until the next look."""
        if self._connection is not None:
            self._connection.finish()
        self._connection, self._connecting, self.waiting = None, False, False

    def _lost(self) -> None:
        """Begin anew where the connection was one of an earlier look, and else give up."""
        self.close()
        if self._kept:
            self._kept, self.seen = False, None
            self._connect()

    def _connect(self) -> None:
        self._connection = pq.PGconn.connect_start(self._conninfo)
        self._connecting, self._wants, self.waiting = True, EVENT_WRITE, True
        if self._connection.status == pq.ConnStatus.BAD:
            self.close()

    def _connect_further(self, connection: pq.abc.PGconn) -> None:
        status = connection.connect_poll()
        if status == WORDS.FAILED:
            self.close()
        elif status == WORDS.OK:
            self._connecting = False
            self._ask(connection)
        else:
            self._wants = EVENT_READ if status == WORDS.READING else EVENT_WRITE

    def _ask(self, connection: pq.abc.PGconn) -> None:
        connection.send_query(QUESTION)
        connection.flush()
        self._wants = EVENT_READ

    def _read(self, connection: pq.abc.PGconn) -> None:
        connection.consume_input()
        while not connection.is_busy():
            result = connection.get_result()
            if result is None:
                self.waiting = False
                break
            self.seen = _seen(result)
        if connection.status == pq.ConnStatus.BAD:
            self._lost()


def _seen(result: pq.abc.PGresult) -> Seen | None:
    """Return what the host said; nothing when it refused, or has no position yet."""
    if result.status != pq.ExecStatus.TUPLES_OK:
        return None
    replica, cluster, timeline, position, received = (result.get_value(0, column) for column in range(5))
    if position is None or received is None or cluster is None or timeline is None:
        return None
    return Seen(cluster.decode(), replica == b"f", timeline.decode(), int(position), int(received))


def probes_of(hosts: Sequence[tuple[str, str]], parameters: Mapping[str, Any]) -> list[Probe]:
    """Return a probe for each host, with the rest of what a connection of this role is opened with."""
    common = {name: value for name, value in parameters.items() if name not in OUR_OWN}
    return [
        Probe(make_conninfo("", host=host, port=port, application_name=NAME, **common).encode()) for host, port in hosts
    ]


def ask_all(probes: Sequence[Probe], *, seconds: float) -> list[Seen | None]:
    """Return what each host says within so many seconds; nothing for those that are silent, which are let go."""
    deadline = time.monotonic() + seconds
    for probe in probes:
        probe.begin()
    while (waiting := [probe for probe in probes if probe.waiting]) and (left := deadline - time.monotonic()) > 0:
        with DefaultSelector() as selector:
            for probe in waiting:
                socket, wants = probe.place
                selector.register(socket, wants, probe)
            for key, _ in selector.select(left):
                key.data.step()
    for probe in probes:
        if probe.waiting:
            probe.close()
            probe.seen = None
    return [probe.seen for probe in probes]
