"""Who guesses is locked out, whatever is guessed at, and the table of it says nobody's name."""

import logging
from datetime import timedelta
from http import HTTPStatus

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.utils import timezone

from compliance.local.locking import address_of, hashed

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"


@pytest.fixture(autouse=True)
def kari(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.AXES_FAILURE_LIMIT = 3
    return User.objects.create_user("kari", password=PASSWORD, is_staff=True, is_superuser=True)


def attempt(password, *, name="kari", address="10.0.0.1", language="en"):
    browser = Client(headers={"host": "localhost", "accept-language": language}, REMOTE_ADDR=address)
    return browser.post("/admin/login/", {"username": name, "password": password, "next": "/admin/"})


def later(**time):
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(**time))


def lock(**where):
    return [attempt("wrong", **where).status_code for _ in range(3)]


def test_the_third_wrong_password_locks(kari):
    assert lock() == [HTTPStatus.OK, HTTPStatus.OK, HTTPStatus.TOO_MANY_REQUESTS]
    assert attempt(PASSWORD).status_code == HTTPStatus.TOO_MANY_REQUESTS


@pytest.mark.parametrize(
    ("where", "status"),
    [
        pytest.param({}, HTTPStatus.TOO_MANY_REQUESTS, id="the same again"),
        pytest.param({"name": "KARI"}, HTTPStatus.TOO_MANY_REQUESTS, id="other capitals are no way round"),
        pytest.param({"address": "10.0.0.2"}, HTTPStatus.FOUND, id="she herself from another address"),
    ],
)
def test_whom_a_lock_keeps_out(where, status):
    lock()
    assert attempt(PASSWORD, **where).status_code == status


def test_others_are_not_locked_with_her():
    User.objects.create_user("ola", password=PASSWORD, is_staff=True)
    lock()
    assert attempt(PASSWORD, name="ola").status_code == HTTPStatus.FOUND


def test_a_name_that_nobody_has_is_locked_alike():
    assert lock(name="nobody") == lock()


def test_guesses_from_many_addresses_lock_the_account():
    statuses = [attempt("wrong", address=f"10.0.1.{number // 2}").status_code for number in range(12)]
    assert statuses == [HTTPStatus.OK] * 11 + [HTTPStatus.TOO_MANY_REQUESTS]
    assert attempt(PASSWORD, address="10.0.0.9").status_code == HTTPStatus.TOO_MANY_REQUESTS
    later(hours=25)
    assert attempt(PASSWORD, address="10.0.0.9").status_code == HTTPStatus.FOUND


def test_a_lock_ends_by_itself_and_what_was_tried_meanwhile_does_not_lengthen_it():
    lock()
    later(minutes=14)
    assert attempt(PASSWORD).status_code == HTTPStatus.TOO_MANY_REQUESTS
    later(minutes=16)
    assert attempt(PASSWORD).status_code == HTTPStatus.FOUND


def test_signing_in_forgets_what_was_wrong_before():
    attempt("wrong")
    attempt("wrong")
    assert attempt(PASSWORD).status_code == HTTPStatus.FOUND
    assert not AccessAttempt.objects.exists()
    assert attempt("wrong").status_code == HTTPStatus.OK


def test_a_wrong_token_counts(settings):
    settings.ADMIN_LOCAL_ACCOUNTS = "second-factor"
    assert [attempt(PASSWORD).status_code for _ in range(3)][-1] == HTTPStatus.TOO_MANY_REQUESTS


def test_the_command_unlocks():
    lock()
    call_command("axes_reset_username", "kari", verbosity=0)
    assert attempt(PASSWORD).status_code == HTTPStatus.FOUND


def test_the_table_keeps_no_words_and_no_old_rows():
    for typed in ("kari", "15869010089", "my secret by mistake"):
        attempt("wrong", name=typed)
        attempt("wrong", name=typed)
    rows = list(AccessAttempt.objects.values())
    assert {row["username"] for row in rows} == {
        hashed(name) for name in ("kari", "15869010089", "my secret by mistake")
    }
    assert {
        tuple(row[name] for name in ("user_agent", "http_accept", "path_info", "get_data", "post_data")) for row in rows
    } == {("",) * 5}
    later(hours=25)
    attempt("wrong")
    assert AccessAttempt.objects.count() == 1
    assert not AccessLog.objects.exists()


def test_the_log_says_that_somebody_is_locked_out_and_not_who(caplog):
    caplog.set_level(logging.INFO)
    lock()
    told = [(line.name, line.getMessage()) for line in caplog.records if line.name.startswith(("axes", "compliance"))]
    assert told == [("compliance.local.locking", "sign_in.locked")]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "There were too many wrong attempts to sign in."),
        ("nb", "Det var for mange mislykkede forsøk på å logge inn."),
    ],
)
def test_the_page_of_the_locked_out(language, words):
    lock()
    answer = attempt(PASSWORD, language=language)
    assert words in answer.content.decode()
    assert answer.headers["Retry-After"] == "900" and "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("asking", "forwarded", "address"),
    [
        pytest.param("192.0.2.7", None, "192.0.2.7", id="nobody in between"),
        pytest.param("192.0.2.7", "198.51.100.1", "192.0.2.7", id="a stranger's header is not believed"),
        pytest.param("10.1.0.1", "198.51.100.1", "198.51.100.1", id="the proxy's is"),
        pytest.param("10.1.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1", id="only what the proxy itself saw"),
        pytest.param("10.1.0.1", "198.51.100.1, 10.1.0.2", "198.51.100.1", id="two proxies of ours"),
        pytest.param("10.1.0.1", None, "10.1.0.1", id="the proxy says nothing"),
        pytest.param("10.1.0.1", "nonsense", "10.1.0.1", id="the proxy says nonsense"),
        pytest.param("10.1.0.1", "198.51.100.1, nonsense", "10.1.0.1", id="nothing behind nonsense is believed"),
        pytest.param("10.1.0.1", "2001:db8::1", "2001:db8::1", id="IPv6"),
        pytest.param("", "198.51.100.1", "::", id="a socket in a folder"),
    ],
)
def test_whose_address_it_is(settings, asking, forwarded, address):
    settings.ADMIN_TRUSTED_PROXIES = ["10.1.0.0/24"]
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=asking, headers=headers)) == address
