"""The start is refused when a month is missing, a trigger is gone or somebody may too much."""

from datetime import UTC, datetime

import pytest
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper

from audit import checks
from audit.partitions import months

TOOTHLESS = (
    "CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
)
THIS, NEXT, AFTER, THIRD = (f"{first:%Y_%m}" for first in months(datetime.now(UTC).date(), 3))
SERVING = connection.settings_dict["USER"]


@pytest.fixture
def damaged(as_superuser, monkeypatch, django_db_blocker):
    """Return a function that does damage as superuser and asks the check as serving role; all of it is taken back."""
    info = as_superuser.info
    server = {**connections["default"].settings_dict, "USER": info.user, "PASSWORD": info.password}
    session = DatabaseWrapper({**server, "HOST": info.host, "PORT": str(info.port)}, "default")

    def ask(check, *damage, role=SERVING):
        with session.cursor() as cursor:
            for statement in damage:
                cursor.execute(statement)
            cursor.execute(f'SET LOCAL ROLE "{role}"')
        monkeypatch.setattr(checks, "connection", session)
        return {(message.id, message.msg) for message in check(databases=["default"])}

    with django_db_blocker.unblock():
        session.set_autocommit(False)
        yield ask
        session.rollback()
        session.close()


def name(table, month):
    return f"{table}_{month}"


@pytest.mark.parametrize(
    ("damage", "missing"),
    [
        pytest.param([], [], id="three months ahead"),
        pytest.param([f"DROP TABLE audit_record_{THIRD}"], [], id="two months ahead"),
        pytest.param(
            [f"DROP TABLE audit_record_{AFTER}"],
            [("audit_record", AFTER)],
            id="the second month is missing",
        ),
        pytest.param(
            [f"DROP TABLE audit_record_{NEXT}, audit_record_{AFTER}, audit_record_{THIRD}"],
            [("audit_record", f"{NEXT}, {AFTER}")],
            id="none ahead",
        ),
        pytest.param(
            [f"ALTER TABLE audit_record DETACH PARTITION audit_record_{THIS}"],
            [("audit_record", THIS)],
            id="this month is there, but not attached",
        ),
        pytest.param(
            [f"DROP TABLE audit_turned_away_{NEXT}", f"DROP TABLE audit_record_{NEXT}"],
            [("audit_turned_away", NEXT), ("audit_record", NEXT)],
            id="missing in both tables",
        ),
        pytest.param(
            [
                f"DROP TABLE audit_record_{NEXT}",
                f"CREATE TABLE audit_record_{NEXT} PARTITION OF audit_record "
                "FOR VALUES FROM ('2001-01-01') TO ('2001-02-01')",
            ],
            [("audit_record", NEXT), ("audit_record_sealed", "2001_01")],
            id="right name, wrong month",
        ),
    ],
)
def test_missing_months_are_found(damaged, damage, missing):
    assert damaged(checks.check_partitions, *damage) == {
        ("dsop.E041", f"{table} has no partition for {month.replace('_', '-')}.") for table, month in missing
    }


def test_a_missing_table_is_found_but_does_not_keep_its_owner_from_making_it(damaged, settings):
    damage = "DROP TABLE audit_turned_away"
    assert damaged(checks.check_partitions, damage) == {("dsop.E041", "The table audit_turned_away does not exist.")}
    settings.AS_OWNER = True
    assert damaged(checks.check_partitions) == set()


PARTITIONED = ["audit_record", "audit_turned_away", "audit_access", "audit_decision", "audit_answer"]
PARTITIONED += ["audit_record_sealed", "audit_turned_away_sealed", "audit_access_sealed", "audit_decision_sealed"]
ALL = [f"{table}_{month}" for table in PARTITIONED for month in (THIS, NEXT, AFTER, THIRD)]
ALL += [*PARTITIONED, "audit_checkpoint", "audit_held", "audit_key"]


