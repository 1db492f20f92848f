"""Wrong disclosures at the desk: searched for, read on, shown masked, and in full only with a reason and the right."""

import re
from http import HTTPStatus

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from accounts.parties import LedgerSilent
from audit import recording
from audit.models import Access
from compliance.breach import disclosed_pages
from compliance.breach.models import WrongDisclosure
from compliance.finding import shielding
from compliance.people import ADMINISTRATOR, AUDITOR, OFFICER, READER
from tests.audit.entries import answered
from tests.compliance.breach.desk import desk, page, text

pytestmark = pytest.mark.django_db
KARI, OLA = "01810112345", "02810112345"
ASKED = {"service": "skatt-kontroll", "reason": "breach", "case_reference": "B-7"}


@pytest.fixture
def trail(monkeypatch):
    monkeypatch.setattr(shielding, "shielded_among", lambda numbers: frozenset())
    for number in (KARI, KARI, OLA):
        recording.record(answered(service="skatt-kontroll", control_object=number))


@pytest.fixture
def search(kari, trail):
    assert kari.post(page("disclosed"), ASKED).status_code == HTTPStatus.FOUND
    return WrongDisclosure.objects.get()


def noted():
    return list(Access.objects.order_by("at", "id").values_list("page", "words", "reason", "case_reference"))


def test_what_a_search_shows(kari, search):
    shown = text(kari.get(page("disclosure", search.pk)))
    assert re.findall(r'<td id="(answers|persons)">(\d+)</td>', shown) == [("answers", "3"), ("persons", "2")]
    assert "Read on" not in shown
    days = text(kari.get(page("disclosure_days", search.pk)))
    assert f"{timezone.localdate():%Y-%m-%d}</th><td>974761076</td><td>3</td><td>2</td>" in days
    words = "service=skatt-kontroll"
    assert noted() == [
        ("desk breach", words, "breach", "B-7"),
        ("desk breach", words, "", ""),
        ("desk breach", words, "", ""),
    ]
    assert "skatt-kontroll" in text(kari.get(page("disclosed")))


def test_numbers_are_masked_until_somebody_says_why(kari, search):
    url = page("disclosure_persons", search.pk)
    masked = text(kari.get(url))
    assert ("********345" in masked, KARI in masked, OLA in masked) == (True, False, False)
    assert KARI not in text(kari.post(url, {"reason": ""}))
    in_full = kari.post(url, {"reason": "supervisor", "case_reference": "B-7"})
    assert (KARI in text(in_full), OLA in text(in_full)) == (True, True)
    assert "no-store" in in_full.headers["Cache-Control"]
    assert [row[0] for row in noted()] == ["desk breach", "desk breach", "desk breach", "desk numbers"]
    assert noted()[-1] == ("desk numbers", "service=skatt-kontroll", "supervisor", "B-7")


def without(codename):
    """Take a right from the officers, for this test."""
    group = Group.objects.get(name=OFFICER)
    group.permissions.remove(Permission.objects.get(codename=codename))


def test_without_the_right_numbers_stay_masked(kari, search):
    without("see_numbers")
    url = page("disclosure_persons", search.pk)
    assert "Show in full" not in text(kari.get(url))
    assert kari.post(url, {"reason": "supervisor"}).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "ledger",
    [
        pytest.param(lambda numbers: frozenset({KARI, OLA}), id="both are shielded"),
        pytest.param(lambda numbers: (_ for _ in ()).throw(LedgerSilent), id="the ledger is silent"),
    ],
)
def test_shielded_persons_need_a_right_of_their_own(kari, search, monkeypatch, ledger):
    monkeypatch.setattr(shielding, "shielded_among", ledger)
    url, why = page("disclosure_persons", search.pk), {"reason": "supervisor"}
    assert KARI in text(kari.post(url, why))
    without("view_shielded")
    shown = text(kari.post(url, why))
    assert (KARI in shown, OLA in shown, shown.count("shielded, or it cannot be told")) == (False, False, 2)


def test_pages_of_persons_go_on_where_they_ended(kari, search, monkeypatch):
    monkeypatch.setattr(disclosed_pages, "PERSONS", 1)
    url = page("disclosure_persons", search.pk)
    first = text(kari.get(url))
    [after] = re.findall(r'href="\?after=(\d+)"', first)
    second = text(kari.get(url, {"after": after}))
    assert ('href="?after=' in second, first.count("********345"), second.count("********345")) == (False, 1, 1)


def test_each_page_has_its_number_of_questions(kari, search, django_assert_max_num_queries):
    for name in ("disclosure", "disclosure_days", "disclosure_persons"):
        with django_assert_max_num_queries(24):
            kari.get(page(name, search.pk))


def test_a_search_reads_on_by_a_click(kari, trail, monkeypatch):
    monkeypatch.setattr(disclosed_pages, "SECONDS", 0)
    monkeypatch.setattr("compliance.breach.reading.BATCH", 1)
    kari.post(page("disclosed"), ASKED)
    search = WrongDisclosure.objects.get()
    assert "Read on" in text(kari.get(page("disclosure", search.pk)))
    assert kari.get(page("breach_from", search.pk)).status_code == HTTPStatus.NOT_FOUND
    while search.finished_at is None:
        kari.post(page("disclosure", search.pk))
        search.refresh_from_db()
    assert (search.answers, search.persons) == (3, 2)


def test_a_database_that_is_too_slow_is_told_of_and_loses_nothing(kari, trail, monkeypatch):
    monkeypatch.setattr("compliance.breach.reading.COUNT_SECONDS", 0.001)
    monkeypatch.setattr("compliance.breach.reading.PERSONS", "SELECT pg_sleep(5), %s")
    answer = kari.post(page("disclosed"), ASKED, follow=True)
    search = WrongDisclosure.objects.get()
    assert "did not answer in time" in text(answer) and search.finished_at is None
    monkeypatch.undo()
    kari.post(page("disclosure", search.pk))
    search.refresh_from_db()
    assert (search.answers, search.persons) == (3, 2)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"service": "skatt-kontroll"}, id="no reason"),
        pytest.param({"reason": "breach"}, id="no bound"),
        pytest.param({**ASKED, "words": "about 01810112345"}, id="a number in the words"),
        pytest.param({**ASKED, "service_version": "x"}, id="no version"),
    ],
)
def test_what_is_refused(kari, given):
    assert kari.post(page("disclosed"), given).status_code == HTTPStatus.OK
    assert not WrongDisclosure.objects.exists()
    assert noted() == []


@pytest.mark.parametrize(
    ("group", "of"),
    [
        pytest.param(READER, "Ola", id="a reader"),
        pytest.param(AUDITOR, "Ola", id="an auditor"),
        pytest.param(ADMINISTRATOR, "Ola", id="an administrator"),
        pytest.param("compliance officer", None, id="an officer's account of nobody"),
    ],
)
def test_strangers_are_refused(search, group, of):
    stranger = desk("stranger", of=of, group=group)
    for name in ("disclosure", "disclosure_days", "disclosure_persons"):
        assert stranger.get(page(name, search.pk)).status_code == HTTPStatus.FORBIDDEN
    assert stranger.post(page("disclosed"), ASKED).status_code == HTTPStatus.FORBIDDEN


def test_nothing_is_shown_that_could_not_be_noted(kari, search, monkeypatch):
    monkeypatch.setattr("audit.access.append", _fails)
    for name in ("disclosure", "disclosure_days", "disclosure_persons"):
        assert kari.get(page(name, search.pk)).status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert kari.post(page("disclosed"), ASKED).status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert WrongDisclosure.objects.count() == 1


def _fails(*arguments):
    raise recording.NotRecorded
