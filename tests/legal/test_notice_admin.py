"""Bankruptcy notices in the admin: looked at by those who may, never changed, and nobody's number shown or sent."""

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
from django.utils import timezone

from audit.secrecy import Kind, hash_of, shown
from compliance.people import ADMINISTRATOR, READER, make_groups
from legal.models import BankruptcyNotice, NoticeReading
from legal.notice_admin import BankruptcyNoticeAdmin
from tests.legal.notices import COMPANY, OTHER_COMPANY, OTHER_UNIT, PERSON, UNIT, found, id_of, kept

pytestmark = pytest.mark.django_db(databases=["default"])
LIST, READING = "admin:legal_bankruptcynotice_changelist", "admin:legal_noticereading_changelist"


def signed_in(*groups, superuser=False):
    make_groups()
    user = User.objects.create_user("kari", is_staff=True, is_superuser=superuser)
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client(headers={"host": "testserver"})
    client.force_login(user)
    return client


@pytest.fixture
def reader():
    return signed_in(READER)


@pytest.fixture
def notices():
    kept(
        found(1, "aapning", COMPANY),
        found(2, "aapning", PERSON, units=[UNIT, OTHER_UNIT]),
        found(3, "sletting", COMPANY),
        found(4, "avslutning", OTHER_COMPANY, fault="json"),
    )


def page(client, name=LIST, **query):
    return client.get(reverse(name), query)


def ids(response):
    """Return the notices on a list page, in order."""
    assert response.status_code == HTTPStatus.OK
    links = re.findall(r"/bankruptcynotice/([0-9a-f-]{36})/change/", response.content.decode())
    return [uuid.UUID(link).int for link in links]


@pytest.mark.parametrize(
    ("query", "found_ids"),
    [
        pytest.param({}, [4, 3, 2, 1], id="all, newest first"),
        pytest.param({"type": "aapning"}, [2, 1], id="openings"),
        pytest.param({"state": "unreadable"}, [4], id="those that could not be read"),
        pytest.param({"state": "read", "type": "sletting"}, [3], id="both"),
        pytest.param({"organisation": COMPANY}, [3, 1], id="a debtor"),
        pytest.param({"organisation": UNIT}, [2], id="a linked unit"),
        pytest.param({"organisation": "213000038"}, [], id="nobody"),
    ],
)
def test_the_list(reader, notices, query, found_ids):
    assert ids(page(reader, **query)) == found_ids


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"organisation": COMPANY[:8]}, id="part of a number"),
        pytest.param({"organisation": "٣١٣٠٠٠٠٠٦"}, id="other digits"),
        pytest.param({"type": "opening"}, id="an unknown type"),
        pytest.param({"state": "lost"}, id="an unknown state"),
        pytest.param({"p": "older.1"}, id="no cursor"),
    ],
)
def test_what_cannot_be_asked_for(reader, notices, query):
    response = page(reader, **query)
    assert (response.status_code, response.headers.get("Location")) == (HTTPStatus.FOUND, f"{reverse(LIST)}?e=1")


def test_a_persons_number_is_refused_as_in_every_address(reader, notices):
    response = page(reader, organisation=PERSON)
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert PERSON not in response.content.decode()


def test_a_column_that_is_no_filter(reader):
    assert page(reader, parties__number_hash="x").status_code == HTTPStatus.BAD_REQUEST


def test_pages_are_cut_at_a_moment_and_never_counted(reader, notices, monkeypatch):
    monkeypatch.setattr(BankruptcyNoticeAdmin, "list_per_page", 3)
    with CaptureQueriesContext(connection) as asked:
        first = page(reader)
    assert not [query for query in asked if "COUNT(" in query["sql"] or "OFFSET" in query["sql"]]
    assert ids(first) == [4, 3, 2]
    (older,) = re.findall(r'href="(\?p=older[^"]*)" rel="next"', first.content.decode())
    assert ids(reader.get(reverse(LIST) + older)) == [1]


@pytest.mark.parametrize("name", [READER, ADMINISTRATOR])
def test_organisations_are_shown_and_persons_never(notices, name):
    client = signed_in(name)
    answers = [page(client), *(page_of(client, number) for number in range(1, 5))]
    texts = [answer.content.decode() for answer in answers]
    assert not any(PERSON in text for text in texts)
    debtor = f"debtor Stored encrypted · hash {shown(hash_of(Kind.PARTY, PERSON))}"
    about = f"{debtor}; linked unit {UNIT}; linked unit {OTHER_UNIT}"
    assert about in texts[0]
    assert about in texts[2]
    assert f"debtor {COMPANY}" in texts[1]
    assert "json" in texts[4]
    assert f"https://feed.example/konkursvarsler/{id_of(4)}" in texts[4]


def page_of(client, number):
    response = client.get(reverse("admin:legal_bankruptcynotice_change", args=[id_of(number)]))
    assert response.status_code == HTTPStatus.OK
    return response


@pytest.mark.parametrize("superuser", [False, True], ids=["administrator", "superuser"])
def test_nobody_adds_changes_or_deletes(notices, superuser):
    client = signed_in(ADMINISTRATOR, superuser=superuser)
    for model, row in (("bankruptcynotice", id_of(1)), ("noticereading", 1)):
        addresses = [
            reverse(f"admin:legal_{model}_add"),
            reverse(f"admin:legal_{model}_change", args=[row]),
            reverse(f"admin:legal_{model}_delete", args=[row]),
        ]
        answers = [client.post(address, {"post": "yes", "type": "sletting"}) for address in addresses]
        assert [answer.status_code for answer in answers] == [HTTPStatus.FORBIDDEN] * 3
    assert BankruptcyNotice.objects.count() == 4


def test_who_has_no_right_sees_nothing(notices):
    client = signed_in()
    assert [page(client, name).status_code for name in (LIST, READING)] == [HTTPStatus.FORBIDDEN] * 2


@pytest.mark.parametrize(
    ("read_ago", "told"),
    [
        pytest.param(None, "never read to its end", id="never"),
        pytest.param(timedelta(minutes=75), "1 h 15 min<", id="a while ago"),
        pytest.param(timedelta(hours=24, minutes=1), "24 h 1 min: too old", id="too long ago"),
    ],
)
def test_how_far_it_is_read(reader, notices, read_ago, told):
    read_at = timezone.now() - read_ago if read_ago else None
    NoticeReading.objects.update(read_at=read_at)
    text = page(reader, READING).content.decode()
    assert told in text
    assert "2026-11-21 01:04:00.000 CET" in text
    assert '<td class="field-waiting">1</td>' in text
