"""Years of records made by the database itself, in months of their own that are taken away again."""

from datetime import UTC, date, datetime, time
from typing import Any

import psycopg

from audit.partitions import next_month, partition_name

TABLE = "audit_record"
COLUMNS = (
    *("id", "at", "duration_us", "consumer", "supplier", "client_id", "jti", "scopes", "audience", "requester_id"),
    *("service", "service_version", "legal_mandate", "additional_reference_type", "account_info_request_id"),
    *("correlation_id", "method", "endpoint", "control_object_hash", "control_object_sealed"),
    *("account_reference_hash", "account_reference_sealed", "from_date", "to_date", "outcome", "http_status", "code"),
    *("refusal", "items", "as_of", "empty_because", "account_hashes", "accounts_sealed", "document_digest", "evidence"),
    *("salt", "xact", "writer", "writer_number", "writer_previous"),
)
MAKE = f"""
INSERT INTO {{partition}} ({", ".join(COLUMNS)})
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(random, 1, 3) || '8'
        || substr(random, 4, 15))::uuid, at, 900 + n % 4000, consumer, '', 'c1d2e3f4-' || consumer, random,
    'bits:kontoinformasjon', 'https://api.bank.example/v2',
    CASE WHEN n % 3 = 0 THEN 'saksbehandler ' || r % 20000 ELSE '' END,
    service, 3, mandate, '', md5((n / 5)::text || '{{partition}}')::uuid, md5(random)::uuid, 'GET',
    (ARRAY['customerRelationships', 'accounts', 'accountDetails', 'transactions', 'roles'])[1 + n % 5],
    CASE WHEN n % 4000 = 7 THEN %(known)s ELSE 'l1:'::bytea || decode(twice, 'hex') END, sealed,
    CASE WHEN n % 5 > 1 THEN 'l1:'::bytea || decode(twice, 'hex') END, CASE WHEN n % 5 > 1 THEN sealed END, at::date,
    at::date, CASE code WHEN '' THEN 'answered' WHEN 'ACC-500' THEN 'failed' ELSE 'refused' END,
    CASE code WHEN '' THEN 200 ELSE 400 END, code, CASE code WHEN '' THEN '' ELSE 'HeaderMalformed' END, 2, at, '',
    ARRAY['l1:'::bytea || decode(twice, 'hex')], sealed, decode(twice, 'hex'),
    '{{{{"key_algorithm": "RSA-OAEP-256", "content_encryption": "A128CBC-HS256", "certificate_serial": "1"}}}}',
    decode(random, 'hex'), 1000, md5((n % 16)::text)::uuid, n, decode(twice, 'hex')
FROM (
    SELECT *, random || random AS twice, '202001.number.gone:'::bytea || decode(random || random, 'hex') AS sealed,
        CASE WHEN r % 250007 = 3 THEN '983887457' WHEN r % 10 < 6 THEN '974761076' WHEN r % 10 < 9 THEN '971648198'
            ELSE '889640782' END AS consumer,
        CASE WHEN r % 250007 = 3 THEN 'sodir' WHEN r % 10 < 6 THEN 'skatt-kontroll' ELSE 'fi-utlegg-saldo'
            END AS service,
        CASE WHEN r % 250007 = 3 THEN 'Rare' WHEN r % 10 < 6 THEN 'Skattekontroll' ELSE 'Utlegg' END AS mandate,
        CASE WHEN r % 100000 = 1 THEN 'ACC-500' WHEN r % 100 < 3 THEN 'ACC-001' WHEN r % 100 = 3 THEN 'ACC-002' ELSE ''
            END AS code
    FROM (SELECT n, random, ('x' || substr(random, 20, 7))::bit(28)::int AS r,
              %(first)s::timestamptz + (%(end)s::timestamptz - %(first)s::timestamptz) * (n / (%(rows)s + 1.0)) AS at
          FROM (SELECT n, md5(n::text || '{{partition}}') AS random FROM generate_series(1, %(rows)s) n) AS numbered
    ) AS drawn
) AS made ORDER BY n
""".replace(" % ", " %% ")
"""Three agencies that ask much and one of whose questions there are twenty in five million; refusals of two common
kinds and a failure of which there are fifty; a party of which every four-thousandth record is; the rest is spread."""


def months_before(today: date, number: int) -> list[date]:
    """Return the first days of so many months before this one, oldest first."""
    found, first = [], today.replace(day=1)
    for _ in range(number):
        first = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
        found.append(first)
    return found[::-1]


def make(session: psycopg.Connection[Any], month: date, rows: int, known: bytes) -> None:
    """Make a month of records and hang it into the trail; its indexes are built then."""
    name, (first, end) = partition_name(TABLE, month), bounds(month)
    session.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)")
    values = {"first": first, "end": end, "rows": rows, "known": known}
    session.execute(MAKE.format(partition=name), values)
    session.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{end}')")
    session.execute(f"ANALYZE {name}")


def remove(session: psycopg.Connection[Any], months: list[date]) -> None:
    for month in months:
        session.execute(f"DROP TABLE IF EXISTS {partition_name(TABLE, month)}")


def bounds(month: date) -> tuple[datetime, datetime]:
    return datetime.combine(month, time(), UTC), datetime.combine(next_month(month), time(), UTC)
