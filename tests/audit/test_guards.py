"""UPDATE, DELETE and TRUNCATE are refused to everyone, on the tables and on each partition."""

from contextlib import nullcontext

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, RestrictViolation

from audit.partitions import TABLES

CHANGES = [
    pytest.param("UPDATE {table} SET id = id", id="update"),
    pytest.param("UPDATE {table} SET id = id WHERE false", id="update that meets no row"),
    pytest.param("UPDATE ONLY {table} SET id = id", id="update of this table only"),
    pytest.param("DELETE FROM {table}", id="delete"),
    pytest.param("DELETE FROM {table} WHERE false", id="delete that meets no row"),
    pytest.param("DELETE FROM ONLY {table}", id="delete from this table only"),
    pytest.param("TRUNCATE {table}", id="truncate"),
    pytest.param("TRUNCATE {table} CASCADE", id="truncate with what depends on it"),
    pytest.param(
        "MERGE INTO {table} USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE", id="merge that deletes"
    ),
    pytest.param("MERGE INTO {table} USING (SELECT 1) AS one ON true WHEN MATCHED THEN UPDATE SET id = id", id="merge"),
    pytest.param(
        "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT DO NOTHING; DELETE FROM {table}", id="in a batch"
    ),
]
REFUSED = {
    **dict.fromkeys(("serving", "sealer", "auditor"), InsufficientPrivilege),
    **dict.fromkeys(("owner", "superuser"), RestrictViolation),
}


@pytest.mark.parametrize("statement", CHANGES)
@pytest.mark.parametrize(("role", "refusal"), REFUSED.items(), ids=REFUSED)
def test_nobody_changes_the_trail(as_role, tables, role, refusal, statement):
    assert len(tables) >= 9 * 5
    for table in (*tables, "audit_held"):
        with pytest.raises(refusal):
            as_role(role, statement.format(table=table))


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE {table} SET {column} = {column}", id="update"),
        pytest.param("UPDATE {table} SET {column} = {column} WHERE false", id="update that meets no row"),
        pytest.param("TRUNCATE {table}", id="truncate"),
        pytest.param("DELETE FROM {table} WHERE false", id="delete"),
    ],
)
@pytest.mark.parametrize(("role", "refusal"), REFUSED.items(), ids=REFUSED)
@pytest.mark.parametrize(("table", "column"), [("audit_checkpoint", "number"), ("audit_key", "name")])
def test_nobody_changes_a_checkpoint_and_only_the_owner_takes_away_a_key(
    as_role, table, column, role, refusal, statement
):
    destroys = (table, statement[:6]) == ("audit_key", "DELETE") and refusal is RestrictViolation
    with nullcontext() if destroys else pytest.raises(refusal):
        as_role(role, statement.format(table=table, column=column))


@pytest.mark.parametrize("role", ["owner", "superuser"])
@pytest.mark.parametrize(
    ("table", "key"), [("audit_record", "at"), ("audit_turned_away", "minute")], ids=["records", "sums"]
)
def test_an_insert_that_updates_is_refused(as_role, role, table, key):
    with pytest.raises(RestrictViolation):
        as_role(
            role,
            f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id, {key}) DO UPDATE SET id = excluded.id",
        )


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("SELECT FROM {table} LIMIT 1", id="read"),
        pytest.param("INSERT INTO {table} SELECT * FROM {table}", id="insert"),
        pytest.param("LOCK TABLE {table} IN SHARE MODE", id="lock"),
        pytest.param("ALTER TABLE {table} DISABLE TRIGGER ALL", id="disable the trigger"),
        pytest.param("DROP TABLE {table}", id="drop"),
    ],
)
def test_the_serving_role_does_not_reach_a_partition(as_role, tables, statement):
    for partition in tables:
        if partition not in TABLES:
            with pytest.raises(InsufficientPrivilege):
                as_role("serving", statement.format(table=partition))


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("ALTER TABLE audit_record DISABLE TRIGGER ALL", id="disable the trigger"),
        pytest.param("DROP TRIGGER audit_append_only ON audit_record", id="drop the trigger"),
        pytest.param("ALTER TABLE audit_record DETACH PARTITION {partition}", id="take a partition away"),
        pytest.param("SET session_replication_role = replica", id="turn triggers off"),
        pytest.param("CREATE TABLE mine (id int)", id="make a table"),
        pytest.param("CREATE SCHEMA mine", id="make a schema"),
        pytest.param("CREATE RULE mine AS ON INSERT TO audit_record DO INSTEAD NOTHING", id="make a rule"),
        pytest.param(
            "CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql "
            "AS 'BEGIN RETURN NULL; END'",
            id="replace the function",
        ),
    ],
)
def test_the_serving_role_cannot_open_the_way(as_role, tables, statement):
    with pytest.raises(InsufficientPrivilege):
        as_role(
            "serving", statement.format(partition=next(name for name in tables if name.startswith("audit_record_")))
        )


def test_the_serving_role_inserts_and_reads(as_role):
    as_role("serving", "INSERT INTO audit_turned_away VALUES (gen_random_uuid(), now(), 'tok.expired', '', 1)")
    as_role("serving", "SELECT * FROM audit_record LIMIT 1")


def test_a_refused_change_says_why(as_role):
    with pytest.raises(psycopg.Error, match="the audit trail is append-only: UPDATE on audit_record is refused"):
        as_role("owner", "UPDATE audit_record SET outcome = 'answered'")
