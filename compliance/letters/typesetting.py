"""Setting a letter as PDF: A4, our own font in the file, numbered pages, the same bytes for the same letter."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, SimpleDocTemplate

FONTS = Path(__file__).resolve().parent / "fonts"
REGULAR, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
SIDE, TOP, BOTTOM = 22 * mm, 20 * mm, 22 * mm
UNSET = frozenset({"Mn", "Mc", "Me", "Cc", "Cf", "Cn", "Co", "Cs"})
"""Characters that are no letters by themselves: what they do to others is not set."""


class LetterNotSet(Exception):
    """The font lacks letters of this text, or would set them wrongly. Its text is a sentence that says which."""

    def __init__(self, letters: str) -> None:
        super().__init__(_("The letters' font cannot set: %(letters)s") % {"letters": told(letters)})
        self.letters = letters


def pdf(words: str, story: Iterable[Flowable], **said: str) -> bytes:
    """Return the story as PDF, `words` being all that is set in it. Raise LetterNotSet rather than print a box.

    `said` is what the file says of itself: title, author, subject, creator.
    """
    if wrong := unsettable(words):
        raise LetterNotSet(wrong)
    fonts()
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=SIDE,
        rightMargin=SIDE,
        topMargin=TOP,
        bottomMargin=BOTTOM,
        lang="nb-NO",
        displayDocTitle=True,
        invariant=1,
        **said,
    )
    document.build(list(story), canvasmaker=NumberedCanvas)
    return file.getvalue()


def unsettable(text: str) -> str:
    """Return the characters that the letters' font cannot set."""
    known = fonts()
    composed = unicodedata.normalize("NFC", text)
    return "".join(sorted({letter for letter in composed if letter != "\n" and not _is_set(letter, known)}))


def settable(text: str) -> str:
    """Return the text. Raise ValidationError when the letters' font cannot set it."""
    if wrong := unsettable(text):
        raise ValidationError(str(LetterNotSet(wrong)))
    return text


def told(letters: str) -> str:
    return ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in letters)


@cache
def fonts() -> frozenset[int]:
    """Register the two fonts, and return the code points that both have."""
    sets = []
    for name in (REGULAR, BOLD):
        font = TTFont(name, str(FONTS / f"{name}.ttf"))
        pdfmetrics.registerFont(font)
        sets.append(frozenset(font.face.charToGlyph))
    return sets[0] & sets[1]


class NumberedCanvas(Canvas):
    """Prints on each page which it is, and of how many: that is known at the end."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "initialFontName": REGULAR})  # else Helvetica is named in the file
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's own name
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFont(REGULAR, 8)
            self.drawRightString(A4[0] - SIDE, 12 * mm, f"Side {number} av {len(self._pages)}")
            super().showPage()
        super().save()


def _is_set(letter: str, known: frozenset[int]) -> bool:
    one_way = unicodedata.bidirectional(letter) not in {"R", "AL"}  # the others would stand the wrong way round
    return ord(letter) in known and one_way and unicodedata.category(letter) not in UNSET


def plain(text: str) -> str:
    """Return the text composed, with nothing in it that reportlab takes for markup, and lines as they were."""
    return escape(unicodedata.normalize("NFC", text)).replace("\n", "<br/>")


def style(
    name: str, font: str, size: float, leading: float, *, before: float = 0, after: float = 0, indent: float = 0
) -> ParagraphStyle:
    """Return a paragraph's style; sizes in points, the space around it in millimetres."""
    return ParagraphStyle(
        name,
        fontName=font,
        fontSize=size,
        leading=leading,
        spaceBefore=before * mm,
        spaceAfter=after * mm,
        bulletFontName=font,
        leftIndent=indent * mm,
        bulletIndent=indent / 5 * mm,
        alignment=TA_LEFT,
    )
