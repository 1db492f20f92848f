"""The key store: fresh in good time, never waited for, and calm when the issuer is not (KEY-04 to KEY-10)."""

import os
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from audit.background import PREFIX
from legal.keys import KeyStore
from legal.published_keys import published_keys, usable_keys
from legal.refusals import KeysUnavailable
from tests.issuer import KEY_SET, METADATA, hangs, running_issuer, says, signing_key, wait_until

HOUR = 3600.0
ROOT = Path(__file__).parents[2]


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def issuer():
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store_of(issuer):
    """Return a function that makes a store of the issuer's keys; after the test its thread finds peace."""
    retired = threading.Event()

    def source():
        if retired.is_set():
            return usable_keys({"keys": [signing_key("key-one").published()]})
        return published_keys(issuer.url, loopback_http=True)

    yield partial(KeyStore, "test", source)
    retired.set()


@pytest.fixture
def store(store_of, clock):
    """Return a store whose turns the test takes itself: what its thread would wait for never comes."""
    return store_of(clock=clock, retry_seconds=24 * HOUR)


def names(store):
    return sorted(store.current().keys)


def test_key_04_and_05_one_fetch_an_hour_however_many_requests(issuer, clock, store):
    assert store.turn() == HOUR
    for _ in range(1000):
        assert names(store) == ["-key-two", "key-one"]
    clock.now += HOUR - 1
    assert store.turn() == 1
    assert issuer.fetches == {METADATA: 1, KEY_SET: 1}
    clock.now += 1
    assert store.turn() == HOUR
    assert issuer.fetches == {METADATA: 2, KEY_SET: 2}


def test_key_05_the_last_good_set_serves_for_24_hours(issuer, clock, store):
    store.turn()
    issuer.answers[METADATA] = says(b"", 500)
    clock.now += HOUR
    assert store.turn() == 60, "a failed refresh is tried again after the cool-down"
    clock.now += 60
    assert store.turn() == 60
    assert issuer.fetches[METADATA] == 3
    clock.now += 23 * HOUR - 61
    assert store.ready
    assert names(store) == ["-key-two", "key-one"]
    clock.now += 1
    assert not store.ready
    with pytest.raises(KeysUnavailable) as refused:
        store.current()
    assert (refused.value.status_code, refused.value.default_code) == (500, "ACC-100")


def test_key_05_a_set_that_outlived_its_day_comes_back(clock, store):
    store.turn()
    clock.now += 25 * HOUR
    assert store.success_age == 25 * HOUR
    # The first question starts the thread, which looks at once: it may be back before that question is answered.
    wait_until(lambda: store.ready)
    assert (store.success_age, store.attempt_age) == (0, 0)


@pytest.mark.parametrize("path", [METADATA, KEY_SET])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(says(b"", 500), id="KEY-10 error 500"),
        pytest.param(says(b"<html>"), id="KEY-10 HTML"),
        pytest.param(says([]), id="KEY-10 a list"),
        pytest.param(says({"keys": []}), id="KEY-10 an empty set"),
        pytest.param(says({"keys": [signing_key("key-one").published(use="enc")]}), id="KEY-08 only use enc"),
        pytest.param(says(b"", 302, Location="/jwk"), id="KEY-09 a redirect"),
        pytest.param(says(b" " * 10_000_000), id="KEY-09 ten million bytes"),
    ],
)
def test_a_bad_answer_leaves_the_old_keys_in_place(issuer, clock, store, path, answer):
    issuer.answers[path] = answer
    store.turn()
    with pytest.raises(KeysUnavailable):
        store.current()
    del issuer.answers[path]
    clock.now += 24 * HOUR
    store.turn()
    before = store.current()
    issuer.answers[path] = answer
    clock.now += HOUR
    store.turn()
    assert store.current() == before
    assert (store.success_age, store.attempt_age) == (HOUR, 0)


def test_a_failed_refresh_is_logged_without_what_was_received(issuer, store, caplog):
    issuer.answers[KEY_SET] = says(b"<html>secret</html>")
    store.turn()
    (record,) = caplog.records
    assert (record.message, record.store, record.reason, record.exc_info) == (
        "keys.not_refreshed",
        "test",
        "json",
        None,
    )


def test_key_07_a_withdrawn_key_is_gone_and_the_generation_moves_only_with_the_keys(issuer, clock, store):
    generations = []
    for keys in (["key-one", "-key-two"], ["key-one", "-key-two"], ["-key-two", "three"], ["-key-two", "three"]):
        issuer.keys = [signing_key(name) for name in keys]
        store.turn()
        assert names(store) == sorted(keys)
        generations.append(store.current().generation)
        clock.now += HOUR
    assert generations == [1, 1, 2, 2]


def test_key_07_another_key_under_the_old_name_is_another_generation(issuer, clock, store):
    store.turn()
    issuer.answers[KEY_SET] = says({"keys": [signing_key("other").published(kid="key-one")]})
    clock.now += HOUR
    store.turn()
    assert store.current().generation == 2


