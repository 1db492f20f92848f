"""Counting what is strange: for each kind one small function that returns who reached a limit in a window."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import ExtractHour

from accounts.standing import SHIELDED
from audit.secrecy import reveal
from compliance.watching.folding import PATIENCE, SEALED_AS, TURNED_AWAY
from compliance.watching.histograms import percentile, summed
from compliance.watching.kinds import KINDS, OF_STAFF
from compliance.watching.models import Folding, StaffTally, StandOut, Tally
from compliance.watching.windows import HOUR, NIGHT_BEGINS, NIGHT_ENDS, OSLO, Length, Window, weeks_before

MOST_HITS = 100
WEEKS, FEWEST_WEEKS = 8, 4
LEAST_USUAL = 50
"""An agency that asks less than this in an hour is not strange for asking three times as much."""
ENOUGH_TO_BE_SLOW = 20
UNKNOWN_MANDATES = ("UnknownMandate", "MandateOfAnother", "EndpointNotInMandate")
OTHER_AUDIENCE = "tok.audience"
OF_MANY_CASES = """
SELECT asked.control_object_hash, count(DISTINCT asked.account_info_request_id)
FROM (SELECT DISTINCT control_object_hash FROM audit_record
      WHERE at >= %s AND at < %s AND control_object_hash IS NOT NULL AND outcome <> 'sent') AS lately
JOIN audit_record AS asked
  ON asked.control_object_hash = lately.control_object_hash AND asked.at >= %s AND asked.at < %s
WHERE asked.outcome <> 'sent'
GROUP BY asked.control_object_hash HAVING count(DISTINCT asked.account_info_request_id) >= %s
ORDER BY 2 DESC, 1 LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """Who reached the limit, and by how much. `text` is a RequesterID, which is kept sealed."""

    subject: str
    observed: int
    consumer: str = ""
    text: str = ""


Finder = Callable[[Window, int, Sequence[datetime]], list[Hit]]
"""Takes the window, the limit and the hours just folded, which tell about whom something may be new."""


def hits(code: str, window: Window, threshold: int, hours: Sequence[datetime]) -> list[Hit]:
    """Return who reached the limit in the window, those who did so most first, at most a hundred."""
    found = FINDERS[code](window, threshold, hours)
    return sorted(found, key=lambda hit: (-hit.observed, hit.consumer, hit.subject))[:MOST_HITS]


def in_window(window: Window) -> QuerySet[Tally]:
    return Tally.objects.filter(hour__gte=window.start, hour__lt=window.end)


def questions(window: Window) -> QuerySet[Tally]:
    """Return the sums of what agencies asked with a valid token."""
    return in_window(window).exclude(outcome__in=["sent", TURNED_AWAY])


def at_night(tallies: QuerySet[Tally]) -> QuerySet[Tally]:
    clock = tallies.annotate(clock=ExtractHour("hour", tzinfo=OSLO))
    return clock.filter(Q(clock__gte=NIGHT_BEGINS) | Q(clock__lt=NIGHT_ENDS))


def _by_agency(tallies: QuerySet[Tally], threshold: int) -> list[Hit]:
    rows = tallies.values_list("consumer").annotate(n=Sum("count")).filter(n__gte=threshold)
    return [Hit(consumer, number, consumer) for consumer, number in rows]


def refused(window: Window, threshold: int, hours: Sequence[datetime]) -> list[Hit]:
    return _by_agency(questions(window).filter(outcome="refused"), threshold)


def failed(window: Window, threshold: int, hours: Sequence[datetime]) -> list[Hit]:
    return _by_agency(questions(window).filter(outcome="failed"), threshold)


def night(window: Window, threshold: int, hours: Sequence[datetime]) -> list[Hit]:
    return _by_agency(at_night(questions(window)), threshold)


def shielded(window: Window, threshold: int, hours: Sequence[datetime]) -> list[Hit]:
    return _by_agency(questions(window).filter(empty_because=SHIELDED), threshold)


def mandate(window: Window, threshold: int, hours: Sequence[datetime]) -> list[Hit]:
    return _by_agency(questions(window).filter(refusal__in=UNKNOWN_MANDATES), threshold)


