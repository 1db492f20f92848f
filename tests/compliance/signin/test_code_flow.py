"""The way to the bank's provider and back: begun here, finished once, not held up by a provider that is not well."""

import json
import logging
import socket
import threading
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from compliance.signin import oidc, provider
from dsop.logs import JSONLines
from tests.compliance.signin.bank_provider import (
    CALLBACK,
    CLIENT_ID,
    CLIENT_SECRET,
    DOCUMENT,
    KEYS,
    TOKEN,
    come_back,
    sign_in,
    start,
)
from tests.issuer import drips, says

pytestmark = pytest.mark.django_db
NO_STORE = "max-age=0, no-cache, no-store, must-revalidate, private"


def reasons(caplog, event="signin.refused"):
    return [record.reason for record in caplog.records if record.getMessage() == event]


def test_what_the_provider_is_asked(browser, bank):
    asked = start(browser)
    drawn = {name: asked.pop(name) for name in ("state", "nonce", "code_challenge")}
    assert asked == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": "http://localhost/admin/oidc/callback",
        "scope": "openid profile",
        "code_challenge_method": "S256",
    }
    assert len(set(drawn.values())) == 3
    assert min(map(len, drawn.values())) >= 43
    again = start(browser)
    assert not set(drawn.values()) & set(again.values()), "never the same twice"


def test_a_provider_is_asked_for_the_wanted_class_of_sign_in(browser, bank, settings):
    settings.OIDC_SECOND_FACTOR = {"acr": ["high", "substantial"]}
    assert start(browser)["acr_values"] == "high substantial"


@pytest.mark.parametrize("method", ["get", "head", "options", "put"])
def test_only_a_form_begins_it(browser, bank, method):
    assert getattr(browser, method)("/admin/oidc/start").status_code == 405


def test_a_form_of_somebody_else_s_begins_nothing(bank):
    browser = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    assert browser.post("/admin/oidc/start").status_code == 403
    assert bank.fetches == {}
    page = browser.get("/admin/login/").content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert browser.post("/admin/oidc/start", {"csrfmiddlewaretoken": token}).status_code == 302


@pytest.mark.parametrize("method", ["post", "head", "put"])
def test_one_comes_back_by_a_link_only(browser, bank, method):
    assert getattr(browser, method)(CALLBACK).status_code == 405


@pytest.mark.parametrize("address", ["/admin/oidc/callback", "/admin/oidc/start"])
@pytest.mark.parametrize("lacks", ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"])
def test_without_a_provider_there_is_no_such_page(browser, bank, settings, lacks, address):
    setattr(settings, lacks, "")
    ask = browser.post if address.endswith("start") else browser.get
    assert ask(address).status_code == 404
    assert "oidc" not in browser.get("/admin/login/").content.decode()


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        pytest.param("/admin/desk/search", "/admin/desk/search", id="a page"),
        pytest.param("/admin/audit/auditrecord/?q=a&p=2", "/admin/audit/auditrecord/?q=a&p=2", id="with a query"),
        pytest.param("", "/admin/", id="nothing"),
        pytest.param("https://evil.example/admin/", "/admin/", id="elsewhere"),
        pytest.param("//evil.example/admin/", "/admin/", id="elsewhere without a scheme"),
        pytest.param("/admin/\\evil.example", "/admin/", id="a backslash inside"),
        pytest.param("\\\\evil.example/admin/", "/admin/", id="backslashes"),
        pytest.param("/\\evil.example/admin/", "/admin/", id="a slash and a backslash"),
        pytest.param("javascript:alert(1)", "/admin/", id="a script"),
        pytest.param("/admin/\r\nSet-Cookie: a=b", "/admin/", id="two lines"),
        pytest.param("/v2/accounts", "/admin/", id="outside the admin"),
        pytest.param("/administrator", "/admin/", id="a name that begins alike"),
        pytest.param("/admin/logout/", "/admin/", id="the way out"),
        pytest.param("/admin/oidc/callback?state=a", "/admin/", id="this very way"),
        pytest.param("/admin/" + "x" * 1000, "/admin/", id="too long"),
    ],
)
def test_where_it_leads(browser, bank, wanted, led_to):
    asked = start(browser, next=wanted)
    assert come_back(browser, asked, bank.code_for(asked))["Location"] == led_to


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"state": "another"}, "state", id="another state"),
        pytest.param({"state": None}, "state", id="no state"),
        pytest.param({"state": ""}, "parameters", id="an empty state"),
        pytest.param({"state": "a\x00b"}, "parameters", id="a zero byte"),
        pytest.param({"state": ["a", "b"]}, "parameters", id="two states"),
        pytest.param({"code": None}, "denied", id="no code"),
        pytest.param({"code": ["a", "b"]}, "parameters", id="two codes"),
        pytest.param({"code": "x" * 4097}, "parameters", id="a code without end"),
        pytest.param({"code": "unknown"}, "code", id="an unknown code"),
        pytest.param({"error": "access_denied", "code": None}, "denied", id="refused by the provider"),
        pytest.param({"error": "access_denied"}, "denied", id="refused, and a code"),
        pytest.param({"iss": "https://other.example"}, "response_iss", id="an answer of another provider's"),
    ],
)
def test_who_comes_back_otherwise_is_refused(browser, bank, caplog, changes, reason):
    asked = start(browser)
    answered = come_back(browser, asked, **{"code": bank.code_for(asked), **changes})
    assert (answered.status_code, answered["Cache-Control"]) == (403, NO_STORE)
    assert reasons(caplog) == [reason]
    assert not User.objects.filter(username__startswith="oidc-").exists()


