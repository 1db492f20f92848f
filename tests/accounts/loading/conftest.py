"""A ledger of its own for loads: a database beside the suite's, with the same roles, that no other test sees."""

from contextlib import contextmanager
from datetime import date

import environ
import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from accounts.loading.delivery import read_delivery
from accounts.loading.load import load
from accounts.loading.refusals import Rejects
from accounts.partitions import make_partitions
from dsop.database_rights import Roles, statements
from tests.accounts.loading.deliveries import NOW
from tests.cluster import OWNERS

NAME = "loads"


def session_of(address):
    """Return a connection of Django's to the ledger of loads, as whoever has that address."""
    who = environ.Env.db_url_config(address)
    options = {"options": "-c timezone=UTC", "server_side_binding": True, "prepare_threshold": 1}
    here = {"NAME": NAME, "USER": who["USER"], "PASSWORD": who["PASSWORD"], "OPTIONS": options}
    return DatabaseWrapper({**connections["ledger"].settings_dict, **here}, "ledger")


@contextmanager
def asked_as(session):
    """Let Django ask the ledger through that session."""
    before = connections["ledger"]
    connections["ledger"] = session
    try:
        yield session
    finally:
        connections["ledger"] = before
        session.close()


@pytest.fixture(scope="module")
def loads(superuser, django_db_blocker):
    """Make the database, its tables, two months of partitions, and the roles' rights."""
    with superuser("default") as session:
        session.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        session.execute(f"CREATE DATABASE {NAME} OWNER ledger_owner TEMPLATE template0 ENCODING 'UTF8'")
        session.execute(f"REVOKE ALL ON DATABASE {NAME} FROM PUBLIC")
    with django_db_blocker.unblock(), asked_as(session_of(OWNERS["LEDGER_OWNER_URL"])) as owning:
        executor = MigrationExecutor(owning)
        executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] == "accounts"])
        with owning.cursor() as cursor:
            make_partitions(cursor, date(2026, 10, 1), date(2026, 11, 1))
            for statement in statements("ledger", Roles()):
                cursor.execute(statement)
    yield
    with superuser("default") as session:
        session.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.fixture
def loading(loads, django_db_blocker):
    """The loader's session, in a transaction that is taken back."""
    with django_db_blocker.unblock(), asked_as(session_of(OWNERS["LEDGER_LOADER_URL"])) as session:
        session.set_autocommit(False)
        yield session
        session.rollback()


@pytest.fixture
def loaded(loading):
    """Return a function that loads a folder and says what changed: new, changed and gone rows by table."""

    def run(folder, *, now=NOW, rejects=None):
        changes = load(
            read_delivery(folder), now=now, rejects=Rejects() if rejects is None else rejects, progress=lambda *_: None
        )
        return None if changes is None else {each.table: (each.new, each.changed, each.gone) for each in changes}

    return run
