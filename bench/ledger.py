"""The benchmark's ledger, made inside the database by arithmetic: the same rows whenever it is made on the same day.

Each party's accounts lie scattered over the heap. Transactions are laid in the order of their time with all accounts
interleaved, as they would arrive.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from accounts.partitions import make_partitions
from bench.sizes import Size
from legal.numbers import ACCOUNT_WEIGHTS, FIRST_WEIGHTS, SECOND_WEIGHTS
from legal.periods import OSLO, months_before

INSTITUTION = "213456008"
MONTHS = 24
"""Of transactions, up to today."""
AT_ONCE = 500_000
FIRST_ACCOUNT = 9_990_000_000
"""The first of the numbers without their check digits: of bank registers above those in use."""
TABLES = ("party", "party_identifier", "account", "account_role", "balance", "payment_card", "transaction")
ALL = f'financial_institution, guardianship, balance_history, bsu_year, "{TABLES[-1]}", {", ".join(TABLES[:-1])}'


def check_digit(stem: str, weights: Sequence[int]) -> str:
    """Return SQL for the check digit behind a text of digits: 10 where no such number exists."""
    terms = " + ".join(
        f"{weight} * (ascii(substr({stem}, {place}, 1)) - 48)" for place, weight in enumerate(weights, 1)
    )
    return f"((11 - ({terms}) % 11) % 11)"


INSTITUTIONS = """
INSERT INTO financial_institution (id, organisation_number, name, country, as_of, history_from)
VALUES (1, '213456008', 'Eksempelbanken', 'NO', %(as_of)s, %(history_from)s)
"""
PARTIES = """
INSERT INTO party (id, type, name, country, protection_grade)
SELECT n, 'person', (ARRAY['Kari', 'Ola', 'Nora', 'Jakob', 'Ingrid', 'Emil', 'Aksel'])[1 + n %% 7] || ' ' ||
    (ARRAY['Testvik', 'Prøvnes', 'Øvermo', 'Skisseng', 'Utkastad'])[1 + n / 7 %% 5], 'NO',
    CASE WHEN n %% 200 = 150 THEN 'strengtFortrolig' ELSE 'ugradert' END
FROM generate_series(1, %(parties)s) n
"""
# Month + 80, as Skatteetaten's synthetic population has.
# MATERIALIZED, or each digit would be worked out again wherever it is used: a hundred times a row.
IDENTIFIERS = f"""
INSERT INTO party_identifier (id, party_id, value, kind, start_date)
WITH made AS MATERIALIZED (
    SELECT n, born, to_char(born, 'DD') || (to_char(born, 'MM')::int + 80) || to_char(born, 'YY') ||
        lpad((n / 20000 %% 500)::text, 3, '0') AS stem
    FROM generate_series(0, 2 * %(parties)s) n, LATERAL (SELECT date '1942-01-01' + n %% 20000 AS born) AS day
), one AS MATERIALIZED (
    SELECT *, {check_digit("stem", FIRST_WEIGHTS).replace("%", "%%")} AS first FROM made
), two AS MATERIALIZED (
    SELECT *, {check_digit("(stem || first)", SECOND_WEIGHTS).replace("%", "%%")} AS second FROM one WHERE first < 10
)
SELECT row_number() OVER (ORDER BY n), row_number() OVER (ORDER BY n), stem || first || second, 'birthNumber', born
FROM two WHERE second < 10 ORDER BY n LIMIT %(parties)s
"""
ACCOUNTS = f"""
INSERT INTO account (id, number, servicer_id, type, name, currency, status, start_date, nics_creditable, data_delivered)
WITH made AS MATERIALIZED (
    SELECT n, ({FIRST_ACCOUNT} + n)::text AS stem FROM generate_series(0, %(accounts)s * 6 / 5) n
), checked AS MATERIALIZED (
    SELECT *, {check_digit("stem", ACCOUNT_WEIGHTS).replace("%", "%%")} AS digit FROM made
)
SELECT row_number() OVER (ORDER BY n), stem || digit, 1,
    (ARRAY['salaryAccount', 'savingsAccount', 'loanAccount', 'creditCardAccount', 'otherAccount'])[1 + n %% 5],
    'Konto ' || n %% 9, 'NOK', 'enabled', date '2016-01-01' + (n %% 1000)::int, true, true
FROM checked WHERE digit < 10 ORDER BY n LIMIT %(accounts)s
"""
OWNERS = """
INSERT INTO account_role (id, account_id, party_id, kind, permission, start_date)
SELECT n, n, 1 + (n - 1) %% %(parties)s, 'primaryOwner', 'rightToUseAlone', date '2020-01-01' + (n %% 300)::int
FROM generate_series(1, %(accounts)s) n
"""
OTHER_OWNERS = """
INSERT INTO account_role (id, account_id, party_id, kind, permission, start_date)
SELECT %(accounts)s + n, 4 * n, 1 + (n * 7919::bigint) %% %(parties)s, 'secondaryOwner', 'rightToUseWithOther',
    date '2021-01-01'
FROM generate_series(1, %(accounts)s / 4) n
"""
BALANCES = """
INSERT INTO balance (id, account_id, type, amount, currency, credit_line_included, credit_line_amount,
    credit_line_currency, registered_at)
