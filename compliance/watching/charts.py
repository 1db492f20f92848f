"""Charts as SVG that stands in the page itself: no script, nothing fetched, and the numbers as a table beside it."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pygal
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from pygal.style import Style

# Importing pygal leaves a finder of plug-ins that Python 3.12 no longer knows and 3.11 warns of whenever a module is
# looked for that there is not. We have no plug-ins.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != pygal.__name__]
# By Okabe and Ito, so that colour-blind people tell them apart; each stands out from a white and from a black page.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#a86b97", "#7a7a00", "#767676", "#b3475c", "#4f7fa8")
FOREGROUND, SUBTLE = "var(--body-fg, #333)", "var(--body-quiet-color, #666)"
LOOK = Style(
    background="transparent",
    plot_background="transparent",
    foreground=FOREGROUND,
    foreground_strong=FOREGROUND,
    foreground_subtle=SUBTLE,
    guide_stroke_color=SUBTLE,
    major_guide_stroke_color=SUBTLE,
    font_family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=14,
    no_data_font_size=20,
    opacity="1",
    stroke_width="2.5",
    guide_stroke_dasharray="1,5",
    major_guide_stroke_dasharray="1,5",
    stroke_opacity="1",
    colors=COLOURS,
)
DASHES = (None, "9, 5", "2, 4")
"""Lines are told apart without colour too."""
MOST_LINES_OF_A_TABLE = 100
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SVG = "{http://www.w3.org/2000/svg}"
Number = int | float


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of a chart; None is a place about which nothing is known."""

    name: str
    values: Sequence[Number | None]


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its heading, what it says in a sentence, and its numbers. `svg` is empty where there is nothing."""

    key: str
    title: str | Promise
    says: str | Promise
    labels: Sequence[str]
    series: Sequence[Series]
    shape: str = "stacked"
    first_column: str = ""

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """Return the numbers as a table: a label, and a number for each series."""
        columns = [[shown(value) for value in series.values] for series in self.series]
        rows = list(zip(self.labels, map(list, zip(*columns, strict=True)), strict=True)) if columns else []
        return rows[:MOST_LINES_OF_A_TABLE]

    @property
    def is_empty(self) -> bool:
        return not any(value for series in self.series for value in series.values)

    @property
    def svg(self) -> SafeString:
        return SafeString("") if self.is_empty else drawn(self)


def shown(value: Number | None) -> str:
    return "–" if value is None else f"{value:,.0f}".replace(",", "\u00a0")


def in_xml(text: object) -> str:
    """Return the text without what XML cannot hold: one such letter in a name would leave nobody a chart."""
    return NOT_IN_XML.sub("\ufffd", str(text))


def drawn(figure: Figure) -> SafeString:
    """Return the chart as an SVG element. All that is not ours in it has been escaped by pygal's own tree."""
    chart = _chart(figure)
    across = figure.shape == "across"
    for place, series in enumerate(figure.series):
        # Bars that lie begin below; people read from above.
        values = [*reversed(series.values)] if across else [*series.values]
        dashes = DASHES[place % len(DASHES)] if figure.shape == "line" else None
        chart.add(in_xml(series.name), values, stroke_style={"dasharray": dashes})
    root = ElementTree.fromstring(chart.render(disable_xml_declaration=True))  # noqa: S314 - made just above
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {f"{SVG}script", f"{SVG}title"}:
                parent.remove(child)
    for place, (name, words) in enumerate((("title", figure.title), ("desc", figure.says))):
        told = ElementTree.Element(f"{SVG}{name}", {"id": f"{figure.key}-{name}"})
        told.text = str(words)
        root.insert(place, told)
    root.set("role", "img")
    root.set("aria-labelledby", f"{figure.key}-title {figure.key}-desc")
    ElementTree.register_namespace("", SVG.strip("{}"))
    return mark_safe(ElementTree.tostring(root, encoding="unicode"))  # noqa: S308 - a tree of ours, written out


def _chart(figure: Figure) -> Any:
    kinds = {"stacked": pygal.StackedBar, "line": pygal.Line, "across": pygal.HorizontalStackedBar}
    across = figure.shape == "across"
    tall = 130 + 32 * len(figure.labels) if across else 320
    columns = len(figure.series) if len(figure.series) <= 3 else 1  # a row that is not full would be cut off
    chart = kinds[figure.shape](
        style=LOOK,
        js=[],
        width=920,
        height=tall + (24 * len(figure.series) if columns == 1 else 0),
        legend_at_bottom=True,
        legend_at_bottom_columns=columns,
        truncate_legend=28,
        truncate_label=40,
        show_legend=not across or len(figure.series) > 1,
        show_minor_x_labels=True,
        no_data_text=_("Nothing."),
        include_x_axis=True,
        margin=12,
        dots_size=3,
        x_label_rotation=0,
        y_title=None,
        value_formatter=shown,
    )
    labels = [in_xml(label) for label in figure.labels]
    chart.x_labels = [*reversed(labels)] if across else labels
    return chart
