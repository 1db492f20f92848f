"""Local accounts with a second factor: who gets in, who does not, and that nobody does without being noted."""

import logging
import re
from base64 import b32decode
from http import HTTPStatus
from io import StringIO
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import TOTP

from audit import access
from audit.appending import NotRecorded
from audit.models import Access
from compliance.local import forms
from compliance.local.models import SecondFactor, address_of

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"
LOGIN, INDEX = "/admin/login/", "/admin/"
WRONG = "Wrong, or not yours to use now."


@pytest.fixture(autouse=True)
def asked(settings):
    settings.ADMIN_LOCAL_ACCOUNTS = "second-factor"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def account(name="kari", **columns):
    return User.objects.create_user(name, password=PASSWORD, **{"is_staff": True, "is_superuser": True} | columns)


@pytest.fixture
def kari():
    return account()


def enrolled(name, *options):
    """Run the command, and return the secret that it shows."""
    told = StringIO()
    call_command("admin_second_factor", name, *options, stdout=told)
    [address] = re.findall(r"^otpauth://.*$", told.getvalue(), re.MULTILINE)
    return b32decode(parse_qs(urlsplit(address).query)["secret"][0])


def token(secret, *, steps=0):
    made = TOTP(secret)
    made.time = made.time + 30 * steps
    return f"{made.token():06}"


def sign_in(typed, *, browser=None, name="kari", password=PASSWORD):
    browser = browser or Client(headers={"host": "localhost"})
    words = {"username": name, "password": password, "next": INDEX} | ({} if typed is None else {"token": typed})
    return browser, browser.post(LOGIN, words)


def is_in(browser):
    return browser.get(INDEX).status_code == HTTPStatus.OK


def test_password_and_token_open_the_admin(kari):
    browser, answer = sign_in(token(enrolled("kari")))
    assert answer.status_code == HTTPStatus.FOUND
    assert is_in(browser)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(None, id="no token"),
        pytest.param("", id="an empty one"),
        pytest.param("000000", id="a guess"),
        pytest.param("12345", id="too short"),
        pytest.param("1234567", id="too long"),
        pytest.param("१२३४५६", id="digits of another script"),
        pytest.param("12\x003456", id="a zero byte"),
        pytest.param("-12345", id="a sign"),
    ],
)
def test_a_password_alone_opens_nothing(kari, typed):
    enrolled("kari")
    browser, answer = sign_in(typed)
    assert answer.status_code == HTTPStatus.OK
    assert WRONG in answer.content.decode()
    assert not is_in(browser)


@pytest.mark.parametrize(("steps", "lets_in"), [(-3, False), (-1, True), (0, True), (1, True), (3, False)], ids=str)
def test_a_token_is_good_for_a_moment(kari, steps, lets_in):
    browser, _answer = sign_in(token(enrolled("kari"), steps=steps))
    assert is_in(browser) is lets_in


def test_a_token_serves_once(kari):
    typed = token(enrolled("kari"))
    assert is_in(sign_in(typed)[0])
    assert not is_in(sign_in(typed)[0])


def test_an_older_token_serves_no_more_after_a_newer_one(kari):
    secret = enrolled("kari")
    assert is_in(sign_in(token(secret))[0])
    assert not is_in(sign_in(token(secret, steps=-1))[0])


def test_after_a_wrong_token_the_right_one_has_to_wait(kari):
    secret = enrolled("kari")
    SecondFactor.objects.update(throttling_failure_count=6)
    sign_in("000000")
    assert SecondFactor.objects.get().throttling_failure_count == 7
    assert not is_in(sign_in(token(secret))[0])


def test_without_a_device_there_is_no_way_in(kari):
    assert not is_in(sign_in("000000")[0])


def test_anothers_token_does_not_serve(kari):
    account("ola")
    enrolled("kari")
    assert not is_in(sign_in(token(enrolled("ola")))[0])


def test_what_was_wrong_is_not_said(kari):
    secret = enrolled("kari")
    answers = {
        re.findall('<p class="errornote">(.*?)</p>', sign_in(typed, name=name, password=password)[1].content.decode())[
            0
        ]
        for name, password, typed in [
            ("kari", PASSWORD, "000000"),
            ("kari", "another", token(secret)),
            ("nobody", PASSWORD, "000000"),
        ]
    }
    assert len(answers) == 1


def test_a_session_that_no_device_has_verified_gets_nothing(kari):
    """Such as one of before the setting was changed."""
    enrolled("kari")
    browser = Client(headers={"host": "localhost"})
    browser.force_login(kari)
    for page in (INDEX, "/admin/audit/auditrecord/", "/admin/auth/user/", "/admin/jsi18n/"):
        assert browser.get(page).status_code == HTTPStatus.FOUND


