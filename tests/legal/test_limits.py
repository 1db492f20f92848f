"""How much an agency may ask, whatever the workers do and in whatever order, and that nobody waits to be told."""

import contextlib
import itertools
import math

import pytest
from django.test import override_settings
from hypothesis import example, given, settings
from hypothesis import strategies as st

from legal import limits
from legal.limit_checks import LARGEST_CASE, check_default_limit
from legal.limits import OTHER, SMALLEST_LEASE, Limit, Permits, limit_of, read_default
from legal.refusals import LimitsUnavailable, Refusal, TooManyRequests

SKATT, NAV, SLUG = "974761076", "889640782", "fi-utlegg-saldo"
DEFAULT = Limit(per_second=500, burst=1000)
SMALL = Limit(per_second=5, burst=10)


class World:
    """A clock, the bucket that workers share, and the workers, whose turns come when a test says so."""

    def __init__(self, limit, workers=1):
        self.limit, self.now, self.woken, self.drawn = limit, 0.0, 0, 0
        self.level, self.at, self.fault = float(limit.burst), 0.0, ""
        self.answered, self.meanwhile = 0, (0, 0)
        self.workers = [Permits(self.draw, wake=self.wake, clock=lambda: self.now) for _ in range(workers)]

    def wake(self):
        self.woken += 1

    def draw(self, consumer, service, spent, limit):
        """Do what the statement does (tests/legal/test_permit_levels.py holds it to the same table)."""
        if self.fault == "before":
            raise ConnectionError
        self.drawn += 1
        self.level = min(float(limit.burst), self.level + limit.per_second * (self.now - self.at)) - spent
        self.at = self.now
        worker, times = self.meanwhile
        self.ask(times, worker)
        if self.fault == "after":
            raise ConnectionError
        return self.level

    def turn(self, worker):
        with contextlib.suppress(ConnectionError):  # as the thread does
            assert self.workers[worker].turn() == limits.TURN_SECONDS

    def ask(self, times=1, worker=0):
        """Return how many of so many requests were answered."""
        answered = sum(self.answers(worker) for _ in range(times))
        self.answered += answered
        return answered

    def answers(self, worker=0):
        try:
            self.workers[worker].spend(SKATT, SLUG, self.limit)
        except Refusal:
            return False
        return True

    def refusal(self, worker=0):
        with pytest.raises(Refusal) as refused:
            self.workers[worker].spend(SKATT, SLUG, self.limit)
        return refused.value


ACTS = st.one_of(
    st.tuples(st.just("ask"), st.integers(0, 3), st.integers(1, 40)),
    st.tuples(
        st.just("turn"), st.integers(0, 3), st.sampled_from([(0, ""), (3, ""), (40, ""), (3, "before"), (40, "after")])
    ),
    st.tuples(st.just("wait"), st.floats(0.001, 3.0), st.none()),
)
LIMITS = st.builds(Limit, per_second=st.integers(1, 8), burst=st.integers(8, 30))

GREEDY = [
    *[("ask", worker, 1) for worker in range(4)],
    *[("turn", worker, (40, "")) for worker in range(4)],
    *[("ask", worker, 40) for worker in range(4)],
    *[("turn", worker, (0, "")) for worker in range(4)],
]
"""Each worker answers as much as it can while it settles, and again after."""


@settings(max_examples=150)
@given(limit=LIMITS, acts=st.lists(ACTS, max_size=60))
@example(limit=SMALL, acts=[("ask", worker, 40) for worker in range(4)] * 2)
@example(limit=SMALL, acts=GREEDY)
@example(limit=SMALL, acts=[*GREEDY, ("wait", 3.0, None)] * 9)
def test_no_more_than_burst_and_rate_and_a_lease_for_each_worker(limit, acts):
    """Between any two moments; whatever is asked while a worker settles, or lost on the way to the bucket or back."""
    world = World(limit, workers=4)
    seen = [(0.0, 0)]
    for kind, one, other in acts:
        if kind == "ask":
            world.ask(other, worker=one)
        elif kind == "turn":
            times, world.fault = other
            world.meanwhile = (one, times)
            world.turn(one)
        else:
            world.now += one
        seen.append((world.now, world.answered))
    for (start, before), (end, after) in itertools.combinations(seen, 2):
        bound = limit.burst + limit.per_second * (end - start) + 4 * limit.lease
        assert after - before <= bound + 1e-6


