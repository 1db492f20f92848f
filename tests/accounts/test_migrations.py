"""The ledger's tables: where they are, how the long ones are kept, and that their key serves the way they are read."""

import re
from datetime import UTC, date, datetime

import pytest
from django.apps import apps

from accounts.partitions import TABLES as PARTITIONED
from accounts.partitions import bounds, make_partitions, months, next_month, partition_name

MODELS = {model._meta.db_table: model for model in apps.get_app_config("accounts").get_models()}
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
# Columns of the version before, which new rows leave to their default.
LEFT_BEHIND = {"transaction": {"counterparty_name", "counterparty_account", "counterparty_kind"}}


@pytest.fixture
def ledger(superuser):
    """A superuser's cursor on the ledger; what a test does is undone."""
    connection = superuser("ledger")
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        yield cursor


def test_the_ledger_holds_its_tables_and_the_other_database_none_of_them(superuser):
    ledger = {name for (name,) in superuser("ledger").execute(TABLES)}
    other = {name for (name,) in superuser("default").execute(TABLES)}
    partitions = {name for name in ledger if re.fullmatch("(transaction|balance_history)_[0-9]{4}_[0-9]{2}", name)}
    assert ledger - partitions == {*MODELS, "django_migrations"}
    assert {name.rstrip("0123456789_") for name in partitions} == set(PARTITIONED)
    assert other.isdisjoint(MODELS)
    assert "audit_record" in other


def test_tables_have_the_models_columns(ledger):
    rows = ledger.execute(
        "SELECT table_name, column_name, is_nullable, character_maximum_length, numeric_precision_radix IS NULL, "
        "numeric_precision, numeric_scale FROM information_schema.columns WHERE table_schema = 'public'"
    ).fetchall()
    found = {(table, column): (nullable == "YES", length) for table, column, nullable, length, *_ in rows}
    decimals = {(table, column): (precision, scale) for table, column, *_, precision, scale in rows}
    for table, model in MODELS.items():
        columns = {column for name, column in found if name == table}
        left = LEFT_BEHIND.get(table, set())
        assert columns == {field.column for field in model._meta.concrete_fields} | left
        for field in model._meta.concrete_fields:
            assert found[table, field.column] == (field.null, field.max_length), field
            if field.get_internal_type() == "DecimalField":
                assert decimals[table, field.column] == (30, field.decimal_places), field


@pytest.mark.parametrize(
    ("table", "moment"),
    [
        pytest.param("transaction", "booked_at", id="transactions"),
        pytest.param("balance_history", "registered_at", id="past balances"),
    ],
)
def test_long_tables_are_partitioned_and_their_key_is_the_order_of_reading(ledger, table, moment):
    partitioned = "SELECT pg_get_partkeydef(%s::regclass)"
    assert ledger.execute(partitioned, [f'"{table}"']).fetchone() == (f"RANGE ({moment})",)
    index = "SELECT pg_get_indexdef(indexrelid), indisprimary FROM pg_index WHERE indrelid = %s::regclass"
    assert ledger.execute(index, [f'"{table}"']).fetchall() == [
        (
            f"CREATE UNIQUE INDEX {table}_pkey ON ONLY public.{table} USING btree (account_id, {moment}, id)",
            True,
        )
    ]


def insert_transaction(cursor, moment):
    cursor.execute(
        'INSERT INTO "transaction" (id, account_id, booked_at, value_at, identifier, status, amount, currency, '
        "reversal, domain, family, sub_family, additional_info, merchant) "
        "VALUES (1, 1, %s, %s, 'T', 'booked', 1, 'NOK', false, '', '', '', '', '') RETURNING tableoid::regclass::text",
        [moment, moment],
    )
    return cursor.fetchone()[0]


def insert_balance(cursor, moment):
    cursor.execute(
        "INSERT INTO balance_history VALUES (1, 1, %s, 1, 'NOK', false, NULL, '') RETURNING tableoid::regclass::text",
        [moment],
    )
    return cursor.fetchone()[0]


INSERTIONS = [
    pytest.param(insert_transaction, "transaction", id="a transaction"),
    pytest.param(insert_balance, "balance_history", id="a past balance"),
]


@pytest.mark.parametrize(("insert", "table"), INSERTIONS)
@pytest.mark.parametrize(
    ("moment", "month"),
    [
        pytest.param("2091-01-31T23:59:59.999999+01:00", "2091_01", id="last of January in Oslo"),
        pytest.param("2091-01-31T23:00:00+00:00", "2091_02", id="first of February in Oslo, not in UTC"),
        pytest.param("2091-02-01T00:00:00+01:00", "2091_02", id="first moment of February"),
        pytest.param("2091-03-31T23:59:59+02:00", "2091_03", id="last of March, in summer time"),
        pytest.param("2091-03-31T22:00:00+00:00", "2091_04", id="first of April in Oslo, in summer time"),
    ],
)
def test_months_are_oslos(ledger, insert, table, moment, month):
    make_partitions(ledger, date(2091, 1, 1), date(2091, 4, 30))
    assert insert(ledger, moment) == f"{table}_{month}"


