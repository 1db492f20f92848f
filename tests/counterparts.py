"""The stand-ins of the agencies as `make run` starts them, for tests that ask them over a real socket."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import urllib3

from sandbox.counterparts.addresses import errands, identity
from sandbox.maskinporten import clients, details, jws, keys, tokens
from tests import cluster


@dataclass
class Counterparts:
    """The running process. `settings` are Django settings that point at it, `environment` the same as variables."""

    port: int
    process: subprocess.Popen
    log: Path
    folder: Path
    pool: urllib3.HTTPConnectionPool = field(init=False)
    settings: dict[str, Any] = field(init=False)
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.pool = urllib3.HTTPConnectionPool("127.0.0.1", self.port, maxsize=16, timeout=20, retries=False)
        token_url = f"{self.base}/sandbox/maskinporten/token"
        bank = f"http://127.0.0.1:{cluster.PORT}"
        self.environment = {**identity(self.folder, token_url), **errands(self.base, bank)}
        packages = self.environment["OTP_RIGHTS_PACKAGE"].split(",")
        self.settings = {**self.environment, "OTP_RIGHTS_PACKAGE": packages}

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: Any = None) -> Any:
        """Return the answer to one question; never a redirect, never again. A body that is not bytes goes as JSON."""
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        return self.pool.request(method, path, headers=headers or {}, body=sent, redirect=False)

    def token(self, scope: str, *, consumer: str = clients.BANK_NUMBER, system_user: str = "", **claims: Any) -> str:
        """Return a token as Maskinporten would give it; a claim that is None is left out."""
        right = tokens.access_claims(
            issuer=cluster.ENVIRONMENT["MASKINPORTEN_ISSUER"],
            audience="unspecified",
            consumer=consumer,
            scope=scope,
            client_id=clients.client_id_of(consumer),
            now=int(time.time()),
            details=[details.system_user(consumer, system_user)] if system_user else [],
        )
        key = keys.signing_keys(self.folder / "maskinporten")[0]
        members = {name: value for name, value in {**right, **claims}.items() if value is not None}
        return jws.sign(tokens.header(key), members, key.private)

    def switch(self, **switches: Any) -> None:
        """Put these switches; None puts one back."""
        self._control("PUT", "switches", switches)

    def fault(self, path_prefix: str, **fault: Any) -> None:
        """Order a fault, as sandbox/counterparts/control.py describes it."""
        self._control("POST", "faults", {"path_prefix": path_prefix, **fault})

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests seen since the last reset, oldest first; header names in capitals."""
        return self._control("GET", "requests")["requests"]

    def reset(self) -> None:
        """Let the stand-ins forget everything."""
        self._control("DELETE", "state")

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.ask(method, f"/control/{path}", body=body)
        assert answer.status == 200, answer.data
        return answer.json()

    def stop(self) -> None:
        self.pool.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)


@contextlib.contextmanager
def running(port: int, folder: Path, log: Path):
    """Start the process on this sandbox folder, wait until it answers, and end it with the block."""
    command = [sys.executable, "-m", "sandbox.counterparts", f"--port={port}", f"--folder={folder}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, f"--issuer={cluster.ENVIRONMENT['MASKINPORTEN_ISSUER']}"],
            cwd=cluster.ROOT,
            env={**os.environ},
            stdout=output,
            stderr=output,
        )
    counterparts = Counterparts(port, process, log, folder)
    try:
        wait_until_ready(counterparts)
        yield counterparts
    finally:
        counterparts.stop()


def wait_until_ready(counterparts: Counterparts) -> None:
    deadline = time.monotonic() + 40
    while True:
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            if counterparts.ask("GET", "/control/ready").status == 200:
                return
        if time.monotonic() > deadline or counterparts.process.poll() is not None:
            raise AssertionError(f"The stand-ins are not ready:\n{counterparts.log.read_text()[-4000:]}")
        time.sleep(0.02)


@pytest.fixture(scope="session")
def counterparts(tmp_path_factory):
    """The stand-ins in a process of their own, with the keys of this suite's sandbox folder."""
    log = tmp_path_factory.mktemp("counterparts") / "log"
    with running(cluster.free_port(), cluster.FOLDER, log) as counterparts:
        yield counterparts


@pytest.fixture
def stand_ins(counterparts):
    """The same, with everything forgotten before the test."""
    counterparts.reset()
    return counterparts
