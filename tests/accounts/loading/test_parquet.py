"""Parquet is read row group by row group, and judged by the very rules of CSV."""

import io
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow
import pytest
from pyarrow import parquet

from accounts.loading import parquet as reading
from accounts.loading.lines import Rows
from accounts.loading.refusals import Refused
from accounts.loading.tables import TABLES
from tests.cluster import ROOT

PARTY = {
    "id": [11, 12],
    "type": ["person", "organisation"],
    "name": ['Bjørk, "Rank"', "B"],
    "protection_grade": ["ugradert"] * 2,
}


def file_of(columns, **options):
    content = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), content, **options)
    return io.BytesIO(content.getvalue())


def read(table, columns, position=0, **options):
    """Return the good rows of a file as lines, its rejects, and the position after each block."""
    source = reading.parquet_source(f"{table}.parquet", file_of(columns, **options))
    rows, rejects, good, positions = Rows(TABLES[table], source.header), [], [], []
    for block in source.blocks(position, 0):
        good += rows.good(block.text, line=block.line, refuse=lambda *bad: rejects.append(bad))
        positions.append(block.following)
    return "".join(good).splitlines(), rejects, positions


def test_rows():
    good, rejects, positions = read("party", PARTY)
    assert good == ['"11","person","Bjørk, ""Rank""","ugradert"', "12,organisation,B,ugradert"]
    assert (rejects, positions) == ([], [2])


def test_every_kind_of_value():
    moment = pyarrow.array(
        [datetime(2026, 11, 20, 22, 59, 59, 500000, tzinfo=UTC)], pyarrow.timestamp("us", "Europe/Oslo")
    )
    columns = {
        "id": [61],
        "account_id": pyarrow.array([41], pyarrow.int32()),
        "type": ["bookedBalance"],
        "amount": [Decimal("-0.00001")],
        "currency": pyarrow.array(["NOK"], pyarrow.large_string()),
        "registered_at": moment,
        "credit_line_included": [False],
        "credit_line_amount": pyarrow.array([None], pyarrow.decimal128(20, 2)),
    }
    assert read("balance", columns)[:2] == (
        ["61,41,bookedBalance,-0.00001,NOK,2026-11-20T23:59:59.500000+01:00,false,"],
        [],
    )
    dated = {**{name: values[:1] for name, values in PARTY.items()}, "date_of_death": [date(2024, 2, 29)]}
    good, rejects, _ = read("party", dated)
    assert '"2024-02-29"' in good[0] and not rejects


@pytest.mark.parametrize(
    ("changes", "rejects"),
    [
        pytest.param({"id": [0, 12]}, [(1, "id", "is not a whole number from 1 to 2^63-1")], id="a key"),
        pytest.param({"name": ["A", None]}, [(2, "name", "is empty")], id="nothing"),
        pytest.param({"name": ["A\nB", "C"]}, [(1, "name", "holds a control character")], id="a line break"),
        pytest.param({"name": ["A", "B\0"]}, [(2, "name", "holds a control character")], id="NUL"),
    ],
)
def test_rows_that_are_refused(changes, rejects):
    good, refused, _ = read("party", PARTY | changes)
    assert (len(good), refused) == (1, rejects)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(pyarrow.array([1.5, 2.5]), id="floating point"),
        pytest.param(pyarrow.array([0, 1], pyarrow.timestamp("us")), id="a moment without its zone"),
        pytest.param(pyarrow.array([b"a", b"b"]), id="bytes"),
        pytest.param(pyarrow.array([["a"], []]), id="lists"),
    ],
)
def test_types_that_are_refused(values):
    with pytest.raises(Refused) as refused:
        read("party", PARTY | {"name": values})
    assert str(refused.value).startswith("party.parquet has name in another type than text, integer")


def test_a_load_goes_on_at_a_row():
    rows = {name: values[:1] * 50 for name, values in PARTY.items()} | {"id": [*range(1, 51)]}
    every, _, positions = read("party", rows, row_group_size=20)
    assert positions == [20, 40, 50]
    assert read("party", rows, position=20, row_group_size=20)[0] == every[20:]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"id,type\n"])
def test_what_is_no_parquet(content):
    with pytest.raises(Refused) as refused:
        reading.parquet_source("party.parquet", io.BytesIO(content))
    assert str(refused.value) == "party.parquet is not a Parquet file."


def test_without_the_extra_there_is_one_sentence_and_csv_needs_none():
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from accounts.loading import parquet, sources\n"
        "try: parquet.parquet_source('party.parquet', None)\n"
        "except parquet.Refused as refused: print(refused)"
    )
    done = subprocess.run(
        [sys.executable, "-c", SETTINGS + code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (f"party.parquet: {reading.MISSING}\n", "")


SETTINGS = (
    "import django; from django.conf import settings; settings.configure(INSTALLED_APPS=['accounts']); django.setup()\n"
)
