"""Sealed rows as whoever checks the trail reads them: the leaf of each, and the chain of each writer."""

from collections import defaultdict

import psycopg

from audit.seal.leaves import columns_of, content, leaf, selected
from audit.seal.writers import digest_of, introduction


def texts_in(cursor, table, row_id):
    """Return the sealed columns' texts of one row, and its salt."""
    cursor.execute(f"SELECT salt, {selected(table)} FROM {table} WHERE id = %s", [row_id])
    salt, *values = cursor.fetchone()
    return bytes(salt), dict(zip(columns_of(table), values, strict=True))


def chains(connection, table):
    """Return for each writer, in the order of their first rows, how many rows its unbroken chain has.

    Refuse a chain with a gap, a number twice, or a digest that is not the row's before.
    """
    writers = defaultdict(dict)
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        cursor.execute(f"SELECT salt, {selected(table)} FROM {table} ORDER BY id")
        for salt, *values in cursor:
            row = dict(zip(columns_of(table), values, strict=True))
            number = int(row["writer_number"])
            assert number not in writers[row["writer"]], "a number twice"
            writers[row["writer"]][number] = (row["writer_previous"], leaf(bytes(salt), content(table, values)))
    for writer, rows in writers.items():
        before = introduction(writer)
        for number in range(1, len(rows) + 1):
            previous, own = rows[number]
            assert previous == f"\\x{before.hex()}"
            before = digest_of(own)
    return [len(rows) for rows in writers.values()]