@pytest.mark.parametrize(
    ("damage", "bare"),
    [
        pytest.param([], [], id="all there"),
        pytest.param(["DROP TRIGGER audit_append_only ON audit_record"], ["audit_record"], id="dropped on the table"),
        pytest.param(
            [f"DROP TRIGGER audit_append_only ON audit_turned_away_{NEXT}"],
            [f"audit_turned_away_{NEXT}"],
            id="dropped on a partition",
        ),
        pytest.param(
            [f"ALTER TABLE audit_record_{THIS} DISABLE TRIGGER audit_append_only"],
            [f"audit_record_{THIS}"],
            id="disabled on a partition",
        ),
        pytest.param(
            [f"ALTER TABLE audit_record_{THIS} ENABLE REPLICA TRIGGER audit_append_only"],
            [f"audit_record_{THIS}"],
            id="only for replicas",
        ),
        pytest.param(
            [f"ALTER TABLE audit_record_{THIS} ENABLE ALWAYS TRIGGER audit_append_only"], [], id="always is fine"
        ),
        pytest.param(
            [
                "CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_record "
                "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()"
            ],
            ["audit_record"],
            id="without TRUNCATE",
        ),
        pytest.param(
            [
                "CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_record "
                "FOR EACH STATEMENT WHEN (current_user <> 'postgres') EXECUTE FUNCTION audit_refuse_change()"
            ],
            ["audit_record"],
            id="with an exception for somebody",
        ),
        pytest.param([TOOTHLESS], ALL, id="its function does nothing any more"),
        pytest.param(["DROP TRIGGER audit_append_only ON audit_checkpoint"], ["audit_checkpoint"], id="on the seal"),
        pytest.param(["ALTER TABLE audit_held DISABLE TRIGGER ALL"], ["audit_held"], id="on what is held"),
        pytest.param(
            [f"ALTER TABLE audit_record_sealed_{THIS} DISABLE TRIGGER USER"],
            [f"audit_record_sealed_{THIS}"],
            id="on the places in the tree",
        ),
        pytest.param(
            [
                "CREATE OR REPLACE TRIGGER audit_append_only BEFORE TRUNCATE ON audit_key "
                "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()"
            ],
            ["audit_key"],
            id="keys that can be changed",
        ),
        pytest.param(
            [
                f"DROP TABLE audit_record_{THIRD}",
                f"CREATE TABLE audit_record_{THIRD} PARTITION OF audit_record "
                f"FOR VALUES FROM ('{THIRD.replace('_', '-')}-01') TO ('{THIRD.replace('_', '-')}-02')",
            ],
            [f"audit_record_{THIRD}"],
            id="a partition made by hand",
        ),
    ],
)
def test_missing_triggers_are_found(damaged, damage, bare):
    assert damaged(checks.check_triggers, *damage) == {
        ("dsop.E042", f"The trigger that refuses changes is gone or disabled on {table}.") for table in bare
    }