def test_a_lost_device_is_replaced_and_opens_nothing_then(kari):
    lost = enrolled("kari")
    browser, _answer = sign_in(token(lost))
    found = enrolled("kari", "--replace")
    assert not is_in(browser), "its sessions are over"
    assert not is_in(sign_in(token(lost, steps=1))[0])
    SecondFactor.objects.update(throttling_failure_count=0)
    assert is_in(sign_in(token(found))[0])


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        pytest.param("kari", (), "The account has a second factor.", id="who has one"),
        pytest.param("nobody", (), "There is no active account", id="nobody"),
        pytest.param("gone", (), "There is no active account", id="a closed account"),
        pytest.param("plain", (), "There is no active account", id="no account of the admin"),
    ],
)
def test_who_is_given_none(kari, name, options, sentence):
    account("gone", is_active=False)
    account("plain", is_staff=False)
    enrolled("kari")
    with pytest.raises(CommandError, match=sentence):
        call_command("admin_second_factor", name, *options)
    assert SecondFactor.objects.count() == 1


def test_removing(kari):
    secret = enrolled("kari")
    call_command("admin_second_factor", "kari", "--remove", stdout=StringIO())
    assert not SecondFactor.objects.exists()
    assert not is_in(sign_in(token(secret))[0])


def test_the_secret_is_nowhere_in_clear(kari):
    secret = enrolled("kari")
    [kept] = SecondFactor.objects.values()
    assert secret not in bytes(kept["secret_sealed"]) and secret.hex() not in repr(kept)


def test_a_secret_of_another_row_does_not_open(kari):
    """Who may write into the database cannot give an account his own device."""
    mine, ola = enrolled("kari"), account("ola")
    taken = SecondFactor.objects.get().secret_sealed
    SecondFactor.objects.create(user=ola, name="authenticator", secret_sealed=taken)
    assert not is_in(sign_in(token(mine), name="ola")[0])


def test_what_an_authenticator_reads():
    assert address_of(b"12345678901234567890", "kari@bank") == (
        "otpauth://totp/DSOP%20Kontrollinformasjon:kari%40bank?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&digits=6&period=30&issuer=DSOP%20Kontrollinformasjon"
    )


def test_enrolling_and_signing_in_are_noted_and_told(kari, caplog):
    caplog.set_level(logging.WARNING)
    sign_in(token(enrolled("kari")))
    noted = list(Access.objects.order_by("at", "id").values_list("account", "page", "words"))
    assert [row[1:] for row in noted] == [("admin_second_factor", "account=kari"), ("local account", "")]
    assert noted[1][0] == "kari"
    assert [(line.name, line.getMessage()) for line in caplog.records] == [(forms.__name__, "local_account.used")]


def test_who_cannot_be_noted_is_not_signed_in(kari, monkeypatch):
    secret = enrolled("kari")

    def fails(*columns):
        raise NotRecorded

    monkeypatch.setattr(access, "append", fails)
    browser, answer = sign_in(token(secret))
    assert "It could not be noted that you sign in" in answer.content.decode()
    assert not is_in(browser)
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("admin_second_factor", "kari", "--replace")


def test_switched_off_there_is_no_form_and_no_way(settings, kari):
    settings.ADMIN_LOCAL_ACCOUNTS = "off"
    secret = enrolled("kari")
    browser = Client(headers={"host": "localhost"})
    page = browser.get(LOGIN).content.decode()
    assert 'name="username"' not in page and 'name="password"' not in page
    assert "Accounts with a password are switched off here." in page
    assert sign_in(token(secret), browser=browser)[1].status_code == HTTPStatus.FORBIDDEN
    assert not is_in(browser)
    browser.force_login(kari)
    assert not is_in(browser)


@pytest.mark.parametrize("way", ["off", "second-factor", "nonsense"])
def test_whom_the_provider_vouches_for_needs_no_second_factor_of_ours(settings, kari, way):
    settings.ADMIN_LOCAL_ACCOUNTS = way
    browser = Client(headers={"host": "localhost"})
    browser.force_login(kari)
    assert not is_in(browser)
    session = browser.session
    session["oidc_signed_in"] = True
    session.save()
    assert is_in(browser)


def test_a_password_alone_opens_the_sandbox_only(settings, kari):
    settings.ADMIN_LOCAL_ACCOUNTS = "password"
    assert is_in(sign_in(None)[0])
    settings.SANDBOX = False
    assert not is_in(sign_in(None)[0])
