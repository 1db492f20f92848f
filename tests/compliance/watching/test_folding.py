"""The sums say what the trail says, in whatever order and however often it is folded."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from compliance.watching import folding
from compliance.watching.models import Folding, StaffTally, StandOut, Tally
from compliance.watching.windows import HOUR
from tests.compliance.watching.trail import AGENCY, NOON, OTHER_AGENCY, asked, looked, turned_away

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOURS = [NOON + n * HOUR for n in range(3)]


def sums():
    """Return what is kept, as a table without keys."""
    columns = [field.name for field in Tally._meta.fields if field.name != "id"]
    return sorted(Tally.objects.values_list(*columns))


def looks():
    return sorted(StaffTally.objects.values_list("hour", "person", "mark", "count"))


def test_an_hour_is_summed_by_everything_that_distinguishes_questions():
    asked(NOON, duration_us=4_999, times=2)
    asked(NOON + 59 * MINUTE, duration_us=5_000)
    asked(NOON + HOUR, duration_us=1)  # the next hour's
    asked(NOON, outcome="refused", code="ACC-001", refusal="UnknownMandate", service="", duration_us=20_000_000)
    asked(NOON, empty_because="shielded", consumer=OTHER_AGENCY, duration_us=9_999_999)
    turned_away(NOON + MINUTE, count=3)
    turned_away(NOON + 2 * MINUTE, count=4)
    folding.fold_hour(NOON)
    assert sums() == [
        (NOON, OTHER_AGENCY, "fi-utlegg-saldo", "accounts", "answered", "", "", "shielded", 1, 9_999_999, slot(17)),
        (NOON, AGENCY, "", "", "turned_away", "", "tok.audience", "", 7, 0, slot()),
        (NOON, AGENCY, "", "accounts", "refused", "ACC-001", "UnknownMandate", "", 1, 20_000_000, slot(18)),
        (NOON, AGENCY, "fi-utlegg-saldo", "accounts", "answered", "", "", "", 3, 14_998, slot(0, 0, 1)),
    ]


def slot(*places):
    """Return a histogram with one for each time that a bucket is named."""
    histogram = [0] * (len(folding.BOUNDS_MS) + 1)
    for place in places:
        histogram[place] += 1
    return histogram


def test_looks_are_summed_by_person_and_mark():
    looked(marks="no-case colleague no-case", times=2)
    looked(marks="unheard-of")
    looked(person="", account="somebody")
    looked(person="command line", account="root", marks="shielded")
    folding.fold_hour(NOON)
    assert looks() == [
        (NOON, "@somebody", "look", 1),
        (NOON, "command line", "look", 1),
        (NOON, "command line", "shielded", 1),
        (NOON, "kari", "colleague", 2),
        (NOON, "kari", "look", 3),
        (NOON, "kari", "no-case", 2),
    ]


questions = st.lists(
    st.tuples(
        st.integers(0, 179),
        st.sampled_from([AGENCY, OTHER_AGENCY]),
        st.sampled_from(["answered", "refused", "failed"]),
        st.integers(0, 12_000_000),
    ),
    max_size=15,
)


class Law(TestCase):
    @given(questions, questions, st.lists(st.sampled_from(HOURS), max_size=6))
    @settings(max_examples=10)
    def test_order_and_repetition_change_nothing(self, early, late, order):
        """Fold while only a part is there, in any order, then everything once: the sums are those of the trail."""
        self.keep(early)
        for hour in order:
            folding.fold_hour(hour)
        self.keep(late)
        for hour in [*reversed(HOURS), *order]:
            folding.fold_hour(hour)
        expected, times = Counter(), Counter()
        for minute, consumer, outcome, duration in [*early, *late]:
            place = (HOURS[minute // 60], consumer, outcome)
            expected[place] += 1
            times[place] += duration
        found = Tally.objects.values_list("hour", "consumer", "outcome", "count", "duration_us", "histogram")
        assert {tuple(row[:3]): row[3] for row in found} == expected
        assert {tuple(row[:3]): row[4] for row in found} == times
        assert all(sum(row[5]) == row[3] for row in found)

    def keep(self, rows):
        for minute, consumer, outcome, duration in rows:
            asked(NOON + minute * MINUTE, consumer=consumer, outcome=outcome, duration_us=duration)


def test_who_stands_out_on_a_day_is_counted_exactly():
    for person in ("a", "b", "b", "c"):
        asked(NOON, person=person, requester_id="saksbehandler 7")
    asked(NOON, person="a", requester_id="saksbehandler 8")  # one person only
    asked(NOON, person="d", requester_id="")
    asked(NOON - timedelta(days=1), person="e", requester_id="saksbehandler 7")  # another day
    asked(NOON, person="a", outcome="sent")  # the bank's own telling
    folding.fold_day(NOON.date())
    folding.fold_day(NOON.date())
    rows = StandOut.objects.order_by("kind", "number").values_list("kind", "consumer", "number")
    assert list(rows) == [("person", "", 2), ("person", "", 2), ("requester", AGENCY, 3)]
    [requester] = StandOut.objects.filter(kind="requester")
    assert b"saksbehandler" not in bytes(requester.subject_sealed) + bytes(requester.subject_hash)


NOW = datetime(2026, 11, 10, 12, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "first", "count"),
    [
        pytest.param(NOW.replace(minute=0), 12, 1, id="this hour alone"),
        pytest.param(NOW.replace(hour=11, minute=0), 11, 2, id="the hour before has just ended"),
        pytest.param(NOW.replace(hour=13, minute=0), None, 0, id="a clock that was set back"),
        pytest.param(NOW.replace(minute=0) - 500 * HOUR, 16, folding.MOST_HOURS, id="a long pause, in parts"),
    ],
)
def test_hours_that_are_folded_next(until, first, count):
    hours = folding.hours_to_fold(until, NOW)
    assert (hours[0].hour if hours else None, len(hours)) == (first, count)


@pytest.mark.parametrize(
    ("minute", "until"),
    [
        pytest.param(29, NOON - HOUR, id="an hour that ended 29 minutes ago is folded again"),
        pytest.param(30, NOON, id="after half an hour it is folded for good"),
    ],
)
def test_an_hour_is_folded_anew_until_it_is_long_closed(minute, until):
    now = NOON + minute * MINUTE
    Folding.objects.create(pk=1, first=NOON - HOUR, until=NOON - HOUR, reached=NOON - HOUR)
    folding.passed(folding.hours_to_fold(NOON - HOUR, now), now)
    state = Folding.objects.get()
    assert (state.until, state.reached, state.succeeded_at) == (until, now, now)


def test_slices_are_read_by_index():
    plan = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a table of a few rows is else read whole
        cursor.execute(f"EXPLAIN {folding.REQUESTERS}", [NOON, NOON + HOUR, 100])
        plan = [line for (line,) in cursor.fetchall()]
    scans = [line for line in plan if "Scan" in line]
    assert scans and all("Index" in line for line in scans), plan


def test_what_is_old_is_forgotten():
    for hour in (NOON, NOON - timedelta(days=401)):
        Tally.objects.create(hour=hour, count=1, duration_us=1, histogram=slot(0))
    folding.forget(NOON)
    assert list(Tally.objects.values_list("hour", flat=True)) == [NOON]