@pytest.mark.parametrize(
    ("damage", "rights"),
    [
        pytest.param([], "", id="insert and read"),
        pytest.param(["GRANT UPDATE ON audit_record TO {role}"], "UPDATE on audit_record", id="update"),
        pytest.param(
            ["GRANT UPDATE (code) ON audit_record TO {role}"], "UPDATE on audit_record", id="update of one column"
        ),
        pytest.param(
            ["GRANT DELETE, TRUNCATE ON audit_turned_away TO PUBLIC"],
            "DELETE on audit_turned_away, TRUNCATE on audit_turned_away",
            id="delete and truncate, as everybody",
        ),
        pytest.param(
            [f"GRANT DELETE ON audit_record_{NEXT} TO {{role}}"], f"DELETE on audit_record_{NEXT}", id="on a partition"
        ),
        pytest.param(["GRANT TRIGGER ON audit_record TO {role}"], "TRIGGER on audit_record", id="triggers of its own"),
        pytest.param(["GRANT CREATE ON SCHEMA public TO {role}"], "CREATE on schema public", id="making tables"),
        pytest.param(
            ["GRANT SET ON PARAMETER session_replication_role TO {role}"],
            "SET on session_replication_role",
            id="turning triggers off",
        ),
        pytest.param(
            [f"ALTER TABLE audit_record_{THIRD} OWNER TO {{role}}"],
            f"DELETE on audit_record_{THIRD}, TRIGGER on audit_record_{THIRD}, TRUNCATE on audit_record_{THIRD}, "
            f"UPDATE on audit_record_{THIRD}, ownership of audit_record_{THIRD}",
            id="owning a partition",
        ),
        pytest.param(["GRANT INSERT ON audit_checkpoint TO {role}"], "INSERT on audit_checkpoint", id="sealing"),
        pytest.param(
            ["GRANT INSERT (leaf) ON audit_record_sealed TO {role}"], "INSERT on audit_record_sealed", id="placing rows"
        ),
        pytest.param(
            ["GRANT INSERT, UPDATE ON audit_held TO {role}"],
            "INSERT on audit_held, UPDATE on audit_held",
            id="making held copies",
        ),
        pytest.param(["GRANT DELETE ON audit_key TO {role}"], "DELETE on audit_key", id="destroying keys"),
        pytest.param(
            [f"GRANT INSERT ON audit_access_sealed_{NEXT} TO {{role}}"],
            f"INSERT on audit_access_sealed_{NEXT}",
            id="placing rows in a partition",
        ),
        pytest.param(
            ["GRANT UPDATE ON ALL TABLES IN SCHEMA public TO {role}"],
            ", ".join(
                f"UPDATE on {table}" for table in sorted([*PARTITIONED, "audit_checkpoint", "audit_held", "audit_key"])
            ),
            id="a table's partitions are not named beside it, nor other rooms' tables",
        ),
        pytest.param(
            ["GRANT pg_execute_server_program TO {role} WITH INHERIT FALSE"],
            "membership in pg_execute_server_program",
            id="running programs",
        ),
    ],
)
def test_rights_that_are_too_wide_are_found(damaged, damage, rights):
    found = damaged(checks.check_rights, *(statement.format(role=f'"{SERVING}"') for statement in damage))
    sentence = f"The serving role has rights that it must not have: {rights}."
    assert found == ({("dsop.E043", sentence)} if rights else set())


def test_a_role_that_may_become_the_owner_is_found(damaged, as_superuser):
    owner = as_superuser.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'auth_user'").fetchone()[0]
    [(_, sentence)] = damaged(checks.check_rights, f'GRANT "{owner}" TO "{SERVING}" WITH INHERIT FALSE')
    assert "ownership of audit_record," in sentence


def test_a_superuser_is_found(damaged, as_superuser):
    [(_, sentence)] = damaged(checks.check_rights, role=as_superuser.info.user)
    assert "SET on session_replication_role" in sentence and "TRUNCATE on audit_record," in sentence


