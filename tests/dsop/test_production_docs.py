"""The page for production tells the truth: its commands work, and it names every check, alarm and file there is."""

import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg
import pytest
from django.core.management import get_commands
from psycopg import sql

from audit.rights import RIGHTS, ROOM
from dsop.databases import ADDRESSES, Role, role_of
from sandbox.owners import ROLES
from sandbox.postgres import Cluster
from tests import cluster, warm
from tests.consumer import Consumer, body, identifier

PAGE = cluster.ROOT / "docs" / "production.md"
TEXT = PAGE.read_text(encoding="utf-8")
DEPLOY = cluster.ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
ROOMS = ("accounts", "agencies", "audit", "compliance", "dsop", "legal", "sandbox")
CODE = [
    path.read_text(encoding="utf-8")
    for room in ROOMS
    if room != "sandbox"
    for path in (cluster.ROOT / room).rglob("*.py")
    if "migrations" not in path.parts
]
DATABASES = ("dsop", "ledger")


def found(pattern):
    return {match for text in CODE for match in re.findall(pattern, text)}


def cells(heading):
    """Return the first cell of each row of the table below a heading."""
    section = TEXT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("|")][2:]


def blocks(heading, language="sh"):
    """Return the pieces of code below a heading, up to the next one."""
    section = re.split(rf"\n###? {heading}\n", TEXT, maxsplit=1)[1]
    section = re.split(r"\n##", section, maxsplit=1)[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def test_every_check_has_its_line():
    assert cells("Start-up checks") == sorted({f"`{name}`" for name in found(r'"(dsop\.[EW][0-9]{3})"')}, key=by_number)


def by_number(name):
    return re.search("[0-9]+", name)[0]


def test_every_error_that_is_logged_is_an_alarm():
    events = (
        found(r'logger\.error\(\s*"([a-z_.]+)"') | found(r'log\.error\(\s*"([a-z_.]+)"') | found(r'_lost\("([a-z.]+)"')
    )
    alarms = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)?)`", " ".join(cells("Logs and monitoring"))))
    assert events <= alarms | {"unraisable"}, events - alarms
    assert {"not_recorded", "crash"} & {event.rpartition(".")[2] for event in events}, "there is something to compare"


@pytest.mark.parametrize("page", [PAGE, DEPLOY / "reverse-proxy.md"], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("test", re.findall(r"`(tests/[a-z_/]+\.py)`", TEXT))
def test_tests_that_it_names_exist(test):
    assert (cluster.ROOT / test).is_file()


def test_commands_that_it_names_exist():
    named = set(re.findall(r"manage\.py ([a-z_]+)", TEXT)) | set(re.findall(r"`(load_[a-z]+|make_[a-z]+)`", TEXT))
    assert named <= get_commands().keys()
    assert len(named) > 6


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_start_what_there_is(unit):
    settings = [line.partition("=") for line in unit.read_text(encoding="utf-8").splitlines() if "=" in line]
    starts = [value.split() for name, _, value in settings if name.startswith("Exec")]
    for program, *arguments in starts:
        assert program.startswith("/srv/dsop/.venv/bin/")
        if arguments[0] == "manage.py":
            assert arguments[1] in get_commands()
        else:
            assert arguments == ["-c", "python:dsop.gunicorn", "dsop.wsgi:application"]
    knows_owners = any(value == "/etc/dsop/owner" for _, _, value in settings)
    assert knows_owners == (unit.stem == "dsop-partitions"), "the server is never given the owners' addresses"


def lines_of(unit):
    return [line for line in unit.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


PROTECTION = lines_of(DEPLOY / "dsop.service")
PROTECTION = PROTECTION[PROTECTION.index("LimitCORE=0") : PROTECTION.index("[Install]")]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_are_shut_in_alike(unit):
    held = [line for line in lines_of(unit) if not line.startswith("ReadWritePaths=")]
    begin = held.index("LimitCORE=0")
    assert held[begin : begin + len(PROTECTION)] == PROTECTION
    assert held[begin + len(PROTECTION) :] in ([], ["[Install]", "WantedBy=multi-user.target"])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_on_or_has_a_timer(unit):
    """Each kind is enabled by itself: one that ends has no place in a start, and one that runs on needs no hour."""
    once, lines = "Type=oneshot" in lines_of(unit), lines_of(unit)
    assert unit.with_suffix(".timer").exists() == once
    assert ("[Install]" in lines) == ("Restart=always" in lines) == (not once)
    if not once:
        return
    timer = lines_of(unit.with_suffix(".timer"))
    [calendar] = [line for line in timer if line.startswith("OnCalendar=")]
    assert re.fullmatch(r"OnCalendar=\*-\*-\* [0-2][0-9]:[0-5][0-9]:00 Europe/Oslo", calendar)
    assert timer[0] == "[Unit]" and timer[3:4] == ["[Timer]"] and timer[-2:] == ["[Install]", "WantedBy=timers.target"]
    assert "Persistent=yes" in timer, "what was missed is caught up"


def test_every_timer_has_its_service_and_every_unit_its_line():
    assert {timer.stem for timer in DEPLOY.glob("*.timer")} <= {unit.stem for unit in UNITS}
    linked = set(re.findall(r"\(\.\./deploy/([a-z-]+\.(?:service|timer))\)", TEXT))
    enabled = {unit.name for unit in UNITS if not unit.with_suffix(".timer").exists()}
    assert linked == enabled | {timer.name for timer in DEPLOY.glob("*.timer")}


@pytest.mark.parametrize(
    ("command", "user", "settings"),
    [
        pytest.param("desk_tidy", "dsop", "settings", id="requests whose years are over"),
        pytest.param("clearsessions", "dsop", "settings", id="sessions that are over"),
        pytest.param("bsu_report --status", "dsop", "settings", id="verdicts on BSU reports"),
        pytest.param("audit_verify", "dsop-auditor", "auditor", id="verifying the trail"),
    ],
)
def test_each_regular_command_has_its_timer_and_its_role(command, user, settings):
    starts = f"ExecStart=/srv/dsop/.venv/bin/python manage.py {command}"
    [unit] = [unit for unit in UNITS if starts in lines_of(unit)]
    assert unit.with_suffix(".timer").exists()
    assert {f"User={user}", f"Group={user}", f"EnvironmentFile=/etc/dsop/{settings}"} <= set(lines_of(unit))
    assert (role_of(command.split()[0]) is Role.AUDITOR) == (user == "dsop-auditor")


def test_the_image_holds_every_room_and_no_test():
    copied = set(re.findall(r"^COPY ([a-z]+) ", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE))
    assert copied == {room for room in ROOMS if (cluster.ROOT / room).is_dir()}


def test_what_a_superuser_runs_is_what_the_command_prints():
    printed = cluster.manage("database_roles", **cluster.OWNERS).stdout
    once = printed.partition("-- superuser, once\n")[2].partition("-- default\n")[0]
    assert blocks("Roles and databases", "sql") == [once.replace('"', "")]


def test_the_rights_on_the_trail_are_the_ones_that_are_granted():
    rows = [line.strip("|").split("|") for line in TEXT.splitlines() if line.startswith("| `audit_")]
    said = {
        (role, table): cell.replace("–", "").replace(",", "").split()
        for tables, *of_roles in rows
        if len(of_roles) == len(RIGHTS)
        for table in re.findall("`([a-z_]+)`", tables)
        for role, cell in zip(RIGHTS, of_roles, strict=True)
    }
    granted = {
        (role, table): sorted(of_role.get(table, ()), reverse=True)
        for role, of_role in RIGHTS.items()
        for table in ROOM
    }
    assert said == granted


