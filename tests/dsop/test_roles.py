"""What sealer, auditor and loader may do, asked of PostgreSQL: every statement on every table is theirs or refused."""

import os

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from audit.partitions import SEALED, TABLES
from tests.cluster import OWNERS, manage
from tests.dsop.test_database_rights import CHANGES, LEDGER, MAKING, columns_of

URLS = {
    "sealer": ("default", OWNERS["DATABASE_SEALER_URL"]),
    "auditor": ("default", OWNERS["DATABASE_AUDITOR_URL"]),
    "loader": ("ledger", OWNERS["LEDGER_LOADER_URL"]),
}
STATEMENTS = {
    **CHANGES,
    "read": "SELECT {column} FROM {table} LIMIT 1",
    "insert": "INSERT INTO {table} ({column}) SELECT {column} FROM {table} WHERE false",
}
MEMBERSHIPS = {f"{table}_sealed" for table in SEALED}
TRAIL = {*TABLES, "audit_checkpoint", "audit_held", "audit_key"}
MAY = {
    "sealer": {
        "read": {*SEALED, *MEMBERSHIPS, "audit_checkpoint"},
        "insert": {*MEMBERSHIPS, "audit_checkpoint"},
        "copy": {*MEMBERSHIPS, "audit_checkpoint"},
    },
    "auditor": {"read": TRAIL, "insert": {"audit_access"}, "copy": {"audit_access"}},
    "loader": {
        "read": {*LEDGER},
        "insert": {*LEDGER},
        "copy": {*LEDGER},
        "update": {*LEDGER},
        "delete": {*LEDGER},
        "merge": {*LEDGER},
        "lock": {*LEDGER},
    },
}


@pytest.fixture(scope="module")
def sessions():
    """A session of each role."""
    opened = {role: psycopg.connect(url, autocommit=True) for role, (_, url) in URLS.items()}
    yield opened
    for session in opened.values():
        session.close()


@pytest.mark.parametrize("kind", STATEMENTS)
@pytest.mark.parametrize("role", MAY)
def test_each_statement_on_each_table(sessions, superuser, role, kind):
    tables = columns_of(superuser, URLS[role][0])
    assert tables.keys() > MAY[role].get(kind, set()), "partitions and other tables too"
    allowed = set()
    for table, column in tables.items():
        try:
            run(sessions[role], STATEMENTS[kind].format(table=f'"{table}"', column=f'"{column}"'))
        except InsufficientPrivilege:
            continue
        allowed.add(table)
    assert allowed == MAY[role].get(kind, set())


def run(session, statement):
    """Run one statement and take it back."""
    with session.transaction(force_rollback=True), session.cursor() as cursor:
        if statement.startswith("COPY"):
            with cursor.copy(statement):
                pass
        else:
            cursor.execute(statement)


@pytest.mark.parametrize("statement", MAKING.values(), ids=MAKING)
@pytest.mark.parametrize("role", URLS)
def test_they_make_nothing(sessions, role, statement):
    with pytest.raises(InsufficientPrivilege):
        run(sessions[role], statement)


def test_the_loader_stages_where_nobody_else_enters(sessions):
    with sessions["loader"].transaction(force_rollback=True):
        sessions["loader"].execute("CREATE UNLOGGED TABLE loading.mine (id int)")
        sessions["loader"].execute("DROP TABLE loading.mine")
    with pytest.raises(InsufficientPrivilege):
        run(sessions["loader"], "CREATE SCHEMA other")
    with psycopg.connect(os.environ["LEDGER_DATABASE_URL"], autocommit=True) as serving:
        serving.execute("SET default_transaction_read_only = off")
        for statement in ("CREATE TABLE loading.mine (id int)", "SELECT * FROM loading.staged"):
            with pytest.raises(InsufficientPrivilege):
                serving.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("SET session_replication_role = replica", id="turn triggers off"),
        pytest.param("SET ROLE dsop_owner", id="become the owner"),
        pytest.param("SET ROLE ledger_owner", id="become the ledger's owner"),
        pytest.param("SET ROLE dsop_serving", id="become the serving role"),
        pytest.param("SET ROLE pg_read_all_stats", id="become what the sealer may ask as"),
        pytest.param("ALTER ROLE CURRENT_USER SUPERUSER", id="become superuser"),
        pytest.param("GRANT dsop_owner TO CURRENT_USER", id="join the owner"),
        pytest.param("COPY (SELECT 1) TO PROGRAM 'true'", id="run a program"),
        pytest.param("COPY (SELECT 1) TO '/tmp/mine'", id="write a file"),
        pytest.param("SELECT pg_read_file('/etc/hostname')", id="read a file"),
        pytest.param("SELECT pg_ls_dir('.')", id="list a folder"),
        pytest.param("SELECT lo_import('/etc/hostname')", id="read a file into a large object"),
        pytest.param(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'", id="end another"
        ),
        pytest.param("SELECT rolpassword FROM pg_authid", id="read passwords"),
        pytest.param("ALTER DATABASE dsop SET timezone = 'UTC'", id="change a database"),
    ],
)
@pytest.mark.parametrize("role", URLS)
def test_there_is_no_way_around(sessions, superuser, role, statement):
    superuser("default")  # so that there is another session to end
    with pytest.raises(InsufficientPrivilege):
        run(sessions[role], statement)


@pytest.mark.parametrize("role", ["sealer", "auditor"])
def test_functions_of_ours_are_not_for_them(sessions, superuser, role):
    with superuser("default") as session:
        functions = session.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        ).fetchall()
    assert functions
    question = "SELECT count(*) FILTER (WHERE has_function_privilege(name, 'EXECUTE')) FROM unnest(%s::text[]) AS name"
    assert sessions[role].execute(question, [[name for (name,) in functions]]).fetchone() == (0,)


def test_the_sealer_sees_whom_a_late_seal_waits_for_and_the_auditor_does_not(sessions, superuser):
    other = superuser("default")
    seen = "SELECT backend_start IS NOT NULL AND query IS NOT NULL AND query <> '<insufficient privilege>'"
    question = f"{seen} FROM pg_stat_activity WHERE pid = %s"
    assert sessions["sealer"].execute(question, [other.info.backend_pid]).fetchone() == (True,)
    assert sessions["auditor"].execute(question, [other.info.backend_pid]).fetchone() == (False,)


@pytest.mark.parametrize("role", ["sealer", "auditor"])
@pytest.mark.parametrize(
    ("address", "said"),
    [
        pytest.param(
            OWNERS["DATABASE_OWNER_URL"],
            [
                "(dsop.E046) The {role}'s role has rights that it must not have: CREATE on database dsop, ",
                "ownership of",
            ],
            id="the owner's",
        ),
        pytest.param(
            "postgres://nobody:secret@127.0.0.1:1/nothing",
            ["(dsop.E046) The {role}'s database cannot be asked (OperationalError)."],
            id="nobody's",
        ),
    ],
)
def test_no_command_begins_under_another_address(role, address, said):
    done = manage("check", DSOP_ROLE=role, **{f"DATABASE_{role.upper()}_URL": address})
    assert done.returncode == 1 and "secret" not in done.stderr and "Traceback" not in done.stderr
    assert [part.format(role=role) for part in said if part.format(role=role) not in done.stderr] == []
