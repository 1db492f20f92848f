"""What the serving role may do in either database, asked of PostgreSQL itself; and that one command makes it so."""

import contextlib
import os

import psycopg
import pytest
from django.apps import apps
from pghistory.models import Event
from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction

from tests.cluster import OWNERS, manage

URLS = {"default": os.environ["DATABASE_URL"], "ledger": os.environ["LEDGER_DATABASE_URL"]}
ROLE, OTHERS = "dsop_serving", ("dsop_sealer", "dsop_auditor", "ledger_loader")
LEDGER = sorted(model._meta.db_table for model in apps.get_app_config("accounts").get_models())
AUDIT = sorted(model._meta.db_table for model in apps.get_app_config("audit").get_models())
RULES = sorted(
    model._meta.db_table for model in apps.get_app_config("legal").get_models() if not issubclass(model, Event)
)

# Each is refused for want of a right even where it would meet no row.
CHANGES = {
    "insert": "INSERT INTO {table} SELECT * FROM {table} WHERE false",
    "update": "UPDATE {table} SET {column} = {column} WHERE false",
    "delete": "DELETE FROM {table} WHERE false",
    "truncate": "TRUNCATE {table}",
    "merge": "MERGE INTO {table} USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
    "copy": "COPY {table} FROM STDIN",
    "lock": "LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE",
}
MAKING = {
    "a table": "CREATE TABLE mine (id int)",
    "a temporary table": "CREATE TEMP TABLE mine (id int)",
    "a table of answers": "SELECT 1 AS id INTO mine",
    "a temporary sequence": "CREATE TEMP SEQUENCE mine",
    "a schema": "CREATE SCHEMA mine",
    "a view": "CREATE VIEW mine AS SELECT 1 AS id",
    "a function": "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a type": "CREATE TYPE mine AS (id int)",
}
LIFTED = {
    "for the session": {"before": "SET default_transaction_read_only = off"},
    "for the session's transactions": {"before": "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"},
    "for the transaction": {"within": "SET TRANSACTION READ WRITE"},
}


@pytest.fixture(scope="module", params=URLS)
def either(request):
    """A session of the serving role in each database in turn, in which the second lock is lifted."""
    with psycopg.connect(URLS[request.param], autocommit=True) as session:
        session.execute("SET default_transaction_read_only = off")
        yield session


@pytest.fixture(scope="module")
def serving():
    """Return a function that runs one statement as serving role, in a transaction that it takes back."""
    with contextlib.ExitStack() as stack:
        sessions = {alias: stack.enter_context(psycopg.connect(url, autocommit=True)) for alias, url in URLS.items()}

        def run(alias, statement, *, before="RESET default_transaction_read_only", within="SELECT 1"):
            sessions[alias].execute(before)
            with sessions[alias].transaction(force_rollback=True):
                sessions[alias].execute(within)
                sessions[alias].execute(statement)

        yield run


def columns_of(superuser, alias):
    """Return a column of each table and partition in a database."""
    with superuser(alias) as session:
        rows = session.execute(
            "SELECT relname, min(attname::text) FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
            " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = '' GROUP BY 1"
        )
        return dict(rows.fetchall())


@pytest.mark.parametrize("lifted", LIFTED.values(), ids=LIFTED)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_ledger_cannot_be_written_with_the_second_lock_lifted(serving, superuser, change, lifted):
    tables = columns_of(superuser, "ledger")
    assert len([name for name in tables if name.startswith("transaction_")]) > 12
    assert tables.keys() >= {*LEDGER, "django_migrations"}
    for table, column in tables.items():
        with pytest.raises(InsufficientPrivilege):
            serving("ledger", change.format(table=f'"{table}"', column=f'"{column}"'), **lifted)


@pytest.mark.parametrize(
    "statement",
    [
        *(
            pytest.param(CHANGES[kind].format(table="balance", column="id"), id=kind)
            for kind in ("insert", "update", "delete")
        ),
        pytest.param("CREATE TABLE mine (id int)", id="make a table"),
        pytest.param("SELECT nextval('balance_id_seq')", id="take a number"),
    ],
)
def test_the_second_lock_holds_by_itself(serving, superuser, statement):
    with superuser("ledger") as session:
        session.execute(f"GRANT ALL ON balance, balance_id_seq TO {ROLE}; GRANT CREATE ON SCHEMA public TO {ROLE}")
        try:
            with pytest.raises(ReadOnlySqlTransaction):
                serving("ledger", statement)
        finally:
            session.execute(f"REVOKE ALL ON balance, balance_id_seq FROM {ROLE}; GRANT SELECT ON balance TO {ROLE}")
            session.execute(f"REVOKE CREATE ON SCHEMA public FROM {ROLE}")


