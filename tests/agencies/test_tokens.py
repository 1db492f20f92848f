"""Tokens are fetched once, kept until shortly before their end, and never told."""

import base64
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from agencies import tokens
from agencies.attempts import Waits
from agencies.errors import NotConfigured, NoToken
from agencies.grants import wanted
from agencies.tokens import claims_of, fetch_token, store
from legal.numbers import has_organisation_form
from sandbox.certpub.enterprise import certificate_file
from sandbox.maskinporten import clients
from tests import cluster
from tests.agencies.conftest import TOKENS, queue_tokens, token_answer

ASKED = wanted(["skatteetaten:aktivkonto"])


def lives(seconds, number=1):
    """Return a token that says of itself how long it lives."""
    now = int(time.time())
    payload = json.dumps({"iat": now, "exp": now + seconds, "jti": number}).encode()
    return f"eyJhbGciOiJSUzI1NiJ9.{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}.c2ln"


def test_one_for_many_calls(bank, maskinporten):
    assert [store.token(ASKED) for _ in range(3)] == [TOKENS[0]] * 3
    assert len(maskinporten.seen) == 1


def test_another_for_each_thing_asked_for(bank, maskinporten):
    asked = [
        wanted(["a"]),
        wanted(["a", "b"]),
        wanted(["a"], consumer_org="213456008"),
        wanted(["a"], system_user_organisation="213456008"),
        wanted(["a"], authorization_details=[{"type": "urn:altinn:consent", "id": "1"}]),
    ]
    assert tuple(store.token(one) for one in asked) == TOKENS
    assert tuple(store.token(one) for one in asked) == TOKENS
    assert store.token(wanted(["b", "a"])) == TOKENS[1], "the order of scopes is no difference"


@pytest.mark.parametrize(
    ("token", "seconds", "fetches"),
    [
        pytest.param(TOKENS[0], 120, 1, id="two minutes"),
        pytest.param(TOKENS[0], 20, 1, id="twenty seconds"),
        pytest.param(TOKENS[0], 14, 2, id="less than fifteen seconds are left"),
        pytest.param(lives(14), 120, 2, id="the token itself ends sooner"),
        pytest.param(lives(-1), 120, 2, id="the token ends before it begins"),
        pytest.param(lives(600), 120, 1, id="the token itself ends later"),
        pytest.param(lives(600), 14, 2, id="expires_in is sooner"),
    ],
)
def test_it_is_renewed_early(bank, maskinporten, token, seconds, fetches):
    maskinporten.clear()
    maskinporten.answer(200, token_answer(token, seconds), times=2)
    assert [store.token(ASKED), store.token(ASKED)] == [token, token]
    assert len(maskinporten.seen) == fetches


