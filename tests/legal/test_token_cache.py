"""Proven tokens in memory (TOK-24): few, of one generation of keys, and safe among threads."""

import random
import threading

from legal.token_cache import Proven, TokenCache


def proven(name):
    return Proven(grant=name, times={"iat": 1, "exp": 2})


def test_what_is_kept_is_found_again():
    cache = TokenCache()
    cache.put(b"one", 1, proven("one"))
    assert cache.get(b"one", 1) == proven("one")
    assert cache.get(b"two", 1) is None


def test_a_thousand_and_the_oldest_makes_room():
    cache = TokenCache()
    for number in range(1001):
        cache.put(number.to_bytes(2, "big"), 1, proven(number))
    assert len(cache) == 1000
    assert cache.get((0).to_bytes(2, "big"), 1) is None
    assert cache.get((1).to_bytes(2, "big"), 1) == proven(1)


def test_a_token_proven_again_pushes_no_other_out():
    cache = TokenCache(largest=2)
    for name in (b"one", b"two", b"two"):
        cache.put(name, 1, proven(name))
    assert cache.get(b"one", 1) == proven(b"one")


def test_new_keys_empty_it():
    cache = TokenCache()
    cache.put(b"one", 1, proven("one"))
    assert cache.get(b"one", 2) is None
    assert len(cache) == 0


def test_what_older_keys_proved_is_neither_kept_nor_found():
    cache = TokenCache()
    cache.put(b"two", 2, proven("two"))
    cache.put(b"one", 1, proven("one"))
    assert (cache.get(b"one", 2), cache.get(b"two", 1)) == (None, None)
    assert cache.get(b"two", 2) == proven("two")


def test_many_threads():
    cache, failures = TokenCache(largest=10), []

    def work(seed):
        chance = random.Random(seed)
        try:
            for turn in range(2000):
                name = bytes([chance.randrange(40)])
                cache.put(name, turn // 100, proven(name))
                found = cache.get(name, turn // 100)
                assert found is None or found.grant == name
                cache.drop(bytes([chance.randrange(40)]))
                assert len(cache) <= 10
        except Exception as failure:  # a thread's own failure is seen by nobody
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
