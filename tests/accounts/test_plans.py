"""How PostgreSQL reads a page of transactions: along the key, without sorting, and hardly more than it gives."""

import json
from datetime import UTC, date, datetime

import pytest
from django.db import connections
from psycopg import sql

from accounts.movements import Position, named_on, transactions_of
from accounts.partitions import TABLES, make_partitions, months, partition_name
from legal.periods import Period, moments_of
from tests.accounts.conftest import writing_ledger

FIRST, LAST = date(2087, 1, 1), date(2089, 6, 30)  # thirty months in which no load makes partitions
ACCOUNT, ROWS = 8_000_000_000_003, 12_000
CROWDED, CROWD = 8_000_000_000_004, 3_000
ONE_MOMENT = datetime(2088, 2, 29, 12, 0, tzinfo=UTC)
WHOLE = moments_of(Period(FIRST, LAST))
PAGE = 1001  # one more than the page shows, to see whether there is a next one
INSERT = """
INSERT INTO "transaction" (id, account_id, booked_at, value_at, identifier, status, amount, currency, reversal,
    domain, family, sub_family, additional_info, merchant)
SELECT {first} + n, {account}, {moment}, now(), n, 'booked', n, 'NOK', false, 'payments', 'issuedCreditTransfers',
    'domesticCreditTransfer', 'Husleie', '' FROM generate_series(1, {rows}) n ORDER BY random()
"""


@pytest.fixture(scope="module")
def ledger(django_db_blocker):
    """An account with many transactions in each of thirty months, its neighbours', and one with many of one moment."""
    with writing_ledger(django_db_blocker) as session, session.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        make_partitions(cursor, FIRST, LAST)
        begin, end = (f"'{moment.isoformat()}'::timestamptz" for moment in WHOLE)
        spread = f"{begin} + ({end} - {begin}) * ((n * 7919 %% {{rows}}) / {{rows}}.0)"
        crowded = f"'{ONE_MOMENT.isoformat()}'::timestamptz"
        neighbours = "8000000001000 + n %% 40"
        for first, account, moment, rows in (
            (2**41, neighbours, spread, ROWS),
            (2**40, ACCOUNT, spread, ROWS),
            (2**42, CROWDED, crowded, CROWD),
        ):
            moment_of_row = moment.format(rows=rows)
            cursor.execute(
                INSERT.format(first=first, account=account, moment=moment_of_row, rows=rows).replace("%%", "%")
            )
        for month in months(FIRST, LAST):
            cursor.execute(f'ANALYZE "{partition_name(TABLES[0], month)}"')
        yield session


def place(account, number):
    """Return the position after so many transactions of the account."""
    with connections["ledger"].cursor() as cursor:
        cursor.execute(
            'SELECT booked_at, id FROM "transaction" WHERE account_id = %s ORDER BY booked_at, id OFFSET %s LIMIT 1',
            [account, number - 1],
        )
        return Position(*cursor.fetchone())


def asked_by(session, ask):
    """Return what a question of the ledger asks PostgreSQL, to the letter, and how many rows it gets."""
    seen = []

    def look(execute, statement, params, many, context):
        seen.append((statement, params))
        return execute(statement, params, many, context)

    with session.execute_wrapper(look):
        rows = ask()
    ((statement, params),) = seen
    return statement, params, rows


EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "


def explained(session, statement, params, *, prepared):
    """Return how PostgreSQL carried it out: planned for these values, or as a prepared statement for any."""
    with session.cursor() as cursor:
        if not prepared:
            cursor.execute(EXPLAIN + statement, params)
        else:
            for number in range(1, len(params) + 1):
                statement = statement.replace("%s", f"${number}", 1)
            values = sql.SQL(", ").join(sql.Literal(value) for value in params).as_string(session.connection)
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            cursor.execute(f"PREPARE of_any AS {statement}")
            cursor.execute(f"{EXPLAIN} EXECUTE of_any({values})")
        (found,) = cursor.fetchone()
        if prepared:
            cursor.execute("DEALLOCATE of_any")
            cursor.execute("SET LOCAL plan_cache_mode = auto")
    return (found if isinstance(found, list) else json.loads(found))[0]["Plan"]


def nodes(plan):
    """Return every step that was carried out."""
    return [plan, *(node for child in plan.get("Plans", ()) for node in nodes(child))] if plan["Actual Loops"] else []


@pytest.mark.parametrize("prepared", [False, True], ids=["planned for the question", "prepared for any question"])
@pytest.mark.parametrize(
    ("account", "after", "rows"),
    [
        pytest.param(ACCOUNT, None, 1001, id="first page"),
        pytest.param(ACCOUNT, 6000, 1001, id="middle page"),
        pytest.param(ACCOUNT, 11_000, 1000, id="last page"),
        pytest.param(CROWDED, None, 1001, id="first page of one moment"),
        pytest.param(CROWDED, 1500, 1001, id="middle page of one moment"),
        pytest.param(CROWDED, 2000, 1000, id="last page of one moment"),
    ],
)
def test_a_page_is_read_along_its_key(ledger, account, after, rows, prepared):
    position = place(account, after) if after else None
    statement, params, found = asked_by(
        ledger, lambda: transactions_of(account, begin=WHOLE[0], end=WHOLE[1], after=position, limit=PAGE)
    )
    assert len(found) == rows
    plan = explained(ledger, statement, params, prepared=prepared)
    steps = nodes(plan)
    scans = [step for step in steps if "Relation Name" in step]
    assert {step["Node Type"] for step in steps} <= {"Limit", "Result", "Append", "Index Scan"}, plan
    assert {step["Index Name"] for step in scans} == {f"{step['Relation Name']}_pkey" for step in scans}
    read = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    assert read <= rows + 30 + 3 * len(scans), (read, len(scans))


def test_gaps_do_not_make_it_sort(ledger):
    middle, later = datetime(2088, 1, 1, tzinfo=UTC), datetime(2088, 3, 1, tzinfo=UTC)
    spans = [(WHOLE[0], middle), (later, WHOLE[1])]
    statement, params, _ = asked_by(
        ledger, lambda: transactions_of(ACCOUNT, begin=WHOLE[0], end=WHOLE[1], spans=spans, limit=PAGE)
    )
    for prepared in (False, True):
        steps = {step["Node Type"] for step in nodes(explained(ledger, statement, params, prepared=prepared))}
        assert steps <= {"Limit", "Result", "Append", "Index Scan"}


def test_who_else_stands_on_a_page_is_found_by_keys(ledger):
    """However many accounts and persons the bank has, none of their tables is read from end to end."""
    with ledger.cursor() as cursor:
        cursor.execute(
            "INSERT INTO account (number, servicer_id, type, name, currency, status, start_date, nics_creditable, "
            "data_delivered) SELECT 88000000000 + n, (SELECT min(id) FROM financial_institution), 'savingsAccount', "
            "'', 'NOK', 'enabled', '2020-01-01', true, true FROM generate_series(1, 20000) n"
        )
        cursor.execute("ANALYZE account")
        cursor.execute("SELECT min(id) FROM account")
        (account,) = cursor.fetchone()
    numbers = {str(88_000_000_000 + n) for n in range(400)}
    statement, params, _ = asked_by(ledger, lambda: named_on(account, numbers=numbers, accounts=numbers, cards={1}))
    for prepared in (False, True):
        steps = nodes(explained(ledger, statement, params, prepared=prepared))
        whole = [step["Relation Name"] for step in steps if step["Node Type"] == "Seq Scan"]
        assert "account" not in whole, whole
