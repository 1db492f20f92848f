"""A file of agreements: one to a line, in UTF-8, with a header; each line is a wish or has a reason why not.

provider;employer;reference;from;to;wanted — the numbers of both parties, the provider's own reference, months such as
2021-01, the last one empty while the agreement is running, and yes, or no for one that the agency is to delete.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from agencies.pension.keeping import Wish, fault_in_wish
from agencies.pension.months import FIRST_OF_EFFECT
from agencies.pension.terms import WORDS, trimmed

COLUMNS = ("provider", "employer", "reference", "from", "to", "wanted")
SEPARATORS = {"semicolon": ";", "comma": ","}
LONGEST_LINE = 65_536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
REMARK = b"#"
"""What a file of rejects says about a line stands before it, so that the mended file can be imported as it is."""


class FileRefused(Exception):
    """The file as a whole is none of agreements; nothing of it was kept. Its text is for whoever imports it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it stands in the file, and the wish it holds or the reason why it holds none."""

    number: int
    raw: bytes
    wish: Wish | None = None
    reason: str = ""

    @property
    def begins_too_early(self) -> bool:
        """Whether the agreement begins before months that count."""
        return self.wish is not None and self.wish.wanted and self.wish.from_month < FIRST_OF_EFFECT


def read_lines(file: BinaryIO, *, separator: str, this_month: str, future_end: bool) -> Iterator[Line]:
    """Yield the lines below the header; remarks and empty lines are none. Raise FileRefused."""
    for number, raw in _raw_lines(file):
        if number == 1:
            _check_header(raw.removeprefix(BYTE_ORDER_MARK), separator)
        elif raw.strip() and not raw.startswith(REMARK):
            try:
                yield Line(number, raw, wish=_wish(raw, separator, this_month, future_end))
            except ValueError as fault:
                yield Line(number, raw, reason=str(fault))


def _raw_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE:
            raise FileRefused(f"Line {number} is longer than {LONGEST_LINE} bytes.")
        yield number, raw.rstrip(b"\r\n")
    if not number:
        raise FileRefused("The file is empty.")


def _check_header(raw: bytes, separator: str) -> None:
    if raw != separator.join(COLUMNS).encode():
        raise FileRefused(f"The first line must be {separator.join(COLUMNS)}.")


def _wish(raw: bytes, separator: str, this_month: str, future_end: bool) -> Wish:
    """Return what the line says. Raise ValueError with the reason why it says nothing."""
    provider, employer, reference, from_month, to_month, wanted = _fields(raw, separator)
    if wanted not in {"yes", "no"}:
        raise ValueError("The last column must be yes or no.")
    wish = Wish(provider, employer, trimmed(reference), wanted=False)
    if wanted == "yes":
        wish = Wish(provider, employer, trimmed(reference), from_month, to_month)
    fault = fault_in_wish(wish, this_month=this_month, future_end=future_end)
    if fault:
        raise ValueError(str(WORDS[fault]))
    return wish


def _fields(raw: bytes, separator: str) -> list[str]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("The line is not in UTF-8.") from None
    try:
        rows = list(csv.reader([text], delimiter=separator, strict=True))
    except csv.Error:
        raise ValueError("The quotation marks do not fit.") from None
    if len(rows) != 1 or len(rows[0]) != len(COLUMNS):
        raise ValueError(f"There are not {len(COLUMNS)} columns.")
    return rows[0]
