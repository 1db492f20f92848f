"""How long somebody stays signed in, and what ends it sooner."""

import time
from http import HTTPStatus

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.test import Client

from compliance.people import make_groups

pytestmark = pytest.mark.django_db
INDEX = "/admin/"


@pytest.fixture
def kari():
    make_groups()
    user = User.objects.create_user("kari", password="a long enough password", is_staff=True)
    user.groups.set(Group.objects.filter(name="compliance reader"))
    return user


@pytest.fixture
def browser(kari):
    made = Client(headers={"host": "localhost"})
    made.force_login(kari)
    return made


def is_in(browser):
    return browser.get(INDEX).status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("words", "stays"),
    [
        pytest.param({}, True, id="just signed in"),
        pytest.param({"begun_at": -8 * 3600 + 60}, True, id="nearly eight hours, always busy"),
        pytest.param({"begun_at": -8 * 3600}, False, id="eight hours, always busy"),
        pytest.param({"seen_at": -29 * 60}, True, id="away for 29 minutes"),
        pytest.param({"seen_at": -30 * 60}, False, id="away for half an hour"),
        pytest.param({"begun_at": None}, False, id="of no known age"),
        pytest.param({"seen_at": None}, False, id="never seen"),
    ],
)
def test_how_long(browser, words, stays):
    session = browser.session
    for name, since in words.items():
        session[name] = None if since is None else int(time.time()) + since
    session.save()
    assert is_in(browser) is stays
    assert Session.objects.count() == (1 if stays else 0), "what is over is gone from the table"


def test_being_busy_is_remembered_but_not_with_every_page(browser):
    session = browser.session
    session["seen_at"] = begun = int(time.time()) - 600
    session.save()
    is_in(browser)
    seen = browser.session["seen_at"]
    assert seen >= begun + 600
    is_in(browser)
    assert browser.session["seen_at"] == seen


def change_password(user):
    user.set_password("another long password")
    user.save()


def group(name):
    return Group.objects.get(name=name)


def become(user, *groups):
    user.groups.set(Group.objects.filter(name__in=groups))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(change_password, id="another password"),
        pytest.param(lambda user: become(user, "auditor"), id="another group"),
        pytest.param(lambda user: become(user, "compliance reader", "compliance officer"), id="one group more"),
        pytest.param(lambda user: user.groups.clear(), id="no group any more"),
        pytest.param(lambda user: group("auditor").user_set.add(user.pk), id="let in from the group's side"),
        pytest.param(lambda user: group("compliance reader").user_set.clear(), id="a group emptied"),
        pytest.param(lambda user: User.objects.update(is_active=False), id="closed"),
    ],
)
def test_what_ends_it(browser, kari, change):
    assert is_in(browser)
    change(kari)
    assert not is_in(browser)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda user: become(user, "compliance reader"), id="the same groups again"),
        pytest.param(lambda user: become(User.objects.create_user("ola"), "auditor"), id="somebody else's groups"),
        pytest.param(lambda user: make_groups(), id="the groups' rights, which are asked for with every page"),
    ],
)
def test_what_does_not(browser, kari, change):
    change(kari)
    assert is_in(browser)
