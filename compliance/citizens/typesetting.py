"""A letter to a citizen as PDF: the letterhead, the parts of the letter, and what was told as a table."""

import unicodedata
from collections.abc import Iterator, Sequence

from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    LongTable,
    Paragraph,
    Spacer,
    TableStyle,
)

from compliance.citizens import words
from compliance.citizens.letters import HEADINGS, Letter, Part, Row
from compliance.letters.letterhead import Letterhead
from compliance.letters.typesetting import BOLD, REGULAR, pdf, plain, style

WIDTHS = (20 * mm, 40 * mm, 43 * mm, 38 * mm, 20 * mm)
SMALL, GAP = 8, 4
ALONE = 30 * mm
"""A heading with less room below it goes to the next page."""


def typeset(letter: Letter) -> bytes:
    """Return the letter as PDF. Raise LetterNotSet rather than print a box."""
    sender = letter.sender.name
    said = {"title": letter.title, "author": sender, "subject": letter.case_reference, "creator": sender}
    return pdf("".join(_texts(letter)), _story(letter), **said)


def _texts(letter: Letter) -> Iterator[str]:
    """Yield all that will be set."""
    sender = letter.sender
    yield from (letter.title, letter.case_reference, letter.addressee.name, *letter.addressee.address)
    yield from (sender.name, *sender.address, *sender.contact, sender.data_protection_officer)
    for part in letter.parts:
        yield from (part.heading, part.text)
        for row in part.rows:
            yield from row


def _story(letter: Letter) -> Iterator[Flowable]:
    yield from _head(letter.sender)
    yield from (_text(line) for line in (letter.addressee.name, *letter.addressee.address))
    yield Spacer(0, 8 * mm)
    yield _text(f"{words.long_day(letter.written_on)} · Saksnummer {letter.case_reference}")
    yield Spacer(0, 6 * mm)
    yield Paragraph(plain(letter.title), style("title", BOLD, 14, 18, after=4))
    for part in letter.parts:
        yield from _part(part)
    yield Spacer(0, 6 * mm)
    yield KeepTogether([_text("Med vennlig hilsen"), _text(letter.sender.name)])


def _head(sender: Letterhead) -> Iterator[Flowable]:
    yield Paragraph(plain(sender.name), style("sender", BOLD, 12, 15))
    for line in (*sender.address, *sender.contact):
        yield Paragraph(plain(line), style("address", REGULAR, 8.5, 11))
    yield Spacer(0, 14 * mm)


def _part(part: Part) -> Iterator[Flowable]:
    if part.heading:
        yield CondPageBreak(ALONE)
        yield Paragraph(plain(part.heading), style("heading", BOLD, 10.5, 14, before=3, after=1))
    if part.text:
        yield _text(part.text, after=2)
    if part.rows:
        yield _table(part.rows)


def _table(rows: Sequence[Row]) -> LongTable:
    """Return the rows as a table. Its lines are broken here: as many paragraphs would take ten times as long."""
    broken = [[_broken(text, BOLD, width) for text, width in zip(HEADINGS, WIDTHS, strict=True)]]
    broken += [[_broken(text, REGULAR, width) for text, width in zip(row, WIDTHS, strict=True)] for row in rows]
    table = LongTable(broken, colWidths=WIDTHS, repeatRows=1, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, 0), BOLD, SMALL, SMALL + 2),
                ("FONT", (0, 1), (-1, -1), REGULAR, SMALL, SMALL + 2),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, "#333333"),
                ("LINEBELOW", (0, 1), (-1, -1), 0.3, "#999999"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), GAP),
            ]
        )
    )
    return table


def _broken(text: str, font: str, width: float) -> str:
    """Return the text in lines that fit the width; a word that is wider is broken where it must be."""
    lines = []
    for line in simpleSplit(unicodedata.normalize("NFC", text), font, SMALL, width - GAP):
        rest = line
        while pdfmetrics.stringWidth(rest, font, SMALL) > width - GAP:
            fits = next(
                n for n in range(len(rest), 0, -1) if pdfmetrics.stringWidth(rest[:n], font, SMALL) <= width - GAP
            )
            lines.append(rest[:fits])
            rest = rest[fits:]
        lines.append(rest)
    return "\n".join(lines)


def _text(text: str, after: float = 0) -> Paragraph:
    return Paragraph(plain(text), style("text", REGULAR, 9.5, 13.5, after=after))
