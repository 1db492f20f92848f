"""Wrong answers are found by every bound, counted by person, agency and day, and never counted twice."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from audit import recording
from compliance.breach import reading
from compliance.breach.bounds import Bounds
from compliance.breach.models import Hit, Tally
from compliance.finding.criteria import Criteria
from legal.periods import day_in_oslo
from tests.audit.entries import answered

pytestmark = pytest.mark.django_db
SKE, NAV = "974761076", "889640782"
KARI, OLA = "01810112345", "02810112345"
TO = {"certificate_serial": "ff01", "certificate_sha256": "ab" * 32}


def told(**changes):
    return recording.record(answered(**{"service": "skatt-kontroll", "evidence": TO, **changes}))


@pytest.fixture
def trail():
    """Six answers and what is none of them."""
    told(control_object=KARI)
    told(control_object=KARI)
    told(control_object=OLA)
    told(control_object=KARI, consumer=NAV, evidence={"certificate_serial": "ff02"})
    told(control_object=OLA, service_version=4)
    told(control_object="")
    told(control_object=OLA, outcome="refused")
    recording.record(answered(service="vergekontroll", control_object=OLA, evidence=None))


def searched(bounds, *, seconds=60.0):
    search = reading.begun(bounds, by="Kari (k7)", now=timezone.now())
    return search, list(reading.go_on(search, seconds=seconds))


def bounds(version=None, serial="", sha256="", **criteria):
    return Bounds(Criteria(**criteria), version, serial, sha256)


TODAY = day_in_oslo(timezone.now())


@pytest.mark.parametrize(
    ("asked", "answers", "persons"),
    [
        pytest.param(bounds(service="skatt-kontroll"), 6, 2, id="a service"),
        pytest.param(bounds(3, service="skatt-kontroll"), 5, 2, id="a version"),
        pytest.param(bounds(4, service="skatt-kontroll"), 1, 1, id="another version"),
        pytest.param(bounds(serial="ff01"), 5, 2, id="a certificate's number"),
        pytest.param(bounds(sha256="ab" * 32), 5, 2, id="its SHA-256"),
        pytest.param(bounds(serial="ff02"), 1, 1, id="another certificate"),
        pytest.param(bounds(serial="ff0"), 0, 0, id="not the beginning of one"),
        pytest.param(bounds(3, serial="ff01", service="skatt-kontroll", consumer=SKE), 4, 2, id="combined"),
        pytest.param(bounds(first=TODAY), 7, 2, id="a period, whatever the service"),
        pytest.param(bounds(last=TODAY - timedelta(days=1)), 0, 0, id="until yesterday"),
    ],
)
def test_it_is_found_by(trail, asked, answers, persons):
    search, _left = searched(asked)
    assert (search.answers, search.persons, search.finished_at is not None) == (answers, persons, True)
    assert Bounds.of(search.criteria) == asked


def test_what_is_counted_by_agency_and_day(trail):
    search, left = searched(bounds(service="skatt-kontroll"))
    day = {"first": str(TODAY), "last": str(TODAY)}
    assert search.agencies == [
        {"consumer": NAV, "answers": 1, "persons": 1, **day},
        {"consumer": SKE, "answers": 5, "persons": 2, **day},
    ]
    tallies = Tally.objects.filter(disclosure=search).values_list("day", "consumer", "answers", "persons")
    assert sorted(tallies) == [(TODAY, NAV, 1, 1), (TODAY, SKE, 5, 2)]
    assert left[-1] == reading.left_of(search) == timedelta(0)


def test_it_goes_on_where_it_stopped(trail, monkeypatch):
    """However small the slices, and though it is stopped after each of them."""
    monkeypatch.setattr(reading, "BATCH", 1)
    search = reading.begun(bounds(service="skatt-kontroll"), by="Kari (k7)", now=timezone.now())
    steps = 0
    while search.finished_at is None:
        search = type(search).objects.get(pk=search.pk)
        steps += len(list(reading.go_on(search, seconds=1e-9)))
    assert (steps >= 6, search.answers, search.persons) == (True, 6, 2)
    assert sum(Hit.objects.filter(disclosure=search).values_list("answers", flat=True)) == 6


def test_reading_a_finished_one_again_changes_nothing(trail):
    search, _left = searched(bounds(service="skatt-kontroll"))
    assert list(reading.go_on(search, seconds=60)) == []
    search.finished_at = None  # another reading of the same moment finished it
    assert [*reading.go_on(search, seconds=60)] == [timedelta(0)]
    assert (search.answers, search.persons) == (6, 2)


def test_an_empty_trail_is_read_at_once():
    search, _left = searched(bounds(service="skatt-kontroll"))
    assert (search.answers, search.persons, search.agencies) == (0, 0, [])


def test_what_comes_later_is_not_read(trail):
    search = reading.begun(bounds(service="skatt-kontroll"), by="Kari (k7)", now=timezone.now())
    told(control_object=KARI)
    list(reading.go_on(search, seconds=60))
    assert search.answers == 6
    assert isinstance(search.ends_at, datetime)
