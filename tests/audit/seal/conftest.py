"""What the seal's tests share: a key, sessions whose transactions stay open, and the trail as the sealer has it."""

from datetime import UTC, datetime

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.seal import sealing
from audit.signers import FileSigner
from tests import cluster
from tests.audit.entries import NOON

INSERT = "INSERT INTO audit_turned_away (id, minute, reason, consumer, count) VALUES (gen_random_uuid(), %s, %s, '', 1)"


@pytest.fixture(scope="session")
def signer():
    return FileSigner(Ed25519PrivateKey.generate())


@pytest.fixture
def sealer(connected_as, undisturbed):
    """The trail's database as the sealer has it, with nothing in the trail."""
    return connected_as("sealer")


@pytest.fixture
def seal(sealer, signer):
    """Return a function that seals once, and returns how many checkpoints it made and how many rows are in them."""

    def run(copy=None, **changes):
        sealed = sealing.seal(sealer, changes.pop("signer", signer), copy, now=datetime.now(UTC), **changes)
        return sealed.checkpoints, sealed.rows

    return run


@pytest.fixture
def begin():
    """Return a function that opens a transaction, of any session in the cluster, which then writes rows by name.

    It writes as the release before did, which knows neither salt nor writer.
    """
    opened = []

    def transaction(database="dsop", application=""):
        url = cluster.CLUSTER.superuser_url(database)
        opened.append(psycopg.connect(url, application_name=application))
        opened[-1].execute("SELECT pg_current_xact_id()")
        return opened[-1]

    yield transaction
    for session in opened:
        session.close()


@pytest.fixture
def write(as_superuser):
    """Return a function that commits a row of each of these names in a transaction of its own."""

    def rows(*names, moment=NOON, xact=None):
        for name in names:
            add(as_superuser, name, moment)
            if xact is not None:
                with as_superuser.transaction():
                    as_superuser.execute("SET LOCAL session_replication_role = replica")
                    as_superuser.execute("UPDATE audit_turned_away SET xact = %s WHERE reason = %s", [xact, name])

    return rows


def add(session, name, moment=NOON):
    session.execute(INSERT, [moment, name])


@pytest.fixture
def sealed(as_superuser):
    """Return a function that reads which rows each checkpoint holds, by name and in their order."""

    def checkpoints():
        rows = as_superuser.execute(
            "SELECT checkpoint, array_agg(reason::text ORDER BY position) "
            "FROM audit_turned_away_sealed JOIN audit_turned_away USING (id) GROUP BY 1"
        ).fetchall()
        return dict(rows)

    return checkpoints