@pytest.mark.parametrize("table", LEDGER)
def test_every_table_of_the_ledger_can_be_read(serving, table):
    serving("ledger", f'SELECT * FROM "{table}" LIMIT 1')


def test_no_number_can_be_taken_in_the_ledger(serving):
    with pytest.raises(InsufficientPrivilege):
        serving("ledger", "SELECT nextval('balance_id_seq')", within="SET TRANSACTION READ WRITE")


@pytest.mark.parametrize("kind", ["update", "delete", "truncate", "merge", "lock"])
def test_the_trail_cannot_be_changed(serving, superuser, kind):
    tables = {name: column for name, column in columns_of(superuser, "default").items() if name.startswith("audit_")}
    assert len(tables) >= len(AUDIT) + 8, "partitions too"
    for table, column in tables.items():
        with pytest.raises(InsufficientPrivilege):
            serving("default", CHANGES[kind].format(table=table, column=column))


@pytest.mark.parametrize("kind", ["insert", "copy"])
def test_the_trail_s_partitions_are_reached_through_their_table_only(serving, superuser, kind):
    partitions = {name for name in columns_of(superuser, "default") if name.startswith("audit_")} - {*AUDIT}
    for partition in partitions:
        with pytest.raises(InsufficientPrivilege):
            serving("default", CHANGES[kind].format(table=partition))
        with pytest.raises(InsufficientPrivilege):
            serving("default", f"SELECT * FROM {partition}")


SEALED = {"audit_record", "audit_turned_away", "audit_access", "audit_decision"}
APPENDED = SEALED | {"audit_answer", "audit_key"}


@pytest.mark.parametrize("table", AUDIT)
def test_the_trail_can_be_read_and_what_the_server_writes_can_be_written(serving, table):
    serving("default", f"SELECT * FROM {table} LIMIT 1")
    with contextlib.nullcontext() if table in APPENDED else pytest.raises(InsufficientPrivilege):
        serving("default", CHANGES["insert"].format(table=table))


@pytest.mark.parametrize("table", RULES)
def test_agencies_and_services_can_be_changed(serving, table):
    for kind in ("insert", "update", "delete"):
        serving("default", CHANGES[kind].format(table=table, column="id"))
    with pytest.raises(InsufficientPrivilege):
        serving("default", CHANGES["truncate"].format(table=f"{table} CASCADE"))


def test_the_admin_can_do_its_work(serving):
    for table in ("auth_user", "auth_group", "django_session", "django_admin_log"):
        for kind in ("insert", "delete"):
            serving("default", CHANGES[kind].format(table=table))
    serving("default", "INSERT INTO auth_group (name) VALUES ('drift')")


def test_what_was_migrated_can_be_read_and_not_rewritten(serving):
    for alias in URLS:
        serving(alias, "SELECT count(*) FROM django_migrations")
    for kind in ("insert", "update", "delete"):
        with pytest.raises(InsufficientPrivilege):
            serving("default", CHANGES[kind].format(table="django_migrations", column="id"))


@pytest.mark.parametrize("statement", MAKING.values(), ids=MAKING)
def test_nothing_can_be_made_in_either_database(either, statement):
    with pytest.raises(InsufficientPrivilege):
        either.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("SET session_replication_role = replica", id="turn triggers off"),
        pytest.param("SET ROLE dsop_owner", id="become the owner"),
        pytest.param("SET ROLE ledger_owner", id="become the ledger's owner"),
        pytest.param("ALTER ROLE dsop_serving SUPERUSER", id="become superuser"),
        pytest.param("GRANT dsop_owner TO dsop_serving", id="join the owner"),
        pytest.param("COPY (SELECT 1) TO PROGRAM 'true'", id="run a program"),
        pytest.param("SELECT pg_read_file('/etc/hostname')", id="read a file"),
        pytest.param("SELECT pg_ls_dir('.')", id="list a folder"),
    ],
)
def test_no_way_around_in_either_database(either, statement):
    with pytest.raises(InsufficientPrivilege):
        either.execute(statement)


GRANTS = """
SELECT name, part, grantee, privilege_type FROM (
    SELECT relname::text AS name, '' AS part, relacl AS acl FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT relname, attname, attacl FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'schema', '', nspacl FROM pg_namespace WHERE nspname = 'public'
    UNION ALL SELECT 'database', '', datacl FROM pg_database WHERE datname = current_database()
) AS lists, aclexplode(acl) WHERE grantee IN (0, %s::regrole)
"""


