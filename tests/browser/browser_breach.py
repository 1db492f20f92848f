"""A wrong disclosure from the search to the notice that two people stand behind, by the keyboard alone."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import expect

from audit import recording
from tests.audit.entries import answered
from tests.browser.pages import accessible, picture

TABLES = (
    *("breach_notice", "breach_step", "breach_breach", "breach_tally", "breach_hit", "breach_wrongdisclosure"),
    *("breach_outage", "breach_contact", "breach_routine"),
)


@pytest.fixture
def wrong_answers(superuser, clean_audit, django_db_blocker):
    """Three wrong answers, about two persons."""
    with django_db_blocker.unblock(), ThreadPoolExecutor(1) as beside_the_browser:  # which keeps a loop in this thread
        beside_the_browser.submit(keep).result()
    yield
    with superuser() as session:
        session.execute("SET session_replication_role = replica")
        for table in TABLES:
            session.execute(f"DELETE FROM {table}")


def keep():
    for number in ("01810112345", "01810112345", "02810112345"):
        recording.record(answered(service="skatt-kontroll", control_object=number))
    connection.close()


def open_link(page, name):
    link = page.locator("#content").get_by_role("link", name=name).first
    link.focus()
    page.keyboard.press("Enter")


def type_into(page, label, words):
    page.get_by_label(label, exact=True).focus()
    page.keyboard.type(words)


def choose(page, label, option):
    page.get_by_label(label, exact=True).focus()
    page.keyboard.type(option)


def press(page, name):
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")


def seen(page, name):
    picture(page, f"breach-{name}")
    accessible(page)


def test_from_the_search_to_the_notice(sign_in, wrong_answers):
    page = sign_in("officer")
    seen(page, "start")
    open_link(page, "Wrong disclosures")
    seen(page, "search")
    type_into(page, "service:", "skatt-kontroll")
    press(page, "Search")
    expect(page.locator("#answers")).to_have_text("3")
    expect(page.locator("#persons")).to_have_text("2")
    seen(page, "found")
    open_link(page, "Persons hit")
    expect(page.locator("#content")).to_contain_text("********345")
    seen(page, "persons")
    press(page, "Show in full")
    expect(page.locator("#content")).to_contain_text("01810112345")
    seen(page, "persons-in-full")
    page.go_back()
    page.locator(".breadcrumbs").get_by_role("link", name="Wrong disclosure").focus()
    page.keyboard.press("Enter")
    open_link(page, "By agency and day")
    seen(page, "days")
    page.go_back()
    open_link(page, "Open a breach")
    page.get_by_label("Discovered at").focus()
    page.keyboard.type("03272026")
    page.keyboard.press("Tab")
    page.keyboard.type("0900AM")
    type_into(page, "What happened:", "Skatteetaten fikk flere felt enn hjemmelen gir.")
    seen(page, "opening")
    press(page, "Open it")
    expect(page.locator("#clock")).to_contain_text("overdue by")
    expect(page.locator("#ends")).to_have_text("2026-03-30 10:00 CEST")
    open_link(page, "Decide on the risk")
    choose(page, "Tell Datatilsynet (article 33):", "yes")
    page.keyboard.press("Tab")
    page.keyboard.type("Mange berørte.")
    seen(page, "decision")
    press(page, "Save")
    open_link(page, "Draft a notice")
    choose(page, "Notice:", "to Data")
    press(page, "Write the draft")
    expect(page.locator("#text")).to_contain_text("Melding om brudd på personopplysningssikkerheten")
    expect(page.locator("#content")).to_contain_text("You wrote this. Another person must agree.")
    seen(page, "notice")
    address = page.url

    again = sign_in("officer-again")
    again.goto(address)
    expect(again.get_by_role("button", name="Agree to these words")).to_have_count(0)
    other = sign_in("officer-2")
    other.goto(address)
    press(other, "Agree to these words")
    expect(other.locator("#consent")).to_contain_text("agreed to")
    seen(other, "notice-agreed")
    open_link(other, "Mark as sent")
    seen(other, "sent")
    page.goto(re.sub("notices/.*", "breaches/", address))
    seen(page, "list")
    open_link(page, "2026-03-27")
    seen(page, "breach")


def test_routines_and_outages_in_norwegian(sign_in, wrong_answers):
    page = sign_in("officer")
    page.context.add_cookies([{"name": "django_language", "value": "nb", "url": page.url}])
    page.reload()
    seen(page, "start-nb")
    open_link(page, "Rutiner")
    expect(page.locator("#content")).to_contain_text("Personvern- og sikkerhetsbrudd")
    seen(page, "routines-nb")
    open_link(page, "Feilhåndtering")
    open_link(page, "Endre, eller merk som gjennomgått")
    type_into(page, "Kontakt:", "Vakten, 22 00 00 00")
    type_into(page, "Tekst:", "Ring vakten.")
    seen(page, "routine-change-nb")
    press(page, "Lagre")
    expect(page.locator("#content")).to_contain_text("Ring vakten.")
    seen(page, "routine-nb")
    page.locator(".breadcrumbs").get_by_role("link", name="Rutiner").focus()
    page.keyboard.press("Enter")
    open_link(page, "Legg til en kontakt")
    type_into(page, "Navn:", "Vakten")
    type_into(page, "E-post:", "vakt@bits.example")
    seen(page, "contact-nb")
    press(page, "Legg til")
    expect(page.locator("#contacts")).to_contain_text("vakt@bits.example")
    page.goto(re.sub("routines/.*", "outages/new/", page.url))
    for label, day in (("Fra (Oslo):", "01152030"), ("Til (Oslo):", "01162030")):
        page.get_by_label(label).focus()
        page.keyboard.type(day)
        page.keyboard.press("Tab")
        page.keyboard.type("0900AM")
    type_into(page, "Hva som er nede:", "Kontrollinformasjon")
    type_into(page, "Begrunnelse:", "Vedlikehold")
    seen(page, "outage-new-nb")
    press(page, "Planlegg")
    expect(page.locator("#notices")).to_contain_text("Bits")
    seen(page, "outage-nb")
    open_link(page, "Bits")
    expect(page.locator("#text")).to_contain_text("Fra: 15.01.2030 kl. 09.00 norsk tid (UTC+1)")
    seen(page, "outage-notice-nb")
    page.goto(re.sub("notices/.*", "outages/", page.url))
    seen(page, "outages-nb")
