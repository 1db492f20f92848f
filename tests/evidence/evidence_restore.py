"""The restore drill: yesterday's dump is put in place, and the verification names what is missing."""

import os
import re
import subprocess
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests import cluster
from tests.evidence.trail import ask

RESTORED = "dsop_restored"
THEY = "dsop_serving, dsop_sealer, dsop_auditor"


def type_in(program, *arguments):
    """Run one of PostgreSQL's programs as superuser."""
    done = subprocess.run(
        [cluster.CLUSTER.place.bin / program, *arguments],
        env={**os.environ, "PGHOST": str(cluster.CLUSTER.place.socket), "PGUSER": "postgres"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def restored(seal):
    """Return a function that restores a dump into a database of its own, and leads the seal's commands to it."""

    def restore(dump):
        type_in("createdb", "--template=template0", "--owner=dsop_owner", RESTORED)
        rights = f"REVOKE ALL ON DATABASE {RESTORED} FROM PUBLIC; GRANT CONNECT ON DATABASE {RESTORED} TO {THEY}"
        type_in("psql", "--quiet", "--dbname=postgres", f"--command={rights}")
        type_in("pg_restore", "--exit-on-error", f"--dbname={RESTORED}", str(dump))
        for name in ("DATABASE_SEALER_URL", "DATABASE_AUDITOR_URL"):
            seal.addresses[name] = urlunsplit(urlsplit(cluster.OWNERS[name])._replace(path=f"/{RESTORED}"))
        return psycopg.connect(cluster.CLUSTER.superuser_url(RESTORED), autocommit=True)

    yield restore
    seal.addresses.clear()
    type_in("dropdb", "--if-exists", "--force", RESTORED)


def test_what_is_missing_is_named(seal, server, almighty, restored, tmp_path):
    ask(server, 12)
    seal.seal()
    dump = tmp_path / "yesterday.dump"
    type_in("pg_dump", "--format=custom", f"--file={dump}", "dsop")
    ask(server, 12)
    seal.seal()
    ask(server, 6)
    seal.seal()
    seal.assert_holds()
    lost = almighty.execute(
        "SELECT number, size FROM audit_checkpoint WHERE number > (SELECT min(number) FROM audit_checkpoint)"
        " ORDER BY number"
    ).fetchall()
    assert len(lost) >= 2

    with restored(dump) as session:
        found = seal.verify()
        assert (found.code, found.kinds) == (1, {"checkpoint missing"}), found.output + found.errors
        said = found.naming("checkpoint missing")
        for number, size in lost:
            assert re.search(rf"\b{number}\b", said), said
            assert re.search(rf"\b{size} rows", said), said
        assert seal.verify("--from", "2026-01-01").kinds == {"checkpoint missing"}

        # Life goes on: what is written after the restore is sealed, and what is missing stays missing.
        seal.seal(said="audit.copy_ahead")
        again = seal.verify()
        assert (again.code, again.kinds) == (1, {"checkpoint missing"}), again.output
        assert session.execute("SELECT count(*) FROM audit_record").fetchone()[0] >= 12
