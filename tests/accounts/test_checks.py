"""The start is refused when the ledger lacks an institution, holds somebody real, or can be written."""

from types import SimpleNamespace

import pytest
from django.db import connections

from accounts import checks
from accounts.replicas.watching import Finding
from tests.accounts.conftest import OTHER, OURS

SERVING = connections["ledger"].settings_dict["USER"]
LEDGER = ["default", "ledger"]


def found(check, databases=LEDGER):
    return [(message.id, message.msg) for message in check(databases=databases)]


LACKS = ("dsop.E021", "The ledger lacks an institution that DSOP_AUDIENCES names.")


@pytest.mark.parametrize(
    ("audiences", "messages"),
    [
        pytest.param({"https://a/v2": [OURS]}, [], id="one"),
        pytest.param({"https://a/v2": [OURS], "https://b/v2": [OURS, OTHER]}, [], id="one of them twice"),
        pytest.param({"https://a/v2": ["213000005"]}, [LACKS], id="a stranger"),
        pytest.param({"https://a/v2": [OURS, "213000005"]}, [LACKS], id="a stranger among others"),
        pytest.param({"https://a/v2": [f"{OURS} "]}, [LACKS], id="written with a blank"),
        pytest.param({"https://a/v2": []}, [], id="an audience without any is for E003"),
        pytest.param({}, [], id="no audience is for E003"),
        pytest.param([], [], id="a list is for E003"),
        pytest.param(None, [], id="nothing is for E003"),
        pytest.param({"https://a/v2": OURS}, [], id="text is for E003"),
        pytest.param({"https://a/v2": [7, None, [OURS]]}, [], id="no numbers are for E003"),
    ],
)
def test_institutions(bank, settings, audiences, messages):
    settings.AUDIENCES = audiences
    assert found(checks.check_institutions) == messages


MOVES = ("dsop.E158", "financial_institution.as_of is another at every question.")


@pytest.mark.parametrize(
    ("moment", "messages"),
    [
        pytest.param("as_of", [], id="the table's own"),
        pytest.param("date_trunc('year', clock_timestamp())", [], id="one that stands still for long"),
        pytest.param("clock_timestamp()", [MOVES], id="one that moves by itself"),
    ],
)
def test_a_moment_that_moves(bank, owning_ledger, moment, messages):
    """A bank's own view in the table's place."""
    with owning_ledger.cursor() as cursor:
        cursor.execute(f"""
            CREATE SCHEMA views;
            CREATE VIEW views.financial_institution AS SELECT id, {moment} AS as_of FROM public.financial_institution;
            SET LOCAL search_path = views, public
        """)
    assert found(checks.check_moments) == messages


REAL = ("dsop.E022", "The ledger holds identifiers that are not synthetic; test refuses them.")


@pytest.mark.parametrize(
    ("number", "messages"),
    [
        pytest.param("15410112345", [], id="January + 40"),
        pytest.param("15520112345", [], id="December + 40"),
        pytest.param("15660112345", [], id="January + 65"),
        pytest.param("15770112345", [], id="December + 65"),
        pytest.param("15810112345", [], id="January + 80"),
        pytest.param("15920112345", [], id="December + 80"),
        pytest.param("55810112345", [], id="D-number + 80"),
        pytest.param("213456008", [], id="organisation with a 2"),
        pytest.param("312345609", [], id="organisation with a 3"),
        pytest.param("15010112345", [REAL], id="January"),
        pytest.param("15120112345", [REAL], id="December"),
        pytest.param("55010112345", [REAL], id="D-number"),
        pytest.param("15210112345", [REAL], id="NAV's series"),
        pytest.param("15400112345", [REAL], id="month 40"),
        pytest.param("15530112345", [REAL], id="month 53"),
        pytest.param("15650112345", [REAL], id="month 65"),
        pytest.param("15780112345", [REAL], id="month 78"),
        pytest.param("15800112345", [REAL], id="month 80"),
        pytest.param("15930112345", [REAL], id="month 93"),
        pytest.param("974761076", [REAL], id="organisation with a 9"),
        pytest.param("812345678", [REAL], id="organisation with an 8"),
        pytest.param("15810112345"[:10], [REAL], id="ten digits"),
        pytest.param("1581011234a", [REAL], id="a letter"),
        pytest.param("158101123\n", [REAL], id="a line end"),
        pytest.param("", [REAL], id="nothing"),
    ],
)
def test_the_test_environment_holds_nobody_real(bank, settings, number, messages):
    settings.ENVIRONMENT = "test"
    assert found(checks.check_synthetic) == [], "the suite's own bank is synthetic"
    bank.party(number)
    assert found(checks.check_synthetic) == messages
    settings.ENVIRONMENT = "production"
    assert found(checks.check_synthetic) == []


WRITES = ("dsop.E023", "The serving role may write or create in the ledger.")


