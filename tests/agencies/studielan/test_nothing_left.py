"""What Lånekassen answers reaches no table, no write-ahead log, no dump and no log of ours: not while it is shown,
and not afterwards."""

import base64
import logging
import time

from agencies.studielan import logins
from agencies.studielan.sessions import SessionStore
from tests import cluster
from tests.agencies.studielan.customers import consented_login
from tests.wire import recording

PLANTED = "918273645.46"
AMOUNT = f'{{"currency":"NOK","amount":{PLANTED}}}'
ACCOUNT = f'{{"Balances":[{{"BalanceAmount":{AMOUNT}}}],"Name":"Omkostninger","Bban":"03909310090"}}'
ANSWER = f'{{"Accounts":[{ACCOUNT}],"TotalAmount":{PLANTED}}}'
MARKER = b"search-finds-this-marker"


def spellings(text):
    """Return the bytes that the text would be in the files, in base64 at each of its three offsets too."""
    encoded = [base64.b64encode(b"\0" * offset + text)[4 * bool(offset) : -4] for offset in range(3)]
    return [text, text.hex().encode(), text.hex().upper().encode(), text.decode().encode("utf-16-le"), *encoded]


SPELLINGS = [
    spelling
    for text in (b"918273645.46", b"918273645,46", b"918 273 645", "918\u00a0273\u00a0645".encode(), b"91827364546")
    for spelling in spellings(text)
]


def dump_of(connection):
    """Return every row of every table, as a dump has it."""
    tables = connection.execute(
        "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    ).fetchall()
    rows = []
    for (table,) in tables:
        with connection.cursor() as cursor, cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as copy:
            rows += [bytes(piece) for piece in copy]
    return b"".join(rows)


def everything(superuser, since):
    """Return a dump, and every file of the cluster that was written to: tables, write-ahead log and log."""
    with superuser() as connection:
        connection.execute("CHECKPOINT")
        dump = dump_of(connection)
    files = [path for path in cluster.CLUSTER.place.base.rglob("*") if path.is_file()]
    written = [path for path in files if path.stat().st_mtime >= since - 2]
    assert any("pg_wal" in path.parts for path in written)
    return dump, b"\n".join(path.read_bytes() for path in written)


def found(heap):
    return [spelling for spelling in SPELLINGS if spelling in heap]


def test_nothing_is_left(committed, superuser, settings, caplog):
    caplog.set_level(logging.DEBUG)
    begun = time.time()
    with recording() as lanekassen:
        settings.LANEKASSEN_ACCOUNTS_URL = f"{lanekassen.base}/Accounts"
        lanekassen.answer(body=ANSWER)
        customer = consented_login(committed, "7")
        session = SessionStore()
        session["shown"] = PLANTED
        session["marker"] = MARKER.decode()
        session.create()
        look = logins.balances(customer)
    assert format(look.debt.total, "f") == PLANTED
    with superuser() as connection:
        connection.execute(
            "INSERT INTO studielan_browsersession VALUES ('marker', %s, now() + interval '1 hour')", [MARKER]
        )
    dump, files = everything(superuser, begun)
    assert MARKER.hex().encode() in dump
    assert files.count(MARKER) >= 2, "in the table and in the write-ahead log: what is searched is what there is"
    assert (found(dump), found(files)) == ([], [])
    assert customer.identifier not in dump.decode()
    assert customer.secret.encode() not in dump + files
    assert session.session_key.encode() not in dump + files

    logins.end(customer)
    session.flush()
    dump, files = everything(superuser, begun)
    assert (found(dump), found(files)) == ([], [])
    assert customer.identifier.encode() not in files
    assert found(caplog.text.encode()) == []
    assert customer.identifier not in caplog.text


def test_the_search_finds_what_is_there(superuser):
    """A table of plaintext would be found in each spelling of its column's type."""
    with superuser() as connection:
        connection.execute("CREATE TABLE planted (a numeric, b bytea, c jsonb)")
        try:
            connection.execute(
                "INSERT INTO planted VALUES (%s, %s, %s)", [PLANTED, PLANTED.encode(), f'{{"a": {PLANTED}}}']
            )
            heap = dump_of(connection)
        finally:
            connection.execute("DROP TABLE planted")
    assert heap.count(PLANTED.encode()) == 2
    assert PLANTED.encode().hex().encode() in heap
