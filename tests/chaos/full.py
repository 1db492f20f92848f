"""The disk under the trail is full: what cannot be recorded is not answered, until somebody makes room.

On a copy of the trail's cluster, with a file system in memory as its small disk and an instance of its own before it.
"""

import errno
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from audit.partitions import partition_name
from sandbox.files import make_folder, write_once
from sandbox.place import Account, account
from sandbox.postgres import Cluster
from tests import cluster
from tests.chaos.frame import Outcome, scenario
from tests.chaos.ledger import wait_until_gone
from tests.chaos.load import Load, is_proper_error
from tests.chaos.mixed import mixed, quiet_day, seconds_until_whole, unless_between
from tests.chaos.replication import QUIET_SECONDS, outcome, seconds_until
from tests.chaos.stage import TOLD, Stage
from tests.chaos.trail import check_health
from tests.conftest import running, wait_until_ready
from tests.consumer import Server

MEGABYTES = 64
FULL_SECONDS, GONE_SECONDS = 4.0, 3.0
BLOCK = 4096
NO_ROOM = os.strerror(errno.ENOSPC)
KEPT_THERE = ("audit_record", "audit_answer")
SUPERUSERS_RIGHT = () if os.geteuid() == 0 else ("sudo", "-n")


@scenario("the disk of the records is full")
def records(stage: Stage) -> Outcome:
    """This month's records lie in a tablespace of their own; something else fills its disk and is deleted again."""
    with small_disk(account()) as disk, copied(stage) as trail:
        move(trail, disk)
        with instance(stage, trail) as server:
            questions = mixed(stage, server)
            right = quiet_day(questions)
            with Load(questions) as load:
                time.sleep(QUIET_SECONDS)
                with filled(disk):
                    refused = seconds_until(lambda: any(map(is_proper_error, load.asked[-20:])))
                    time.sleep(FULL_SECONDS)
                    live = server.get("/health/live").status
                recovery = seconds_until_whole(load, right)
                time.sleep(QUIET_SECONDS)
        check_why(trail)
        whole = recovery if refused is not None and live == 200 else None
        return outcome(load.asked, right, whole, errors_allowed=True, trail=trail.superuser_url("dsop"))


@scenario("the disk of the trail's write-ahead log is full")
def write_ahead_log(stage: Stage) -> Outcome:
    """PostgreSQL ends itself. Once there is room it is started again, as a service manager would."""
    with small_disk(account()) as disk, copied(stage, disk) as trail, instance(stage, trail) as server:
        questions = mixed(stage, server)
        right = quiet_day(questions)
        with Load(questions) as load:
            time.sleep(QUIET_SECONDS)
            with filled(disk):
                ended = seconds_until(lambda: not goes_on(trail))
                gone_at = time.monotonic()
                check_health(server, GONE_SECONDS)
            started_at = time.monotonic()
            wait_until_gone(trail)
            trail.start()
            recovery = seconds_until_whole(load, right)
            time.sleep(QUIET_SECONDS)
        check_why(trail)
        whole = None if ended is None else recovery
        silent = unless_between(right, gone_at, started_at)
        return outcome(load.asked, silent, whole, errors_allowed=True, trail=trail.superuser_url("dsop"))


@contextmanager
def small_disk(owner: Account) -> Iterator[Path]:
    """Mount a file system in memory that is the account's own. Raise OSError when the machine does not let us."""
    folder = Path(tempfile.mkdtemp(prefix="dsop-full-"))
    uid, gid = owner.user or (os.geteuid(), os.getegid())
    options = f"size={MEGABYTES}m,uid={uid},gid={gid},mode=700"
    try:
        privileged("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder))
        try:
            yield folder
        finally:
            privileged("umount", "--lazy", str(folder))
    finally:
        folder.rmdir()


def privileged(*command: str) -> None:
    done = subprocess.run([*SUPERUSERS_RIGHT, *command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"a small disk takes the right to mount one: {done.stderr.strip()}")


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Leave no room on the disk within the block."""
    filler = disk / "something-else"
    try:
        with filler.open("wb", buffering=0) as file, suppress_full():
            while True:
                file.write(bytes(BLOCK))
        yield
    finally:
        filler.unlink()


@contextmanager
def suppress_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


class Copy(Cluster):
    """A copy of a cluster that is stopped, its write-ahead log on a disk of its own where one is given."""

    def __init__(self, folder: Path, source: Cluster, disk: Path | None) -> None:
        super().__init__(folder, durable=False)
        self._source, self._disk = source, disk

    def start(self) -> None:
        make_folder(self.folder)
        write_once(self.folder / "passwords", (self._source.folder / "passwords").read_text())
        super().start()

    def _make_data(self) -> None:
        if self.place.data.is_dir():
            return
        run, base = self.place.account.run, self.place.base
        unfinished = base / "data.new"
        run("cp", "-a", self._source.place.data, unfinished, folder=base)
        run(self.place.bin / "pg_resetwal", "-D", unfinished, folder=base)  # leaves the log with one segment
        if self._disk is not None:
            run("mv", unfinished / "pg_wal", self._disk / "pg_wal", folder=base)
            run("ln", "-s", self._disk / "pg_wal", unfinished / "pg_wal", folder=base)
        run("mv", unfinished, self.place.data, folder=base)


@contextmanager
def copied(stage: Stage, disk: Path | None = None) -> Iterator[Cluster]:
    """Start a copy of the trail's cluster, which is stopped for as long as that takes."""
    with tempfile.TemporaryDirectory(prefix="dsop-copy-") as folder:
        copy = Copy(Path(folder) / "trail", cluster.CLUSTER, disk)
        try:
            cluster.CLUSTER.stop()
            try:
                copy.start()
            finally:
                cluster.CLUSTER.start()
                wait_until_ready(stage.server)
            yield copy
        finally:
            copy.remove()


@contextmanager
def instance(stage: Stage, trail: Cluster) -> Iterator[Server]:
    """Start an instance whose own database is that one."""
    port = cluster.free_port()
    environment = {**TOLD, "DATABASE_URL": trail.urls()["DATABASE_URL"]}
    with running(port, stage.folder / f"server-{port}.log", environment=environment) as server:
        yield server


def check_why(trail: Cluster) -> None:
    """Raise unless it was the disk that ailed PostgreSQL."""
    if NO_ROOM not in trail.log.read_text(errors="replace"):
        raise AssertionError(f"PostgreSQL never said: {NO_ROOM}.")


def move(trail: Cluster, disk: Path) -> None:
    """Move this month's partitions to the disk, as an owner does who gives the trail one of its own."""
    month = datetime.now(UTC).date().replace(day=1)
    with psycopg.connect(trail.superuser_url("dsop"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE TABLESPACE of_the_trail LOCATION {}").format(sql.Literal(str(disk))))
        for table in KEPT_THERE:
            name = sql.Identifier(partition_name(table, month))
            connection.execute(sql.SQL("ALTER TABLE {} SET TABLESPACE of_the_trail").format(name))


def goes_on(trail: Cluster) -> bool:
    """Return whether the server is still there, after asking for the next segment of its log."""
    with suppress(psycopg.Error), psycopg.connect(trail.superuser_url("dsop"), autocommit=True) as connection:
        connection.execute("SELECT pg_switch_wal()")
    return trail.running
