"""The pages that say why: read by those who may see rules, and the trail, and by nobody else."""

import re
import uuid

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from audit.recording import Entry, record
from compliance.people import ADMINISTRATOR, COMPLIANCE, make_groups
from legal.explaining import fields_in_force
from legal.models import Service

pytestmark = pytest.mark.django_db(databases=["default"])


def signed_in(*groups):
    make_groups()
    user = User.objects.create_user("kari", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client(headers={"host": "testserver"})
    client.force_login(user)
    return client


def service_page(slug="skatt-kontroll"):
    return reverse("admin:legal_service_explain", args=[Service.objects.get(slug=slug).pk])


def rows(response):
    """Return the table as it is read: field, word, delivered, version."""
    cells = re.findall(r"<tr class=\"(?:delivered|kept)\">(.*?)</tr>", response.content.decode(), re.DOTALL)
    return [tuple(re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)) for row in cells]


@pytest.mark.parametrize("endpoint", ["accounts", "accountDetails", "transactions", "customerRelationships"])
@pytest.mark.parametrize("group", [ADMINISTRATOR, COMPLIANCE])
def test_each_field_with_its_word_and_version(group, endpoint):
    shown = rows(signed_in(group).get(service_page(), {"endpoint": endpoint}))
    assert shown == [
        (row.path, row.word, "yes" if row.delivered else "no", str(row.version))
        for row in fields_in_force("skatt-kontroll", endpoint)
    ]


@pytest.mark.parametrize(
    ("slug", "endpoint", "sentence"),
    [
        pytest.param("fi-utlegg-saldo", "cards", "has no endpoint cards", id="not part of the service"),
        pytest.param("fi-utlegg-saldo", "<b>", "The standard has no endpoint &lt;b&gt;", id="no endpoint at all"),
    ],
)
def test_what_there_is_not_is_said(slug, endpoint, sentence):
    response = signed_in(ADMINISTRATOR).get(service_page(slug), {"endpoint": endpoint})
    assert sentence in response.content.decode()
    assert rows(response) == []


REFUSED = Entry(
    method="GET",
    endpoint="accounts",
    outcome="refused",
    code="ACC-001",
    refusal="PeriodTooLong",
    http_status=400,
    consumer="974761076",
    service="skatt-kontroll",
    service_version=1,
)


def test_a_record_names_the_rule_that_refused_it():
    page = reverse("admin:legal_explained_record", args=[record(REFUSED)])
    told = signed_in(COMPLIANCE).get(page).content.decode()
    assert "Period: at most ten years back (ten_years)" in told
    assert "skatt-kontroll, version 1" in told


def test_the_record_s_own_page_leads_there():
    record_id = record(REFUSED)
    own = signed_in(COMPLIANCE).get(reverse("admin:audit_auditrecord_change", args=[record_id])).content.decode()
    assert reverse("admin:legal_explained_record", args=[record_id]) in own


@pytest.mark.parametrize(
    ("groups", "status"),
    [
        pytest.param([], 403, id="nobody's right"),
        pytest.param([ADMINISTRATOR], 403, id="an administrator does not read the trail"),
        pytest.param([COMPLIANCE], 200, id="compliance does"),
    ],
)
def test_who_may_read_why_a_record_was_answered_so(groups, status):
    page = reverse("admin:legal_explained_record", args=[record(REFUSED)])
    assert signed_in(*groups).get(page).status_code == status


def test_who_has_no_right_sees_no_rules():
    assert signed_in().get(service_page()).status_code == 403


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(lambda: reverse("admin:legal_explained_record", args=[uuid.uuid4()]), id="no such record"),
        pytest.param(lambda: reverse("admin:legal_service_explain", args=[999_999]), id="no such service"),
    ],
)
def test_what_does_not_exist_is_not_found(page):
    assert signed_in(COMPLIANCE).get(page()).status_code == 404


def test_pages_are_only_read():
    assert signed_in(COMPLIANCE).post(service_page()).status_code == 405
