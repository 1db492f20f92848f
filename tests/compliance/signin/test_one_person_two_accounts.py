"""One person whom the bank's provider knows under two subjects: two accounts, and one person for what takes two."""

import html
from urllib.parse import urlsplit

import pytest
import requests
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import reverse

from compliance.exporting.models import ExportRequest
from compliance.people import make_groups
from compliance.signin import provider as providers
from compliance.signin.models import Identity
from compliance.two_people import TwoPeople, judge
from legal.people import person_of
from tests.compliance.exporting.exports import FORM, form
from tests.compliance.finding.trail import CASE, OPEN, add
from tests.compliance.signin.provider_mock import oidc_provider_mock

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
OFFICERS = {"amr": ["pwd", "mfa"], "groups": ["dsop-saksbehandlere"]}
PEOPLE = {
    "7c1f-kari": {"name": "Kari Nordavind", "employee": "B1001", **OFFICERS},
    "93aa-kari": {"name": "Kari N. (drift)", "employee": "B1001", **OFFICERS},
    "0d2e-ola": {"name": "Ola Vestavind", "employee": "B1002", **OFFICERS},
}
WAITING, AGREED = TwoPeople.Consent.WAITING, TwoPeople.Consent.AGREED


@pytest.fixture(scope="module")
def issuer():
    with oidc_provider_mock(PEOPLE) as issuer:
        yield issuer


@pytest.fixture
def signed_in(issuer, settings):
    """Return a function that gives the browser of whoever the provider knows by that subject."""
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = issuer, "dsop", "a secret of the suite"
    settings.OIDC_GROUPS, settings.OIDC_GROUPS_CLAIM = {"dsop-saksbehandlere": "compliance officer"}, "groups"
    settings.OIDC_EMPLOYEE_CLAIM, settings.OIDC_SECOND_FACTOR = "employee", {"amr": ["mfa"]}
    settings.DESK_EXPORT_ALONE_ROWS = 0
    providers._provider.cache_clear()
    make_groups()

    def walk(subject):
        browser = Client(HTTP_HOST="localhost")
        there = browser.post("/admin/oidc/start")["Location"]
        said = requests.post(there, data={"sub": subject}, allow_redirects=False, timeout=20)
        back = urlsplit(said.headers["Location"])
        assert browser.get(f"{back.path}?{back.query}")["Location"] == "/admin/"
        return browser

    yield walk
    providers._provider.cache_clear()


def user_of(subject):
    return Identity.objects.get(subject=subject).user


def test_the_same_person_does_not_agree_by_another_account(signed_in):
    kari, again, ola = (signed_in(subject) for subject in PEOPLE)
    assert User.objects.filter(identity__subject__in=PEOPLE).count() == 3, "an account for each subject"
    add(OPEN, minutes=1, account_info_request_id=CASE)
    kari.post(FORM, form())
    asked = ExportRequest.objects.get()
    address = reverse("admin:desk_export_request", args=[asked.pk])

    for same in (kari, again):
        answered = html.unescape(same.post(address, {"act": "agree"}, follow=True).content.decode())
        assert "Another person has to agree." in answered
        assert ExportRequest.objects.get().consent == WAITING
    for subject in ("7c1f-kari", "93aa-kari"):
        with pytest.raises(ValidationError, match="Another person has to agree"), transaction.atomic():
            judge(ExportRequest.objects.get(), person_of(user_of(subject)), AGREED)

    ola.post(address, {"act": "agree"})
    fresh = ExportRequest.objects.get()
    assert (fresh.consent, fresh.asked_by, fresh.judged_by) == (
        AGREED,
        person_of(user_of("93aa-kari")),
        person_of(user_of("0d2e-ola")),
    )
