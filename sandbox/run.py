"""What `make run` does once everything is installed: databases, server, one enquiry, and an ordered end."""

import argparse
import contextlib
import io
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import django
from django.core.management import CommandError, call_command
from django.db import Error, connections

from dsop.databases import ADDRESSES, Role
from sandbox.address import Address, Taken, is_ready, read_address, read_stand_ins_port, stand_ins_address
from sandbox.ending import Stopped, ask_no_more, asked, has_terminal, listen, say
from sandbox.files import make_folder
from sandbox.guardian import Guarded, die_with, end_left_over
from sandbox.locks import Lock
from sandbox.place import Trouble
from sandbox.postgres import Cluster
from sandbox.seal_keys import key_source
from sandbox.surroundings import (
    DATABASE_SETTINGS,
    HIDDEN_SETTINGS,
    PROJECT,
    given_databases,
    read_settings,
    sandbox_folder,
    write_settings,
)

READY_SECONDS = 60.0
READY_IN_A_ROW = 4  # each worker answers for itself only
DYING_SECONDS = 30.0  # longer than a guardian may need to end a server
NOTICING_SECONDS = 5.0  # longer than a worker needs to notice that its main process was killed
GUARDED = ("server", "stand-in-server", "watcher", "sealer")  # in the order of their end
WATCH_SECONDS = 0.25
SHOWN = ("fi-utlegg-saldo", "debtor-five-accounts")
SERVER = ("-m", "gunicorn", "-c", "python:dsop.gunicorn", "dsop.wsgi:application")


