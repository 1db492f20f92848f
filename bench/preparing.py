"""Make the databases of a run ready, as their owner: tables, rights, services, keys, and the ledger unless it is there.

What was made is remembered in a comment on a table, so that a kept folder is made anew only when something changed.
"""

import argparse
import hashlib
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from bench import ledger, sizes
from bench.population import population
from bench.sizes import SIZES, Size
from legal.periods import day_in_oslo
from sandbox.certpub.enterprise import prepare_bank
from sandbox.certpub.preparing import prepare
from sandbox.certpub.site import here
from sandbox.counterparts.tsa.authority import prepare as prepare_witness
from sandbox.police.authority import prepare as prepare_police
from sandbox.seal_keys import prepare as prepare_seal


def prepare_all(size: Size) -> None:
    for alias in connections:
        call_command("migrate", database=alias, interactive=False, verbosity=0, skip_checks=True)
    call_command("audit_partitions")
    call_command("database_roles", "--apply")
    call_command("load_services")
    prepare()
    prepare_bank(here())
    prepare_police(here())
    prepare_witness(Path(settings.SANDBOX_FOLDER))
    prepare_seal(Path(settings.SANDBOX_FOLDER))
    call_command("collectstatic", interactive=False, verbosity=0)
    fill(size)


def fill(size: Size) -> None:
    """Make the ledger, or only bring its moment to now when it is the one wanted."""
    now = datetime.now(UTC).replace(microsecond=0)
    wanted = f"Benchmark {size.name} {day_in_oslo(now)} {digest()}"
    connections["ledger"].ensure_connection()
    session = connections["ledger"].connection
    with session.cursor() as cursor:
        cursor.execute("SELECT obj_description('financial_institution'::regclass, 'pg_class')")
        made = cursor.fetchone()[0] == wanted
        if not made:
            ledger.make_ledger(session, size, now=now, said=say)
            cursor.execute(sql.SQL("COMMENT ON TABLE financial_institution IS {}").format(sql.Literal(wanted)))
        cursor.execute("UPDATE financial_institution SET as_of = %s", [now])
        found = population(cursor, size)
    file = Path(settings.SANDBOX_FOLDER) / "population.json"
    file.write_text(json.dumps(found))


def digest() -> str:
    """Return a digest of the code that makes the ledger."""
    files = (Path(module.__file__) for module in (ledger, sizes))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def say(what: str) -> None:
    sys.stderr.write(f"  {time.monotonic() - BEGUN:6.1f} s  {what}\n")


BEGUN = time.monotonic()


def main(*arguments: Any) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.preparing", description=__doc__)
    parser.add_argument("size", choices=SIZES)
    options = parser.parse_args(arguments)
    django.setup()
    prepare_all(SIZES[options.size])
    connections.close_all()


if __name__ == "__main__":
    main(*sys.argv[1:])