def test_a_provider_that_names_itself_always_does(browser, bank, caplog):
    bank.document["authorization_response_iss_parameter_supported"] = True
    assert sign_in(browser, bank).status_code == 403
    assert reasons(caplog) == ["response_iss"]
    asked = start(browser)
    assert come_back(browser, asked, bank.code_for(asked), iss=bank.issuer).status_code == 302


def test_what_was_begun_is_finished_once(browser, bank, caplog):
    asked = start(browser)
    code = bank.code_for(asked)
    assert come_back(browser, asked, "wrong").status_code == 403
    assert come_back(browser, asked, code).status_code == 403
    assert reasons(caplog) == ["code", "state"]
    assert bank.fetches[TOKEN] == 1


def test_another_browser_cannot_finish_it(browser, bank, caplog):
    asked = start(browser)
    assert come_back(Client(HTTP_HOST="localhost"), asked, bank.code_for(asked)).status_code == 403
    assert reasons(caplog) == ["state"]


def test_too_late(browser, bank, caplog):
    asked = start(browser)
    session = browser.session
    session[oidc.KEPT] = {**session[oidc.KEPT], "until": 1}
    session.save()
    assert come_back(browser, asked, bank.code_for(asked)).status_code == 403
    assert reasons(caplog) == ["too_late"]


def test_the_session_is_another_afterwards(browser, bank):
    asked = start(browser)
    before = browser.session.session_key
    assert browser.session.get_expiry_age() <= 600, "what nobody finishes is soon forgotten"
    come_back(browser, asked, bank.code_for(asked))
    after = browser.session.session_key
    assert after != before
    assert not Session.objects.filter(session_key=before).exists()
    assert sorted(browser.session.keys()) == [
        "_auth_user_backend",
        "_auth_user_hash",
        "_auth_user_id",
        "begun_at",
        "oidc_signed_in",
        "seen_at",
    ]
    sign_in(browser, bank)
    assert browser.session.session_key != after, "also for somebody who was signed in"


def test_a_secret_goes_in_the_form_where_the_provider_wants_that(browser, bank):
    bank.document["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert sign_in(browser, bank).status_code == 302


def test_a_wrong_secret(browser, bank, settings, caplog):
    settings.OIDC_CLIENT_SECRET = "another"
    assert sign_in(browser, bank).status_code == 403
    assert reasons(caplog) == ["client"]


@pytest.mark.parametrize(
    ("path", "answer", "reason"),
    [
        pytest.param(DOCUMENT, says(b"", 500), "status", id="the document cannot be had"),
        pytest.param(DOCUMENT, says(b"", 302, Location="/elsewhere"), "redirect", id="the document is elsewhere"),
        pytest.param(DOCUMENT, says(b"<html>"), "json", id="the document is a page"),
        pytest.param(DOCUMENT, says([]), "json", id="the document is a list"),
        pytest.param(DOCUMENT, says(b" " * 300_000), "size", id="the document has no end"),
        pytest.param(DOCUMENT, says({"issuer": "https://other.example"}), "issuer", id="the document is another's"),
        pytest.param(KEYS, says(b"", 404), "status", id="the keys cannot be had"),
        pytest.param(KEYS, says({"keys": []}), "keys", id="there are no keys"),
        pytest.param(KEYS, says({"keys": ["a", {}, {"kid": "a"}]}), "keys", id="the keys are none"),
        pytest.param(KEYS, says({"keys": {}}), "keys", id="the keys are no list"),
    ],
)
def test_a_provider_that_is_not_well(browser, bank, caplog, path, answer, reason):
    bank.answers[path] = answer
    answered = browser.post("/admin/oidc/start")
    assert (answered.status_code, answered["Cache-Control"]) == (503, NO_STORE)
    assert reasons(caplog, "signin.provider_unavailable") == [reason]
    assert "local account" in answered.content.decode()
    assert browser.get("/admin/login/").status_code == 200
    assert Session.objects.count() == 0


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("authorization_endpoint", "http://provider.example/authorize"),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("token_endpoint", "ftp://127.0.0.1/"),
        ("token_endpoint", None),
        ("jwks_uri", "http://169.254.169.254/latest"),
        ("end_session_endpoint", "http://provider.example/end"),
    ],
)
def test_only_addresses_that_may_be_used(browser, bank, caplog, endpoint, address):
    bank.document[endpoint] = address
    assert browser.post("/admin/oidc/start").status_code == 503
    assert reasons(caplog, "signin.provider_unavailable") == ["address"]


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        pytest.param(says(b"", 503), 503, "token", id="down"),
        pytest.param(says(b"", 302, Location="/token2"), 503, "redirect", id="elsewhere"),
        pytest.param(says(b" " * 300_000), 503, "size", id="without end"),
        pytest.param(says(b"<html>", 400), 503, "token", id="a page"),
        pytest.param(says([1]), 503, "token", id="a list"),
        pytest.param(says({"error": "invalid_grant", "error_description": "x" * 999}, 400), 403, "code", id="refused"),
        pytest.param(says({"error": ["a"]}, 400), 403, "code", id="refused with a list"),
        pytest.param(says({}), 403, "form", id="nothing"),
    ],
)
def test_a_provider_that_gives_no_token(browser, bank, caplog, answer, status, reason):
    bank.answers[TOKEN] = answer
    assert sign_in(browser, bank).status_code == status
    event = "signin.provider_unavailable" if status == 503 else "signin.refused"
    assert reasons(caplog, event) == [reason]
    assert bank.fetches["/token2"] == 0