def test_key_10_a_cold_start_answers_at_once_and_keeps_trying_until_the_first_success(issuer, store_of):
    released = threading.Event()
    issuer.answers[METADATA] = hangs(released, says(b"", 500))
    store = store_of(retry_seconds=0.05)
    assert not store.ready
    begun = time.monotonic()
    with pytest.raises(KeysUnavailable):
        store.current()
    assert time.monotonic() - begun < 0.5
    released.set()
    wait_until(lambda: issuer.fetches[METADATA] >= 3)
    assert KEY_SET not in issuer.fetches
    del issuer.answers[METADATA]
    wait_until(lambda: store.ready)
    fetched = issuer.fetches[METADATA]
    time.sleep(0.2)
    assert issuer.fetches == {METADATA: fetched, KEY_SET: 1}


@pytest.mark.parametrize(
    "status", [pytest.param(200, id="endpoint in order"), pytest.param(500, id="endpoint failing")]
)
def test_key_06_a_storm_of_unknown_keys_is_one_fetch_per_cool_down(issuer, store_of, status):
    cool_down = 0.3
    store = store_of(cooldown_seconds=cool_down)
    wait_until(lambda: store.ready)
    if status != 200:
        issuer.answers[METADATA] = says(b"", status)
    fetches_before, begun = issuer.fetches[METADATA], time.monotonic()
    storms = [threading.Thread(target=storm, args=(store, begun + 1.0)) for _ in range(4)]
    for thread in storms:
        thread.start()
    for thread in storms:
        thread.join()
    took = time.monotonic() - begun
    fetches = issuer.fetches[METADATA] - fetches_before
    assert 2 <= fetches <= took / cool_down + 1
    assert names(store) == ["-key-two", "key-one"]


def storm(store, until):
    while time.monotonic() < until:
        if "unknown" not in store.current().keys:
            store.ask_refresh()
        time.sleep(0.0005)


def test_key_06_a_new_key_is_found_in_the_background(issuer, store_of):
    store = store_of(cooldown_seconds=0.2)
    wait_until(lambda: store.ready)
    issuer.keys.append(signing_key("three"))
    store.ask_refresh()
    assert "three" not in store.current().keys, "the request that asks does not wait"
    wait_until(lambda: "three" in store.current().keys)
    assert issuer.fetches[KEY_SET] == 2


def test_key_06_the_cool_down_counts_from_the_regular_refresh_too(issuer, clock, store):
    store.turn()
    clock.now += 59
    store.ask_refresh()
    assert store.turn() == 1
    assert issuer.fetches[METADATA] == 1


def test_key_09_a_known_key_never_waits_for_a_fetch_that_hangs(issuer, store_of, clock):
    released = threading.Event()
    store = store_of(clock=clock)
    wait_until(lambda: store.ready)
    clock.now += 60
    issuer.answers[METADATA] = hangs(released, says(b"", 500))
    store.ask_refresh()
    wait_until(lambda: issuer.fetches[METADATA] == 2)
    waits = []
    for _ in range(500):
        begun = time.perf_counter()
        assert "key-one" in store.current().keys
        store.ask_refresh()
        waits.append(time.perf_counter() - begun)
    assert sorted(waits)[-5] < 0.05  # a busy machine may stop any thread for a moment
    assert max(waits) < 0.5
    assert issuer.fetches[METADATA] == 2, "one fetch at a time"
    released.set()


def test_a_source_that_crashes_is_tried_again_and_its_thread_lives_on(issuer, caplog):
    calls = []

    def source():
        calls.append(1)
        if len(calls) < 3:
            raise RuntimeError("an account number, say")
        return published_keys(issuer.url, loopback_http=True)

    store = KeyStore("test", source, retry_seconds=0.02)
    wait_until(lambda: store.ready)
    assert len(calls) == 3
    assert "account number" not in caplog.text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_thread_is_started_again(issuer):
    store = KeyStore("mortal", sys.exit, retry_seconds=0.02)
    store.ensure()
    wait_until(lambda: not alive("keys-mortal"))
    store._source = partial(published_keys, issuer.url, loopback_http=True)
    wait_until(lambda: store.ready)
    assert alive("keys-mortal")


def alive(name):
    return [thread for thread in threading.enumerate() if thread.name == PREFIX + name]


def test_a_store_owns_no_thread_before_it_is_asked_and_one_thereafter(issuer):
    store = KeyStore("single", partial(published_keys, issuer.url, loopback_http=True))
    assert not alive("keys-single")
    starts = [threading.Thread(target=store.ensure) for _ in range(20)]
    for thread in starts:
        thread.start()
    for thread in starts:
        thread.join()
    wait_until(lambda: store.ready)
    assert len(alive("keys-single")) == 1
    assert issuer.fetches == {METADATA: 1, KEY_SET: 1}


FORKING = """
import os, sys, time
from functools import partial
import django
django.setup()
from audit.background import PREFIX
from legal.keys import KeyStore
from legal.published_keys import published_keys, usable_keys

def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        if time.monotonic() > deadline:
            os._exit(3)
        time.sleep(0.01)

store = KeyStore("forked", partial(published_keys, sys.argv[1], loopback_http=True), refresh_seconds=0.2)
wait_until(lambda: store.ready)
child = os.fork()
first = store.current().fetched_at
wait_until(lambda: store.current().fetched_at > first)
if child == 0:
    os._exit(0)
print("parent", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_after_a_fork_each_process_refreshes_its_own_keys(issuer):
    done = subprocess.run(
        [sys.executable, "-c", FORKING, issuer.url],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "dsop.settings"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("parent 0\n", 0), done.stderr
