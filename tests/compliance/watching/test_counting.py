"""Each kind of what is strange: below its limit, at it and above it, and what does not count."""

from datetime import UTC, datetime, timedelta

import pytest

from audit.models import Access, AuditRecord, TurnedAway
from audit.secrecy import Kind, hash_of
from compliance.watching import folding
from compliance.watching.counting import FINDERS, hits, told
from compliance.watching.kinds import KINDS
from compliance.watching.models import Folding, Tally
from compliance.watching.windows import HOUR, Length, hour_of, window_of
from tests.compliance.watching.trail import AGENCY, NOON, OTHER_AGENCY, asked, looked, turned_away

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
EMPTY = [0] * (len(folding.BOUNDS_MS) + 1)


def found(code, threshold, *, length=None, moment=NOON):
    """Fold what is there and return who reached the limit."""
    window = window_of(Length(length) if length else KINDS[code].window, moment)
    hours = sorted({hour_of(moment) for moment in moments()})
    for hour in hours:
        folding.fold_hour(hour)
    for day in folding.days_of(hours):
        folding.fold_day(day)
    return [(hit.subject, hit.observed, hit.consumer) for hit in hits(code, window, threshold, hours)]


def moments():
    """Yield when something happened."""
    for model, column in ((AuditRecord, "at"), (TurnedAway, "minute"), (Access, "at")):
        yield from model.objects.values_list(column, flat=True)


LIMITS = [pytest.param(4, 3, id="below"), pytest.param(3, 3, id="at the limit"), pytest.param(2, 3, id="above")]


@pytest.mark.parametrize(
    ("code", "values", "other"),
    [
        pytest.param("refused", {"outcome": "refused"}, {"outcome": "failed"}, id="refusals"),
        pytest.param("failed", {"outcome": "failed"}, {"outcome": "refused"}, id="failures"),
        pytest.param("shielded", {"empty_because": "shielded"}, {"empty_because": "unknown party"}, id="shielded"),
        pytest.param("mandate", {"refusal": "UnknownMandate"}, {"refusal": "ScopeMissing"}, id="unknown mandates"),
        pytest.param("mandate", {"refusal": "MandateOfAnother"}, {"refusal": "BadPartyID"}, id="another's mandates"),
        pytest.param("mandate", {"refusal": "EndpointNotInMandate"}, {"outcome": "sent"}, id="foreign endpoints"),
    ],
)
@pytest.mark.parametrize(("threshold", "count"), LIMITS)
def test_questions_are_counted_by_agency(code, values, other, threshold, count):
    asked(times=count, **values)
    asked(times=1, consumer=OTHER_AGENCY, **values)
    asked(times=9, **other)
    asked(NOON + 2 * DAY, times=9, **values)  # in no window of that moment
    assert found(code, threshold) == ([(AGENCY, count, AGENCY)] if count >= threshold else [])


@pytest.mark.parametrize(("threshold", "count"), LIMITS)
def test_tokens_for_another_audience(threshold, count):
    turned_away(count=count)
    turned_away(reason="tok.expired", count=9)
    asked(times=9)
    assert found("audience", threshold) == ([(AGENCY, count, AGENCY)] if count >= threshold else [])


@pytest.mark.parametrize(("threshold", "count"), LIMITS)
def test_questions_at_night(threshold, count):
    midnight = window_of(Length.DAY, NOON).start
    asked(midnight, times=count - 1)
    asked(midnight + 6 * HOUR - timedelta(microseconds=1), times=1)
    asked(midnight + 6 * HOUR, times=9)
    asked(midnight + 22 * HOUR - timedelta(microseconds=1), times=9)
    turned_away(midnight, count=9)
    assert found("night", threshold) == ([(AGENCY, count, AGENCY)] if count >= threshold else [])


@pytest.mark.parametrize(("threshold", "count"), LIMITS)
def test_many_persons_by_one_requester(threshold, count):
    for number in range(count):
        asked(person=f"person {number}", requester_id="desk 7", times=2)
        asked(person=f"person {number}", requester_id=f"desk {number + 10}")
    subject = told(hash_of(Kind.REQUESTER, "desk 7"))
    assert found("requester", threshold) == ([(subject, count, AGENCY)] if count >= threshold else [])