def test_a_provider_that_is_gone(browser, bank, settings, caplog):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.OIDC_ISSUER = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        assert [browser.post("/admin/oidc/start").status_code for _ in range(2)] == [503, 503]
    assert reasons(caplog, "signin.provider_unavailable") == ["connection", "lately"], (
        "and it is left alone for a while"
    )


def test_a_provider_that_answers_drop_by_drop(browser, bank, monkeypatch, caplog):
    monkeypatch.setattr(provider, "LIMITS", provider.Limits(connect_seconds=0.1, read_seconds=0.2, largest=1000))
    bank.answers[DOCUMENT] = drips(b" ")
    assert browser.post("/admin/oidc/start").status_code == 503
    assert reasons(caplog, "signin.provider_unavailable") == ["connection"]


def test_only_a_few_wait_at_a_time(browser, bank, caplog):
    """The rest of the worker's threads answer agencies."""
    inside, leave = threading.Barrier(provider.AT_ONCE + 1), threading.Event()

    def wait():
        with provider.talking():
            inside.wait(10)
            leave.wait(10)

    waiting = [threading.Thread(target=wait) for _ in range(provider.AT_ONCE)]
    for one in waiting:
        one.start()
    inside.wait(10)
    try:
        assert browser.post("/admin/oidc/start").status_code == 503
    finally:
        leave.set()
        for one in waiting:
            one.join()
    assert reasons(caplog, "signin.provider_unavailable") == ["busy"]
    assert browser.post("/admin/oidc/start").status_code == 302


def test_what_is_published_is_kept_for_its_time(bank):
    now = 0.0
    memory = provider.Provider(bank.issuer, fresh_seconds=100, cooldown_seconds=10, clock=lambda: now)
    for now, fetches in ((0, 1), (99, 1), (100, 2), (150, 2)):  # noqa: B007 - the clock reads it
        memory.published()
        assert bank.fetches[DOCUMENT] == fetches
    bank.answers[KEYS] = says(b"", 500)
    now = 200
    with pytest.raises(provider.ProviderUnavailable):
        memory.published()


def test_nothing_of_it_is_logged(browser, bank, caplog):
    """Neither secret, code, token nor subject, whether somebody signs in or not; and nobody's e-mail address."""
    caplog.set_level(logging.DEBUG)
    for claims in ({}, {"nonce": "other"}, {"groups": []}):
        asked = start(browser)
        code = bank.code_for(asked, **claims)
        tokens = bank.codes[code][1]
        come_back(browser, asked, code)
        told = "\n".join(JSONLines().format(record) for record in caplog.records)
        secrets = [CLIENT_SECRET, code, asked["state"], asked["nonce"], tokens["access_token"], tokens["id_token"]]
        assert [word for word in (*secrets, "3f1e0c9a", "nordavind", "K4711") if word in told] == []
    lines = [json.loads(line) for line in told.splitlines() if '"signin.' in line]
    assert [line["event"] for line in lines] == ["signin.accepted", "signin.refused", "signin.refused"]


def test_the_way_out_goes_by_the_provider(browser, bank):
    sign_in(browser, bank)
    answered = browser.post("/admin/logout/")
    address = urlsplit(answered["Location"])
    assert (answered.status_code, f"{address.scheme}://{address.netloc}{address.path}") == (302, f"{bank.issuer}/end")
    assert dict(parse_qsl(address.query)) == {
        "client_id": CLIENT_ID,
        "post_logout_redirect_uri": "http://localhost/admin/login/",
    }
    assert browser.get("/admin/").status_code == 302


def test_one_is_signed_out_here_whatever_the_provider_does(browser, bank, settings):
    sign_in(browser, bank)
    provider._provider.cache_clear()
    bank.answers[DOCUMENT] = says(b"", 500)
    assert browser.post("/admin/logout/").status_code == 200
    assert browser.get("/admin/").status_code == 302


def test_a_provider_without_a_way_out(browser, bank):
    del bank.document["end_session_endpoint"]
    sign_in(browser, bank)
    assert browser.post("/admin/logout/").status_code == 200


def test_a_local_account_leaves_by_itself(browser, bank):
    browser.force_login(User.objects.create_user("lokal", is_staff=True))
    assert browser.post("/admin/logout/").status_code == 200
    assert bank.fetches == {}