@pytest.fixture
def machine(tmp_path):
    """A machine of its own: a cluster on which nothing was ever installed."""
    with Cluster(tmp_path / "cluster", durable=False) as made:
        try:
            with psycopg.connect(made.superuser_url("postgres"), autocommit=True) as superuser:
                for database in DATABASES:
                    superuser.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(database)))
                for role in ROLES:
                    superuser.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
            yield Machine(made, tmp_path)
        finally:
            made.remove()


class Machine:
    """Where the page's commands are typed, by an administrator who has PostgreSQL's programs at hand."""

    def __init__(self, made, folder):
        self.cluster = made
        self.settings = folder / "settings"
        self.backup, self.keys_backup = folder / "backup", folder / "vault"
        for path in (self.backup, self.keys_backup):
            path.mkdir()
        keys = {
            "REFERENCE_KEYS": cluster.key("d1", 64),
            "AUDIT_LOOKUP_KEYS": cluster.key("d1", 32),
            "AUDIT_ENCRYPTION_KEYS": cluster.key("d1", 32),
        }
        self.settings.write_text("".join(f"{name}={value}\n" for name, value in keys.items()))

    def serving(self):
        """Return what the server's supervisor reads from the file of settings, and where the databases are."""
        pairs = (line.partition("=") for line in self.settings.read_text().splitlines())
        urls = {name: url for name, url in self.cluster.urls().items() if name in ADDRESSES[Role.SERVING]}
        return {name: value for name, _, value in pairs} | urls

    def types(self, commands, **more):
        programs = f"{self.cluster.place.bin}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {
            **os.environ,
            "PATH": programs,
            "PGHOST": str(self.cluster.place.socket),
            "PGUSER": "postgres",
            "DSOP": "dsop",
            "LEDGER": "ledger",
            "BACKUP": str(self.backup),
            "KEYS_BACKUP": str(self.keys_backup),
            "SETTINGS": str(self.settings),
            **more,
        }
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=cluster.ROOT,
            env=environment,
            text=True,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
        return done.stdout

    def as_owner(self, commands):
        self.types(commands, **(self.serving() | self.cluster.urls()))

    def install(self):
        [roles] = blocks("Roles and databases", "sql")
        self.types(f"psql --quiet --set=ON_ERROR_STOP=1 --dbname=postgres <<'ROLES'\n{roles}ROLES\n")
        with psycopg.connect(self.cluster.superuser_url("postgres"), autocommit=True) as superuser:
            for url in self.cluster.urls().values():
                role, _, password = url.partition("//")[2].partition("@")[0].partition(":")
                statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
                superuser.execute(statement)
        [first] = blocks("First installation")
        self.as_owner(first)

    def load_ledger(self):
        """Fill the ledger with the suite's, as the bank's own loader would."""
        command = (
            'pg_dump --data-only --exclude-table-data="transaction_*" --exclude-table-data="balance_history_*" '
            '--exclude-table=django_migrations -d "$FROM" | '
            'psql --quiet --set=ON_ERROR_STOP=1 --single-transaction --dbname="$LEDGER" --output=/dev/null'
        )
        self.types(command, FROM=cluster.CLUSTER.superuser_url("ledger"))

    def lose_everything(self):
        self.settings.unlink()
        self.types('dropdb --force "$DSOP"; dropdb --force "$LEDGER"')

    def trail(self):
        with psycopg.connect(self.cluster.superuser_url("dsop")) as superuser:
            return superuser.execute(
                "SELECT id, account_info_request_id, control_object_sealed, evidence FROM audit_record ORDER BY at, id"
            ).fetchall()


