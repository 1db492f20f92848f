"""Databases for tests that change what the others rely on: a release's, restored, or copies of the suite's."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from dsop.databases import ADDRESSES, Role
from sandbox.owners import CONNECTED
from tests import cluster, warm

OWNERS = {"default": "dsop_owner", "ledger": "ledger_owner"}
OF_THE_SUITE = {"default": "dsop", "ledger": "ledger"}
URLS = {
    "DATABASE_URL": "default",
    "LEDGER_DATABASE_URL": "ledger",
    "DATABASE_OWNER_URL": "default",
    "LEDGER_OWNER_URL": "ledger",
    "DATABASE_SEALER_URL": "default",
    "DATABASE_AUDITOR_URL": "default",
    "LEDGER_LOADER_URL": "ledger",
}


@dataclass(frozen=True)
class Pair:
    """Two databases beside the suite's, with the same owners and the same other roles."""

    names: dict[str, str]

    def environment(self, *, as_owner: bool = False) -> dict[str, str]:
        """Return the addresses that the serving process gets, or those of the owners and the other roles."""
        return {
            name: f"{url.rpartition('/')[0]}/{self.names[URLS[name]]}"
            for name, url in cluster.CLUSTER.urls().items()
            if as_owner == (name not in ADDRESSES[Role.SERVING])
        }

    def superuser(self, alias: str = "default") -> psycopg.Connection:
        return psycopg.connect(cluster.CLUSTER.superuser_url(self.names[alias]), autocommit=True)

    def owner_runs(self, *arguments: str, folder: Path = cluster.ROOT) -> subprocess.CompletedProcess[str]:
        """Run a management command of the code in that folder as owner, to its orderly end."""
        environment = {**os.environ, **self.environment(as_owner=True), "DSOP_AS_OWNER": "1"}
        command = [sys.executable, "-m", "django", *arguments]
        return _orderly(warm.run(command, environment=environment, folder=folder, seconds=120))

    def restore(self, alias: str, dump: Path) -> None:
        url = cluster.CLUSTER.superuser_url(self.names[alias])
        program("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-d", url, "-f", str(dump))


@contextlib.contextmanager
def empty_pair(name: str) -> Iterator[Pair]:
    """Make both databases empty, as an administrator would, and drop them afterwards."""
    pair = Pair({"default": name, "ledger": f"{name}_ledger"})
    with psycopg.connect(cluster.CLUSTER.superuser_url("postgres"), autocommit=True) as superuser:
        for alias, database in pair.names.items():
            _say(superuser, "CREATE DATABASE {} OWNER {}", database, OWNERS[alias])
            _say(superuser, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
            for role in CONNECTED[OF_THE_SUITE[alias]]:
                _say(superuser, "GRANT CONNECT ON DATABASE {} TO {}", database, role)
        try:
            yield pair
        finally:
            for database in pair.names.values():
                _say(superuser, "DROP DATABASE IF EXISTS {} WITH (FORCE)", database)


@contextlib.contextmanager
def copied_pair(name: str, folder: Path) -> Iterator[Pair]:
    """Make both databases as the suite's are now, without transactions."""
    with empty_pair(name) as pair:
        for alias, database in OF_THE_SUITE.items():
            dump = folder / f"{database}.sql"
            url = cluster.CLUSTER.superuser_url(database)
            program("pg_dump", "--exclude-table-data=(transaction|balance_history)_*", "-f", str(dump), "-d", url)
            pair.restore(alias, dump)
        yield pair


def program(name: str, *arguments: str) -> str:
    """Run a program of PostgreSQL to its orderly end and return what it printed."""
    path = str(cluster.CLUSTER.place.bin / name)
    return _run(path, *arguments, folder=Path("/"), environment={**os.environ, "LC_ALL": "C"}).stdout


def _run(*command: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return _orderly(
        subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, timeout=120, check=False)
    )


def _orderly(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    assert done.returncode == 0, f"{done.args[0]} {done.args[1]}:\n{done.stdout}{done.stderr}"
    return done


def _say(superuser: psycopg.Connection, statement: str, *names: str) -> None:
    superuser.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
