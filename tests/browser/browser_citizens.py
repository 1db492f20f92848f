"""A citizen asks what was told about them: by keyboard alone from the start page to the letter that was sent."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import expect

from audit import recording
from tests.audit.entries import answered
from tests.browser.pages import accessible, picture
from tests.consumer import identifier

NUMBER = identifier("debtor-five-accounts")
ASKED = [
    {"service": "vergekontroll", "consumer": "986186999", "legal_mandate": "Vergemålsloven § 54 (2)"},
    {"service": "skatt-kontroll", "legal_mandate": "Skatteforvaltningsloven § 10-2 første ledd"},
    {"service": "politi-utlevering", "consumer": "915429785", "legal_mandate": "Straffeprosessloven §210 (3)"},
]


@pytest.fixture
def told(superuser, clean_audit, django_db_blocker):
    """Three agencies have asked about one person; requests of other tests are taken away."""
    with superuser() as session:
        session.execute("SET session_replication_role = replica")
        for table in ("content", "letter", "letterevent", "disclosure", "disclosureevent", "request", "requestevent"):
            session.execute(f"DELETE FROM citizens_citizen{table}")
    with django_db_blocker.unblock(), ThreadPoolExecutor(1) as beside_the_browser:  # which keeps a loop in this thread
        beside_the_browser.submit(keep).result()


def keep():
    for changes in ASKED:
        recording.record(answered(control_object=NUMBER, **changes))
    connection.close()


def reach(page, field):
    """Go on with the Tab key until that field, link or button has the focus."""
    for _step in range(120):
        page.keyboard.press("Tab")
        if field.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError("the Tab key does not lead there")


def fill(page, field, text):
    reach(page, field)
    page.keyboard.type(text)


def press(page, name, place=None):
    reach(page, (place or page).get_by_role("button", name=name, exact=True).first)
    page.keyboard.press("Enter")


def choose(page, field, first_letters):
    fill(page, field, first_letters)


def test_from_the_start_page_to_the_letter(sign_in, told):
    page = sign_in("officer")
    expect(page.locator("#content")).to_contain_text("No request is open.")
    picture(page, "citizens-start")
    accessible(page)
    # Four fields and clicks from the start page to the list.
    fill(page, page.get_by_label("Number of whoever asks:"), NUMBER)
    fill(page, page.locator("#citizen_case_reference"), "2026/77")
    choose(page, page.get_by_label("Identity:"), "signed")
    press(page, "Find what was told")
    expect(page.locator("#rows-form tbody tr")).to_have_count(3)
    expect(page.locator("#content")).not_to_contain_text(NUMBER)
    assert NUMBER not in page.content() and NUMBER not in page.url
    picture(page, "citizens-request")
    accessible(page)

    press(page, "Make the letter")
    expect(page.locator(".errorlist").first).to_contain_text("Fill in name and address first.")
    accessible(page)
    fill(page, page.get_by_label("Address:"), "Storgata 1\n0155 Oslo")
    press(page, "Keep name and address")
    expect(page.locator(".messagelist")).to_contain_text("Name and address are kept.")

    choose(page, page.get_by_label("That are now:"), "to be")
    choose(page, page.locator("#many_decision"), "told")
    press(page, "Decide them all")
    expect(page.locator(".messagelist")).to_contain_text("1 disclosure was decided.")
    reach(page, page.locator("#rows-form input[type=checkbox]").last)
    page.keyboard.press("Space")
    choose(page, page.locator("#single_decision"), "withheld")
    choose(page, page.locator("#single_ground"), "the person")
    picture(page, "citizens-deciding")
    press(page, "Decide what is ticked")
    expect(page.locator(".messagelist")).to_contain_text("1 disclosure was decided.")
    expect(page.locator("#rows-form")).to_contain_text("Knut Compliance")
    accessible(page)

    press(page, "Make the letter")
    expect(page.locator(".messagelist")).to_contain_text("The letter is made.")
    picture(page, "citizens-letter")
    accessible(page)
    reach(page, page.get_by_role("button", name="Download").first)
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    press(page, "Mark as sent")
    expect(page.locator(".messagelist")).to_contain_text("The letter is marked as sent.")
    picture(page, "citizens-answered")
    accessible(page)


def test_in_norwegian_with_what_is_refused(sign_in, told):
    page = sign_in("officer")
    reach(page, page.get_by_role("button", name="Norsk"))
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_contain_text("Ingen begjæringer er åpne.")
    reach(page, page.get_by_role("link", name="Alle begjæringer"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Registrer en begjæring")).to_be_visible()
    accessible(page)
    reach(page, page.get_by_role("link", name="Registrer en begjæring"))
    page.keyboard.press("Enter")
    fill(page, page.locator("#citizen_number"), "213456008")
    press(page, "Finn utleveringene")
    expect(page.locator(".errorlist").first).to_contain_text("Et foretak har ikke rett til innsyn")
    assert page.locator("#citizen_number").input_value() == ""
    picture(page, "citizens-refused-nb")
    accessible(page)
    fill(page, page.locator("#citizen_number"), NUMBER)
    fill(page, page.locator("#citizen_case_reference"), "2026/78")
    choose(page, page.locator("#citizen_identity"), "viste")
    press(page, "Finn utleveringene")
    expect(page.locator("#rows-form tbody tr")).to_have_count(3)
    picture(page, "citizens-request-nb")
    accessible(page)
    reach(page, page.get_by_role("link", name="Begjæringer om innsyn"))
    page.keyboard.press("Enter")
    expect(page.locator("#content table")).to_contain_text("2026/78")
    picture(page, "citizens-list-nb")
    accessible(page)
    choose_english(page)


def choose_english(page):
    reach(page, page.get_by_role("button", name="English"))
    page.keyboard.press("Enter")
