"""Cells that no spreadsheet takes for a formula, in whatever country it splits the lines; and the way back.

An apostrophe goes before each letter that could begin a formula where a cell could begin: at the start, and after
whatever some spreadsheet takes for the end of a cell, blanks and quotation marks passed over. Where an apostrophe
stands there already, one more does. To get back what was there, take one apostrophe away at each such place.
"""

import re

BEGINS = "=+\\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b"
"""What a formula begins with, in all its widths."""
WHITE = "\\t\\r\\n"
PLACE = rf"(^|[;,|{WHITE}])([ \u00a0\"]*)"
DANGEROUS = re.compile(rf"{PLACE}(?=[{BEGINS}{WHITE}'])")
GUARDED = re.compile(rf"{PLACE}'")


FIRST = frozenset(" \u00a0\"'\t\r\n=+-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b")
ENDS = re.compile(f"[;,|{WHITE}]")


def guarded(text: str) -> str:
    """Return the text as a cell that is read as text."""
    if not text or (text[0] not in FIRST and not ENDS.search(text)):
        return text  # as nearly all are
    return DANGEROUS.sub(r"\1\2'", text)


def unguarded(cell: str) -> str:
    """Return the text that such a cell was made of."""
    return GUARDED.sub(r"\1\2", cell)
