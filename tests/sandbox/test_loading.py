"""Loading the bank into a real ledger: once, again on another day, after damage, and never over somebody else's."""

import json
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from sandbox import loading, service_characters
from sandbox.bank import DEFAULT_SEED, Cast, characters
from sandbox.crowd import FIRST_ID, Size
from sandbox.ledger_rows import TABLES
from sandbox.loading import ForeignLedger, load
from tests import cluster

SEED, DAY = 7, date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
TINY = Size(parties=65, accounts=150, transactions=6_500)


@pytest.fixture(scope="module")
def owner_url(superuser):
    """The owner's address of a migrated ledger of our own: the suite's is asked by others."""
    with a_database(superuser, "ledger_loading") as url:
        done = manage("migrate", "--database=ledger", url=url)
        assert done.returncode == 0, done.stderr
        yield url


@contextmanager
def a_database(superuser, name, template="template1"):
    """Give the address of a new database of the ledger's owner, and drop it in the end."""
    with superuser("ledger") as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER ledger_owner TEMPLATE {template}")
    try:
        yield urlunsplit(urlsplit(cluster.OWNERS["LEDGER_OWNER_URL"])._replace(path=f"/{name}"))
    finally:
        with superuser("ledger") as connection:
            connection.execute(f"DROP DATABASE {name}")


def manage(*arguments, url):
    owners = {"DATABASE_OWNER_URL": cluster.OWNERS["DATABASE_OWNER_URL"], "LEDGER_OWNER_URL": url}
    return cluster.manage(*arguments, **owners)


@pytest.fixture(autouse=True)
def few_pages(monkeypatch):
    """Let the character with many pages have few: each test loads them once or more."""
    let_there_be_few_pages(monkeypatch)


def let_there_be_few_pages(monkeypatch):
    monkeypatch.setattr(service_characters, "PAGES", 300)
    monkeypatch.setattr(service_characters, "AT_ONCE", 100)


@pytest.fixture
def ledger(owner_url):
    """A connection as owner to an empty ledger; what a test loads is undone."""
    with psycopg.connect(owner_url) as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def filled_url(owner_url, superuser):
    """The owner's address of a ledger that holds the bank, loaded once."""
    with a_database(superuser, "ledger_filled", template="ledger_loading") as url:
        with psycopg.connect(url) as connection, pytest.MonkeyPatch.context() as monkeypatch:
            let_there_be_few_pages(monkeypatch)
            assert brought(connection) == "loaded"
        yield url


@pytest.fixture
def filled(filled_url):
    """A connection as owner to that ledger; what a test changes is undone."""
    with psycopg.connect(filled_url) as connection:
        yield connection
        connection.rollback()


def brought(connection, *, seed=SEED, day=DAY, size=TINY, now=NOW):
    with connection.cursor() as cursor:
        return load(cursor, seed=seed, day=day, size=size, now=now)


def held(connection, table):
    columns = ", ".join(f'"{column}"' for column in TABLES[table]._fields)
    return connection.execute(f'SELECT {columns} FROM "{table}" ORDER BY id').fetchall()


def as_of(connection):
    return {moment for (moment,) in connection.execute("SELECT as_of FROM financial_institution")}


def test_an_empty_ledger_is_filled_with_the_banks_rows(ledger):
    assert brought(ledger) == "loaded"
    bank = loading.Bank(SEED, DAY, NOW, TINY)
    for table in TABLES:
        rows = sorted(bank.rows(table))
        loaded = held(ledger, table)
        readings = [READINGS.get(name, READINGS.get(name[-3:], as_it_is)) for name in TABLES[table]._fields]
        expected = [tuple(read(value) for read, value in zip(readings, row, strict=True)) for row in rows]
        assert loaded == expected, table
    assert as_of(ledger) == {NOW}


def as_it_is(value):
    return value


def as_moment(text):
    return text and datetime.fromisoformat(text)


READINGS = {"_at": as_moment, "bank_references": json.loads, "counterparties": json.loads}


@pytest.mark.parametrize(
    ("table", "moment"),
    [
        pytest.param("transaction", "booked_at", id="transactions"),
        pytest.param("balance_history", "registered_at", id="past balances"),
    ],
)
def test_each_month_has_its_partition(filled, table, moment):
    rows = filled.execute(
        f"SELECT DISTINCT tableoid::regclass::text, to_char({moment} AT TIME ZONE 'Europe/Oslo', 'YYYY_MM') "
        f'FROM "{table}"'
    ).fetchall()
    assert len(rows) > 60
    assert all(name == f"{table}_{month}" for name, month in rows)


def test_a_loaded_bank_only_gets_the_time(filled):
    before = {table: held(filled, table) for table in TABLES if table != "financial_institution"}
    assert brought(filled, now=LATER) == "up to date"
    assert {table: held(filled, table) for table in before} == before
    assert as_of(filled) == {LATER}


