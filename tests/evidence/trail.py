"""A bank with a seal: its commands as their roles run them, requests that fill its trail, a vault to undo crimes."""

import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from audit.partitions import TABLES
from tests import cluster
from tests.consumer import Consumer, body, identifier

FULL = os.environ.get("EVIDENCE", "small") == "full"
TRAIL = (*TABLES, "audit_checkpoint", "audit_held", "audit_key")
FINDING = re.compile(r"([A-Z' ]+): (.*)")
PARTIES = ("debtor-five-accounts", "sixty-accounts", "not-a-customer", "shielded-strictly", "guarantor-only")


@dataclass
class Ended:
    """How a command ended: findings are the kinds it named, in words of the report, with the whole lines."""

    code: int
    output: str
    errors: str
    peak_mib: float = 0.0
    seconds: float = 0.0

    @property
    def kinds(self) -> set[str]:
        return {match[1].lower() for line in self.output.splitlines() if (match := FINDING.fullmatch(line))}

    def naming(self, kind: str) -> str:
        """Return the lines of one kind."""
        return "\n".join(line for line in self.output.splitlines() if line.startswith(f"{kind.upper()}: "))


@dataclass
class Seal:
    """The seal's keys and its copy outside, in a folder, and the commands that use them."""

    folder: Path
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    addresses: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.copy = self.folder / "copy"
        self.copy.mkdir(mode=0o700)
        self.private, self.public = self.folder / "seal.pem", self.folder / "public.pem"
        self.private.touch(mode=0o600)
        self.private.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self.public.write_bytes(self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        self.public.chmod(0o640)

    @property
    def environment(self) -> dict[str, str]:
        return {"AUDIT_COPY": f"folder:{self.copy}", "AUDIT_SEAL_PUBLIC_KEYS_FILE": str(self.public)}

    def of_the_sealer(self) -> dict[str, str]:
        address = {"DATABASE_SEALER_URL": cluster.OWNERS["DATABASE_SEALER_URL"]}
        return self.environment | address | {"AUDIT_SEAL_KEY": f"file:{self.private}"} | self.addresses

    def of_the_auditor(self) -> dict[str, str]:
        return self.environment | {"DATABASE_AUDITOR_URL": cluster.OWNERS["DATABASE_AUDITOR_URL"]} | self.addresses

    def seal(self, *, said: str = "") -> Ended:
        """Seal what waits. `said` is the event that the sealer may log as an error."""
        ended = run("audit_seal", **self.of_the_sealer())
        logged = [json.loads(line) for line in ended.errors.splitlines()]
        errors = {line["event"] for line in logged if line["level"] == "error"}
        assert (ended.code, errors) == (0, {said} if said else set()), ended
        return ended

    def verify(self, *arguments: str, **changes: str) -> Ended:
        return run("audit_verify", *arguments, **(self.of_the_auditor() | changes))

    def prove(self, record: object, *arguments: str, **changes: str) -> Ended:
        return run("audit_proof", str(record), *arguments, **(self.of_the_auditor() | changes))

    def assert_holds(self) -> Ended:
        ended = self.verify()
        assert (ended.code, ended.kinds) == (0, set()), ended.output + ended.errors
        return ended


def run(*arguments: str, **environment: str) -> Ended:
    done = cluster.manage(*arguments, **environment)
    return Ended(done.returncode, done.stdout, done.stderr)


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start a command as a shell would; whatever it says comes on its standard output."""
    return subprocess.Popen(
        [sys.executable, str(cluster.ROOT / "manage.py"), *arguments],
        cwd=cluster.ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


# A process of its own: whoever is forked from pytest counts pytest's memory as its own peak.
MEASURE = """
import json, resource, subprocess, sys, time
begun = time.monotonic()
done = subprocess.run(sys.argv[1:], stdin=-3, stdout=-1, stderr=-2, text=True)  # nothing in, all that is said out
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(json.dumps([done.returncode, done.stdout, "", peak, time.monotonic() - begun]))
"""


def run_measured(*arguments: str, **environment: str) -> Ended:
    """Run a command as a shell would, and learn how long it took and how much memory it had at most."""
    command = [sys.executable, str(cluster.ROOT / "manage.py"), *arguments]
    measured = subprocess.run(
        [sys.executable, "-I", "-c", MEASURE, *command],
        cwd=cluster.ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return Ended(*json.loads(measured.stdout))


def ask(server: Any, times: int) -> list[str]:
    """Let Skatteetaten ask all kinds of questions, also wrong ones, and return the cases."""
    agency, cases = Consumer(server, "974761076"), []
    for number in range(times):
        case, party = str(uuid.uuid4()), identifier(PARTIES[number % len(PARTIES)])
        cases.append(case)
        if number % 7 == 6:
            agency.accounts("1234", AccountInfoRequestID=case)
        elif number % 3 == 2:
            agency.customer_relationships(party, AccountInfoRequestID=case)
        elif (listed := body(agency.accounts(party, AccountInfoRequestID=case)).get("accounts")) and number % 2:
            agency.details(listed[0]["accountReference"], case)
    return cases


def turn_away(server: Any, times: int) -> None:
    """Come without a valid token."""
    for number in range(times):
        server.get("/v2/accounts", {"Authorization": "Bearer a.b.c"} if number % 2 else {})


@contextmanager
def superuser() -> Iterator[psycopg.Connection[Any]]:
    """Whoever can do everything in the database: no trigger stops this session."""
    url = cluster.CLUSTER.superuser_url("dsop")
    with psycopg.connect(
        url, autocommit=True, options="-c session_replication_role=replica -c timezone=UTC"
    ) as session:
        yield session


def empty(session: psycopg.Connection[Any]) -> None:
    for table in TRAIL:
        if (
            table != "audit_key"
        ):  # the server has those of this month in memory, and would write with keys that are gone
            session.execute(f"DELETE FROM {table}")
    # A connection that writes on would follow a row that is not there any more.
    session.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'dsop_serving'")


class Vault:
    """The trail and the copy as they were, to be put back after a crime."""

    def __init__(self, session: psycopg.Connection[Any], seal: Seal, name: str) -> None:
        self._session, self._seal, self._schema = session, seal, f"vault_{name}"
        self._copy = seal.folder / self._schema
        session.execute(f"CREATE SCHEMA {self._schema}")
        for table in TRAIL:
            session.execute(f"CREATE TABLE {self._schema}.{table} AS TABLE {table}")
        shutil.copytree(seal.copy, self._copy)

    def put_back(self, *, copy: bool = True) -> None:
        with self._session.transaction():
            for table in TRAIL:
                self._session.execute(f"DELETE FROM {table}")
                self._session.execute(f"INSERT INTO {table} SELECT * FROM {self._schema}.{table}")
        if copy:
            shutil.rmtree(self._seal.copy)
            shutil.copytree(self._copy, self._seal.copy)

    def differences(self) -> list[str]:
        """Return the tables that are not as they were, and the copy when it is not."""
        unlike = "SELECT EXISTS (({0} EXCEPT ALL {1}) UNION ALL ({1} EXCEPT ALL {0}))"
        tables = [
            table
            for table in TRAIL
            if self._session.execute(unlike.format(f"TABLE {table}", f"TABLE {self._schema}.{table}")).fetchone()[0]
        ]
        lines = [b"".join(path.read_bytes() for path in sorted(folder.iterdir())) for folder in self._copies]
        return tables if lines[0] == lines[1] else [*tables, "the copy"]

    @property
    def _copies(self) -> tuple[Path, Path]:
        return self._seal.copy, self._copy

    def remove(self) -> None:
        self._session.execute(f"DROP SCHEMA {self._schema} CASCADE")
        shutil.rmtree(self._copy)


def check_as_a_stranger(proof: dict[str, Any], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run tools/verify_proof.py alone in a folder, with nothing of ours on its path."""
    shutil.copy(cluster.ROOT / "tools" / "verify_proof.py", folder)
    (folder / "proof.json").write_text(json.dumps(proof))
    command = [sys.executable, "-I", "verify_proof.py", "proof.json", *arguments]
    return subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False, timeout=60)
