"""The page that says why, field by field: read by those who may see rules, and by nobody else."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from compliance.people import ADMINISTRATOR, READER, make_groups
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
@pytest.mark.parametrize("group", [ADMINISTRATOR, READER])
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


def test_who_has_no_right_sees_no_rules():
    assert signed_in().get(service_page()).status_code == 403


def test_what_does_not_exist_is_not_found():
    assert signed_in(READER).get(reverse("admin:legal_service_explain", args=[999_999])).status_code == 404


def test_pages_are_only_read():
    assert signed_in(READER).post(service_page()).status_code == 405
