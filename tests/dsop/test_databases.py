"""Each process has one role's addresses: a command's role is known by its name, and no other database can be asked."""

import os

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands
from django.db import connections, transaction
from django.db.utils import load_backend

from dsop.databases import ADDRESSES, COMMANDS, NONE, Role, databases, others_addresses, own_role, role_of
from dsop.environment import Environment
from tests.cluster import OWNERS, manage


@pytest.mark.parametrize(
    ("command", "role"),
    [
        pytest.param("migrate", Role.OWNER, id="what makes tables"),
        pytest.param("audit_partitions", Role.OWNER, id="what makes partitions"),
        pytest.param("audit_retain", Role.OWNER, id="what drops them"),
        pytest.param("database_roles", Role.OWNER, id="what gives rights"),
        pytest.param("audit_seal", Role.SEALER, id="what seals"),
        pytest.param("audit_verify", Role.AUDITOR, id="what verifies"),
        pytest.param("audit_proof", Role.AUDITOR, id="what proves"),
        pytest.param("load_services", Role.SERVING, id="what people could do in the admin"),
        pytest.param("check", Role.SERVING, id="what looks at the server's setup"),
        pytest.param("no_such_command", Role.SERVING, id="what there is not"),
    ],
)
def test_a_command_s_role(command, role):
    assert role_of(command) == role


@pytest.fixture
def says(monkeypatch):
    """Return a function that gives the role of a process with this environment."""

    def read(environment):
        for name in ("DSOP_ROLE", "DSOP_AS_OWNER"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return own_role(Environment())

    return read


@pytest.mark.parametrize(
    ("environment", "role"),
    [
        pytest.param({}, Role.SERVING, id="nothing said"),
        pytest.param({"DSOP_ROLE": ""}, Role.SERVING, id="left empty"),
        pytest.param({"DSOP_ROLE": "sealer"}, Role.SEALER, id="the sealer"),
        pytest.param({"DSOP_AS_OWNER": "1"}, Role.OWNER, id="owner, as the release before said it"),
        pytest.param({"DSOP_AS_OWNER": "0"}, Role.SERVING, id="not owner"),
        pytest.param({"DSOP_ROLE": "auditor", "DSOP_AS_OWNER": "1"}, Role.AUDITOR, id="the new word counts"),
    ],
)
def test_a_process_s_role(says, environment, role):
    assert says(environment) == role


@pytest.mark.parametrize("word", ["superuser", "Owner", " owner"])
def test_a_role_that_is_none_is_refused_without_repeating_it(says, word):
    with pytest.raises(ImproperlyConfigured) as refused:
        says({"DSOP_ROLE": word})
    assert str(refused.value) == "DSOP_ROLE must be one of serving, owner, sealer, auditor, loader."


@pytest.mark.parametrize("role", Role)
def test_an_address_that_is_not_set_is_named(monkeypatch, role):
    for name in ADDRESSES[role]:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ImproperlyConfigured) as refused:
        databases(environ.Env(), role=role, application="test")
    assert ADDRESSES[role][0] in str(refused.value)


def test_others_addresses():
    everything = dict.fromkeys((name for names in ADDRESSES.values() for name in names), "postgres://x@y/z")
    assert others_addresses(Role.SEALER, {"DATABASE_SEALER_URL": "postgres://x@y/z", "DATABASE_URL": ""}) == []
    assert others_addresses(Role.SERVING, everything) == [
        "DATABASE_AUDITOR_URL",
        "DATABASE_OWNER_URL",
        "DATABASE_SEALER_URL",
        "LEDGER_LOADER_URL",
        "LEDGER_OWNER_URL",
    ]
    assert "DATABASE_URL" in others_addresses(Role.SEALER, everything)


@pytest.mark.parametrize(
    ("role", "alias"),
    [
        pytest.param(Role.SEALER, "ledger", id="the sealer has no ledger"),
        pytest.param(Role.AUDITOR, "ledger", id="the auditor has no ledger"),
        pytest.param(Role.LOADER, "default", id="the loader has no trail"),
    ],
)
def test_a_database_that_is_none_of_its_business(monkeypatch, role, alias):
    for name, url in OWNERS.items():
        monkeypatch.setenv(name, url)
    found = databases(environ.Env(), role=role, application="test")
    assert found.keys() == {"default", "ledger"} and found[alias] == NONE
    wrapper = load_backend(NONE["ENGINE"]).DatabaseWrapper({**connections["default"].settings_dict, **NONE}, alias)
    with pytest.raises(ImproperlyConfigured):
        wrapper.cursor()


WHO = "from django.db import connection; c = connection.cursor(); c.execute('SELECT current_user'); print(c.fetchone())"


@pytest.mark.parametrize(
    ("role", "user"),
    [
        pytest.param("sealer", "dsop_sealer", id="sealer"),
        pytest.param("auditor", "dsop_auditor", id="auditor"),
        pytest.param("owner", "dsop_owner", id="owner"),
    ],
)
def test_a_process_of_a_role_passes_the_checks_and_uses_its_own_address_alone(role, user):
    """The serving addresses lead nowhere here, and no other role's is given."""
    own = {name: OWNERS[name] for name in ADDRESSES[Role(role)]}
    nowhere = dict.fromkeys(ADDRESSES[Role.SERVING], "postgres://nobody@127.0.0.1:1/nothing")
    done = manage("shell", "--no-imports", "-c", WHO, DSOP_ROLE=role, **nowhere, **own)
    assert (done.stderr, done.stdout) == ("", f"('{user}',)\n")
    checked = manage("check", DSOP_ROLE=role, **nowhere, **own)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("command", [name for name in COMMANDS if name in get_commands()])
def test_a_command_without_its_role_s_address_says_so_in_one_sentence(command):
    assert not OWNERS.keys() & os.environ.keys()
    done = manage(command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Set {ADDRESSES[role_of(command)][0]}. The README lists every setting.\n"


@pytest.mark.parametrize(
    ("role", "user"),
    [
        ("owner", "dsop_owner"),
        ("serving", "dsop_serving"),
        ("sealer", "dsop_sealer"),
        ("auditor", "dsop_auditor"),
    ],
)
def test_tests_can_have_the_trail_s_database_as_each_role(connected_as, role, user):
    connection = connected_as(role)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT current_user::text")
        assert cursor.fetchone() == (user,)
    assert connected_as(role) is connection and not connection.in_atomic_block
