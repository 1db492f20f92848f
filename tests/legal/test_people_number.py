"""The own number of somebody who works at the bank: taken strictly, kept as a keyed hash, shown nowhere."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from audit.secrecy import Kind, hash_of
from legal.models import Person
from legal.people import people_with
from tests.legal.governed import person

pytestmark = pytest.mark.django_db
NUMBER, OTHER = "01810112345", "02810112345"


@pytest.fixture
def browser():
    made = Client(headers={"host": "localhost"})
    made.force_login(User.objects.create_superuser("root"))
    return made


def send(browser, who, number, name="Kari"):
    page = reverse("admin:legal_person_change", args=[who.pk])
    return browser.post(page, {"name": name, "number": number}, follow=True)


def test_it_is_kept_as_a_keyed_hash_and_shown_nowhere(browser):
    kari = person("Kari")
    pages = [send(browser, kari, NUMBER)]
    assert bytes(Person.objects.get(pk=kari.pk).number_hash) == hash_of(Kind.PARTY, NUMBER)
    assert people_with(OTHER, NUMBER) == [kari] and people_with(OTHER) == []
    pages += [browser.get(reverse(f"admin:legal_person_{name}", args=[kari.pk])) for name in ("change", "history")]
    shown = "".join(page.content.decode() for page in pages)
    assert NUMBER not in shown and hash_of(Kind.PARTY, NUMBER).hex() not in shown
    assert "kept, and not shown" in shown


def test_left_empty_it_stays(browser):
    kari = person("Kari")
    send(browser, kari, NUMBER)
    send(browser, kari, "", name="Kari Nordmann")
    assert people_with(NUMBER)[0].name == "Kari Nordmann"


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("0181011234", id="ten digits"),
        pytest.param("313131313", id="a company"),
        pytest.param("٠١٢٣٤٥٦٧٨٩٠", id="foreign digits"),
        pytest.param("0181011234\0", id="a NUL byte"),
    ],
)
def test_what_is_no_persons_number_is_refused_and_not_shown_again(browser, number):
    kari = person("Kari")
    answer = send(browser, kari, number)
    assert "errornote" in answer.content.decode() and number not in answer.content.decode()
    assert Person.objects.get(pk=kari.pk).number_hash is None
