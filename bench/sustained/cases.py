"""Two customers of the load's own: one with a hundred accounts, and one whose account has ten years of transactions.

They are put behind what the benchmark's ledger has, and are made anew for each run.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

import psycopg

from accounts.partitions import make_partitions
from bench.sizes import Size
from bench.world import World
from legal.periods import OSLO, months_before
from sandbox.number_series import OTHER_REGISTER, NumberSeries

MANY = 100
"""Accounts of the one person."""
OF_EACH = 20
"""Transactions on each of them."""
LONG_ROWS = 250_000
YEARS = 10
BORN = date(1930, 1, 1)  # before all the others


class Cases(NamedTuple):
    """Numbers of persons, and the ids of their accounts."""

    many: str
    many_accounts: list[int]
    long: str
    long_account: int


FORGET = """
DELETE FROM "transaction" WHERE account_id > %(accounts)s;
DELETE FROM balance WHERE account_id > %(accounts)s;
DELETE FROM account_role WHERE account_id > %(accounts)s;
DELETE FROM account WHERE id > %(accounts)s;
DELETE FROM party_identifier WHERE party_id > %(parties)s;
DELETE FROM party WHERE id > %(parties)s
"""
PARTY = "INSERT INTO party (id, type, name, country, protection_grade) VALUES (%s, 'person', %s, 'NO', 'ugradert')"
IDENTIFIER = """
INSERT INTO party_identifier (id, party_id, value, kind, start_date) VALUES (%s, %s, %s, 'birthNumber', %s)
"""
ACCOUNT = """
INSERT INTO account (id, number, servicer_id, type, name, currency, status, start_date, nics_creditable, data_delivered)
VALUES (%s, %s, 1, 'salaryAccount', 'Konto', 'NOK', 'enabled', date '2010-01-01', true, true)
"""
OWNER = """
INSERT INTO account_role (id, account_id, party_id, kind, permission, start_date)
SELECT (SELECT max(id) FROM account_role) + row_number() OVER (), id, %s, 'primaryOwner', 'rightToUseAlone',
    date '2010-01-01'
FROM account WHERE id = ANY (%s)
"""
BALANCES = """
INSERT INTO balance (id, account_id, type, amount, currency, credit_line_included, credit_line_currency, registered_at)
SELECT (SELECT max(id) FROM balance) + row_number() OVER (), id, kind, 1000.50, 'NOK', false, '', now()
FROM account, unnest(ARRAY['availableBalance', 'bookedBalance']) AS kind WHERE id = ANY (%s)
"""
TRANSACTIONS = """
INSERT INTO "transaction" (id, account_id, booked_at, value_at, identifier, status, amount, currency, reversal, domain,
    family, sub_family, additional_info, merchant, free_text_code, bank_references, counterparties, source_currency,
    target_currency, unit_currency)
SELECT %(first)s + n, %(account)s, moment, moment, 'L' || lpad(n::text, 15, '0'), 'booked',
    (n * 7919 %% 2000001 - 1000000)::numeric / 100, 'NOK', false, 'payments', 'issuedCreditTransfers',
    'domesticCreditTransfer', 'Betaling ' || n %% 1000, '', '',
    jsonb_build_array(jsonb_build_object('type', 'archiveReference', 'value', 'A' || n)),
    CASE WHEN n %% 2 = 0 THEN jsonb_build_array(jsonb_build_object('type', 'creditor', 'name', 'Motpart ' || n %% 500,
        'accountIdentifier', '9998' || lpad((n %% 400)::text, 7, '0'))) ELSE '[]'::jsonb END, '', '', ''
FROM generate_series(0, %(rows)s - 1) n,
     LATERAL (SELECT %(begin)s + (%(end)s - %(begin)s) * (n::float8 / %(rows)s) AS moment) AS laid
"""


def make_cases(world: World) -> Cases:
    """Put both into the ledger as its owner, and return who they are."""
    now = datetime.now(OSLO)
    begin = months_before(now.date(), 12 * YEARS)
    with psycopg.connect(world.cluster.urls()["LEDGER_OWNER_URL"]) as session, session.cursor() as cursor:
        make_partitions(cursor, begin, now.date())
        for statement in FORGET.split(";"):
            cursor.execute(statement, {"accounts": world.size.accounts, "parties": world.size.parties})
        cursor.execute("UPDATE financial_institution SET history_from = %s", [begin])
        cases = customers(cursor, world.size)
        first = midnight(begin)
        for account, rows, start in laid(cases, first, months_before(now.date(), 1)):
            values = {"first": free_id(cursor), "account": account, "rows": rows, "begin": start, "end": now}
            cursor.execute(TRANSACTIONS, values)
    with psycopg.connect(world.cluster.urls()["LEDGER_OWNER_URL"], autocommit=True) as session:
        session.execute("VACUUM ANALYZE")
    return cases


def customers(cursor: Any, size: Size) -> Cases:
    """Insert both with their accounts, roles and balances."""
    series = NumberSeries()
    numbers = [series.person(BORN, 0), series.person(BORN, 1)]
    for place, number in enumerate(numbers, 1):
        cursor.execute(PARTY, [size.parties + place, f"Last Prøve {place}"])
        cursor.execute(IDENTIFIER, [size.parties + place, size.parties + place, number, BORN])
    accounts = [size.accounts + place for place in range(1, MANY + 2)]
    cursor.executemany(ACCOUNT, [(account, series.account(OTHER_REGISTER, account)) for account in accounts])
    *many, long = accounts
    for party, theirs in enumerate((many, [long]), 1):
        cursor.execute(OWNER, [size.parties + party, theirs])
        cursor.execute(BALANCES, [theirs])
    return Cases(numbers[0], many, numbers[1], long)


def laid(cases: Cases, first: datetime, lately: date) -> Iterator[tuple[int, int, datetime]]:
    """Give each account with the number of its transactions and when they begin."""
    yield cases.long_account, LONG_ROWS, first
    for account in cases.many_accounts:
        yield account, OF_EACH, midnight(lately)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=OSLO)


def free_id(cursor: Any) -> int:
    cursor.execute('SELECT max(id) + 1 FROM "transaction"')
    (found,) = cursor.fetchone()
    return int(found)
