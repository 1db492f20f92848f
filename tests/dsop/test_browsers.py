"""What browsers are told with the admin's pages, and what their cookies are."""

import re
from http import HTTPStatus

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dsop.browsers import policy

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
pytestmark = pytest.mark.django_db


@pytest.fixture
def kari():
    made = Client(headers={"host": "localhost"})
    made.force_login(User.objects.create_user("kari", is_staff=True, is_superuser=True))
    return made


@pytest.mark.parametrize(
    "path",
    [
        "/admin",
        "/admin/",
        "/admin/login/",
        "/admin/jsi18n/",
        "/admin/audit/auditrecord/",
        "/admin/audit/auditrecord/9/change/",
        "/admin/legal/serviceversion/",
        "/admin/auth/user/add/",
        "/admin/nothing/",
        "/admin/language",
    ],
)
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "a stranger"])
def test_the_headers_of_every_page(kari, path, signed_in):
    answer = (kari if signed_in else Client(headers={"host": "localhost"})).get(path)
    told = {name: answer.headers[name] for name in ("Content-Security-Policy", "Referrer-Policy", "X-Frame-Options")}
    assert told == {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY"}
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.status_code != HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/admin/auth/user/add/", "/admin/audit/access/", "/admin/legal/dataconsumer/"]
)
def test_no_page_has_a_script_in_it(kari, path):
    page = kari.get(path).content.decode()
    assert re.findall(r"<script(?![^>]*(?:\ssrc=|type=\"application/json\"))", page) == []
    assert re.findall(r"\son[a-z]+=\"", page) == []


@pytest.mark.parametrize(
    ("issuer", "words"),
    [
        pytest.param("", "form-action 'self';", id="no provider"),
        pytest.param("https://login.example/bank", "form-action 'self' https: https://login.example;", id="a provider"),
        pytest.param("http://127.0.0.1:9/x", "form-action 'self' https: http://127.0.0.1:9;", id="one on this machine"),
    ],
)
def test_whom_forms_may_go_to(issuer, words):
    assert words in policy(issuer)


def test_machines_are_told_nothing_of_this():
    answer = Client(headers={"host": "localhost"}).get("/v2/accounts")
    assert "Content-Security-Policy" not in answer.headers


def test_cookies(kari):
    User.objects.create_user("ola", password="a long enough password", is_staff=True)
    browser = Client(headers={"host": "localhost"})
    browser.get("/admin/login/")
    browser.post("/admin/login/", {"username": "ola", "password": "a long enough password"})
    kept = {
        name: (cookie["httponly"], cookie["samesite"], cookie["max-age"], cookie["path"], cookie["domain"])
        for name, cookie in browser.cookies.items()
    }
    assert kept == dict.fromkeys(("csrftoken", "sessionid"), (True, "Lax", "", "/", ""))


@pytest.mark.parametrize(
    ("path", "status", "headings"),
    [
        pytest.param(
            "/admin/audit/auditrecord/", HTTPStatus.FORBIDDEN, ["Not for you to see", "Ikke tilgang"], id="403"
        ),
        pytest.param(
            "/admin/desk/breaches/", HTTPStatus.FORBIDDEN, ["Not for you to see", "Ikke tilgang"], id="the desk"
        ),
        pytest.param("/admin/nothing/", HTTPStatus.NOT_FOUND, ["No such page", "Siden finnes ikke"], id="404"),
    ],
)
def test_who_sees_nothing_is_told_so_in_both_languages(path, status, headings):
    browser = Client(headers={"host": "localhost"})
    browser.force_login(User.objects.create_user("nina", is_staff=True))
    answered = browser.get(path)
    page = answered.content.decode()
    assert (answered.status_code, re.findall("<h[12]>(.*)</h[12]>", page)) == (status, headings)
    assert '<div lang="nb">' in page
    assert '<a href="/admin/">' in page, "the way on"
