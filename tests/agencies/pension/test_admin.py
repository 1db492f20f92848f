"""Pension agreements in the admin: what is desired is changed by those who may, what was sent by nobody."""

import re
import uuid
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.pension.admin import AgreementAdmin
from agencies.pension.models import NOTHING, REGISTERED, Agreement
from compliance.people import ADMINISTRATOR, READER, make_groups
from tests.agencies.pension.agreements import EMPLOYER, NOW, OTHER_PROVIDER, PROVIDER, kept, state, wish

pytestmark = pytest.mark.django_db(databases=["default"])
LIST, ADD = "admin:pension_agreement_changelist", "admin:pension_agreement_add"
FORM = {"provider": PROVIDER, "employer": EMPLOYER, "reference": "r", "from_month": "2021-01", "to_month": ""}
NO_ORGANISATION = "This field is required."


def signed_in(*groups, superuser=False):
    make_groups()
    user = User.objects.create_user("kari", is_staff=True, is_superuser=superuser)
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client(headers={"host": "testserver"})
    client.force_login(user)
    return client


@pytest.fixture
def administrator(settings):
    settings.BANK_ORGANISATION_NUMBER = PROVIDER
    return signed_in(ADMINISTRATOR)


def change(row):
    return reverse("admin:pension_agreement_change", args=[row.pk])


def errors(response):
    assert response.status_code == HTTPStatus.OK
    return {name: [*told] for name, told in response.context["adminform"].form.errors.items()}


def references(response):
    """Return the agreements on a list page, in order."""
    assert response.status_code == HTTPStatus.OK
    found = re.findall(r"/agreement/([0-9a-f-]{36})/change/", response.content.decode())
    return [Agreement.objects.get(pk=uuid.UUID(one)).reference for one in found]


# --- what is desired ---


@pytest.mark.parametrize(
    ("given", "after"),
    [
        pytest.param({"wanted": "on"}, (True, "2021-01", "", NOTHING, "", "", True), id="a running agreement"),
        pytest.param(
            {"wanted": "on", "reference": "  r  ", "to_month": "2022-12"},
            (True, "2021-01", "2022-12", NOTHING, "", "", True),
            id="an ended one, its reference in blanks",
        ),
        pytest.param(
            {"wanted": "on", "to_month": "2999-12", "future_end": "on"},
            (True, "2021-01", "2999-12", NOTHING, "", "", True),
            id="an end that lies ahead, and is meant",
        ),
        pytest.param({"from_month": ""}, (False, "", "", REGISTERED, "", "", True), id="one to be deleted"),
    ],
)
def test_adding(administrator, given, after):
    response = administrator.post(reverse(ADD), FORM | given)
    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, reverse(LIST))
    (row,) = Agreement.objects.filter(reference="r")
    assert state(row) == after


@pytest.mark.parametrize(
    ("given", "field", "told"),
    [
        pytest.param({"provider": "21345600"}, "provider", "The provider's number is not nine digits.", id="provider"),
        pytest.param({"employer": "٩" * 9}, "employer", "The employer's number is not nine digits.", id="employer"),
        pytest.param(
            {"reference": "a\tb"},
            "reference",
            "The reference must have 1 to 4000 characters, and no control characters.",
            id="a control character",
        ),
        pytest.param({"reference": "  "}, "reference", "This field is required.", id="no reference"),
        pytest.param(
            {"from_month": "2021-1"}, "from_month", "The first month must be written as 2021-01.", id="first month"
        ),
        pytest.param({"from_month": ""}, "from_month", "The first month must be written as 2021-01.", id="no start"),
        pytest.param(
            {"to_month": "2021-00"},
            "to_month",
            "The last month must be written as 2021-01, or be empty.",
            id="last month",
        ),
        pytest.param({"to_month": "2020-12"}, "to_month", "The last month is before the first.", id="backwards"),
        pytest.param(
            {"to_month": "2999-12"},
            "future_end",
            "The last month lies ahead, and nobody has said that this is meant.",
            id="an end that lies ahead",
        ),
        pytest.param(
            {"reference": "held"}, "reference", "This agreement is kept already. Change it instead.", id="kept already"
        ),
    ],
)
def test_what_cannot_be_added(administrator, given, field, told):
    kept(wish("held"))
    response = administrator.post(reverse(ADD), FORM | {"wanted": "on"} | given)
    assert errors(response) == {field: [told]}
    assert Agreement.objects.count() == 1


def test_the_banks_own_number_is_offered(administrator):
    assert f'name="provider" value="{PROVIDER}"' in administrator.get(reverse(ADD)).content.decode()


def test_changing_leaves_what_was_sent_and_what_names_it(administrator):
    (row,) = kept(wish())
    Agreement.objects.update(sent_state=REGISTERED, sent_from="2021-01")
    given = {"from_month": "2021-02", "to_month": "2022-12", "wanted": "on", "provider": OTHER_PROVIDER, "employer": ""}
    response = administrator.post(change(row), given | {"sent_from": "2030-01", "sent_state": NOTHING})
    assert response.status_code == HTTPStatus.FOUND
    assert state(row) == (True, "2021-02", "2022-12", REGISTERED, "2021-01", "", True)
    assert Agreement.objects.get().provider == PROVIDER