@pytest.mark.parametrize(
    ("damage", "messages"),
    [
        pytest.param("SELECT 1", [], id="reads"),
        pytest.param("GRANT INSERT ON balance TO {role}", [WRITES], id="insert"),
        pytest.param("GRANT UPDATE ON account TO {role}", [WRITES], id="update"),
        pytest.param("GRANT UPDATE (amount) ON balance TO {role}", [WRITES], id="update of one column"),
        pytest.param("GRANT INSERT (account_id) ON balance TO {role}", [WRITES], id="insert of one column"),
        pytest.param("GRANT DELETE ON party TO {role}", [WRITES], id="delete"),
        pytest.param("GRANT TRUNCATE ON party TO PUBLIC", [WRITES], id="truncate, as everybody"),
        pytest.param("GRANT TRIGGER ON party TO {role}", [WRITES], id="triggers of its own"),
        pytest.param("GRANT UPDATE ON transaction_{month} TO {role}", [WRITES], id="on a partition"),
        pytest.param("CREATE VIEW v AS SELECT 1 AS a; GRANT UPDATE ON v TO {role}", [WRITES], id="through a view"),
        pytest.param("GRANT CREATE ON SCHEMA public TO {role}", [WRITES], id="making tables"),
        pytest.param("ALTER TABLE balance OWNER TO {role}", [WRITES], id="owning a table"),
        pytest.param("GRANT ledger_owner TO {role} WITH INHERIT FALSE", [WRITES], id="may become the owner"),
    ],
)
def test_the_ledger_can_only_be_read(owning_ledger, damage, messages):
    with owning_ledger.cursor() as cursor:
        cursor.execute("SELECT min(relname) FROM pg_class WHERE relname LIKE 'transaction\\_2%'")
        month = cursor.fetchone()[0].removeprefix("transaction_")
        cursor.execute(damage.format(role=f'"{SERVING}"', month=month))
        cursor.execute(f'SET LOCAL ROLE "{SERVING}"')
    assert found(checks.check_read_only) == messages


FILLS = ("dsop.E046", "The loader's role may make, empty or own tables of the ledger.")


@pytest.mark.parametrize(
    ("damage", "messages"),
    [
        pytest.param("SELECT 1", [], id="fills the tables"),
        pytest.param("GRANT TRUNCATE ON party TO {role}", [FILLS], id="empties one"),
        pytest.param("GRANT TRIGGER ON party TO PUBLIC", [FILLS], id="triggers of its own"),
        pytest.param("GRANT CREATE ON SCHEMA public TO {role}", [FILLS], id="making tables"),
        pytest.param("ALTER TABLE balance OWNER TO {role}", [FILLS], id="owning a table"),
        pytest.param("GRANT ledger_owner TO {role} WITH INHERIT FALSE", [FILLS], id="may become the owner"),
    ],
)
def test_the_loader_fills_and_no_more(owning_ledger, settings, damage, messages):
    settings.DATABASE_ROLE = "loader"
    with owning_ledger.cursor() as cursor:
        cursor.execute(damage.format(role="ledger_loader"))
        cursor.execute("SET LOCAL ROLE ledger_loader")
    assert found(checks.check_loader) == messages
    settings.DATABASE_ROLE = "serving"
    assert found(checks.check_loader) == []


def test_a_superuser_is_found(owning_ledger):
    assert found(checks.check_read_only) == [WRITES]


EVERY = [checks.check_institutions, checks.check_synthetic, checks.check_read_only]


@pytest.mark.parametrize("check", EVERY)
def test_owner_commands_may_run_before_there_is_a_ledger(settings, check):
    """`migrate` runs the checks before it makes the tables that they ask."""
    settings.AS_OWNER, settings.ENVIRONMENT = True, "test"
    assert found(check) == []


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize("databases", [None, [], ["default"]], ids=["no database", "none", "the other alone"])
def test_nothing_is_asked_of_a_ledger_that_was_not_meant(settings, check, databases):
    settings.ENVIRONMENT = "test"
    assert found(check, databases) == []


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        pytest.param("LEDGER_MAX_LAG_BYTES", 0, ["dsop.E155"], id="no byte"),
        pytest.param("LEDGER_MAX_LAG_BYTES", 1, [], id="a byte"),
        pytest.param("LEDGER_MAX_LAG_SECONDS", 0, ["dsop.E155"], id="no second"),
        pytest.param("LEDGER_MAX_LAG_SECONDS", 1_800, [], id="half an hour"),
        pytest.param("LEDGER_MAX_LAG_SECONDS", 1_801, ["dsop.E155"], id="longer than is measured"),
        pytest.param("LEDGER_PRIMARY_LOST_SECONDS", 0, [], id="nobody answers without the primary"),
        pytest.param("LEDGER_PRIMARY_LOST_SECONDS", -1, ["dsop.E155"], id="before it is gone"),
        pytest.param("LEDGER_PRIMARY_LOST_SECONDS", 86_401, ["dsop.E155"], id="more than a day"),
        pytest.param("LEDGER_MAX_LOSS_PERCENT", 0, [], id="a load takes no row away unless it is meant"),
        pytest.param("LEDGER_MAX_LOSS_PERCENT", 100, [], id="a load may take all away"),
        pytest.param("LEDGER_MAX_LOSS_PERCENT", -1, ["dsop.E155"], id="less than nothing"),
        pytest.param("LEDGER_MAX_LOSS_PERCENT", 101, ["dsop.E155"], id="more than there is"),
    ],
)
def test_the_bounds_of_a_ledger(settings, name, value, found):
    setattr(settings, name, value)
    assert [message.id for message in checks.check_bounds()] == found


@pytest.mark.parametrize(
    ("clusters", "primary", "found"),
    [
        pytest.param({"7"}, 0, [], id="a primary and its copies"),
        pytest.param({"7", "8"}, 0, ["dsop.E156"], id="two ledgers in one address"),
        pytest.param({"7"}, None, ["dsop.W157"], id="copies alone"),
    ],
)
def test_hosts_of_one_address(monkeypatch, clusters, primary, found):
    finding = Finding(0.0, (), (), primary, clusters=frozenset(clusters))
    monkeypatch.setattr("accounts.checks.several", lambda: True)
    monkeypatch.setattr("accounts.checks.watch", lambda: SimpleNamespace(finding=lambda: finding))
    assert [message.id for message in checks.check_hosts(databases=["ledger"])] == found
    assert checks.check_hosts(databases=["default"]) == []


def test_one_host_is_not_compared():
    assert checks.check_hosts(databases=["ledger"]) == []
