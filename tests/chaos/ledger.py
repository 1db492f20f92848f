"""A ledger in a cluster of its own: a primary and its streaming replicas, started for real on this machine."""

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from sandbox.files import make_folder, write_once
from sandbox.owners import SERVING
from sandbox.postgres import SUPERUSER, Cluster
from tests.cluster import free_port

REPLICATOR = "chaos_replicator"
REPLICATED = {
    "listen_addresses": "127.0.0.1",
    "wal_level": "replica",
    "max_wal_senders": "10",
    "hot_standby": "on",
    "wal_keep_size": "256MB",
    "wal_receiver_status_interval": "1s",
    "wal_retrieve_retry_interval": "200ms",
    "log_min_messages": "warning",
}
OVER_TCP = "host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n"
ASKED = """
SELECT EXISTS (SELECT FROM pg_stat_activity
    WHERE application_name = 'dsop' AND query_start > clock_timestamp() - interval '1 second')
"""
SECONDS = 30.0


def pid_of(server: Cluster) -> int:
    return int((server.place.data / "postmaster.pid").read_text().split("\n", 1)[0])


@contextlib.contextmanager
def frozen(server: Cluster) -> Iterator[None]:
    """Let every process of the server stand still: its connections stay open and nobody answers on them."""
    pid, stopped = pid_of(server), []

    def stop(process: int) -> None:
        os.kill(process, signal.SIGSTOP)
        stopped.append(process)

    try:
        stop(pid)  # first and last: it begins no other meanwhile, and lets none go that has ended
        time.sleep(0.1)
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            stop(int(child))
        yield
    finally:
        for process in reversed(stopped):
            os.kill(process, signal.SIGCONT)


def kill(server: Cluster) -> None:
    """End a server without a warning, and wait until it is gone."""
    os.kill(pid_of(server), signal.SIGKILL)
    wait_until_gone(server)


def wait_until_gone(server: Cluster) -> None:
    """Return when a server that ends by itself is gone, so that it may be started again."""
    deadline = time.monotonic() + SECONDS
    while server.running and time.monotonic() < deadline:
        time.sleep(0.02)
    server.stop()


class Host(Cluster):
    """One server of the ledger. Requests reach it over TCP on loopback."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        super().__init__(folder, settings={**REPLICATED, "port": str(self.port)}, durable=False)

    def superuser_url(self, database: str) -> str:
        return f"postgres://{SUPERUSER}@{quote(str(self.place.socket), safe='')}:{self.port}/{database}"

    def _url(self, role: str, database: str) -> str:
        return f"postgres://{role}:{self._passwords[role]}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str, *values: object) -> list[tuple]:
        """Return the rows of a superuser's statement in the ledger."""
        with psycopg.connect(self.superuser_url("ledger"), autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def is_asked(self) -> bool:
        """Return whether a request of the service has asked here within the last second."""
        return self.run(ASKED) == [(True,)]

    def kill(self) -> None:
        """End the server without a warning, and wait until it is gone."""
        kill(self)


class Primary(Host):
    """The one that is written to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._password = secrets.token_hex(16)

    def _make_data(self) -> None:
        if self.place.data.is_dir():
            return
        super()._make_data()
        file = self.place.data / "pg_hba.conf"
        self.place.account.run("/bin/sh", "-c", 'cat >> "$1"', "sh", file, folder=self.place.base, text=OVER_TCP)

    def allow_replication(self) -> None:
        make = sql.SQL("CREATE ROLE {} LOGIN REPLICATION PASSWORD {}")
        with psycopg.connect(self.superuser_url("ledger"), autocommit=True) as connection:
            connection.execute(make.format(sql.Identifier(REPLICATOR), sql.Literal(self._password)))

    @property
    def upstream(self) -> str:
        return f"host=127.0.0.1 port={self.port} user={REPLICATOR} password={self._password}"

    def secrets(self) -> str:
        return (self.folder / "passwords").read_text()


class Replica(Host):
    """A copy made by pg_basebackup, which follows its primary's write-ahead log."""

    def __init__(self, folder: Path, primary: Primary) -> None:
        super().__init__(folder)
        self._primary = primary

    def start(self) -> None:
        make_folder(self.folder)
        write_once(self.folder / "passwords", self._primary.secrets())  # the roles are the primary's
        super().start()

    def _make_data(self) -> None:
        if self.place.data.is_dir():
            return
        account, base = self.place.account, self.place.base
        unfinished = base / "data.new"
        account.run("rm", "-rf", unfinished, folder=base)
        options = ("-R", "-X", "stream", "-c", "fast", "--no-sync", "-d", self._primary.upstream)
        account.run(self.place.bin / "pg_basebackup", "-D", unfinished, *options, folder=base)
        account.run("mv", unfinished, self.place.data, folder=base)

    def pause(self) -> None:
        """Stop replaying what the primary sends, and return when it has stopped."""
        self.run("SELECT pg_wal_replay_pause()")
        self.wait_for("SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def resume(self) -> None:
        self.run("SELECT pg_wal_replay_resume()")

    def wait_for(self, question: str) -> None:
        deadline = time.monotonic() + SECONDS
        while self.run(question) != [(True,)]:
            if time.monotonic() > deadline:
                raise TimeoutError(question)
            time.sleep(0.02)


class Ledger:
    """A primary and two replicas, and the address that names all three."""

    def __init__(self, folder: Path) -> None:
        self.primary = Primary(folder / "primary")
        self.replicas = [Replica(folder / f"replica-{number}", self.primary) for number in (1, 2)]

    @property
    def hosts(self) -> list[Host]:
        return [self.primary, *self.replicas]

    def replicate(self) -> None:
        """Start the replicas as copies of what the primary holds by now."""
        self.primary.allow_replication()
        for replica in self.replicas:
            replica.start()

    def address(self, wanted: str = "any") -> str:
        password = self.primary._passwords[SERVING]
        places = ",".join(f"127.0.0.1:{host.port}" for host in self.hosts)
        choices = f"target_session_attrs={wanted}&load_balance_hosts=random"
        return f"postgres://{SERVING}:{password}@{places}/ledger?{choices}"

    def remove(self) -> None:
        for host in reversed(self.hosts):
            host.remove()