def test_another_day_moves_the_characters_alone(filled):
    crowd = {table: [row for row in held(filled, table) if row[0] >= FIRST_ID] for table in TABLES}
    tomorrow = DAY + timedelta(days=1)
    assert brought(filled, day=tomorrow, now=LATER) == "characters moved"
    assert {table: [row for row in held(filled, table) if row[0] >= FIRST_ID] for table in TABLES} == crowd
    cast = Cast(SEED, tomorrow, LATER)
    for table in ("party", "party_identifier", "account", "account_role", "guardianship", "payment_card"):
        assert [row for row in held(filled, table) if row[0] < FIRST_ID] == list(cast.rows(table))
    number = next(character.identifier for character in cast.characters if character.case == "closed-account")
    ends = filled.execute(
        "SELECT max(account.end_date) FROM account JOIN account_role ON account_id = account.id "
        "JOIN party_identifier USING (party_id) WHERE value = %s",
        [number],
    ).fetchone()
    assert ends == (tomorrow,)
    assert as_of(filled) == {LATER}
    assert brought(filled, day=tomorrow) == "up to date"
    assert brought(filled, day=DAY) == "characters moved", "and back"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"seed": SEED + 1}, id="another seed"),
        pytest.param({"size": Size(parties=66, accounts=150, transactions=6_500)}, id="another size"),
    ],
)
def test_another_bank_is_loaded_anew(filled, change):
    assert brought(filled, **change) == "loaded"
    assert brought(filled, **change) == "up to date"


def test_a_changed_generator_loads_anew(filled, monkeypatch):
    monkeypatch.setattr(loading, "generator_digest", lambda: "of other code")
    assert brought(filled) == "loaded"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("DELETE FROM balance WHERE id = 1", id="a balance is missing"),
        pytest.param('TRUNCATE "transaction"', id="transactions are gone"),
        pytest.param("TRUNCATE balance_history", id="past balances are gone"),
        pytest.param("TRUNCATE financial_institution, account, account_role, payment_card", id="accounts are gone"),
    ],
)
def test_a_damaged_ledger_is_loaded_anew(filled, damage):
    filled.execute(damage)
    assert brought(filled) == "loaded"


def test_somebody_elses_ledger_is_left_alone(ledger):
    ledger.execute(
        "INSERT INTO financial_institution (organisation_number, name, country, as_of, history_from) "
        "VALUES ('312345617', 'En bank', 'NO', now(), now())"
    )
    with pytest.raises(ForeignLedger):
        brought(ledger)
    assert [row[1] for row in held(ledger, "financial_institution")] == ["312345617"]


def test_a_load_that_fails_leaves_the_ledger_as_it_was(filled, monkeypatch):
    before = held(filled, "party")
    monkeypatch.setitem(TABLES, "balance", TABLES["party"])  # columns that balance does not have
    with pytest.raises(psycopg.errors.UndefinedColumn), filled.transaction():
        brought(filled, seed=SEED + 1)
    monkeypatch.undo()
    assert held(filled, "party") == before
    assert brought(filled) == "up to date"


def test_rows_added_later_follow_ours(filled):
    statement = (
        "INSERT INTO party (type, name, country, protection_grade) VALUES ('person', 'Ny', 'NO', 'ugradert') "
        "RETURNING id > (SELECT max(id) FROM party)"
    )
    assert filled.execute(statement).fetchone() == (True,)


def test_the_command_loads_as_owner_and_says_so_in_a_line(owner_url):
    first = manage("sandbox_load", "--small", "--day", "2026-11-22", url=owner_url)
    again = manage("sandbox_load", "--small", "--day", "2026-11-23", url=owner_url)
    try:
        assert (first.returncode, first.stdout) == (0, "")
        assert first.stderr.startswith("Synthetic bank of 160 parties: loaded in ")
        assert again.stderr.startswith("Synthetic bank of 160 parties: characters moved in ")
        with psycopg.connect(owner_url) as connection:
            (moment,) = as_of(connection)
            assert timedelta(0) <= datetime.now(UTC) - moment < timedelta(minutes=1)
            known = {value for (value,) in connection.execute("SELECT value FROM party_identifier")}
        asked = {character.identifier for character in characters(DEFAULT_SEED) if character.case != "not-a-customer"}
        assert asked <= known
    finally:
        with psycopg.connect(owner_url) as connection:
            connection.execute(f"TRUNCATE {', '.join(TABLES)}")
            connection.execute("COMMENT ON TABLE financial_institution IS NULL")


def test_the_command_says_what_a_ledger_without_tables_lacks(superuser):
    with a_database(superuser, "ledger_without_tables") as url:
        done = manage("sandbox_load", "--small", url=url)
    expected = "CommandError: The ledger has no tables. Run manage.py migrate --database=ledger.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", expected)


def test_the_command_leaves_somebody_elses_ledger_alone(owner_url):
    with psycopg.connect(owner_url) as connection:
        connection.execute("INSERT INTO party (type, name, country, protection_grade) VALUES ('person', 'A', 'NO', '')")
    done = manage("sandbox_load", "--small", url=owner_url)
    with psycopg.connect(owner_url) as connection:
        assert [row[2] for row in held(connection, "party")] == ["A"]
        connection.execute("TRUNCATE party CASCADE")
    expected = "CommandError: The ledger holds rows that sandbox_load did not load. Empty it first.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", expected)