def test_ending_what_is_wanted(administrator):
    (row,) = kept(wish())
    Agreement.objects.update(sent_state=REGISTERED, sent_from="2021-01")
    administrator.post(change(row), {"from_month": "2021-01", "to_month": ""})
    assert state(row) == (False, "2021-01", "", REGISTERED, "2021-01", "", True)


def test_saving_what_is_as_before_changes_nothing(administrator):
    (row,) = kept(wish())
    administrator.post(change(row), {"from_month": "2021-01", "to_month": "", "wanted": "on"})
    assert Agreement.objects.get().changed_at == NOW


def test_a_start_before_any_effect_is_warned_of(administrator):
    response = administrator.post(reverse(ADD), FORM | {"wanted": "on", "from_month": "2020-12"}, follow=True)
    assert "No month before 2021-01 has any effect." in response.content.decode()


def test_history_says_who(administrator):
    (row,) = kept(wish())
    administrator.post(change(row), {"from_month": "2021-01", "to_month": "2021-12", "wanted": "on"})
    text = administrator.get(reverse("admin:pension_agreement_history", args=[row.pk])).content.decode()
    assert "kari" in text
    assert "last month: – &rarr; 2021-12" in text


# --- who may ---


@pytest.mark.parametrize("group", [READER, None])
def test_who_only_looks_changes_nothing(group):
    (row,) = kept(wish())
    client = signed_in(group)
    assert client.get(reverse(LIST)).status_code == (HTTPStatus.OK if group else HTTPStatus.FORBIDDEN)
    answers = [client.post(reverse(ADD), FORM), client.post(change(row), FORM | {"to_month": "2021-12"})]
    assert [answer.status_code for answer in answers] == [HTTPStatus.FORBIDDEN] * 2
    assert state(row)[2] == ""


def test_nobody_deletes(administrator):
    (row,) = kept(wish())
    superuser = Client(headers={"host": "testserver"})
    superuser.force_login(User.objects.create_user("root", is_staff=True, is_superuser=True))
    for client in (administrator, superuser):
        response = client.post(reverse("admin:pension_agreement_delete", args=[row.pk]), {"post": "yes"})
        assert response.status_code == HTTPStatus.FORBIDDEN
    assert Agreement.objects.count() == 1


# --- the list ---


@pytest.fixture
def several():
    for number, one in enumerate([wish("a"), wish("b", provider=OTHER_PROVIDER), wish("c", employer="313000006")]):
        kept(one, now=NOW + timedelta(minutes=number))
    Agreement.objects.filter(reference="a").update(sent_state=REGISTERED, sent_from="2021-01")
    Agreement.objects.filter(reference="b").update(failure="OTP-006")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({}, ["c", "b", "a"], id="all, last changed first"),
        pytest.param({"standing": "differs"}, ["c", "b"], id="to be sent"),
        pytest.param({"standing": "failed"}, ["b"], id="failed"),
        pytest.param({"provider": OTHER_PROVIDER}, ["b"], id="a provider's"),
        pytest.param({"employer": "313000006"}, ["c"], id="an employer's"),
        pytest.param({"employer": "313000006", "standing": "failed"}, [], id="none"),
    ],
)
def test_the_list(administrator, several, query, found):
    assert references(administrator.get(reverse(LIST), query)) == found


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"standing": "gone"}, id="an unknown standing"),
        pytest.param({"employer": "31300000"}, id="part of a number"),
        pytest.param({"p": "older.1"}, id="no cursor"),
    ],
)
def test_what_cannot_be_asked_for(administrator, several, query):
    response = administrator.get(reverse(LIST), query)
    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, f"{reverse(LIST)}?e=1")


def test_a_persons_number_is_not_asked_for(administrator, several):
    assert administrator.get(reverse(LIST), {"provider": "13818699190"}).status_code == HTTPStatus.NOT_FOUND


def test_a_column_that_is_no_filter(administrator):
    assert administrator.get(reverse(LIST), {"reference": "a"}).status_code == HTTPStatus.BAD_REQUEST


def test_pages_are_cut_at_a_moment_and_never_counted(administrator, several, monkeypatch):
    monkeypatch.setattr(AgreementAdmin, "list_per_page", 2)
    with CaptureQueriesContext(connection) as asked:
        first = administrator.get(reverse(LIST))
    assert not [query for query in asked if "COUNT(" in query["sql"] or "OFFSET" in query["sql"]]
    assert references(first) == ["c", "b"]
    (older,) = re.findall(r'href="(\?p=older[^"]*)" rel="next"', first.content.decode())
    assert references(administrator.get(reverse(LIST) + older)) == ["a"]
