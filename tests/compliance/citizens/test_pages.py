"""The pages of a citizen's request: who gets in, what is refused, what is noted, and what a page may never show."""

import html
import re
import uuid
from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.parties import KnownParty, LedgerSilent
from audit import access
from audit.appending import NotRecorded
from audit.models import Access
from audit.secrecy import Kind, hash_of
from compliance.citizens import acts, pages
from compliance.citizens.contents import asker_of
from compliance.citizens.models import CitizenContent, CitizenRequest
from compliance.finding import records
from compliance.people import ADMINISTRATOR, AUDITOR, READER
from legal.register import today_in_oslo
from tests.compliance.citizens.asking import ASKER, address, asked, officer, told
from tests.compliance.finding.trail import OPEN, SHIELDED, add, signed_in

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
FORM = {"number": OPEN, "case_reference": "2026/77", "identity": "electronic"}
NOBODY = uuid.UUID(int=1)


def form(**changes):
    return {**FORM, "received_on": today_in_oslo().isoformat(), **changes}


def text(answer):
    return html.unescape(answer.content.decode())


def faults(answer):
    return re.findall(r'<ul class="errorlist.*?"[^>]*>(.*?)</ul>', text(answer), re.S)


def test_a_request_is_registered_from_the_start_page_and_shows_what_was_told():
    told()
    browser = officer()
    start = text(browser.get(reverse("admin:index")))
    assert f'action="{address("_new")}"' in start and "No request is open." in start
    answer = browser.post(address("_new"), form())
    request = CitizenRequest.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, address("", request.pk))
    page = browser.get(answer.headers["Location"])
    assert text(page).count('name="row"') == 4
    assert OPEN not in text(page) and page.headers["Cache-Control"].count("no-store") == 1
    asker, _hash = asker_of(request)
    assert (asker.number, asker.address) == (OPEN, ()) and asker.name
    assert address("", request.pk) in text(browser.get(reverse("admin:index")))
    assert OPEN not in text(browser.get(reverse("admin:index")))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        pytest.param({"number": ""}, "This field is required.", id="no number"),
        pytest.param({"number": "213456008"}, "A company has no right of access", id="a company"),
        pytest.param({"number": OPEN[:-1]}, "This is no national identity number", id="ten digits"),
        pytest.param({"number": OPEN[:-1] + str((int(OPEN[-1]) + 1) % 10)}, "This is no national", id="mistyped"),
        pytest.param(
            {"number": "２" + OPEN[1:]}, "This is no national identity number", id="a digit that is not ASCII"
        ),
        pytest.param({"number": OPEN[:6] + " " + OPEN[6:]}, "This is no national identity number", id="a blank"),
        pytest.param({"number": OPEN + "\0"}, "Null characters are not allowed.", id="a NUL byte"),
        pytest.param({"number": "1" * 33}, "at most 32 characters", id="too long"),
        pytest.param({"case_reference": ""}, "This field is required.", id="no case"),
        pytest.param({"case_reference": f"sak {OPEN}"}, "Leave out eleven digits in a row", id="a number as case"),
        pytest.param({"case_reference": "x" * 65}, "at most 64 characters", id="a long case"),
        pytest.param({"identity": "a feeling"}, "is not one of the available choices", id="an unknown proof"),
        pytest.param({"identity": ""}, "This field is required.", id="no proof"),
        pytest.param({"received_on": "22.11.2026"}, "Enter a day such as 2026-11-22.", id="another form of day"),
        pytest.param({"received_on": ""}, "This field is required.", id="no day"),
        pytest.param(
            {"received_on": (today_in_oslo() + timedelta(days=2)).isoformat()}, "still to come", id="a day to come"
        ),
    ],
)
def test_what_is_not_registered(changes, fault):
    answer = officer().post(address("_new"), form(**changes))
    assert answer.status_code == 200
    [said] = faults(answer)
    assert fault in said
    assert OPEN not in re.sub(r'value="sak \d+"', "", text(answer))
    assert not CitizenRequest.objects.exists() and not Access.objects.exists()


def test_a_company_that_goes_by_eleven_digits_is_refused(monkeypatch):
    monkeypatch.setattr(pages, "party_known_by", lambda number: KnownParty((number,), "Enkeltperson AS", False, False))
    assert "A company has no right of access" in faults(officer().post(address("_new"), form()))[0]
    assert not CitizenRequest.objects.exists()


def test_a_silent_ledger_is_said_and_nothing_is_kept(monkeypatch):
    def silent(number):
        raise LedgerSilent

    monkeypatch.setattr(records, "party_known_by", silent)
    answer = officer().post(address("_new"), form())
    assert answer.status_code == 503 and "The ledger could not be asked" in faults(answer)[0]
    assert not CitizenRequest.objects.exists()