def test_many_at_once_wait_for_one(bank, maskinporten):
    together = threading.Barrier(8)

    def ask(_):
        together.wait()
        return store.token(ASKED)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {TOKENS[0]}
    assert len(maskinporten.seen) == 1


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork")
def test_a_fork_begins_with_none(bank, maskinporten):
    store.token(ASKED)
    child = os.fork()
    if not child:
        try:
            os._exit(0 if store.token(ASKED) == TOKENS[1] else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.token(ASKED) == TOKENS[0]


def test_a_refused_token_is_dropped_once(bank, maskinporten):
    first = store.token(ASKED)
    store.drop(ASKED, first)
    second = store.token(ASKED)
    store.drop(ASKED, first)  # another call had the first one too
    assert (first, second, store.token(ASKED)) == (TOKENS[0], TOKENS[1], TOKENS[1])


def test_only_so_many_are_kept(bank, maskinporten, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_KEPT", 2)
    asked = [wanted([scope]) for scope in "abc"]
    assert [store.token(one) for one in asked] == list(TOKENS[:3])
    assert [store.token(one) for one in (asked[2], asked[1], asked[0])] == [TOKENS[2], TOKENS[1], TOKENS[3]]


REFUSALS = [
    pytest.param(
        400, {"error": "invalid_grant", "error_description": "MP-110"}, "invalid_grant", "MP-110", 1, id="aud"
    ),
    pytest.param(
        400,
        {"error": "invalid_grant", "error_description": "Invalid assertion. Client authentication failed. (MP-100)"},
        "invalid_grant",
        "MP-100",
        1,
        id="unknown client",
    ),
    pytest.param(401, {"error": "invalid_client"}, "invalid_client", "", 1, id="no description"),
    pytest.param(400, {"error": "15869010089"}, "answer", "", 1, id="an error that is no word"),
    pytest.param(400, {"error": ["invalid_grant"]}, "answer", "", 1, id="a list"),
    pytest.param(400, "Bad request", "answer", "", 1, id="no object"),
    pytest.param(302, {}, "answer", "", 1, id="a redirect"),
    pytest.param(429, {}, "answer", "", 3, id="too many"),
    pytest.param(503, {"error": "temporarily_unavailable"}, "temporarily_unavailable", "", 3, id="away"),
]


@pytest.mark.parametrize(("status", "body", "reason", "code", "asked"), REFUSALS)
def test_no_token(bank, maskinporten, monkeypatch, status, body, reason, code, asked):
    monkeypatch.setattr(tokens, "WAITS", Waits((0.0,)))
    maskinporten.clear()
    maskinporten.answer(status, json.dumps(body), times=3)
    with pytest.raises(NoToken) as caught:
        store.token(ASKED)
    assert (caught.value.reason, caught.value.code, caught.value.status) == (reason, code, status)
    assert len(maskinporten.seen) == asked
    assert len({seen.body for seen in maskinporten.seen}) == asked, "no grant is used twice"
    assert str(caught.value) == "Nothing was sent: Maskinporten gave no token."


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="no token"),
        pytest.param(b'{"access_token": "a.b.c"}', id="no end"),
        pytest.param(b'{"access_token": "a.b.c", "expires_in": "120"}', id="an end that is text"),
        pytest.param(b'{"access_token": "a.b.c", "expires_in": true}', id="an end that is true"),
        pytest.param(b'{"access_token": "a.b.c", "expires_in": 0}', id="an end that is now"),
        pytest.param(b'{"access_token": "a b", "expires_in": 120}', id="a token with a blank"),
        pytest.param(b'{"access_token": "a\\r\\nX: y", "expires_in": 120}', id="a token with a line break"),
        pytest.param(b'{"access_token": "", "expires_in": 120}', id="an empty token"),
        pytest.param(b'{"access_token": "a", "expires_in": 120, "token_type": "mac"}', id="another type"),
        pytest.param(b"x" * 70_000, id="too large"),
    ],
)
def test_an_answer_that_is_none(bank, maskinporten, body):
    maskinporten.clear()
    maskinporten.answer(200, body)
    with pytest.raises(NoToken, match=r"^Nothing was sent: Maskinporten gave no token\.$") as caught:
        store.token(ASKED)
    assert (caught.value.reason, caught.value.status) == ("answer", 200)


def test_away_and_back(bank, maskinporten, monkeypatch):
    monkeypatch.setattr(tokens, "WAITS", Waits((0.0,)))
    maskinporten.clear()
    maskinporten.cut()
    maskinporten.answer(503, b"{}")
    queue_tokens(maskinporten)
    assert store.token(ASKED) == TOKENS[0]


def test_nobody_answers(bank, maskinporten, monkeypatch):
    monkeypatch.setattr(tokens, "WAITS", Waits((0.0,)))
    maskinporten.clear()
    maskinporten.cut(times=3)
    with pytest.raises(NoToken) as caught:
        store.token(ASKED)
    assert (caught.value.reason, len(maskinporten.seen)) == ("unreachable", 3)


@pytest.mark.parametrize("address", ["", "http://maskinporten.example/token", "nonsense"])
def test_no_address(bank, address):
    bank.MASKINPORTEN_TOKEN_URL = address
    with pytest.raises(NotConfigured) as caught:
        fetch_token(ASKED)
    assert caught.value.setting == "MASKINPORTEN_TOKEN_URL"


def test_it_is_never_told(bank, maskinporten, caplog):
    caplog.set_level("DEBUG")
    token = fetch_token(ASKED)
    assert TOKENS[0] not in repr(token) + str(token) + "".join(str(vars(record)) for record in caplog.records)
    assert [record.message for record in caplog.records if record.name == "agencies.tokens"] == ["agencies.token"]


@pytest.mark.parametrize("by", ["key id", "certificate"])
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(ASKED, id="for oneself"),
        pytest.param(
            wanted(["skatteetaten:innrapporteringboligsparingungdom"], system_user_organisation=clients.BANK_NUMBER),
            id="for a system user",
        ),
    ],
)
def test_the_sandboxs_maskinporten_gives_one(settings, counterparts, by, asked):
    for name, value in counterparts.settings.items():
        setattr(settings, name, value)
    if by == "certificate":
        settings.MASKINPORTEN_KEY_ID = ""
        settings.MASKINPORTEN_CERTIFICATE_FILE = str(certificate_file(cluster.FOLDER))
    claims = claims_of(fetch_token(asked).value)
    assert claims["client_amr"] == ("virksomhetssertifikat" if by == "certificate" else "private_key_jwt")
    assert claims["scope"] == " ".join(asked.scopes)
    assert has_organisation_form(claims["consumer"]["ID"].removeprefix("0192:"))
    assert ("authorization_details" in claims) == bool(asked.authorization_details)