def test_the_drill(machine, another_server):
    machine.install()
    machine.load_ledger()
    server = another_server(**machine.serving())
    case, party = str(uuid.uuid4()), identifier("debtor-five-accounts")
    account = body(Consumer(server, "974761076").accounts(party, AccountInfoRequestID=case))["accounts"][0]
    noted = machine.trail()
    assert [str(row[1]) for row in noted] == [case]

    machine.types(blocks("Back up")[0])
    server.stop()
    machine.lose_everything()
    restore, then, last = blocks("Restore")
    machine.types(restore)
    machine.as_owner(then)
    machine.types(last, **machine.serving())

    assert machine.trail() == noted
    server = another_server(**machine.serving())
    answer = Consumer(server, "974761076").details(account["accountReference"], case)
    assert (answer.status, body(answer)["account"]["accountIdentifier"]) == (200, account["accountIdentifier"])
    [opening] = blocks("The drill")
    assert machine.types(opening, RECORD=str(noted[0][0]), **machine.serving()) == "11\n"
    assert refusals(machine.serving() | {"AUDIT_ENCRYPTION_KEYS": cluster.key("d1", 32)}) == ["dsop.E054"]
    assert refusals(machine.serving() | {"AUDIT_LOOKUP_KEYS": cluster.key("d2", 32)}) == ["dsop.E053"]


def refusals(environment):
    """Return the checks for which a server does not start."""
    done = warm.run([sys.executable, "-c", "import dsop.wsgi"], environment={**os.environ, **environment})
    assert done.returncode == 4
    return re.findall(r"does not start\. (dsop\.E[0-9]{3}): ", done.stderr)
