"""Some whole rows of a file as lines of CSV, whatever the file was."""

from typing import NamedTuple


class Block(NamedTuple):
    """The number of the first row's line, how many lines there are, and the position where the next block begins."""

    text: str
    line: int
    lines: int
    following: int
