"""No spreadsheet takes a cell of an export for a formula, and every text comes back."""

import csv
import io
import re

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from compliance.exporting.cells import guarded, unguarded
from compliance.exporting.tables import CUT, LONGEST_CELL, TextTable, Workbook, in_xml
from tools.verify_proof import GUARDED

NASTY = st.text(alphabet="=+-@'\t\r\n;,|\"\u00a0 a1\uff1d\uff0b\uff0d\uff20\u2212", max_size=30)
WORDS = NASTY | st.text(max_size=60)
CELL_ENDS = re.compile("[;,|\t\r\n]")
BEGINNINGS = set("=+-@＝＋－＠−")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param("FI-Utlegg-Saldo", "FI-Utlegg-Saldo", id="ordinary words"),
        pytest.param("=1+1", "'=1+1", id="a formula"),
        pytest.param("+47 22", "'+47 22", id="a plus"),
        pytest.param("-1", "'-1", id="a minus"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="an at"),
        pytest.param("＝1", "'＝1", id="in full width"),
        pytest.param("\t=1", "'\t'=1", id="behind a tab"),
        pytest.param("\r=1", "'\r'=1", id="behind a carriage return"),
        pytest.param('  "=1', "  \"'=1", id="behind blanks and a quotation mark"),
        pytest.param("a;=1;b", "a;'=1;b", id="where a Norwegian Excel begins a cell"),
        pytest.param("a,=1,b", "a,'=1,b", id="where an English one does"),
        pytest.param("'=1", "''=1", id="an apostrophe that was there"),
        pytest.param("'", "''", id="an apostrophe alone"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_how_a_cell_is_guarded(text, cell):
    assert (guarded(text), unguarded(cell)) == (cell, text)


@settings(max_examples=300)
@given(WORDS)
@example("\t'x")
@example(";'=")
def test_every_text_comes_back_and_no_cell_begins_a_formula(text):
    cell = guarded(text)
    assert unguarded(cell) == text
    assert GUARDED.sub(r"\1\2", cell) == text  # the stranger's checker has the same rule
    assert cell[:1] not in BEGINNINGS | set("\t\r\n")
    assert not [part for part in CELL_ENDS.split(cell) if part.lstrip(' "\u00a0')[:1] in BEGINNINGS]


@settings(max_examples=60)
@given(st.lists(st.lists(st.text(max_size=20) | NASTY, min_size=2, max_size=2), max_size=5))
def test_a_table_read_back(rows):
    file = io.BytesIO()
    table = TextTable(file, ["id", "refusal"])
    for row in rows:
        table.add(row)
    table.close()
    table.close()
    content = file.getvalue()
    assert content.startswith(b'\xef\xbb\xbf"id","refusal"\r\n')
    _names, *read = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    assert [[unguarded(cell) for cell in row] for row in read] == rows


VISIBLE = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=30
)


@settings(max_examples=25)
@given(
    st.lists(VISIBLE | st.sampled_from(["=1+1", "+1", "@x", "{=1}", "http://x.example", "_x0041_", "1e5"]), max_size=8)
)
def test_a_workbook_read_back(tmp_path_factory, texts):
    read = workbook_of(tmp_path_factory.mktemp("book"), [{"refusal": text} for text in texts])
    [sheet] = read.worksheets
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    assert [unescape(cell.value) for cell in cells] == texts
    assert not [cell for cell in cells if cell.hyperlink or (cell.value and cell.data_type == "n")]


def test_a_sheet_that_is_full_is_followed_by_another(tmp_path):
    read = workbook_of(tmp_path, [{"refusal": str(number)} for number in range(5)], most=3)
    assert [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in read.worksheets] == [
        ["refusal", "0", "1"],
        ["refusal", "2", "3"],
        ["refusal", "4"],
    ]
    assert not list(tmp_path.iterdir())


def test_a_book_that_was_given_up_leaves_nothing_open(tmp_path):
    book = Workbook(io.BytesIO(), ["refusal"], tmp_path)
    book.add({}, ["x"])
    book.drop()


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("å\ud800", "å\ufffd"),
        ("\uffff", "\ufffd"),
        ("x" * LONGEST_CELL, "x" * LONGEST_CELL),
        ("x" * (LONGEST_CELL + 1), "x" * (LONGEST_CELL - len(CUT)) + CUT),
        ("😀" * LONGEST_CELL, "😀" * ((LONGEST_CELL - len(CUT)) // 2) + CUT),
    ],
)
def test_what_a_workbook_cannot_hold(text, cell):
    assert in_xml(text) == cell


def workbook_of(folder, rows, **bounds):
    """Return a workbook with one column as another program reads it."""
    file = io.BytesIO()
    book = Workbook(file, ["refusal"], folder, **bounds)
    for row in rows:
        book.add(row, [row["refusal"]])
    book.close()
    return openpyxl.load_workbook(file)
