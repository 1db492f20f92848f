"""A notice as PDF: its very words on A4, the same bytes each time."""

from collections.abc import Iterator

from reportlab.platypus import Flowable, Paragraph, Spacer

from compliance.letters.letterhead import Letterhead, letterhead
from compliance.letters.typesetting import BOLD, REGULAR, pdf, plain, style

WORDS, HEADING = style("words", REGULAR, 9.5, 13.5, after=2.5), style("heading", BOLD, 10.5, 14, before=3, after=1)
POINT = style("point", REGULAR, 9.5, 13.5, after=1, indent=5)
BANK = style("bank", REGULAR, 8.5, 11)


def pdf_of(text: str, *, title: str) -> bytes:
    """Return the notice as PDF. Raise LetterNotSet."""
    sender = letterhead()
    head = "\n".join((sender.name, *sender.address))
    said = {"title": title, "author": sender.name, "creator": sender.name}
    return pdf(f"{head}\n{text}", _story(sender, text), **said)


def flowables(text: str) -> list[Flowable]:
    """Return the paragraphs of a text: # begins a heading, - a point, a blank line ends a paragraph."""
    found: list[Flowable] = []
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        begins = line.startswith(("# ", "- "))
        if lines and (begins or not line.strip()):
            found.append(_paragraph(lines))
            lines = []
        if line.startswith("# "):
            found.append(Paragraph(plain(line[2:].strip()), HEADING))
        elif line.strip():
            lines.append(line)
    return found


def _paragraph(lines: list[str]) -> Paragraph:
    is_point = lines[0].startswith("- ")
    words = "<br/>".join(plain(line.removeprefix("- ") if is_point else line).strip() for line in lines)
    return Paragraph(words, POINT, bulletText="–") if is_point else Paragraph(words, WORDS)


def _story(sender: Letterhead, text: str) -> Iterator[Flowable]:
    """Yield what is set; a paragraph can only be made once its font is known."""
    for line in (sender.name, *sender.address):
        yield Paragraph(plain(line), BANK)
    yield Spacer(0, 20)
    yield from flowables(text)
