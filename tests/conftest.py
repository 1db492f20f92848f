"""What tests share: the running service, tokens from its own issuer, and a superuser to clean up after commits."""

import contextlib
import os
import subprocess
import sys
import time

import environ
import hypothesis
import psycopg
import pytest
import urllib3
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import sql

from audit import turned_away
from audit.partitions import TABLES
from dsop.databases import ADDRESSES, Role
from tests import cluster
from tests.consumer import Consumer, Server

pytest_plugins = ["tests.counterparts"]
# How long an example takes says how busy the machine is; what the tests hold is that it comes out right.
hypothesis.settings.register_profile("suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("suite")
DATABASES = {"default": "dsop", "ledger": "ledger"}


@pytest.fixture(scope="session")
def django_db_setup():
    """Make no database: tests/cluster.py has made and migrated them, and the serving role could not."""


@pytest.fixture(scope="session")
def superuser():
    """Return a function that connects as superuser to the database behind an alias."""
    opened = []

    def connect(alias="default"):
        connection = psycopg.connect(cluster.CLUSTER.superuser_url(DATABASES[alias]), autocommit=True)
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture(scope="session")
def connected_as():
    """Return a function that gives the trail's database as one role has it: owner, serving, sealer or auditor.

    One connection of Django's for each role, under the role's name as alias, which every test may use. It commits.
    """

    def connect(role):
        if role not in opened:
            url = os.environ | cluster.OWNERS
            address = environ.Env.db_url_config(url[ADDRESSES[Role(role)][0]])
            opened[role] = Session({**connections["default"].settings_dict, **address_of(address)}, role)
            connections[role] = opened[role]  # so that transaction.atomic and .using find it
        session = opened[role]
        if session.connection is not None and not (session.in_atomic_block or session.is_usable()):
            session.close()  # a test has cut all sessions
        return session

    opened = {}
    yield connect
    for session in opened.values():
        session.close()


def address_of(parts):
    """Return who logs in where, without what a serving session has besides."""
    return {name: parts[name] for name in ("USER", "PASSWORD")} | {"OPTIONS": {"options": "-c timezone=UTC"}}


class Session(DatabaseWrapper):
    """A connection that pytest-django neither keeps from the database nor wraps into a test's transaction."""

    def ensure_connection(self):
        if self.connection is None:
            with self.wrap_database_errors:
                self.connect()


@pytest.fixture(scope="session", autouse=True)
def sums_wait():
    """Let no thread of this process write sums: it may ask no database, and says so in any test's log."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(turned_away._writer, "ensure", lambda: None)
        yield


@pytest.fixture
def clean_audit(superuser):
    """Empty the trail before and after a test whose records are committed. Only a superuser can."""

    def empty():
        with superuser() as connection:
            connection.execute("SET session_replication_role = replica")
            for table in (*TABLES, "audit_checkpoint", "audit_held"):
                connection.execute(f"DELETE FROM {table}")

    empty()
    yield
    empty()


@pytest.fixture
def undisturbed(superuser, clean_audit):
    """Let nobody else write what was turned away: the server that runs beside the tests does, each minute.

    Its chain lost its beginning when the trail was emptied, which a verification rightly calls a gap.
    """
    serving = sql.Identifier(connections["default"].settings_dict["USER"])
    with superuser() as session:
        session.execute(sql.SQL("REVOKE INSERT ON audit_turned_away FROM {}").format(serving))
        session.execute("SET session_replication_role = replica")
        session.execute("DELETE FROM audit_turned_away")
        yield
        session.execute(sql.SQL("GRANT INSERT ON audit_turned_away TO {}").format(serving))


@pytest.fixture
def records(superuser, clean_audit):
    """Return a function that reads the trail, oldest first, as dictionaries."""

    def read():
        with superuser() as connection, connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            return cursor.execute("SELECT * FROM audit_record ORDER BY at, id").fetchall()

    return read


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The service as shipped: gunicorn with two workers, under the serving role, on this suite's databases."""
    with running(cluster.PORT, tmp_path_factory.mktemp("server") / "log") as server:
        yield server


@pytest.fixture
def another_server(server, tmp_path):
    """Return a function that starts one more service beside the first, whose issuer it trusts too."""
    with contextlib.ExitStack() as stack:

        def start(application="dsop.wsgi:application", folder=cluster.ROOT, **environment):
            log = tmp_path / f"log-{len(list(tmp_path.iterdir()))}"
            return stack.enter_context(running(cluster.free_port(), log, application, environment, folder))

        yield start


@contextlib.contextmanager
def running(
    port,
    log,
    application="dsop.wsgi:application",
    environment=None,
    folder=cluster.ROOT,
    health="/health/ready",
    command=None,
):
    """Start the service with these changes, None for what it is not told, and give it once `health` is well."""
    told = {**os.environ, "DSOP_BIND": f"127.0.0.1:{port}", **(environment or {})}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *(command or ("-m", "gunicorn", "-c", "python:dsop.gunicorn", application))],
            cwd=folder,
            env={name: value for name, value in told.items() if value is not None},
            stdout=output,
            stderr=output,
        )
    server = Server(port=port, process=process, log=log)
    try:
        yield wait_until_ready(server, health)
    finally:
        server.stop()


def wait_until_ready(server, health="/health/ready"):
    """Wait until every worker says so: each question comes on a connection of its own, which any of them may take."""
    deadline, ready = time.monotonic() + 90, 0  # a start takes four seconds, and far more on a busy machine
    while ready < 10:
        if time.monotonic() > deadline or server.process.poll() is not None:
            raise AssertionError(f"The server is not ready:\n{server.log.read_text()[-4000:]}")
        try:
            answered = server.get(health, {"Connection": "close"}).status == 200
        except urllib3.exceptions.HTTPError:
            answered = False
        ready = ready + 1 if answered else 0
        time.sleep(0.03 if answered else 0.1)
    return server


@pytest.fixture(scope="session")
def skatteetaten(server):
    """Skatteetaten as consumer of the running service."""
    return Consumer(server, "974761076")