class Run:
    """One `make run`, from the first check to the last process gone."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._folder = sandbox_folder(environment)
        self._address = read_address(environment)
        self._stand_ins_port = read_stand_ins_port(environment, self._address)
        self._stand_ins = stand_ins_address(self._stand_ins_port, self._address)
        self._terminal = has_terminal()
        self._cluster: Cluster | None = None
        self._kept: dict[str, Guarded] = {}

    def serve(self, *, small: bool) -> None:
        """Run until somebody asks for the end. Raise Trouble when something ends by itself."""
        self._make_folder()
        with Lock(self._lock("run")) as alone:
            self._become_the_only_one(alone)
            # Again: what an earlier run left may have had the port.
            self._stand_ins = stand_ins_address(self._stand_ins_port, self._address)
            self._stand_ins.refuse_taken()
            with self._databases() as databases:
                self._write_settings(databases if self._cluster else {})
                self._prepare(databases, small=small)
                with self._processes():
                    self._read_notices()
                    self._show()
                    self._seal()
                    self._stay()

    def write_missing_settings(self) -> None:
        """Let `manage.py` commands work in a clone that was never run."""
        self._make_folder()
        if not read_settings(self._folder / "environment"):
            self._write_settings(Cluster(self._folder / "postgres").urls())

    def _write_settings(self, databases: Mapping[str, str]) -> None:
        write_settings(self._folder, self._address, self._stand_ins, databases)

    def _make_folder(self) -> None:
        try:
            make_folder(self._folder)
            writable = os.access(self._folder, os.W_OK | os.X_OK)
        except OSError:
            writable = False
        if not writable:
            raise Trouble(f"The folder {self._folder} cannot be written to: give it to this user, or run as its owner.")

    def _become_the_only_one(self, alone: Lock) -> None:
        """Wait for what an earlier run in this folder left dying, but not for a stranger."""
        if not alone.take(seconds=1.0):
            self._address.refuse_taken()
            raise Trouble("make run is running in this folder already: stop it first.")
        ended = [name for name in GUARDED if self._end_left_over(name)]
        deadline = time.monotonic() + (NOTICING_SECONDS if ended else 0.0)
        while True:
            try:
                return self._address.refuse_taken()
            except Taken:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def _end_left_over(self, name: str) -> bool:
        """Return whether an earlier run left such a process without its guardian."""
        with Lock(self._lock(name)) as dying:
            if not dying.take(seconds=DYING_SECONDS):
                raise Trouble(f"The {name} of an earlier run is still ending: try again in a moment.")
        return self._end_without_guardian(name)

    def _end_without_guardian(self, name: str) -> bool:
        """Return whether the process's guardian was killed; the process itself has ended now."""
        return end_left_over(self._lock(name), f"DSOP_SANDBOX_FOLDER={self._folder}", seconds=20.0)

    @contextlib.contextmanager
    def _databases(self) -> Iterator[dict[str, str]]:
        if given_databases(self._environment):
            yield {name: url for name in DATABASE_SETTINGS if (url := self._environment.get(name))}
            return
        say("Starting the database ...")
        self._cluster = Cluster(self._folder / "postgres")
        with self._cluster:
            try:
                yield self._cluster.urls()
            finally:
                ask_no_more()

    def _prepare(self, databases: Mapping[str, str], *, small: bool) -> None:
        """Become a Django process of the databases' owner, and do with them what has to be done."""
        say("Preparing services, the synthetic bank and the admin ...")
        os.environ.update(databases)
        os.environ.update(
            DSOP_ENVIRONMENT="sandbox",
            DSOP_SANDBOX_FOLDER=str(self._folder),
            DSOP_ROLE=Role.OWNER,
            DJANGO_SETTINGS_MODULE="dsop.settings",
        )
        django.setup()
        try:
            call_command("sandbox_prepare", small=small)
        except (CommandError, Error) as error:
            raise Trouble(f"The databases could not be prepared: {error}") from None
        connections.close_all()

    @contextlib.contextmanager
    def _processes(self) -> Iterator[None]:
        """Run the server, the stand-ins and the watcher, and end them in that order; then whatever else is kept."""
        say(f"Starting the server on {self._address.bind} and the agencies' stand-ins on {self._stand_ins.bind} ...")
        try:
            self._keep("server", [sys.executable, *SERVER], self._serving_environment())
            self._keep("stand-in-server", self._stand_in_command(), self._stand_in_environment())
            self._await_ready("server", self._address, "/health/ready", times=READY_IN_A_ROW)
            self._await_ready("stand-in-server", self._stand_ins, "/control/ready", times=1)
            watcher = [sys.executable, str(PROJECT / "manage.py"), "sandbox_watch"]
            self._keep("watcher", watcher, dict(os.environ))
            yield
        finally:
            ask_no_more()
            say("Stopping ...")
            for name in GUARDED:
                if name in self._kept:
                    self._kept[name].stop()
                    self._end_without_guardian(name)

    def _keep(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        with open(self._folder / f"{name}.log", "wb", opener=_private) as log:
            self._kept[name] = Guarded(
                command,
                lock=self._lock(name),
                patience=20.0,
                environment=environment,
                output=log,
                # When this process is killed, the database waits until the server has ended.
                holding=self._cluster.in_use if self._cluster else None,
            )

    def _serving_environment(self) -> dict[str, str]:
        hidden = {*HIDDEN_SETTINGS, "DSOP_ROLE", "DSOP_AS_OWNER"}
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        return {**environment, "DSOP_BIND": self._address.bind}

    def _seal(self) -> None:
        """Keep the sealer, which alone has the key. It comes last: nobody waits for it."""
        hidden = {*DATABASE_SETTINGS, "DSOP_ROLE", "DSOP_AS_OWNER"} - {*ADDRESSES[Role.SEALER]}
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        command = [sys.executable, str(PROJECT / "manage.py"), "audit_seal", "--watch"]
        self._keep("sealer", command, {**environment, "AUDIT_SEAL_KEY": key_source(self._folder)})

    def _stand_in_command(self) -> list[str]:
        issuer = f"{self._address.base}/sandbox/maskinporten/"
        options = [f"--port={self._stand_ins.port}", f"--folder={self._folder}", f"--issuer={issuer}"]
        return [sys.executable, "-m", "sandbox.counterparts", *options]

    def _stand_in_environment(self) -> dict[str, str]:
        hidden = {*DATABASE_SETTINGS, *HIDDEN_SETTINGS, "DSOP_ROLE", "DSOP_AS_OWNER", "DJANGO_SETTINGS_MODULE"}
        return {name: value for name, value in os.environ.items() if name not in hidden}

    def _await_ready(self, name: str, address: Address, path: str, *, times: int) -> None:
        deadline = time.monotonic() + READY_SECONDS
        in_a_row = 0
        while in_a_row < times:
            in_a_row = in_a_row + 1 if is_ready(address, path) else 0
            self._look_after()
            if time.monotonic() > deadline:
                raise Trouble(f"The {name} does not become ready; {self._last_words(name)}")
            time.sleep(0.02)

    def _read_notices(self) -> None:
        """Bring the stand-in's bankruptcy notices into the database, by HTTP as the bank would from the real feed."""
        try:
            call_command("konkursvarsel", stdout=io.StringIO())
        except CommandError as error:
            raise Trouble(f"The bankruptcy notices could not be read: {error}") from None

    def _show(self) -> None:
        service, case = SHOWN
        parties = io.StringIO()
        call_command("sandbox_parties", "--json", stdout=parties)
        identifier = next(party["identifier"] for party in json.loads(parties.getvalue()) if party["case"] == case)
        say(f"Asking as the agency would: manage.py enquire {service} {identifier}\n")
        try:
            call_command("enquire", service, identifier, base_url=f"{self._address.base}/v2")
        except CommandError as error:
            raise Trouble(f"The enquiry was not answered as it should be: {error}") from None
        connections.close_all()
        say(
            f"\nThe bank answers at {self._address.base}/v2 and its admin is {self._address.base}/admin/"
            f"\nThe agencies that the bank itself asks have their stand-ins at {self._stand_ins.base}/"
            f"\nA customer's student loan, as a bank may show it: {self._address.base}/sandbox/studielan/"
            f"\nAdmin users and passwords: {self._folder / 'users'}   Logs: {self._folder / 'server.log'}"
            "\nCommands: export DSOP_ENVIRONMENT=sandbox; .venv/bin/python manage.py enquire --help"
            "\nCtrl-C stops everything."
        )

    def _stay(self) -> None:
        while has_terminal() or not self._terminal:
            self._look_after()
            time.sleep(WATCH_SECONDS)
        raise Stopped

    def _look_after(self) -> None:
        """Raise Trouble when something has ended by itself."""
        if asked():
            raise Stopped
        for name, kept in self._kept.items():
            if not kept.alive:
                raise Trouble(f"The {name} has ended by itself; {self._last_words(name)}")
        if self._cluster and not self._cluster.running:
            raise Trouble(f"The database has ended by itself; {self._cluster.log} says why.")

    def _lock(self, name: str) -> Path:
        return self._folder / f"{name}.lock"

    def _last_words(self, name: str) -> str:
        file = self._folder / f"{name}.log"
        last = file.read_text(errors="replace").strip().splitlines()[-5:]
        return "\n".join([f"the end of {file}:", *last])


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox.run", description=__doc__)
    parser.add_argument("--settings", action="store_true", help="write the settings if there are none, and end")
    parser.add_argument("--small", action="store_true", help="a synthetic bank of 130 parties instead of 1,000")
    options = parser.parse_args(arguments)
    parent = os.getppid()
    listen()
    try:
        if "MAKELEVEL" in os.environ:
            die_with(parent, signal.SIGTERM)  # make itself can be killed, and then nobody would pass on Ctrl-C
        run = Run(os.environ)
        if options.settings:
            run.write_missing_settings()
        else:
            run.serve(small=options.small)
    except Stopped:
        return 0
    except Exception as error:
        if asked():
            return 0
        if not isinstance(error, Trouble):
            raise
        say(f"make run: {error}", stream=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