SELECT n, 1 + (n - 1) %% %(accounts)s,
    CASE WHEN n <= %(accounts)s THEN 'availableBalance' ELSE 'bookedBalance' END, (n * 7919 %% 9000001)::numeric / 100,
    'NOK', n %% 5 = 3, CASE WHEN n %% 5 = 3 THEN 50000 END,
    CASE WHEN n %% 5 = 3 THEN 'NOK' ELSE '' END, %(as_of)s - interval '1 hour'
FROM generate_series(1, 2 * %(accounts)s::bigint) n
"""
CARDS = """
INSERT INTO payment_card (id, account_id, holder_id, masked_number, type, status, version_number, start_month,
    expiry_month)
SELECT n, n, 1 + (n - 1) %% %(parties)s, '412345XXXXXX' || lpad((n %% 10000)::text, 4, '0'), 'debitCard', 'active', '1',
    '2022-01', '2031-12'
FROM generate_series(1, %(named)s) n
"""
# A card, a merchant and a counterparty on some rows, a foreign currency on a few: what an account's book looks like.
TRANSACTIONS = """
INSERT INTO "transaction" (id, account_id, booked_at, value_at, performed_at, identifier, status, amount, currency,
    reversal, domain, family, sub_family, additional_info, merchant, free_text_code, bank_references, counterparties,
    original_amount, source_currency, target_currency, unit_currency, exchange_rate, card_id)
SELECT n, account, moment, moment, CASE WHEN n %% 3 = 0 THEN moment - interval '2 hours' END,
    'T' || lpad(n::text, 15, '0'), 'booked', (n * 7919 %% 2000001 - 1000000)::numeric / 100, 'NOK', false,
    'payments', 'issuedCreditTransfers', 'domesticCreditTransfer', 'Betaling ' || n %% 1000,
    CASE WHEN n %% 5 = 0 THEN 'Kiosken ' || n %% 90 ELSE '' END, '',
    jsonb_build_array(jsonb_build_object('type', 'archiveReference', 'value', 'A' || n)),
    CASE WHEN n %% 2 = 0 THEN jsonb_build_array(jsonb_build_object('type', 'creditor', 'name', 'Motpart ' || n %% 500,
        'accountIdentifier', '9998' || lpad((n %% 400)::text, 7, '0'))) ELSE '[]'::jsonb END,
    CASE WHEN n %% 50 = 0 THEN 10.50 END, CASE WHEN n %% 50 = 0 THEN 'EUR' ELSE '' END,
    CASE WHEN n %% 50 = 0 THEN 'NOK' ELSE '' END, '', CASE WHEN n %% 50 = 0 THEN 11.7325 END,
    CASE WHEN n %% 5 = 0 THEN account END
FROM generate_series(%(first)s::bigint, %(last)s) n,
     LATERAL (SELECT {account} AS account, %(begin)s + (%(end)s - %(begin)s) * (n::float8 / %(rows)s) AS moment) AS laid
ORDER BY n
"""


def account_of_row(size: Size) -> str:
    """Return SQL for the account of row n: every so many rows a long account's, else one of the others'."""
    every = [size.transactions // rows for rows in size.long]
    cases = " ".join(f"WHEN n %% {step} = {place} THEN {place + 1}::bigint" for place, step in enumerate(every))
    return f"CASE {cases} ELSE {len(every) + 1} + n * 2654435761 %% 4294967296 %% {size.active} END"


def make_ledger(connection: Any, size: Size, *, now: datetime, said: Any) -> None:
    """Replace whatever the ledger holds. `said` is told what is being made, and how far it is."""
    today = now.astimezone(OSLO).date()
    begin = months_before(today, MONTHS)
    values = {
        "parties": size.parties,
        "accounts": size.accounts,
        "named": len(size.long) + size.active,
        "as_of": now,
        "history_from": date(today.year - 6, 1, 1),
        "begin": datetime(begin.year, begin.month, begin.day, tzinfo=OSLO),
        "end": now,
        "rows": size.transactions,
    }
    with connection.cursor() as cursor:
        make_partitions(cursor, begin, today)
        cursor.execute(f"TRUNCATE {ALL}")
        for statement in (INSTITUTIONS, PARTIES, IDENTIFIERS, ACCOUNTS, OWNERS, OTHER_OWNERS, BALANCES, CARDS):
            said(statement.split()[2])
            cursor.execute(statement, values)
        statement = TRANSACTIONS.format(account=account_of_row(size))
        for first in range(1, size.transactions + 1, AT_ONCE):
            said(f"transaction {first:,} of {size.transactions:,}")
            last = min(first + AT_ONCE - 1, size.transactions)
            cursor.execute(statement, {**values, "first": first, "last": last})
        said("vacuum")
        cursor.execute("VACUUM ANALYZE")


MEASURED = """
SELECT relname, sum(greatest(rows, 0))::bigint, sum(heap)::bigint, sum(indexes)::bigint
FROM (SELECT coalesce(parent.relname, c.relname) AS relname, c.reltuples AS rows, pg_table_size(c.oid) AS heap,
             pg_indexes_size(c.oid) AS indexes
      FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
           LEFT JOIN pg_class parent ON parent.oid = i.inhparent
      WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace) AS each
WHERE relname = ANY(%s) GROUP BY relname ORDER BY sum(heap) DESC
"""


def measured(cursor: Any) -> list[dict[str, Any]]:
    """Return the rows of each table with their bytes in heap and indexes."""
    cursor.execute(MEASURED, [[*TABLES, "balance_history"]])
    return [
        {"table": table, "rows": rows, "heap": heap, "indexes": indexes}
        for table, rows, heap, indexes in cursor.fetchall()
    ]
