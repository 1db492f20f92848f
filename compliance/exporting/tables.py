"""The records as tables: a text that every program reads, and a workbook. Neither is ever whole in memory."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from compliance.exporting.cells import guarded
from compliance.exporting.columns import WHOLE_NUMBERS, cell_of, label_of, local

BOM = "\ufeff"
"""Without it a Norwegian Excel reads UTF-8 as something else."""
MOST_ROWS = 1_048_576
LONGEST_CELL = 32_767
CUT = " … (whole in records.csv)"
NOT_IN_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss.000",
}
WIDTHS = {"id": 38, "at": 33, "at_oslo": 24, "account_info_request_id": 38, "correlation_id": 38}
Row = Mapping[str, Any]


class TextTable:
    """RFC 4180 in UTF-8: every cell in quotation marks, every line ended by CR LF, headings as the seal has them."""

    def __init__(self, file: IO[bytes], columns: Sequence[str]) -> None:
        self._text: io.TextIOWrapper | None = io.TextIOWrapper(file, encoding="utf-8", newline="")
        self._writer = csv.writer(self._text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        self._text.write(BOM)
        self._writer.writerow(columns)

    def add(self, cells: Sequence[str]) -> None:
        self._writer.writerow([guarded(cell) for cell in cells])

    def close(self) -> None:
        """Leave the file open, with everything in it. Closing twice is harmless."""
        if self._text is not None:
            self._text.detach()
            self._text = None


class Workbook:
    """The same for whoever sorts and filters: headings in words, times and numbers as such. Nothing is a formula.

    Its parts lie in a folder of the caller's until it is closed. A sheet that is full is followed by another.
    """

    def __init__(self, file: IO[bytes], columns: Sequence[str], folder: Path, *, most: int = MOST_ROWS) -> None:
        self._book = xlsxwriter.Workbook(file, {**OPTIONS, "tmpdir": str(folder)})
        self._book.use_zip64()
        self._bold = self._book.add_format({"bold": True})
        self._moment = self._book.add_format({"num_format": OPTIONS["default_date_format"]})
        self._columns, self._labels, self._most = columns, [label_of(name) for name in columns], most
        self._begin()

    def add(self, row: Row, cells: Sequence[str]) -> None:
        if self._next == self._most:
            self._begin()
        for place, (name, cell) in enumerate(zip(self._columns, cells, strict=True)):
            if name == "at_oslo":
                self._sheet.write_datetime(self._next, place, wall_clock(row), self._moment)
            elif name in WHOLE_NUMBERS and cell:
                self._sheet.write_number(self._next, place, int(cell))
            elif cell:
                self._sheet.write_string(self._next, place, in_xml(cell))
        self._next += 1

    def close(self) -> None:
        """Put the book together. The parts are gone afterwards."""
        self._book.close()

    def drop(self) -> None:
        """Let go of what is open in a book that will never be one."""
        for sheet in self._book.worksheets():
            sheet.row_data_fh.close()

    def _begin(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        for place, (name, label) in enumerate(zip(self._columns, self._labels, strict=True)):
            self._sheet.set_column(place, place, WIDTHS.get(name, 18))
            self._sheet.write_string(0, place, label, self._bold)
        self._next = 1


def cells_of(row: Row, columns: Sequence[str]) -> list[str]:
    """Return a record's cells, as they were sealed."""
    return [cell_of(name, row) for name in columns]


def wall_clock(row: Row) -> datetime:
    """Return the time in Oslo without its zone, which a workbook knows nothing of; `utc_offset` stands beside it."""
    return local(row).replace(tzinfo=None)


def in_xml(text: str) -> str:
    """Return the text without what XML cannot hold, and no longer than a cell may be."""
    if text.isascii() and len(text) <= LONGEST_CELL:
        return text
    kept = NOT_IN_XML.sub("\ufffd", text)
    if len(kept.encode("utf-16-le")) // 2 <= LONGEST_CELL:
        return kept
    room = (LONGEST_CELL - len(CUT)) * 2
    return kept.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + CUT