@pytest.mark.parametrize(("threshold", "count"), LIMITS)
@pytest.mark.parametrize("length", ["day", "week", "month"])
def test_the_same_person_from_many_cases(threshold, count, length):
    for number in range(count):
        asked(person="somebody", times=2, case=f"0190a1b2-0000-4000-8000-00000000000{number}")
        asked(person="somebody", outcome="sent")
        asked(person=f"another {number}")
    subject = told(hash_of(Kind.PARTY, "somebody"))
    assert found("person", threshold, length=length) == ([(subject, count, "")] if count >= threshold else [])


def test_only_those_are_counted_who_were_asked_about_lately():
    asked(NOON, person="somebody", times=1)
    asked(NOON, person="somebody", times=1)
    window = window_of(Length.DAY, NOON)
    assert [hit.observed for hit in hits("person", window, 2, [NOON])] == [2]
    assert hits("person", window, 2, [NOON + HOUR]) == []
    assert hits("person", window, 2, [NOON + 3 * DAY]) == []


@pytest.mark.parametrize(
    ("durations", "threshold", "expected"),
    [
        pytest.param([40_000] * 19, 1, [], id="too few to tell"),
        pytest.param([40_000] * 20, 49, [("accounts", 49, "")], id="95 of 100 within 49, by the bucket from 30 to 50"),
        pytest.param([40_000] * 20, 50, [], id="below"),
        pytest.param([40_000] * 19 + [9_000_000], 51, [], id="one of twenty is slow"),
        pytest.param([40_000] * 18 + [9_000_000] * 2, 5001, [("accounts", 7500, "")], id="two of twenty"),
        pytest.param([40_000_000] * 20, 10_000, [("accounts", 10_000, "")], id="beyond the last bound"),
    ],
)
def test_slow_answers(durations, threshold, expected):
    for duration in durations:
        asked(duration_us=duration)
    assert found("slow", threshold) == expected


HOUR_OF_HISTORY = datetime(2026, 10, 26, 8, tzinfo=UTC)
"""09 o'clock on the Monday after the clocks changed: a week before, that was 07 in UTC."""


@pytest.mark.parametrize(
    ("usual", "now", "weeks", "expected"),
    [
        pytest.param(100, 299, 8, [], id="below three times the usual"),
        pytest.param(100, 300, 8, [(AGENCY, 300, AGENCY)], id="three times"),
        pytest.param(100, 301, 8, [(AGENCY, 301, AGENCY)], id="more"),
        pytest.param(1, 149, 8, [], id="an agency that asks little"),
        pytest.param(1, 150, 8, [(AGENCY, 300, AGENCY)], id="three times what counts as little"),
        pytest.param(100, 900, 3, [], id="known for three weeks only"),
        pytest.param(100, 900, 4, [(AGENCY, 900, AGENCY)], id="known for four weeks"),
    ],
)
def test_an_agency_against_its_own_history(usual, now, weeks, expected):
    first = HOUR_OF_HISTORY - HOUR - weeks * 7 * DAY
    Folding.objects.create(pk=1, first=first, until=HOUR_OF_HISTORY, reached=HOUR_OF_HISTORY)
    busiest = HOUR_OF_HISTORY - HOUR - 7 * DAY  # by the clock the same
    rows = [(busiest, AGENCY, usual), (busiest - 7 * DAY, AGENCY, usual // 2), (busiest, OTHER_AGENCY, 9000)]
    rows += [(HOUR_OF_HISTORY - 7 * DAY, AGENCY, 9000), (HOUR_OF_HISTORY, AGENCY, now)]
    for hour, consumer, count in rows:
        Tally.objects.create(
            hour=hour, consumer=consumer, outcome="answered", count=count, duration_us=0, histogram=EMPTY
        )
    window = window_of(Length.HOUR, HOUR_OF_HISTORY)
    observed = hits("volume", window, 300, [])
    assert [(hit.subject, hit.observed, hit.consumer) for hit in observed] == expected


@pytest.mark.parametrize("code", [code for code, kind in KINDS.items() if kind.mark])
@pytest.mark.parametrize(("threshold", "count"), LIMITS)
def test_looks_are_counted_by_person(code, threshold, count):
    mark = KINDS[code].mark
    looked(marks=None if mark == "look" else f"other {mark}", times=count)
    looked(marks=None if mark == "look" else mark, person="ola")
    if mark != "look":
        looked(marks="other", times=9)
    assert found(code, threshold) == ([("kari", count, "")] if count >= threshold else [])


def test_every_kind_can_be_counted():
    assert FINDERS.keys() == KINDS.keys()