def audience(window: Window, threshold: int, hours: Sequence[datetime]) -> list[Hit]:
    return _by_agency(in_window(window).filter(outcome=TURNED_AWAY, refusal=OTHER_AUDIENCE), threshold)


def slow(window: Window, threshold: int, hours: Sequence[datetime]) -> list[Hit]:
    """Compare with the 95th percentile of the answers, as exactly as the histogram knows it."""
    found: dict[str, list[list[int]]] = defaultdict(list)
    for endpoint, histogram in questions(window).values_list("endpoint", "histogram"):
        found[endpoint].append(histogram)
    times = {name: summed(those) for name, those in found.items()}
    reached = {name: percentile(times[name], 95) for name in times if sum(times[name]) >= ENOUGH_TO_BE_SLOW}
    return [Hit(name, round(value)) for name, value in reached.items() if value >= threshold]


def volume(window: Window, threshold: int, hours: Sequence[datetime]) -> list[Hit]:
    """Compare an hour with the busiest of the same hours before it. Four weeks have to be known at least."""
    state = Folding.objects.filter(pk=1).first()
    if state is None or window.length != Length.HOUR:
        return []
    before = [hour for hour in weeks_before(window.start, WEEKS) if hour >= state.first]
    if len(before) < FEWEST_WEEKS:
        return []
    usual = busiest(before)
    asked = dict(questions(window).values_list("consumer").annotate(n=Sum("count")))
    percents = {one: 100 * n // max(usual.get(one, 0), LEAST_USUAL) for one, n in asked.items()}
    return [Hit(one, percent, one) for one, percent in percents.items() if percent >= threshold]


def busiest(hours: Iterable[datetime]) -> dict[str, int]:
    """Return how many questions each agency asked in its busiest of these hours: the 95th percentile of eight."""
    found: dict[str, int] = {}
    asked = Tally.objects.filter(hour__in=[*hours]).exclude(outcome__in=["sent", TURNED_AWAY])
    for consumer, _hour, number in asked.values_list("consumer", "hour").annotate(n=Sum("count")):
        found[consumer] = max(found.get(consumer, 0), number)
    return found


def requester(window: Window, threshold: int, hours: Sequence[datetime]) -> list[Hit]:
    rows = StandOut.objects.filter(day=window.first_day, kind=StandOut.Kind.REQUESTER, number__gte=threshold)
    return [Hit(told(row.subject_hash), row.number, row.consumer, requester_of(row)) for row in rows]


def person(window: Window, threshold: int, hours: Sequence[datetime]) -> list[Hit]:
    """Count the cases of those alone who were asked about in the hours just folded, each by the index of persons."""
    lately = [hour for hour in hours if window.start <= hour < window.end]
    if not lately:
        return []
    span = [min(lately), max(lately) + HOUR, window.start, window.end]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        cursor.execute(OF_MANY_CASES, [*span, threshold, MOST_HITS])
        return [Hit(told(subject), number) for subject, number in cursor.fetchall()]


def staff(code: str) -> Finder:
    """Return what counts the looks of one person with that kind's mark."""
    mark = KINDS[code].mark

    def found(window: Window, threshold: int, hours: Sequence[datetime]) -> list[Hit]:
        looks = StaffTally.objects.filter(hour__gte=window.start, hour__lt=window.end, mark=mark)
        rows = looks.values_list("person").annotate(n=Sum("count")).filter(n__gte=threshold)
        return [Hit(someone, number) for someone, number in rows]

    return found


def told(stored: bytes | memoryview) -> str:
    """Return a keyed hash as text: the key's name, a colon and hexadecimal digits."""
    name, _, digest = bytes(stored).partition(b":")
    return f"{name.decode()}:{digest.hex()}"


def requester_of(row: StandOut) -> str:
    """Return the RequesterID. Raise NotRevealed."""
    return reveal(row.subject_sealed or b"", column=SEALED_AS, record=row.pk)


FINDERS: dict[str, Finder] = {
    "volume": volume,
    "refused": refused,
    "failed": failed,
    "slow": slow,
    "night": night,
    "requester": requester,
    "person": person,
    "shielded": shielded,
    "mandate": mandate,
    "audience": audience,
    **{kind.code: staff(kind.code) for kind in OF_STAFF},
}
