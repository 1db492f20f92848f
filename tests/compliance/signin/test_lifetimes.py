"""A sign-in ends when its time is over, by whatever way it was begun and whatever was done meanwhile."""

import time

import pytest
from django.conf import settings as of_the_service
from django.contrib.auth.models import User

from compliance.local.sessions import BEGUN, SEEN
from tests.compliance.signin.bank_provider import sign_in

pytestmark = pytest.mark.django_db


def by_provider(browser, bank):
    sign_in(browser, bank)


def by_password(browser, bank):
    User.objects.create_superuser("lokal")
    browser.force_login(User.objects.get(username="lokal"))


@pytest.fixture(params=[by_provider, by_password], ids=["at the bank's provider", "by a local account"])
def signed_in(request, browser, bank):
    request.param(browser, bank)
    return browser


def put(browser, **kept):
    session = browser.session
    session.update(kept)
    session.save()


def test_how_long_it_is():
    assert (of_the_service.SESSION_COOKIE_AGE, of_the_service.SESSION_SAVE_EVERY_REQUEST) == (8 * 3600, False)
    assert (of_the_service.SESSION_COOKIE_HTTPONLY, of_the_service.SESSION_COOKIE_SAMESITE) == (True, "Lax")


def test_it_says_when_it_began(signed_in):
    kept = [signed_in.session[name] for name in (BEGUN, SEEN)]
    assert kept == pytest.approx([time.time()] * 2, abs=60)


def test_it_is_over_when_it_is_over(signed_in):
    assert signed_in.get("/admin/").status_code == 200
    key = signed_in.session.session_key
    put(signed_in, **{BEGUN: int(time.time()) - 8 * 3600})
    assert signed_in.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert signed_in.session.session_key != key
    assert signed_in.get("/admin/").status_code == 302


def test_what_is_done_meanwhile_does_not_make_it_longer(signed_in):
    begun = signed_in.session[BEGUN]
    put(signed_in, something="kept")
    signed_in.get("/admin/")
    assert signed_in.session[BEGUN] == begun


def test_a_session_that_does_not_say_is_over(signed_in):
    session = signed_in.session
    del session[BEGUN]
    session.save()
    assert signed_in.get("/admin/").status_code == 302
