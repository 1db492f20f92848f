"""How fast `load_ledger` loads, beside bare psycopg COPY of the same file's rows into a table with the same key.

The rows are transactions of earlier months than the ledger's, so that nothing else is in their way: the ledger's own
under other ids, as often as it takes.
"""

import csv
import importlib.util
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg

from accounts.partitions import make_partitions, months, next_month, partition_name
from bench.ledger import INSTITUTION
from bench.questions import MONTHS
from bench.world import World
from dsop.databases import Role
from legal.periods import OSLO, months_before
from sandbox.surroundings import PROJECT

ROWS = 1_000_000
APART = 1_000_000_000
"""Between the ids of a row and its copies."""
EARLIER = 12
"""Months between these rows and the ledger's own."""
LONG = 3
MOMENT = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
COLUMNS = (
    *("id", "account_id", "booked_at", "value_at", "performed_at", "identifier", "status", "amount", "currency"),
    *("reversal", "domain", "family", "sub_family", "additional_info", "merchant", "free_text_code"),
    *("bank_references", "counterparties", "original_amount", "source_currency", "target_currency", "unit_currency"),
    *("exchange_rate", "card_id"),
)
WRITTEN = {
    **{name: MOMENT.format("moment") for name in ("booked_at", "value_at")},
    "performed_at": f"CASE WHEN performed_at IS NOT NULL THEN {MOMENT.format('moment')} END",
    "id": f"id + turn * {APART}",
    "reversal": "reversal::text",
}
EXPORT = f"""
COPY (SELECT {", ".join(f"{WRITTEN.get(name, name)} AS {name}" for name in COLUMNS)}
      FROM (SELECT *, timestamptz '{{begin}}' + (timestamptz '{{end}}' - timestamptz '{{begin}}')
                      * ((row_number() OVER () - 1) / {{rows}}::float8) AS moment
            FROM "transaction", generate_series(1, {{turns}}) AS turn ORDER BY turn, id LIMIT {{rows}}) AS laid)
TO STDOUT (FORMAT csv, HEADER)
"""
MANIFEST = """
id = "bench-{moment}"
[as_of]
{institution} = {now}
[tables]
transaction = {{ rows = {rows}, from = {first}, to = {last} }}
"""


def measure(world: World) -> dict[str, Any]:
    """Return rows a second of either way, and the loader's share of the bare one's."""
    turns = -(-ROWS // world.size.transactions)
    first = months_before(datetime.now(OSLO).date(), MONTHS + EARLIER).replace(day=1)
    folder = world.folder / "delivery"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o711)
    try:
        with psycopg.connect(world.cluster.superuser_url("ledger"), autocommit=True) as session:
            make_room(session, first)
            export(session, folder / "transaction.csv", first, turns)
            bare = ROWS / copied(session, folder / "transaction.csv")
        found: dict[str, Any] = {"rows": ROWS, "bare COPY, rows/s": bare}
        if importlib.util.find_spec("accounts.loading") is None:
            return {**found, "load_ledger": "not built"}
        write_manifest(folder, first)
        loaded = ROWS / load(world, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {**found, "load_ledger, rows/s": loaded, "share": loaded / bare}


def last_of(first: date) -> date:
    """Return the last day of the months that are loaded."""
    after = first
    for _ in range(LONG):
        after = next_month(after)
    return date.fromordinal(after.toordinal() - 1)


def make_room(session: psycopg.Connection[Any], first: date) -> None:
    """Have the partitions, empty, as the ledger's owner would."""
    with session.cursor() as cursor:
        cursor.execute("SET ROLE ledger_owner")
        make_partitions(cursor, first, last_of(first))
        names = (f'"{partition_name("transaction", month)}"' for month in months(first, last_of(first)))
        cursor.execute(f"TRUNCATE {', '.join(names)}".encode())
        cursor.execute("RESET ROLE")


def export(session: psycopg.Connection[Any], file: Path, first: date, turns: int) -> None:
    statement = EXPORT.format(begin=f"{first} 06:00+00", end=f"{last_of(first)} 06:00+00", rows=ROWS, turns=turns)
    with file.open("wb") as written, session.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for block in copy:
            written.write(block)


def copied(session: psycopg.Connection[Any], file: Path) -> float:
    """Return the seconds of bare COPY, with nothing checked; the table is gone afterwards."""
    with session.cursor() as cursor:
        cursor.execute('CREATE TABLE bench_copied (LIKE "transaction" INCLUDING ALL)')
        try:
            begun = time.perf_counter()
            with cursor.copy(f"COPY bench_copied ({', '.join(COLUMNS)}) FROM STDIN".encode()) as copy:
                for row in rows_of(file):
                    copy.write_row(row)
            return time.perf_counter() - begun
        finally:
            cursor.execute("DROP TABLE bench_copied")


def rows_of(file: Path) -> Iterator[list[str | None]]:
    """Give the file's rows; a moment or number that is not there is None."""
    empty = {COLUMNS.index(name) for name in ("performed_at", "original_amount", "exchange_rate", "card_id")}
    with file.open(newline="") as lines:
        reader = csv.reader(lines)
        next(reader)
        for row in reader:
            yield [value if value or place not in empty else None for place, value in enumerate(row)]


def write_manifest(folder: Path, first: date) -> None:
    now = datetime.now(UTC)
    text = MANIFEST.format(
        moment=f"{now:%Y%m%dT%H%M%S}",
        institution=INSTITUTION,
        now=f"{now:%Y-%m-%dT%H:%M:%S}Z",
        rows=ROWS,
        first=first,
        last=last_of(first),
    )
    (folder / "delivery.toml").write_text(text)


def load(world: World, folder: Path) -> float:
    """Return the seconds of the loader's own command, its start included."""
    urls = {"LEDGER_LOADER_URL": world.cluster.urls()["LEDGER_LOADER_URL"]}
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "manage.py", "load_ledger", str(folder)],
        cwd=PROJECT,
        env=world.environment(urls, DSOP_ROLE=Role.LOADER),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"load_ledger failed: {done.stdout[-1000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - begun