@given(limit=LIMITS, shares=st.lists(st.integers(0, 3), min_size=1, max_size=80))
def test_who_stays_within_the_limit_is_not_refused(limit, shares):
    """One request after another, each as long after the last as the rate says, by whichever worker it likes."""
    world = World(limit, workers=4)
    for number, worker in enumerate(shares):
        world.now = number / limit.per_second
        assert world.answers(worker)
        world.turn(worker)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_all_accounts_of_a_person_with_a_hundred_at_once(workers):
    world = World(DEFAULT, workers)
    assert world.ask(LARGEST_CASE) == LARGEST_CASE, "by a worker that has never met the agency, before any turn"
    assert sum(world.ask(LARGEST_CASE // workers, worker) for worker in range(workers)) <= LARGEST_CASE


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_three_hundred_a_second_go_on_for_a_minute(workers):
    world, turns = World(DEFAULT, workers), itertools.cycle(range(workers))
    for _ in range(60 * 10):
        assert all(world.answers(next(turns)) for _ in range(30))
        world.now += 0.1
        for worker in range(workers) if world.now % 1 < 0.1 or world.woken else ():
            world.turn(worker)
        world.woken = 0


def test_a_request_asks_nobody():
    world = World(SMALL)
    world.ask(100)
    assert world.drawn == 0


def test_a_lease_that_runs_low_is_settled_soon_and_not_at_every_request():
    world = World(SMALL)
    assert (world.ask(5), world.woken) == (5, 0)
    assert (world.ask(1), world.woken) == (1, 1)
    world.turn(0)
    woken = world.woken
    assert world.ask(20) == 4
    assert world.woken == woken, "the last turn is only just over"
    world.now += limits.SOONEST_SECONDS
    world.ask(1)
    assert world.woken == woken + 1


def test_a_lease_at_rest_is_not_settled():
    world = World(SMALL)
    world.turn(0)
    assert world.drawn == 0
    world.ask(1)
    world.turn(0)
    assert world.drawn == 1
    world.turn(0)
    assert world.drawn == 2, "the lease is not full yet"
    world.now += 1
    world.turn(0)
    world.turn(0)
    assert world.drawn == 3


@pytest.mark.parametrize(
    ("spent", "seconds"),
    [
        pytest.param([10], 1, id="just empty: a permit comes every fifth of a second"),
        pytest.param([10, 10, 10], 5, id="two leases too many: four seconds to fill, and a permit"),
        pytest.param([10] * 4, 7, id="by all four workers"),
    ],
)
def test_the_refusal_says_when_to_come_back(spent, seconds):
    world = World(SMALL, workers=4)
    for worker, times in enumerate(spent):
        assert world.ask(times, worker) == times
    for worker in range(len(spent)):
        world.turn(worker)
    refused = world.refusal(worker=len(spent) - 1)
    assert (type(refused), refused.retry_after) == (TooManyRequests, seconds)
    world.now += seconds
    world.turn(len(spent) - 1)
    assert world.answers(len(spent) - 1), "and it was true"


def test_the_longest_wait_is_a_minute():
    world = World(Limit(per_second=1, burst=100), workers=4)
    for worker in range(4):
        world.ask(100, worker)
    for worker in range(4):
        world.turn(worker)
    assert world.refusal(3).retry_after == 60


@pytest.mark.parametrize(
    ("spent", "silence", "refusal"),
    [
        pytest.param(1, 9.9, None, id="the rest of the lease is spent for ten seconds"),
        pytest.param(1, 10.1, LimitsUnavailable, id="and not any longer"),
        pytest.param(10, 2.9, TooManyRequests, id="a lease spent just before"),
        pytest.param(10, 3.1, LimitsUnavailable, id="a lease spent, which cannot be told: our fault"),
    ],
)
def test_while_the_bucket_cannot_be_asked(spent, silence, refusal):
    world = World(SMALL)
    world.ask(spent)
    world.fault = "before"
    world.turn(0)
    world.now += silence
    world.turn(0)
    if refusal is None:
        assert world.answers()
    else:
        assert type(world.refusal()) is refusal
    world.fault = ""
    world.turn(0)
    world.now += 1
    world.turn(0)
    assert world.answers(), "it goes on by itself"


def test_who_asks_nothing_meanwhile_is_not_refused_when_the_bucket_is_back():
    world = World(SMALL)
    world.now += 3600
    assert world.answers()


@pytest.mark.parametrize(
    ("changed", "answered"),
    [
        pytest.param(Limit(1, 3), 3, id="lower: at once"),
        pytest.param(Limit(50, 100), 10, id="higher: with the next lease"),
        pytest.param(Limit(5, 10), 10, id="the same, said anew"),
    ],
)
def test_a_limit_that_is_changed(changed, answered):
    world = World(SMALL)
    assert world.ask(0) == 0
    world.workers[0].spend(SKATT, SLUG, SMALL)
    world.limit = changed
    assert 1 + world.ask(200) == answered
    world.turn(0)
    world.now += 10
    world.turn(0)
    assert world.ask(200) == changed.lease


def test_agencies_and_services_do_not_share():
    worker = World(SMALL).workers[0]
    for key in [(SKATT, SLUG), (NAV, SLUG), (SKATT, "")]:
        for _ in range(SMALL.lease):
            worker.spend(*key, SMALL)
        with pytest.raises(TooManyRequests):
            worker.spend(*key, SMALL)


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(limits, "MOST_KEYS", 5)
    world = World(SMALL)
    worker = world.workers[0]
    for number in range(5 + SMALL.lease):
        worker.spend(str(number), "", SMALL)
    assert list(worker._leases) == [*((str(number), "") for number in range(5)), (OTHER, "")]
    with pytest.raises(TooManyRequests):
        worker.spend("20", "", SMALL)
    for lease in worker._leases.values():
        lease.hear(10, told=lease.spent, asked_at=0)
    worker.spend("21", "", SMALL)
    assert list(worker._leases) == [("21", "")], "those at rest make room"


@pytest.mark.parametrize(
    ("limit", "lease"),
    [
        pytest.param(SMALL, 10, id="never more than the burst"),
        pytest.param(Limit(10, 1000), SMALLEST_LEASE, id="so much that all accounts of a person pass"),
        pytest.param(Limit(1000, 1000), 500, id="half a second's, where that is more"),
    ],
)
def test_lease(limit, lease):
    assert limit.lease == lease


@pytest.mark.parametrize(
    ("consumer", "service", "expected"),
    [
        pytest.param(SKATT, SLUG, Limit(1, 1), id="its own"),
        pytest.param(NAV, SLUG, Limit(2, 2), id="that of the others in the service"),
        pytest.param(SKATT, "skatt-kontroll", DEFAULT, id="of a service without limits"),
        pytest.param(NAV, "", DEFAULT, id="without a service"),
    ],
)
def test_which_limit_holds(consumer, service, expected):
    set_there = {(SKATT, SLUG): Limit(1, 1), ("", SLUG): Limit(2, 2)}
    assert limit_of(set_there, consumer, service, DEFAULT) == expected


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param({"per_second": 500, "burst": 1000}, [], id="the default"),
        pytest.param({"per_second": 1, "burst": 201}, [], id="the smallest"),
        pytest.param({"per_second": 1, "burst": 200}, ["dsop.E151"], id="a person with 100 accounts is refused"),
        pytest.param({"per_second": 0, "burst": 1000}, ["dsop.E150"], id="nothing at all"),
        pytest.param({"per_second": 300, "burst": 250}, ["dsop.E150"], id="less at once than in a second"),
        pytest.param({"per_second": 10_001, "burst": 20_000}, ["dsop.E150"], id="no limit at all"),
        pytest.param({"per_second": 1, "burst": 100_001}, ["dsop.E150"], id="no burst at all"),
        pytest.param({"per_second": True, "burst": 1000}, ["dsop.E150"], id="a truth for a number"),
        pytest.param({"per_second": 1.5, "burst": 1000}, ["dsop.E150"], id="halves"),
        pytest.param({"per_second": "5", "burst": 1000}, ["dsop.E150"], id="a text"),
        pytest.param({"per_second": 5}, ["dsop.E150"], id="half of it"),
        pytest.param({"per_second": 5, "burst": 300, "x": 1}, ["dsop.E150"], id="more than it has"),
        pytest.param([500, 1000], ["dsop.E150"], id="a list"),
    ],
)
def test_the_default_is_checked_at_start(value, found):
    with override_settings(RATE_LIMIT_DEFAULT=value):
        assert [message.id for message in check_default_limit()] == found


def test_the_default_is_read():
    assert read_default({"per_second": 500, "burst": 1000}) == DEFAULT
    assert math.isinf(limits.Lease(DEFAULT).untold_since)