def test_each_missing_partition_is_made_once(ledger):
    assert make_partitions(ledger, date(2090, 12, 31), date(2091, 2, 1)) == [
        "transaction_2090_12",
        "transaction_2091_01",
        "transaction_2091_02",
        "balance_history_2090_12",
        "balance_history_2091_01",
        "balance_history_2091_02",
    ]
    start, end = (moment.isoformat() for moment in bounds(date(2091, 3, 1)))
    ledger.execute(
        f"CREATE TABLE balance_history_2091_03 PARTITION OF balance_history FOR VALUES FROM ('{start}') TO ('{end}')"
    )
    assert make_partitions(ledger, date(2090, 12, 1), date(2091, 3, 1)) == ["transaction_2091_03"]
    assert make_partitions(ledger, date(2090, 12, 1), date(2091, 3, 31)) == []


@pytest.mark.parametrize(("insert", "table"), INSERTIONS)
def test_a_row_without_a_partition_is_refused(ledger, insert, table):
    with pytest.raises(Exception, match=f'no partition of relation "{table}"'), ledger.connection.transaction():
        insert(ledger, datetime(2091, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param("booked_at < %(end)s", id="first page"),
        pytest.param("booked_at <= %(end)s AND (booked_at, id) < (%(end)s, 5)", id="a later page"),
    ],
)
def test_pages_are_read_backward_from_the_key_without_sorting(ledger, condition):
    make_partitions(ledger, date(2091, 1, 1), date(2091, 3, 31))
    ledger.execute(
        'INSERT INTO "transaction" (id, account_id, booked_at, value_at, identifier, status, amount, currency, '
        "reversal, domain, family, sub_family, additional_info, merchant) "
        "SELECT n, n %% 10, %s + n * interval '2 minutes', now(), 'T', 'booked', n, 'NOK', false, '', '', '', '', '' "
        "FROM generate_series(1, 20000) n",
        [bounds(date(2091, 1, 1))[0]],
    )
    ledger.execute('ANALYZE "transaction"')
    question = (
        f"EXPLAIN SELECT * FROM \"transaction\" WHERE account_id = 3 AND booked_at >= '2091-01-01' AND {condition} "
        "ORDER BY booked_at DESC, id DESC LIMIT 100"
    )
    ledger.execute(question, {"end": "2091-02-20"})
    plan = "\n".join(line for (line,) in ledger.fetchall())
    assert "Sort" not in plan, plan
    assert plan.index("Index Scan Backward using transaction_2091_02_pkey") < plan.index("transaction_2091_01_pkey")
    assert "Seq Scan" not in plan, plan
    assert "2091_03" not in plan and "2016" not in plan, "other months are not touched"


def test_the_balance_of_a_past_day_is_read_from_one_end_of_the_key(ledger):
    make_partitions(ledger, date(2091, 1, 1), date(2091, 3, 31))
    ledger.execute(
        "INSERT INTO balance_history SELECT n, n %% 10, %s + n * interval '2 minutes', n, 'NOK', false, NULL, '' "
        "FROM generate_series(1, 20000) n",
        [bounds(date(2091, 1, 1))[0]],
    )
    ledger.execute("ANALYZE balance_history")
    ledger.execute(
        "EXPLAIN SELECT amount FROM balance_history WHERE account_id = 3 AND registered_at >= '2091-01-01' "
        "AND registered_at < '2091-01-20' ORDER BY registered_at DESC, id DESC LIMIT 1"
    )
    plan = "\n".join(line for (line,) in ledger.fetchall())
    assert "Index Scan Backward using balance_history_2091_01_pkey" in plan, plan
    assert "Sort" not in plan and "Seq Scan" not in plan, plan
    assert "2091_02" not in plan and "2016" not in plan, "other months are not touched"


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("9990011234561234", id="a full number"),
        pytest.param("999001XXXXXX12345", id="five digits at the end"),
        pytest.param("9990012XXXXX1234", id="seven digits at the beginning"),
        pytest.param("999001123456123X", id="one digit masked"),
        pytest.param("9990011234561234\nXX", id="a line break before the mask"),
        pytest.param("XXXX XXXX XXXX 1234", id="blanks"),
        pytest.param("999001xxxxxx1234", id="a small x"),
        pytest.param("", id="nothing"),
    ],
)
@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE payment_card SET masked_number = %s WHERE id = 1", id="an update"),
        pytest.param(
            "INSERT INTO payment_card (account_id, holder_id, masked_number, type, status, version_number, "
            "start_month, expiry_month) VALUES (1, 1, %s, 'debitCard', 'active', '1', '2026-01', '2030-01')",
            id="an insertion",
        ),
    ],
)
def test_a_card_number_that_is_not_masked_is_refused(ledger, statement, number):
    with pytest.raises(Exception, match="card_number_is_masked"), ledger.connection.transaction():
        ledger.execute(statement, [number])


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        pytest.param(date(2026, 11, 22), date(2026, 11, 30), [date(2026, 11, 1)], id="one month"),
        pytest.param(date(2026, 11, 30), date(2026, 12, 1), [date(2026, 11, 1), date(2026, 12, 1)], id="two days"),
        pytest.param(date(2026, 12, 31), date(2027, 1, 1), [date(2026, 12, 1), date(2027, 1, 1)], id="a new year"),
    ],
)
def test_months(first, last, expected):
    assert months(first, last) == expected


def test_partitions_lie_side_by_side_for_a_hundred_years():
    for month in months(date(1990, 1, 1), date(2090, 12, 31)):
        start, end = bounds(month)
        assert end == bounds(next_month(month))[0]
        assert (start.hour, start.day, start.utcoffset() is not None) == (0, 1, True)
        assert partition_name("transaction", month) == f"transaction_{start:%Y_%m}"