def test_the_look_is_noted_before_anything_is_looked_for(monkeypatch):
    browser = officer()
    browser.post(address("_new"), form())
    request = CitizenRequest.objects.get()
    browser.get(address("", request.pk))
    noted = Access.objects.order_by("at", "id").values_list(
        "page", "person", "concerning", "words", "reason", "case_reference", "sought_hash"
    )
    sought = hash_of(Kind.PARTY, OPEN)
    assert [(*row[:-1], bytes(row[-1])) for row in noted] == [
        ("desk citizen", "kari", request.pk, "register", "citizen", "2026/77", sought),
        ("desk citizen", "kari", request.pk, "", "citizen", "2026/77", sought),
    ]


def unnoted(monkeypatch):
    from django.http import HttpResponse

    def refuse(*arguments, **options):
        return HttpResponse("Nothing is shown", status=503)

    for module in ("pages", "request_page", "acts"):
        monkeypatch.setattr(f"compliance.citizens.{module}.unless_noted", refuse)


def test_what_cannot_be_noted_is_not_shown(monkeypatch):
    told()
    request, browser = asked(), officer()
    unnoted(monkeypatch)
    for answer in (browser.get(address("", request.pk)), browser.post(address("_new"), form())):
        assert (answer.status_code, answer.content) == (503, b"Nothing is shown")
    assert CitizenRequest.objects.count() == 1


POSTED = ("_asker", "_rows", "_many", "_take_in", "_letters", "_end")
OF_A_LETTER = ("_letter", "_sent")


@pytest.mark.parametrize("group", [READER, ADMINISTRATOR, AUDITOR])
def test_others_get_nowhere(group):
    request = asked()
    browser, _user = signed_in("ola", group, of="Ola")
    gets = [browser.get(address("s")), browser.get(address("_new")), browser.get(address("", request.pk))]
    posts = [browser.post(address(name, request.pk), {}) for name in POSTED]
    posts += [browser.post(address(name, request.pk, NOBODY), {}) for name in OF_A_LETTER]
    posts.append(browser.post(address("_new"), form()))
    assert {answer.status_code for answer in gets + posts} == {403}
    assert address("_new") not in text(browser.get(reverse("admin:index")))


def test_an_officer_whose_account_is_nobodys_gets_nowhere():
    request = asked()
    browser = officer(of=None)
    assert browser.get(address("", request.pk)).status_code == 403
    assert browser.post(address("_new"), form()).status_code == 403


def test_strangers_are_asked_to_sign_in(client):
    assert client.get(address("s"), headers={"host": "localhost"}).status_code == 302


def test_methods_and_what_is_not_there():
    request, browser = asked(), officer()
    assert {browser.get(address(name, request.pk)).status_code for name in POSTED} == {405}
    assert {browser.get(address(name, request.pk, NOBODY)).status_code for name in OF_A_LETTER} == {405}
    assert browser.post(address("", request.pk)).status_code == 405
    missing = [browser.get(address("", NOBODY)), browser.get(address("s") + "?after=x")]
    missing += [browser.get(address("", request.pk) + query) for query in ("?before=x", "?decision=x")]
    missing += [browser.post(address(name, request.pk, NOBODY), {}) for name in OF_A_LETTER]
    missing += [browser.post(address("_rows", request.pk), {"row": bad}) for bad in ("x", "²", "-1", "1" * 19)]
    assert {answer.status_code for answer in missing} == {404}


def test_a_post_needs_the_forms_token():
    from compliance.people import OFFICER

    browser, _user = signed_in("kari", OFFICER, of="Kari", strict=True)
    assert browser.post(address("_new"), form()).status_code == 403


def test_a_second_request_of_the_same_person_is_told_of():
    asked()
    browser = officer()
    answer = browser.post(address("_new"), form(), follow=True)
    assert "Another request of the same person is open." in text(answer)


def test_requests_are_listed_by_the_day_they_are_due_in_pages(monkeypatch):
    monkeypatch.setattr("compliance.citizens.pages.requests_page.__kwdefaults__", {"size": 2}, raising=False)
    for days in (3, 40, 28, 1):
        asked(days_ago=days, case_reference=f"case {days}")
    ended = asked(days_ago=9, case_reference="case ended")
    CitizenRequest.objects.filter(pk=ended.pk).update(ending="withdrawn", ended_on=today_in_oslo())
    browser = officer()
    first = text(browser.get(address("s")))
    assert re.findall(r"case \w+", first) == ["case 40", "case 28"] and first.count("overdue") == 1
    [older] = re.findall(r'href="(\?after=[^"]+)"', first)
    second = text(browser.get(address("s") + older))
    assert re.findall(r"case \w+", second) == ["case 3", "case 1"] and 'href="?after=' not in second
    assert re.findall(r"case \w+", text(browser.get(address("s") + "?ended=1"))) == ["case ended"]


