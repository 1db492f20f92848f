"""Text from outside, made fit for a column and for the eyes of whoever reads the trail."""

import unicodedata

UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def clean(text: str, longest: int) -> str:
    """Return the text, cut, without characters that PostgreSQL refuses or that make it look like another one."""
    cut = text[:longest]
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(character for character in cut if unicodedata.category(character) not in UNSEEN)
