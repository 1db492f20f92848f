"""What counts as a person's number that somebody typed, and how it is kept out of the page that answers."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from compliance.typed_numbers import numbers_in, unrepeated


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("om 09810112342", ["09810112342"], id="among words"),
        pytest.param("fnr09810112342x", ["09810112342"], id="between letters"),
        pytest.param("098101 12342", ["098101 12342"], id="with a blank"),
        pytest.param("098.101-12342", ["098.101-12342"], id="with points and lines"),
        pytest.param("974761076", [], id="a company"),
        pytest.param("1763726400123456", [], id="a moment in microseconds"),
        pytest.param("older.1763726400123456.01a2004b-5692-7399-ab11-100000000003", [], id="a place in a list"),
        pytest.param("01910000-0000-7000-8000-000000000001", [], id="the id of a row"),
        pytest.param("ab12345678901cd0" * 4, [], id="a digest"),
        pytest.param("LOV-2009-06-19-103 § 2", [], id="a law"),
        pytest.param("/admin/x/01910000-0000-7000-8000-000000000001/09810112342", ["09810112342"], id="after an id"),
    ],
)
def test_what_could_be_a_number(text, found):
    assert numbers_in(text) == found


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        pytest.param("<p>098101 12342</p>", "<p>***</p>", id="as it was typed"),
        pytest.param("<p>09810112342</p>", "<p>***</p>", id="as it was read"),
        pytest.param("<p>109810112342</p>", "<p>109810112342</p>", id="a longer number"),
        pytest.param("<p>Kari Ø</p>", "<p>Kari Ø</p>", id="nothing of it"),
    ],
)
def test_no_page_repeats_it(page, shown):
    response = HttpResponse(page, headers={"Content-Length": str(len(page.encode()))})
    unrepeated(response, {"098101 12342"})
    assert response.content.decode() == shown
    assert response.headers["Content-Length"] == str(len(shown.encode()))


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "nb"])
def test_whoever_is_not_signed_in_is_told_the_same(language):
    browser = Client(headers={"host": "localhost", "accept-language": language})
    answer = browser.get(f"{reverse('admin:login')}?next=/admin/legal/person/09810112342/")
    assert answer.status_code == 404 and "09810112342" not in answer.content.decode()
    told = {"en": "A number stands where none belongs", "nb": "Det står et nummer der det ikke hører hjemme"}
    assert told[language] in answer.content.decode()
