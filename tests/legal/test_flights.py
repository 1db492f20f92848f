"""Work done once at a time: shared by all who want it, and holding up nobody beyond his own time."""

import gc
import os
import threading
import time
import weakref

import pytest

from legal.flights import Flights
from tests.issuer import wait_until


class Work:
    """Work that begins, waits until it may end, and counts."""

    def __init__(self, outcome="done"):
        self.may_end, self.outcome, self.begun = threading.Event(), outcome, 0

    def __call__(self):
        self.begun += 1
        assert self.may_end.wait(10)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def work():
    work = Work()
    yield work
    work.may_end.set()


def test_the_result(work):
    work.may_end.set()
    flights = Flights()
    assert [flights.result("key", work, seconds=5) for _ in range(3)] == ["done"] * 3
    assert work.begun == 3, "a finished flight is over"


def test_an_error_reaches_all_who_wait(work):
    work.outcome = ValueError("no")
    flights, raised = Flights(), []

    def wait():
        with pytest.raises(ValueError, match="no"):
            flights.result("key", work, seconds=5)
        raised.append(True)

    threads = [threading.Thread(target=wait) for _ in range(5)]
    for thread in threads:
        thread.start()
    wait_until(lambda: work.begun)
    work.may_end.set()
    for thread in threads:
        thread.join()
    assert raised == [True] * 5
    assert work.begun == 1


@pytest.mark.parametrize("seconds", [0, -1, 0.1])
def test_nobody_waits_beyond_his_time(work, seconds):
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        Flights().result("key", work, seconds=seconds)
    assert time.monotonic() - begun < 2.0


def test_who_leaves_does_not_end_the_work(work):
    flights = Flights()
    with pytest.raises(TimeoutError):
        flights.result("key", work, seconds=0)
    threading.Timer(0.1, work.may_end.set).start()
    assert flights.result("key", work, seconds=5) == "done"
    assert work.begun == 1


def test_one_key_does_not_wait_for_another(work):
    flights = Flights()
    with pytest.raises(TimeoutError):
        flights.result("slow", work, seconds=0)
    assert flights.result("fast", lambda: "at once", seconds=5) == "at once"


def test_no_more_than_so_many_at_once(work):
    flights = Flights(most=2)
    for key in ("one", "two"):
        with pytest.raises(TimeoutError):
            flights.result(key, work, seconds=0)
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        flights.result("three", work, seconds=5)
    assert time.monotonic() - begun < 2.0
    assert work.begun == 2
    work.may_end.set()
    wait_until(lambda: landed(flights))


def landed(flights):
    try:
        return flights.result("three", lambda: True, seconds=5)
    except TimeoutError:
        return False


def test_a_failed_flight_is_forgotten():
    class Luggage:
        pass

    left = []

    def fail():
        luggage = Luggage()
        left.append(weakref.ref(luggage))
        raise ValueError

    gc.disable()
    try:
        with pytest.raises(ValueError):
            Flights().result("key", fail, seconds=5)
        wait_until(lambda: left[0]() is None)
    finally:
        gc.enable()


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork")
def test_a_fork_in_mid_flight_leaves_the_child_free(work):
    flights = Flights()
    with pytest.raises(TimeoutError):
        flights.result("key", work, seconds=0)
    child = os.fork()
    if not child:
        try:
            os._exit(0 if flights.result("key", lambda: "anew", seconds=5) == "anew" else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