@pytest.mark.parametrize("role", ["sealer", "auditor"])
@pytest.mark.parametrize(
    ("damage", "rights"),
    [
        pytest.param("SELECT 1", "", id="as they are"),
        pytest.param("GRANT INSERT ON audit_record TO {role}", "INSERT on audit_record", id="writing records"),
        pytest.param(
            "GRANT UPDATE ON audit_checkpoint TO {role}", "UPDATE on audit_checkpoint", id="changing the seal"
        ),
        pytest.param(
            "GRANT UPDATE (leaf) ON audit_access_sealed TO {role}",
            "UPDATE on audit_access_sealed",
            id="changing a column",
        ),
        pytest.param(
            "GRANT DELETE, TRUNCATE ON audit_decision TO PUBLIC",
            "DELETE on audit_decision, TRUNCATE on audit_decision",
            id="emptying, as everybody",
        ),
        pytest.param(
            f"GRANT INSERT ON audit_record_{THIS} TO {{role}}", f"INSERT on audit_record_{THIS}", id="on a partition"
        ),
        pytest.param("GRANT SELECT ON auth_user TO {role}", "SELECT on auth_user", id="reading another room's table"),
        pytest.param("GRANT UPDATE ON legal_service TO {role}", "UPDATE on legal_service", id="changing one"),
        pytest.param("GRANT INSERT ON audit_key TO {role}", "INSERT on audit_key", id="making keys"),
        pytest.param("GRANT CREATE ON SCHEMA public TO {role}", "CREATE on schema public", id="making tables"),
        pytest.param("GRANT TEMPORARY ON DATABASE dsop TO {role}", "TEMPORARY on database dsop", id="temporary tables"),
        pytest.param(
            "ALTER TABLE audit_held OWNER TO {role}; GRANT ALL ON audit_held TO {role}",
            "ownership of audit_held",
            id="owning a table",
        ),
        pytest.param(
            "GRANT SET ON PARAMETER session_replication_role TO {role}",
            "SET on session_replication_role",
            id="turning triggers off",
        ),
        pytest.param("GRANT pg_read_server_files TO {role}", "membership in pg_read_server_files", id="reading files"),
    ],
)
def test_rights_of_sealer_and_auditor_that_are_too_wide_are_found(damaged, settings, role, damage, rights):
    settings.DATABASE_ROLE = role
    found = damaged(checks.check_own_rights, damage.format(role=f"dsop_{role}"), role=f"dsop_{role}")
    if not rights:
        assert found == set()
        return
    [(id_, sentence)] = found
    assert id_ == "dsop.E046"
    assert sentence.startswith(f"The {role}'s role has rights that it must not have: ") and rights in sentence


@pytest.mark.parametrize(
    ("role", "right"),
    [
        pytest.param("auditor", "INSERT on audit_checkpoint", id="the auditor does not seal"),
        pytest.param("sealer", "INSERT on audit_access", id="the sealer looks at nothing"),
    ],
)
def test_what_one_may_the_other_may_not(damaged, settings, role, right):
    settings.DATABASE_ROLE = role
    damage = f"GRANT {right} TO dsop_{role}"
    sentence = f"The {role}'s role has rights that it must not have: {right}."
    assert damaged(checks.check_own_rights, damage, role=f"dsop_{role}") == {("dsop.E046", sentence)}


@pytest.mark.parametrize("role", ["serving", "owner", "loader"])
def test_other_roles_are_not_judged_as_sealer_or_auditor(settings, role):
    settings.DATABASE_ROLE = role
    assert checks.check_own_rights() == []


def test_owner_commands_may_run_as_owner(damaged, settings):
    settings.AS_OWNER = True
    assert damaged(checks.check_rights, f'GRANT ALL ON audit_record TO "{SERVING}"') == set()


@pytest.mark.parametrize(
    ("setting", "value", "refused"),
    [
        pytest.param("ATOMIC_REQUESTS", False, False, id="as it is"),
        pytest.param("ATOMIC_REQUESTS", True, True, id="one transaction a request"),
        pytest.param("AUTOCOMMIT", False, True, id="no autocommit"),
    ],
)
def test_a_record_is_committed_at_once(monkeypatch, setting, value, refused):
    monkeypatch.setitem(connection.settings_dict, setting, value)
    assert [message.id for message in checks.check_commits(databases=["default"])] == ["dsop.E044"] * refused


@pytest.mark.parametrize(
    "check", [checks.check_partitions, checks.check_triggers, checks.check_rights, checks.check_commits]
)
@pytest.mark.parametrize("databases", [None, [], ["ledger"]], ids=["no database", "none", "the ledger alone"])
def test_nothing_is_asked_of_a_database_that_was_not_meant(check, databases):
    assert check(databases=databases) == []
