"""Which hosts are fresh enough to answer, by what they say of themselves; no clock and no database is asked."""

import hypothesis
import pytest
from hypothesis import strategies

from accounts.replicas.lag import Course, Lag, Limits, Seen, in_order, lags_of, primary_among

LIMITS = Limits(bytes=1_000, seconds=10, primary_lost_seconds=300)
UP_TO_DATE = Lag(primary=False, answers=True, fresh=True, bytes=0, seconds=0.0)
LEADS = Lag(primary=True, answers=True, fresh=True, bytes=0, seconds=0.0)
SILENT = Lag(primary=False, answers=False, fresh=False)
UNKNOWN = Lag(primary=False, answers=True, fresh=False)


def primary(position, timeline="00000001", cluster="7"):
    return Seen(cluster, True, timeline, position, position)


def replica(position, received=None, cluster="7"):
    return Seen(cluster, False, "0", position, position if received is None else received)


def after(*looks):
    """Return how the hosts stand after these looks, a list of (moment, what each said)."""
    course = Course(0.0)
    for now, seen in looks:
        lags = lags_of(seen, course, limits=LIMITS, now=now)
    return lags


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        pytest.param([(0, [primary(500), replica(500)])], [LEADS, UP_TO_DATE], id="at the primary's position"),
        pytest.param([(0, [primary(500), replica(520)])], [LEADS, UP_TO_DATE], id="asked a moment after the primary"),
        pytest.param([(0, [primary(500), None])], [LEADS, SILENT], id="a replica that does not answer"),
        pytest.param(
            [(0, [primary(500), replica(400)])],
            [LEADS, UNKNOWN._replace(bytes=100)],
            id="behind at the first look, nobody knows for how long",
        ),
        pytest.param(
            [(0, [primary(500), replica(500)]), (5, [primary(900), replica(500)]), (15, [primary(950), replica(500)])],
            [LEADS, UP_TO_DATE._replace(bytes=450, seconds=10)],
            id="ten seconds behind",
        ),
        pytest.param(
            [(0, [primary(500), replica(500)]), (5, [primary(900), replica(500)]), (16, [primary(950), replica(500)])],
            [LEADS, Lag(False, True, False, 450, 11.0)],
            id="eleven seconds behind",
        ),
        pytest.param(
            [(0, [primary(500), replica(500)]), (1, [primary(1501), replica(500)])],
            [LEADS, Lag(False, True, False, 1001, 0.0)],
            id="a byte too far behind",
        ),
        pytest.param(
            [(0, [primary(500), replica(500)]), (900, [primary(500), replica(500)])],
            [LEADS, UP_TO_DATE],
            id="nothing has happened for a quarter of an hour",
        ),
        pytest.param(
            [(0, [primary(500), replica(500)]), (20, [primary(900), replica(500)]), (40, [primary(950), replica(950)])],
            [LEADS, UP_TO_DATE],
            id="caught up",
        ),
        pytest.param(
            [(0, [primary(500), replica(500)]), (300, [None, replica(500)])],
            [SILENT, UP_TO_DATE],
            id="the primary gone, all it said replayed",
        ),
        pytest.param(
            [(0, [primary(500), replica(500)]), (301, [None, replica(500)])],
            [SILENT, UP_TO_DATE._replace(fresh=False)],
            id="the primary gone for too long",
        ),
        pytest.param(
            [(0, [primary(500), replica(400), replica(500)]), (1, [None, replica(400), replica(500)])],
            [SILENT, UNKNOWN._replace(bytes=100), UP_TO_DATE],
            id="the primary gone, one replica behind",
        ),
        pytest.param(
            [(0, [None, replica(500), replica(480)])],
            [SILENT, UP_TO_DATE, UNKNOWN._replace(bytes=20)],
            id="the primary never seen, one replica behind the other",
        ),
        pytest.param(
            [(0, [None, replica(480, received=500)])],
            [SILENT, UNKNOWN._replace(bytes=20)],
            id="received and not replayed",
        ),
        pytest.param(
            [(0, [primary(500), replica(500)]), (1, [None, primary(520, "00000002")])],
            [SILENT, LEADS],
            id="a replica was promoted",
        ),
        pytest.param(
            [(0, [primary(9_000), primary(520, "00000002")])],
            [UNKNOWN, LEADS],
            id="two primaries: the one left behind answers nobody",
        ),
        pytest.param(
            [(0, [primary(9_000, "0000000A"), primary(520, "00000009")])], [LEADS, UNKNOWN], id="timelines are hex"
        ),
        pytest.param([(0, [primary(500), replica(500, cluster="8")])], [LEADS, UNKNOWN], id="another bank's replica"),
        pytest.param([(0, [None, None])], [SILENT, SILENT], id="nobody answers"),
    ],
)
def test_how_hosts_stand(looks, expected):
    assert after(*looks) == expected


@pytest.mark.parametrize(
    ("wanted", "lags", "groups"),
    [
        pytest.param("any", [LEADS, UP_TO_DATE, SILENT], [{0, 1}], id="any: all that are fresh, the primary too"),
        pytest.param("any", [SILENT, UNKNOWN], [], id="any: nobody is fresh and the primary is gone"),
        pytest.param("any", [LEADS, UNKNOWN], [{0}], id="any: the primary when no replica is fresh"),
        pytest.param("prefer-standby", [LEADS, UP_TO_DATE], [{1}, {0}], id="replicas first"),
        pytest.param("prefer-standby", [LEADS, UNKNOWN], [{0}], id="replicas first, none fresh"),
        pytest.param("standby", [LEADS, UNKNOWN], [], id="replicas only, none fresh"),
        pytest.param("standby", [LEADS, UP_TO_DATE], [{1}], id="replicas only"),
        pytest.param("primary", [LEADS, UP_TO_DATE], [{0}], id="the primary only"),
        pytest.param("primary", [SILENT, UP_TO_DATE], [], id="the primary only, and it is gone"),
    ],
)
def test_who_answers(wanted, lags, groups):
    assert in_order(lags, wanted) == tuple(frozenset(group) for group in groups)


SAID = strategies.one_of(
    strategies.none(),
    strategies.builds(primary, strategies.integers(0, 5_000), strategies.sampled_from(["00000001", "00000002"])),
    strategies.builds(replica, strategies.integers(0, 5_000)),
)
LOOKS = strategies.lists(strategies.tuples(strategies.floats(0, 30), strategies.lists(SAID, min_size=3, max_size=3)))


@hypothesis.given(LOOKS)
def test_whoever_is_fresh_has_said_so_and_lies_within_the_limits(looks):
    course, now = Course(0.0), 0.0
    for pause, seen in looks:
        now += pause
        lags = lags_of(seen, course, limits=LIMITS, now=now)
        assert sum(lag.primary for lag in lags) <= 1
        assert [place for place, lag in enumerate(lags) if lag.primary] == [
            place for place in [primary_among(seen)] if place is not None
        ]
        for said, lag in zip(seen, lags, strict=True):
            if lag.fresh:
                assert said is not None
                assert lag.bytes <= LIMITS.bytes
                assert lag.seconds <= LIMITS.seconds
                assert not said.primary or lag.primary


@hypothesis.given(strategies.lists(strategies.integers(0, 100), min_size=1), strategies.integers(0, 100))
def test_nobody_is_late_who_is_where_the_primary_was_last_seen(positions, extra):
    course = Course(0.0)
    for moment, position in enumerate(positions):
        course.note(position, now=float(moment))
    assert course.seconds_behind(max(positions) + extra, now=1e9) == 0.0
