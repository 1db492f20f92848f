"""Tokens proven once and asked again: the cache, and the keys behind it (TOK-24, KEY-05, KEY-07, KEY-10)."""

import threading
import time

import pytest

from audit.measuring import token_seen
from legal.keys import KeyStore
from legal.maskinporten import TokenReader, key_store, reader_from_settings, token_reader
from legal.published_keys import VerificationKey
from legal.refusals import (
    KeysUnavailable,
    NotAuthenticated,
    TokenAudience,
    TokenExpired,
    TokenKeyUnknown,
    TokenMalformed,
    TokenTimes,
)
from tests.corridor_entrance import configured_issuer
from tests.issuer import CONSUMER, signing_key, wait_until


@pytest.fixture(scope="module")
def issuer():
    with configured_issuer() as issuer:
        yield issuer


def test_key_10_without_keys_a_good_token_is_500_and_a_bad_one_401(issuer):
    store = KeyStore("empty", dict, retry_seconds=3600.0, stale_seconds=0.0)
    reader = TokenReader(store, token_reader()._rules)
    with pytest.raises(KeysUnavailable) as caught:
        reader.grant(issuer.token(), {})
    assert (caught.value.status_code, caught.value.default_code) == (500, "ACC-100")
    with pytest.raises(TokenMalformed):
        reader.grant(issuer.token() + "=", {})


class Counting(TokenReader):
    """A reader that counts how often a signature is checked."""

    checks = 0

    def _check_by_library(self, token, key):
        self.checks += 1
        super()._check_by_library(token, key)


def test_tok_24_a_proven_token_is_not_proven_again_but_expires_to_the_moment(issuer):
    moment = [time.time()]
    reader = Counting(key_store(), token_reader()._rules, clock=lambda: moment[0])
    claims = issuer.claims(nbf=int(moment[0]))
    token = issuer.token(claims)
    for _ in range(3):
        assert reader.grant(token, {}).expires_at == claims["exp"]
    moment[0] = claims["exp"] + 9.999
    assert reader.grant(token, {}).consumer == CONSUMER
    assert reader.checks == 1
    moment[0] = claims["exp"] + 10
    with pytest.raises(TokenExpired) as caught:
        reader.grant(token, {})
    assert caught.value.consumer == CONSUMER
    moment[0] = claims["iat"] - 11  # the clock was set back
    with pytest.raises(TokenTimes):
        reader.grant(token, {})


@pytest.fixture
def ages():
    """What is told of tokens' ages."""
    told = []
    token_seen.listen(told.append)
    yield told
    token_seen.listen(None)


@pytest.mark.parametrize("age", [0, 7, -9], ids=["new", "used before elsewhere", "from the future, within the leeway"])
def test_the_age_of_a_token_is_told_once(issuer, ages, age):
    now = int(time.time())
    reader, token = TokenReader(key_store(), token_reader()._rules, clock=lambda: now + age), issuer.token({"iat": now})
    for _ in range(3):
        reader.grant(token, {})
    assert ages == [age]


def test_the_age_of_a_token_that_is_too_far_in_the_future_is_told_too(issuer, ages):
    now = int(time.time())
    reader = TokenReader(key_store(), token_reader()._rules, clock=lambda: now - 60)
    with pytest.raises(TokenTimes):
        reader.grant(issuer.token({"iat": now, "exp": now + 60}), {})
    assert ages == [-60]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda issuer: issuer.token({"iat": "now"}), id="no moment"),
        pytest.param(lambda issuer: issuer.token({"iat": 7}, key=signing_key("of-another")), id="a key of another's"),
        pytest.param(lambda issuer: f"{issuer.token()}x", id="a signature that is wrong"),
        pytest.param(lambda issuer: "a.b.c", id="no token"),
    ],
)
def test_of_what_is_not_proven_no_age_is_told(issuer, ages, make):
    with pytest.raises(NotAuthenticated):
        TokenReader(key_store(), token_reader()._rules).grant(make(issuer), {})
    assert ages == []


def test_tok_24_a_refused_token_is_not_remembered(issuer):
    reader = Counting(key_store(), token_reader()._rules)
    for _ in range(2):
        with pytest.raises(TokenAudience):
            reader.grant(issuer.token({"aud": "unspecified", "jti": "same"}), {})
    assert reader.checks == 2


def test_key_07_a_cached_token_falls_with_its_key(issuer):
    keys = {"key-one": key_store().current().keys["key-one"], "-key-two": key_store().current().keys["-key-two"]}
    moment = [0.0]
    store = KeyStore("withdrawn", lambda: dict(keys), clock=lambda: moment[0], retry_seconds=1e6, refresh_seconds=10.0)
    store.turn()
    reader = Counting(store, token_reader()._rules)
    token, other = issuer.token(), issuer.token(key=issuer.keys[1])
    assert (reader.grant(token, {}).key_id, reader.grant(other, {}).key_id) == ("key-one", "-key-two")
    del keys["key-one"]
    assert reader.grant(token, {}).key_id == "key-one"
    moment[0] += 10
    store.turn()
    with pytest.raises(TokenKeyUnknown):
        reader.grant(token, {})
    assert reader.grant(other, {}).key_id == "-key-two"


def test_key_06_a_new_key_is_401_at_first_and_known_soon_after(issuer):
    published = dict(key_store().current().keys)
    fetches = []

    def source():
        fetches.append(1)
        return dict(published)

    store = KeyStore("rotating", source, cooldown_seconds=0.05)
    reader = TokenReader(store, token_reader()._rules)
    wait_until(lambda: store.ready)
    for header in ({"kid": None}, {"kid": ""}, {"alg": "HS256", "kid": "unknown"}, {"kid": "unknown", "crit": ["x"]}):
        with pytest.raises(NotAuthenticated):
            reader.grant(issuer.token(header=header), {})
    time.sleep(0.2)
    assert len(fetches) == 1, "what no key could mend has none fetched"
    token = issuer.token(key=signing_key("three"))
    published["three"] = VerificationKey(signing_key("three").private.public_key(), "RS256")
    with pytest.raises(TokenKeyUnknown):
        reader.grant(token, {})
    wait_until(lambda: "three" in store.current().keys)
    assert reader.grant(token, {}).key_id == "three"
    assert len(fetches) == 2


def test_key_05_a_cached_token_falls_when_the_keys_are_too_old(issuer):
    moment = [0.0]
    store = KeyStore("outlived", lambda: dict(key_store().current().keys), clock=lambda: moment[0], retry_seconds=1e6)
    store.turn()
    reader = TokenReader(store, token_reader()._rules)
    token = issuer.token()
    reader.grant(token, {})
    moment[0] = 24 * 3600.0
    with pytest.raises(KeysUnavailable):
        reader.grant(token, {})


def test_tok_24_many_threads_one_answer(issuer):
    tokens = [issuer.token({"jti": f"thread-{number}"}) for number in range(20)]
    reader, answers = TokenReader(key_store(), token_reader()._rules), set()

    def work():
        for _ in range(20):
            answers.update(reader.grant(token, {}).jti for token in tokens)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {f"thread-{number}" for number in range(20)}


def test_there_is_one_reader_and_one_key_store(issuer):
    found = []
    reader_from_settings.cache_clear()
    threads = [threading.Thread(target=lambda: found.append((token_reader(), key_store()))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert key_store() is token_reader().keys
    wait_until(lambda: key_store().ready)