def grants(superuser):
    """Return what each role that owns nothing, or everybody, may do in each database."""
    found = {}
    for alias in URLS:
        with superuser(alias) as session:
            found[alias] = {row for role in (ROLE, *OTHERS) for row in session.execute(GRANTS, [role]).fetchall()}
    return found


TOO_WIDE = {
    "default": [
        "GRANT UPDATE, DELETE, TRUNCATE ON audit_record TO {role}",
        "GRANT UPDATE (reason) ON audit_turned_away TO {role}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC",
        "GRANT ALL ON django_migrations, legal_service TO {role}",
        "GRANT CREATE ON SCHEMA public TO {role}",
        "GRANT TEMPORARY ON DATABASE dsop TO PUBLIC",
        "REVOKE INSERT ON audit_record FROM {role}",
        "GRANT ALL ON audit_record, legal_service, audit_checkpoint TO dsop_sealer, dsop_auditor",
        "GRANT CONNECT ON DATABASE dsop TO ledger_loader",
        "REVOKE CONNECT ON DATABASE dsop FROM dsop_sealer",
    ],
    "ledger": [
        "GRANT INSERT, UPDATE ON account, balance TO {role}",
        "GRANT UPDATE (amount) ON balance TO PUBLIC",
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}",
        "GRANT CREATE ON DATABASE ledger TO {role}",
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "REVOKE SELECT ON party FROM {role}",
        "GRANT TRUNCATE, TRIGGER ON party TO ledger_loader",
        "GRANT SELECT ON party TO dsop_auditor",
    ],
}


def test_the_command_prints_what_it_would_do_and_does_nothing(superuser):
    before = grants(superuser)
    printed = manage("database_roles", "--role", 'a "role"', **OWNERS)
    assert (printed.returncode, printed.stderr) == (0, "")
    once, rest = printed.stdout.removeprefix("-- superuser, once\n").split("-- default\n")
    default, ledger = rest.split("-- ledger\n")
    quoted = '"a ""role"""'
    everybody = f'{quoted}, "dsop_sealer", "dsop_auditor", "ledger_loader", PUBLIC'
    for part, database, entering in (
        (default, "dsop", f'{quoted}, "dsop_sealer", "dsop_auditor"'),
        (ledger, "ledger", f'{quoted}, "ledger_loader"'),
    ):
        assert part.splitlines()[:7] == [
            f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {everybody};",
            f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {everybody};",
            f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM {everybody};",
            f"REVOKE CREATE ON SCHEMA public FROM {everybody};",
            f'REVOKE ALL ON DATABASE "{database}" FROM {everybody};',
            f'GRANT CONNECT ON DATABASE "{database}" TO {entering};',
            f"GRANT USAGE ON SCHEMA public TO {entering};",
        ]
    assert f"CREATE ROLE {quoted} LOGIN NOSUPERUSER" in once and 'CREATE ROLE "dsop_owner" LOGIN' in once
    assert f'GRANT SELECT, INSERT ON "audit_record" TO {quoted};' in default.splitlines()
    assert f'GRANT SELECT, INSERT, UPDATE, DELETE ON "legal_service" TO {quoted};' in default.splitlines()
    of_serving = [line for line in ledger.splitlines()[7:] if line.endswith(f" TO {quoted};")]
    assert {line.split(" ON ")[0] for line in of_serving} == {"GRANT SELECT"}
    assert grants(superuser) == before


def test_the_command_takes_away_what_was_too_wide_and_gives_back_what_was_missing(superuser):
    before = grants(superuser)
    for alias, statements in TOO_WIDE.items():
        with superuser(alias) as session:
            for statement in statements:
                session.execute(statement.format(role=ROLE))
    wide = grants(superuser)
    assert all(wide[alias] - before[alias] and before[alias] - wide[alias] for alias in URLS)
    applied = manage("database_roles", "--apply", **OWNERS)
    assert (applied.returncode, applied.stdout, applied.stderr) == (0, "", "")
    assert grants(superuser) == before, "which also means that applying it twice is applying it once"


@pytest.mark.parametrize("option", ["--role", "--loader"])
def test_the_command_knows_no_role_that_does_not_exist(superuser, option):
    before = grants(superuser)
    refused = manage("database_roles", "--apply", option, "nobody_at_all", **OWNERS)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == 'CommandError: role "nobody_at_all" does not exist\n'
    assert grants(superuser) == before
