"""The dashboard's charts, made of sums: what agencies asked, and what the bank's own looked at."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.utils.translation import gettext as _

from compliance.watching.charts import Figure, Series
from compliance.watching.counting import FEWEST_WEEKS, OTHER_AUDIENCE, UNKNOWN_MANDATES, WEEKS
from compliance.watching.folding import TURNED_AWAY
from compliance.watching.histograms import percentile, summed
from compliance.watching.kinds import OF_STAFF
from compliance.watching.naming import bucket_label, staff_name
from compliance.watching.reading import MOST_SHOWN, Sums, buckets
from compliance.watching.windows import Window, weeks_before

MOST_COLOURS = 7
"""More agencies than this are shown together as others."""
Chosen = Callable[[Sums], bool]


def is_question(row: Sums) -> bool:
    return row.outcome not in {"sent", TURNED_AWAY}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked in a window, and the agencies' names."""

    window: Window
    rows: Sequence[Sums]
    names: Mapping[str, str]

    def by_agency(self, key: str, title: str, says: str, chosen: Chosen) -> Figure:
        """Return bars over time with a colour for each agency, those that asked most first."""
        counts: Counter[tuple[str, datetime]] = Counter()
        totals: Counter[str] = Counter()
        for row in filter(chosen, self.rows):
            counts[row.consumer, row.bucket] += row.count
            totals[row.consumer] += row.count
        places = buckets(self.window)
        most = sorted(totals, key=lambda consumer: (-totals[consumer], consumer))
        series = [
            Series(self.names.get(consumer, consumer) or _("unknown"), [counts[consumer, place] for place in places])
            for consumer in most[:MOST_COLOURS]
        ]
        if rest := most[MOST_COLOURS:]:
            series.append(Series(_("others"), [sum(counts[one, place] for one in rest) for place in places]))
        return Figure(key, title, says, labels(self.window), series, first_column=_("time"))


def of_agencies(asked: Asked) -> list[Figure]:
    """Return the charts about what agencies asked in a window."""
    return [
        asked.by_agency("asked", _("Questions"), _("Questions with a valid token, by agency."), is_question),
        by_code(asked.rows),
        response_times(asked.window, asked.rows),
        asked.by_agency(
            "night",
            _("At night"),
            _("Questions from 22 to 06, by the clock in Oslo."),
            lambda row: row.night and is_question(row),
        ),
        asked.by_agency(
            "shielded",
            _("Shielded persons asked for"),
            _("Questions answered with an empty list because the person is shielded."),
            lambda row: row.shielded and is_question(row),
        ),
        asked.by_agency(
            "mandates",
            _("Unknown mandates"),
            _("Questions under a mandate that does not exist, is another agency's or has not that endpoint."),
            lambda row: row.refusal in UNKNOWN_MANDATES,
        ),
        asked.by_agency(
            "audience",
            _("Tokens that were made for another service"),
            _("Requests with a token for another audience: a sign of replay. They were turned away."),
            lambda row: row.outcome == TURNED_AWAY and row.refusal == OTHER_AUDIENCE,
        ),
    ]


def labels(window: Window) -> list[str]:
    return [bucket_label(place, window.length) for place in buckets(window)]


def by_code(rows: Iterable[Sums]) -> Figure:
    """Return a bar for each code, and in the table each reason."""
    codes: Counter[str] = Counter()
    for row in rows:
        if is_question(row) and row.code:
            codes[f"{row.code} {row.refusal}".strip()] += row.count
    most = codes.most_common(MOST_SHOWN)
    series = [Series(_("questions"), [number for _code, number in most])]
    says = _("Questions that were not answered, by code and reason.")
    names = [name for name, _number in most]
    return Figure("codes", _("Refusals by code"), says, names, series, "across", first_column=_("code"))


def response_times(window: Window, rows: Iterable[Sums]) -> Figure:
    histograms: dict[datetime, list[Sequence[int]]] = {}
    for row in rows:
        if is_question(row):
            histograms.setdefault(row.bucket, []).append(row.histogram)
    totals = [summed(histograms[place]) if place in histograms else None for place in buckets(window)]
    series = [
        Series(title, [round(percentile(total, percent)) if total else None for total in totals])
        for title, percent in ((_("half within"), 50), (_("95 of 100 within"), 95))
    ]
    says = _("Milliseconds within which half and 95 of 100 questions were answered.")
    return Figure("times", _("Response times (ms)"), says, labels(window), series, "line", first_column=_("time"))


def against_history(day: Window, asked: Mapping[datetime, int], first: datetime | None, now: datetime) -> Figure:
    """Return a day's hours against the same hours of that weekday in the last 8 weeks."""
    usual, busy, today = [], [], []
    for hour in day.hours:
        known = [asked.get(one, 0) for one in weeks_before(hour, WEEKS) if first and one >= first]
        enough = len(known) >= FEWEST_WEEKS
        usual.append(median(known) if enough else None)
        busy.append(max(known) if enough else None)  # of eight values, the 95th percentile is the greatest
        today.append(asked.get(hour, 0) if hour <= now else None)
    series = [
        Series(f"{day.first_day:%Y-%m-%d}", today),
        Series(_("usual (median)"), usual),
        Series(_("busiest (95th percentile)"), busy),
    ]
    says = _("Questions of each hour, and what was usual on that weekday at that hour in the last 8 weeks.")
    title = _("The day against its own history")
    return Figure("history", title, says, labels(day), series, "line", first_column=_("hour"))


def hours_of_history(day: Window) -> list[datetime]:
    """Return the hours that the chart above has to know."""
    return [one for hour in day.hours for one in (hour, *weeks_before(hour, WEEKS))]


def of_staff(counted: Mapping[tuple[str, str], int], names: Mapping[str, str]) -> list[Figure]:
    """Return the charts about the bank's own: looks that have a mark, and looks in all."""
    looks: Counter[str] = Counter({person: n for (person, mark), n in counted.items() if mark == "look"})
    marked: Counter[str] = Counter()
    for (person, mark), number in counted.items():
        marked[person] += number if mark != "look" else 0
    strange = [person for person, number in marked.most_common(MOST_SHOWN) if number]
    kinds = [kind for kind in OF_STAFF if kind.mark != "look"]
    many = looks.most_common(MOST_SHOWN)
    told = dict(names)
    return [
        Figure(
            "staff-marks",
            _("Looks that are looked at"),
            _("Looks without a case, by one's own number, by a colleague's or a namesake's, and at shielded persons."),
            [staff_name(person, told) for person in strange],
            [Series(str(kind.label), [counted.get((person, kind.mark), 0) for person in strange]) for kind in kinds],
            "across",
            first_column=_("person"),
        ),
        Figure(
            "staff-looks",
            _("Looks at the trail"),
            _("All looks of each person, with or without a case."),
            [staff_name(person, told) for person, _number in many],
            [Series(_("looks"), [number for _person, number in many])],
            "across",
            first_column=_("person"),
        ),
    ]
