"""The trail's indexes stand on every month, also on one made later, and are whole."""

import importlib
from types import SimpleNamespace

from audit.partitions import PARTITIONS

NAMES = ("audit_record_kinds", "audit_record_requester")
BUILD = importlib.import_module("audit.migrations.0006_finding")
STATE = """
SELECT parent.relname, count(*), bool_and(child.indisvalid)
FROM pg_inherits JOIN pg_class parent ON parent.oid = inhparent JOIN pg_index child ON child.indexrelid = inhrelid
WHERE parent.relname = ANY (%s) GROUP BY parent.relname ORDER BY parent.relname
"""


def state(session):
    months = len(session.execute(PARTITIONS, ["audit_record"]).fetchall())
    return months, [tuple(row) for row in session.execute(STATE, [[*NAMES]]).fetchall()]


def test_every_month_has_them(superuser):
    session = superuser()
    months, found = state(session)
    assert months > 3 and found == [(name, months, True) for name in NAMES]


def test_they_are_built_again_after_a_broken_try(superuser):
    """Half an index of a try that was stopped is taken away; what is there already is left alone."""
    session = superuser()
    editor = SimpleNamespace(connection=session)
    (broken, *_), months = session.execute(PARTITIONS, ["audit_record"]).fetchone(), state(session)[0]
    BUILD.drop(None, editor)
    session.execute(f"CREATE INDEX {broken}_kinds ON {broken} {BUILD.DEFINITIONS['audit_record_kinds']}")
    session.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [f"{broken}_kinds"])
    for _ in range(2):
        BUILD.build(None, editor)
        assert state(session) == (months, [(name, months, True) for name in NAMES])
