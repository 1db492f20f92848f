"""The suite's own databases, ready before Django starts: migrated by their owners, served under the serving role.

Each of the processes that share the tests has a cluster of its own; the one that hands them out has none.
"""

import atexit
import base64
import gc
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dsop.databases import ADDRESSES, Role
from sandbox.postgres import Cluster
from tests import warm

ROOT = Path(__file__).parents[1]
LOGGED = {"log_statement": "all", "log_line_prefix": "%p|%a|%d|", "log_min_messages": "warning"}
FOLDER = Path(tempfile.mkdtemp(prefix="dsop-suite-"))
ROOMY = {"max_connections": "300"}  # several servers run at once, each with two connections for each of its threads
CLUSTER = Cluster(FOLDER / "cluster", settings=LOGGED | ROOMY, durable=False)


# Below those that systems give to outgoing connections: one of these may take a free port before its server starts.
PORTS = range(20_000, 30_000)
SHARES = 8
DRAWN: set[int] = set()


def free_port() -> int:
    """Return a port that nobody listens on, never one twice. The processes that share the tests have different ones."""
    share = int(os.environ.get("PYTEST_XDIST_WORKER", "gw7").removeprefix("gw")) % SHARES
    ports = [port for port in PORTS[share::SHARES] if port not in DRAWN]
    random.shuffle(ports)
    port = next(port for port in ports if is_free(port))
    DRAWN.add(port)
    return port


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def key(name: str, length: int) -> str:
    return f"{name}:{base64.b64encode(secrets.token_bytes(length)).decode()}"


PORT = free_port()
ENVIRONMENT = {
    "DSOP_ENVIRONMENT": "sandbox",
    "DSOP_SANDBOX_FOLDER": str(FOLDER),
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "MASKINPORTEN_ISSUER": f"http://127.0.0.1:{PORT}/sandbox/maskinporten/",
    "DSOP_AUDIENCES": f'{{"http://127.0.0.1:{PORT}/v2": ["213456008"], "http://localhost:{PORT}/v2": ["213456008"]}}',
    "PLAIN_JSON": "true",
    "CERTPUB_LOCATOR_URL": f"http://127.0.0.1:{PORT}/sandbox/certpub/locator",
    "CERTPUB_PUBLISHER_HOSTS": "127.0.0.1",
    "CERTIFICATE_ROOTS_FILE": str(FOLDER / "certpub" / "roots.pem"),
    "CERTIFICATE_INTERMEDIATES_FILE": str(FOLDER / "certpub" / "intermediates.pem"),
    "CERTIFICATE_REVOCATION_HOSTS": "127.0.0.1",
    "EXTRADITION_JWKS_URL": f"http://127.0.0.1:{PORT}/sandbox/police/jwks.json",
    "EXTRADITION_ROOTS_FILE": str(FOLDER / "police" / "roots.pem"),
    "REFERENCE_KEYS": key("r1", 64),
    "AUDIT_LOOKUP_KEYS": key("l1", 32),
    "AUDIT_ENCRYPTION_KEYS": key("e1", 32),
    "KEYS_COOLDOWN_SECONDS": "2",
}
COMMANDS = (("sandbox_prepare", "--small"),)


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command as its user would; what it says is in the result."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return warm.run(command, environment={**os.environ, **environment}, seconds=120)


def keep_what_is_compiled() -> None:
    """Let Python keep compiled files: this suite starts some two hundred processes, and each would compile anew."""
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def prepare() -> None:
    atexit.register(remove)
    CLUSTER.start()
    os.environ.update({**ENVIRONMENT, **CLUSTER.urls()})
    for arguments in COMMANDS:
        done = manage(*arguments)
        if done.returncode:
            sys.exit(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    for name in CLUSTER.urls().keys() - ADDRESSES[Role.SERVING]:
        OWNERS[name] = os.environ.pop(name)


def remove() -> None:
    CLUSTER.remove()
    shutil.rmtree(FOLDER, ignore_errors=True)


OWNERS: dict[str, str] = {}
"""The addresses of the owners, and of the other roles that do not serve."""
NOWHERE = "postgres://nobody@127.0.0.1:1/nothing"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Be ready before Django's settings are read."""
    keep_what_is_compiled()
    gc.disable()  # until all tests are read
    hands_out = getattr(early_config.known_args_namespace, "numprocesses", None)
    if hands_out and "PYTEST_XDIST_WORKER" not in os.environ:
        atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
        os.environ.update({**ENVIRONMENT, "DATABASE_URL": NOWHERE, "LEDGER_DATABASE_URL": NOWHERE})
    else:
        prepare()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Let Python look no more for what it could forget among fifteen thousand tests that stay to the end."""
    gc.enable()
    gc.freeze()