def statements(browser, url):
    with CaptureQueriesContext(connections["default"]) as own, CaptureQueriesContext(connections["ledger"]) as ledgers:
        assert browser.get(url).status_code == 200
    return len(own), len(ledgers)


def test_pages_take_as_many_statements_however_much_there_is():
    told()
    few, browser = asked(), officer()
    counts = [statements(browser, url) for url in (address("", few.pk), address("s"))]
    for minute in range(70):
        add(OPEN, minutes=100 + minute, service="skatt-kontroll", consumer="974761076")
    many = asked(case_reference="2026/78")
    for _one in range(4):
        asked(case_reference="2026/79")
    add(OPEN)
    assert [statements(browser, url) for url in (address("", many.pk), address("s"))] == counts
    assert text(browser.get(address("", many.pk))).count('name="row"') == 50


def test_disclosures_come_in_pages_and_by_decision():
    about = told()
    for minute in range(50):
        add(OPEN, minutes=100 + minute, service="vergekontroll", consumer="986186999")
    request, browser = asked(), officer()
    first = text(browser.get(address("", request.pk)))
    [older] = re.findall(r'href="(\?before=[^"]+)"', first)
    assert text(browser.get(address("", request.pk) + older)).count('name="row"') == 4
    withheld = text(browser.get(address("", request.pk) + "?decision=withheld"))
    assert withheld.count('name="row"') == 1 and str(about["withheld"].pk) in withheld


def test_addressee_and_identity_are_kept():
    request, browser = asked(ASKER.__class__(OPEN, "", ()), identity="not_verified"), officer()
    values = {"name": "Ánde Šuorŋŋá", "address": " Čáhcesuolu 7 \r\n\r\n9845 Deatnu", "identity": "document"}
    assert browser.post(address("_asker", request.pk), values).status_code == 302
    asker, _hash = asker_of(request)
    assert asker == ASKER.__class__(OPEN, "Ánde Šuorŋŋá", ("Čáhcesuolu 7", "9845 Deatnu"))
    request.refresh_from_db()
    assert request.identity == "document" and CitizenContent.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        pytest.param({"name": ""}, "This field is required.", id="no name"),
        pytest.param({"name": "陈"}, "cannot set: 陈 (U+9648)", id="a letter that the font lacks"),
        pytest.param({"name": "שרה"}, "cannot set: ה (U+05D4)", id="letters that run the other way"),
        pytest.param({"address": "\n".join("abcdefg")}, "6 lines at most", id="seven lines"),
        pytest.param({"address": " \n "}, "This field is required.", id="no address"),
        pytest.param({"identity": "x"}, "is not one of the available choices", id="an unknown proof"),
    ],
)
def test_addressees_that_are_refused(values, fault):
    request, browser = asked(), officer()
    whole = {"name": "Ola", "address": "Gata 1", "identity": "electronic", **values}
    answer = browser.post(address("_asker", request.pk), whole)
    assert answer.status_code == 200 and fault in faults(answer)[0]
    assert asker_of(request)[0] == ASKER


def test_later_ones_are_shown_and_taken_in():
    told()
    request, browser = asked(), officer()
    assert "Since then" not in text(browser.get(address("", request.pk)))
    add(OPEN, service="konkursbehandling", consumer="974760673")
    add(SHIELDED)
    page = text(browser.get(address("", request.pk)))
    assert "Since then" in page and page.count("konkursbehandling") == 1
    answer = browser.post(address("_take_in", request.pk), follow=True)
    assert "1 disclosure was taken in." in text(answer) and "Since then" not in text(answer)


def test_later_ones_are_looked_for_once_it_is_noted(monkeypatch):
    request, browser = asked(), officer()
    looked = []
    monkeypatch.setattr(acts, "take_in", lambda *_: looked.append(Access.objects.get().words) or 0)
    browser.post(address("_take_in", request.pk))
    noted = Access.objects.get()
    assert (noted.page, noted.concerning, noted.reason, noted.case_reference, looked) == (
        "desk citizen",
        request.pk,
        "citizen",
        request.case_reference,
        ["later ones"],
    )
    assert bytes(noted.sought_hash) == hash_of(Kind.PARTY, OPEN)


def test_what_cannot_be_noted_takes_nothing_in(monkeypatch):
    request, browser = asked(), officer()
    add(OPEN, service="konkursbehandling", consumer="974760673")
    monkeypatch.setattr(access, "append", lambda *_: (_ for _ in ()).throw(NotRecorded))
    assert browser.post(address("_take_in", request.pk)).status_code == 503
    assert not request.disclosures.exists()
