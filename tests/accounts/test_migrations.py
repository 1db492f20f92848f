"""The ledger's tables: where they are, how transactions are kept, and that the index serves the way they are read."""

from datetime import UTC, date, datetime

import pytest
from django.apps import apps

from accounts.partitions import bounds, make_partitions, months, next_month, partition_name

MODELS = {model._meta.db_table: model for model in apps.get_app_config("accounts").get_models()}
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
FAR = date(2091, 3, 15)  # no load makes partitions there


@pytest.fixture
def ledger(superuser):
    """A superuser's cursor on the ledger; what a test does is undone."""
    connection = superuser("ledger")
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        yield cursor


def test_the_ledger_holds_its_tables_and_the_other_database_none_of_them(superuser):
    ledger = {name for (name,) in superuser("ledger").execute(TABLES)}
    other = {name for (name,) in superuser("default").execute(TABLES)}
    assert {name for name in ledger if not name.startswith("transaction_")} == {*MODELS, "django_migrations"}
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
        assert columns == {field.column for field in model._meta.concrete_fields}
        for field in model._meta.concrete_fields:
            assert found[table, field.column] == (field.null, field.max_length), field
            if field.get_internal_type() == "DecimalField":
                assert decimals[table, field.column] == (30, 5), field


def test_transactions_are_partitioned_and_their_key_is_the_order_of_reading(ledger):
    partitioned = "SELECT pg_get_partkeydef('\"transaction\"'::regclass)"
    assert ledger.execute(partitioned).fetchone() == ("RANGE (booked_at)",)
    index = (
        "SELECT pg_get_indexdef(indexrelid), indisprimary FROM pg_index WHERE indrelid = '\"transaction\"'::regclass"
    )
    assert ledger.execute(index).fetchall() == [
        (
            "CREATE UNIQUE INDEX transaction_pkey ON ONLY public.transaction USING btree (account_id, booked_at, id)",
            True,
        )
    ]


def insert(cursor, number, booked_at, account_id=1):
    cursor.execute(
        'INSERT INTO "transaction" VALUES (%s, %s, %s, %s, NULL, %s, %s, 1, %s, false, %s, %s, %s, %s, %s, %s, %s, %s) '
        "RETURNING tableoid::regclass::text",
        [number, account_id, booked_at, booked_at, "T", "booked", "NOK", *[""] * 8],
    )
    return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("moment", "partition"),
    [
        pytest.param("2091-01-31T23:59:59.999999+01:00", "transaction_2091_01", id="last of January in Oslo"),
        pytest.param("2091-01-31T23:00:00+00:00", "transaction_2091_02", id="first of February in Oslo, not in UTC"),
        pytest.param("2091-02-01T00:00:00+01:00", "transaction_2091_02", id="first moment of February"),
        pytest.param("2091-03-31T23:59:59+02:00", "transaction_2091_03", id="last of March, in summer time"),
        pytest.param("2091-03-31T22:00:00+00:00", "transaction_2091_04", id="first of April in Oslo, in summer time"),
    ],
)
def test_months_are_oslos(ledger, moment, partition):
    make_partitions(ledger, date(2091, 1, 1), date(2091, 4, 30))
    assert insert(ledger, 1, moment) == partition


def test_each_missing_partition_is_made_once(ledger):
    assert make_partitions(ledger, date(2090, 12, 31), date(2091, 2, 1)) == [
        "transaction_2090_12",
        "transaction_2091_01",
        "transaction_2091_02",
    ]
    assert make_partitions(ledger, date(2090, 12, 1), date(2091, 3, 1)) == ["transaction_2091_03"]
    assert make_partitions(ledger, date(2090, 12, 1), date(2091, 3, 31)) == []


def test_a_transaction_without_a_partition_is_refused(ledger):
    with pytest.raises(Exception, match="no partition of relation"), ledger.connection.transaction():
        insert(ledger, 1, datetime(2091, 1, 1, tzinfo=UTC))


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
        "INSERT INTO \"transaction\" SELECT n, n %% 10, %s + n * interval '2 minutes', now(), NULL, 'T', 'booked', n, "
        "'NOK', false, '', '', '', '', '', '', '', '' FROM generate_series(1, 20000) n",
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


def test_a_card_number_that_is_not_masked_is_refused(ledger):
    ledger.execute("SELECT id, holder_id, account_id FROM payment_card LIMIT 1")
    card, *_ = ledger.fetchone()
    for number in ("9990011234561234", "999001XXXXXX12345", "9990012XXXXX1234", "XXXX XXXX XXXX 1234", ""):
        with pytest.raises(Exception, match="card_number_is_masked"), ledger.connection.transaction():
            ledger.execute("UPDATE payment_card SET masked_number = %s WHERE id = %s", [number, card])


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
        assert partition_name(month) == f"transaction_{start:%Y_%m}"
