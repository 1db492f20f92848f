"""The quick way from a row to its leaf gives the very bytes of the slow one, whatever the row holds."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from audit.partitions import MOMENTS, SEALED
from audit.seal.copied import Copied
from audit.seal.leaves import columns_of, content_of, leaf, selected
from tests.audit.entries import NOON

ODD = "\x01\x07\b\t\n\v\f\r\x1f\x7f\"'\\{},v\u2028é🖋"
TEXT = st.text(st.sampled_from(ODD) | st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
INSERT = (
    "INSERT INTO audit_decision (id, at, kind, person, account, ground, what, service, month, evidence, salt, writer) "
    "VALUES (%s, %s, '', %s, '\\N', %s, 'N', '\\\\N', %s, %s, %s, %s)"
)


@given(
    rows=st.lists(
        st.tuples(
            TEXT,
            TEXT,
            st.none() | st.dates(),
            st.none() | JSON.filter(lambda value: value is not None),
            st.none() | st.binary(min_size=16, max_size=16),
            st.none() | st.uuids(),
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])  # a session, rolled back
def test_the_quick_way_and_the_slow_way_give_the_same_leaf(as_superuser, rows):
    with as_superuser.transaction(force_rollback=True):
        for person, ground, month, evidence, salt, writer in rows:
            told = None if evidence is None else Jsonb(evidence)
            as_superuser.execute(INSERT, [uuid.uuid4(), NOON, person, ground, month, told, salt, writer])
        assert quickly(as_superuser, "audit_decision") == slowly(as_superuser, "audit_decision")


FULL = {
    "boolean": "true",
    "uuid": "'00000000-0000-4000-8000-000000000001'",
    "bytea": r"'\x5c7609'",
    "ARRAY": r"""ARRAY['\x5c'::bytea, '\x0922']""",
    "jsonb": """'{"b": "\\\\v\\"", "a": [1.50, null]}'""",
    "date": "'2026-02-28'",
    "timestamp with time zone": f"'{NOON.isoformat()}'",
    "character varying": "E'\"\\tv\\\\v'",
}


@pytest.mark.parametrize("filled", [True, False], ids=["every column filled", "whatever may be empty is empty"])
@pytest.mark.parametrize("table", SEALED)
def test_every_kind_of_column_has_its_text(as_superuser, table, filled):
    columns = as_superuser.execute(
        "SELECT column_name, data_type, is_nullable = 'YES' FROM information_schema.columns WHERE table_name = %s",
        [table],
    ).fetchall()
    named = {name: kind for name, kind, optional in columns if filled or not optional}
    values = ", ".join(FULL.get(kind, "7") for kind in named.values())
    with as_superuser.transaction(force_rollback=True):
        as_superuser.execute(f"INSERT INTO {table} ({', '.join(named)}) VALUES ({values})")
        as_superuser.execute("SET LOCAL timezone = 'Europe/Oslo'")  # changes no text
        assert quickly(as_superuser, table) == slowly(as_superuser, table)


def quickly(session, table):
    copied = Copied(table)
    with session.cursor() as cursor, cursor.copy(f"COPY (SELECT {copied.selected} FROM {table} r) TO STDOUT") as lines:
        rows = [copied.row(bytes(line)) for line in lines]
    return {uuid.UUID(row.id.decode()): (row.at.decode(), row.leaf) for row in rows}


def slowly(session, table):
    names = columns_of(table)
    found = {}
    for salt, *texts in session.execute(f"SELECT r.salt, {selected(table, 'r')} FROM {table} r"):
        row = dict(zip(names, texts, strict=True))
        found[uuid.UUID(row["id"])] = row[MOMENTS[table]], leaf(salt, content_of(table, row))
    return found
