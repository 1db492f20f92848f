"""Agencies in the admin: what one person may change, and what takes two."""

import html
import re
from http import HTTPStatus

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from compliance.people import ADMINISTRATOR, READER, make_groups
from legal.models import DataConsumer
from legal.register import read_mandates

pytestmark = pytest.mark.django_db(databases=["default"])
AGENCY = "974761076"
COLUMNS = ("organisation_number", "name", "is_open", "certificate_participant", "key_algorithm", "content_encryption")
CHOSEN = {
    "name": "Skatteetaten",
    "certificate_participant": "",
    "key_algorithm": "RSA-OAEP-256",
    "content_encryption": "A128CBC-HS256",
}


def signed_in(*groups, superuser=False):
    make_groups()
    user = User.objects.create_user("kari", is_staff=True, is_superuser=superuser)
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client(headers={"host": "testserver"})
    client.force_login(user)
    return client


@pytest.fixture
def administrator():
    return signed_in(ADMINISTRATOR)


def page(name="change"):
    return reverse(f"admin:legal_dataconsumer_{name}", args=[agency().pk])


def agency():
    return DataConsumer.objects.get(organisation_number=AGENCY)


def stored():
    return DataConsumer.objects.filter(organisation_number=AGENCY).values(*COLUMNS).get()


def save(client, **changes):
    posted = {name: value for name, value in {**CHOSEN, **changes}.items() if value is not None}
    return client.post(page(), posted)


def errors(response):
    assert response.status_code == HTTPStatus.OK
    lists = re.findall(r'<ul class="errorlist"[^>]*>(.*?)</ul>', response.content.decode(), re.DOTALL)
    return [html.unescape(error) for found in lists for error in re.findall(r"<li>(.*?)</li>", found)]


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        pytest.param({"name": "Skatteetaten øst"}, {"name": "Skatteetaten øst"}, id="name"),
        pytest.param(
            {"key_algorithm": "RSA-OAEP", "content_encryption": "A256GCM"},
            {"key_algorithm": "RSA-OAEP", "content_encryption": "A256GCM"},
            id="algorithms",
        ),
        pytest.param(
            {"certificate_participant": "889640782"}, {"certificate_participant": "889640782"}, id="participant"
        ),
        pytest.param({"is_open": ""}, {}, id="it is closed on a page of its own"),
        pytest.param({"organisation_number": "889640782"}, {}, id="its number is not part of the form"),
        pytest.param({}, {}, id="nothing"),
    ],
)
def test_what_one_person_changes(administrator, changes, columns):
    before = stored()
    assert save(administrator, **changes).status_code == HTTPStatus.FOUND
    assert stored() == {**before, **columns}
    entry = LogEntry.objects.get()
    assert entry.user.username == "kari"
    assert entry.get_change_message().startswith("Changed " if columns else "No fields changed.")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        *(
            pytest.param(
                {"certificate_participant": number},
                "This is no organisation number: nine digits, the last of which is a check digit.",
                id=f"participant {number}",
            )
            for number in ("974761077", "97476107", "000000000", "NO9747610", "٩٧٤٧٦١٠٧٦")
        ),
        pytest.param(
            {"certificate_participant": "9747610760"},
            "Ensure this value has at most 9 characters (it has 10).",
            id="ten digits",
        ),
        pytest.param({"name": ""}, "This field is required.", id="no name"),
        *(
            pytest.param({name: word}, f"Select a valid choice. {word} is not one of the available choices.", id=word)
            for name, word in (
                ("key_algorithm", "RSA1_5"),
                ("key_algorithm", "dir"),
                ("content_encryption", "none"),
                ("content_encryption", "A192GCM"),
            )
        ),
    ],
)
def test_what_is_refused(administrator, changes, sentence):
    before = stored()
    assert errors(save(administrator, **changes)) == [sentence]
    assert stored() == before
    assert not LogEntry.objects.exists()


def test_it_is_not_opened_by_this_form(administrator):
    DataConsumer.objects.filter(organisation_number=AGENCY).update(is_open=False)
    assert save(administrator, is_open="on").status_code == HTTPStatus.FOUND
    assert stored()["is_open"] is False


def test_a_closed_agency_can_be_changed_otherwise(administrator):
    DataConsumer.objects.filter(organisation_number=AGENCY).update(is_open=False)
    assert save(administrator, name="Skatteetaten (lukket)").status_code == HTTPStatus.FOUND
    assert (stored()["name"], stored()["is_open"]) == ("Skatteetaten (lukket)", False)


def test_who_closes_it_meanwhile_is_not_undone(administrator, monkeypatch):
    """Two save at once: the second writes nothing but what was changed in that form."""
    validated = DataConsumer.full_clean

    def closed_meanwhile(self, *arguments, **options):
        validated(self, *arguments, **options)
        DataConsumer.objects.filter(organisation_number=AGENCY).update(is_open=False)

    monkeypatch.setattr(DataConsumer, "full_clean", closed_meanwhile)
    assert save(administrator, name="Skatt").status_code == HTTPStatus.FOUND
    assert (stored()["name"], stored()["is_open"]) == ("Skatt", False)


def test_what_is_chosen_is_what_serves(administrator):
    save(administrator, key_algorithm="RSA-OAEP", content_encryption="A256GCM", certificate_participant="889640782")
    served = read_mandates().agencies[AGENCY]
    assert (served.certificate_participant, served.key_algorithm, served.content_encryption) == (
        "889640782",
        "RSA-OAEP",
        "A256GCM",
    )


def test_compliance_looks_and_changes_nothing():
    before, client = stored(), signed_in(READER)
    shown = client.get(page())
    assert shown.status_code == HTTPStatus.OK
    assert 'name="_save"' not in shown.content.decode()
    assert save(client, name="Mine").status_code == HTTPStatus.FORBIDDEN
    assert stored() == before


@pytest.mark.parametrize("superuser", [False, True], ids=["administrator", "superuser"])
def test_nobody_adds_or_deletes(superuser):
    client = signed_in(ADMINISTRATOR, superuser=superuser)
    adding = reverse("admin:legal_dataconsumer_add")
    answers = [
        client.get(adding),
        client.post(adding, {**CHOSEN, "organisation_number": "310000011"}),
        client.get(page("delete")),
        client.post(page("delete"), {"post": "yes"}),
    ]
    assert [answer.status_code for answer in answers] == [HTTPStatus.FORBIDDEN] * 4
    action = {"action": "delete_selected", "_selected_action": [str(agency().pk)], "post": "yes"}
    client.post(reverse("admin:legal_dataconsumer_changelist"), action)
    assert DataConsumer.objects.filter(organisation_number=AGENCY).exists()
    assert not DataConsumer.objects.filter(organisation_number="310000011").exists()


def test_services_and_versions_are_still_only_looked_at(administrator):
    for model in ("service", "serviceversion"):
        assert administrator.get(reverse(f"admin:legal_{model}_changelist")).status_code == HTTPStatus.OK
        assert administrator.get(reverse(f"admin:legal_{model}_add")).status_code == HTTPStatus.FORBIDDEN
