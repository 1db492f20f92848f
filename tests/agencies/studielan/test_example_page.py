"""The example page in the sandbox: log in, consent, see the debt once fetched, log out and find it gone."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from agencies.studielan.models import BrowserSession, KeptLogin
from sandbox.counterparts.lanekassen.persons import PERSONS
from sandbox.studielan.words import CASES, KINDS, REMARKS
from tests.agencies.studielan.customers import answer_page, asked_of

HOME, DEBT = "/sandbox/studielan/", "/sandbox/studielan/debt"
NUMBER = re.compile(r"[0-9]{11}")


class Browser:
    """A browser that knows its form tokens, and checks on every page what must hold of all."""

    def __init__(self):
        self.client = Client(enforce_csrf_checks=True, headers={"Host": "testserver"})

    def get(self, path, status=200):
        return self.checked(self.client.get(path), status)

    def post(self, path, status=302, **fields):
        token = self.client.cookies["csrftoken"].value
        return self.checked(self.client.post(path, {**fields, "csrfmiddlewaretoken": token}), status)

    def checked(self, response, status):
        assert response.status_code == status, response.content.decode()
        assert response["Cache-Control"] == "no-store"
        assert response["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; script-src 'self'")
        body = response.content.decode()
        assert not any(person.number in body for person in PERSONS), "never a person's number"
        for word in ("nedbetalt", "innfridd", "tilbakebetalt"):
            assert word not in body.lower()
        return response

    def log_in(self, case):
        self.get(HOME)
        assert self.post(HOME + "log-in", case=case)["Location"] == HOME

    def consent(self, bank, answer="yes"):
        page = self.post(HOME + "consent")["Location"]
        back = urlsplit(answer_page(bank, page, answer))
        return self.get(back.path, 302)

    def debt(self, status=200):
        return self.get(DEBT + "?part", status).content.decode()


@pytest.fixture
def browser(bank):
    return Browser()


def test_the_whole_way(bank, browser):
    browser.log_in("13")
    assert "Lie" in browser.get(HOME).content.decode()
    assert asked_of(bank) == [], "no page of the log-in waits for Lånekassen"
    assert "Gi samtykke hos Altinn" in browser.debt()
    browser.consent(bank)
    first = browser.debt()
    for words in ("12\u00a0684,79\u00a0kr", "280,00\u00a0kr", "1\u00a0120,00\u00a0kr", "14\u00a0084,79\u00a0kr"):
        assert words in first
    assert "Renter" not in first
    assert "Plass for Lånekassens navn og symbol" in first
    assert browser.debt() == first
    assert len(asked_of(bank)) == 1, "the second view makes no second call"
    assert browser.post(HOME + "log-out")["Location"] == HOME + "?ended"
    assert "er slettet" in browser.get(HOME + "?ended").content.decode()
    assert (KeptLogin.objects.count(), BrowserSession.objects.count()) == (0, 0)
    assert "ikke lenger logget inn" in browser.debt(403)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        pytest.param("2", "bare har fått stipend", id="nothing owed"),
        pytest.param("negative", "−1\u00a0540,25\u00a0kr", id="an overpayment"),
        pytest.param("9", "viser ikke hva lånet koster deg i renter", id="interest is not current"),
        pytest.param("flawed", "Her vises summen av delene", id="a total that is not the sum"),
        pytest.param("unknown", "har ikke noe å vise", id="no customer"),
        pytest.param("withdrawn", "Gi samtykke hos Altinn", id="consent withdrawn"),
    ],
)
def test_what_the_page_says(bank, browser, case, words):
    browser.log_in(case)
    browser.consent(bank)
    assert words in browser.debt()


def test_no_consent_no_debt(bank, browser):
    browser.log_in("7")
    browser.consent(bank, answer="no")
    assert "Gi samtykke hos Altinn" in browser.debt()
    assert asked_of(bank) == []


def test_lanekassen_is_away(bank, browser):
    browser.log_in("7")
    browser.consent(bank)
    bank.fault("/lanekassen/", drop="before", times=9)
    shown = browser.debt()
    assert "kan ikke vises akkurat nå" in shown
    (asked,) = asked_of(bank)
    assert asked["headers"]["X-REQUEST-ID"] in shown, "what support asks for"


def test_altinn_is_away(bank, browser):
    browser.log_in("7")
    bank.fault("/altinn/", status=503)
    assert "Altinn kan ikke spørre" in browser.post(HOME + "consent", 503).content.decode()


def test_without_settings(bank, browser, settings):
    browser.log_in("7")
    settings.LANEKASSEN_ACCOUNTS_URL = ""
    assert "kan ikke vises nå" in browser.debt()


def test_a_return_that_nobody_was_sent_on(browser):
    assert "ikke bedt deg om samtykke" in browser.get(HOME + "back/x", 403).content.decode()
    browser.log_in("7")
    browser.get(HOME + "back/" + "x" * 43, 403)


def test_each_log_in_has_a_new_secret(browser):
    browser.log_in("7")
    before = browser.client.cookies["studielan"].value
    browser.log_in("2")
    assert browser.client.cookies["studielan"].value != before
    assert (KeptLogin.objects.count(), BrowserSession.objects.count()) == (1, 1)


def test_the_cookie(browser):
    browser.log_in("7")
    cookie = browser.client.cookies["studielan"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (True, "Lax", HOME, "")


@pytest.mark.parametrize("path", ["log-in", "log-out", "consent"])
def test_forged_forms_are_refused(browser, path):
    browser.log_in("7")
    assert browser.client.post(HOME + path, {"case": "2"}).status_code == 403
    assert browser.client.get(HOME + path).status_code == 405
    assert KeptLogin.objects.count() == 1


@pytest.mark.parametrize("case", ["", "77", "15819010029"])
def test_only_the_customers_of_the_list(browser, case):
    browser.get(HOME)
    browser.post(HOME + "log-in", 400, case=case)
    assert KeptLogin.objects.count() == 0


def test_nobody_is_logged_in(browser):
    browser.get(HOME)
    assert browser.post(HOME + "consent")["Location"] == HOME
    assert browser.post(HOME + "log-out")["Location"] == HOME + "?ended"
    assert "Logg inn" in browser.get(DEBT, 403).content.decode()


def test_the_page_of_its_own(bank, browser):
    browser.log_in("2")
    browser.consent(bank)
    whole = browser.get(DEBT).content.decode()
    assert "<!doctype html>" in whole
    assert "0,00\u00a0kr" in whole


def test_every_case_has_its_words():
    assert list(CASES) == [person.case for person in PERSONS]
    assert not NUMBER.search(" ".join([*CASES.values(), *KINDS.values(), *REMARKS.values()]))
