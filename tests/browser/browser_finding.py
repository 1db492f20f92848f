"""Finding, by the keyboard alone: by a number from the start page, a case step by step, what a reader may not see."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import expect

from audit import recording
from tests.audit.entries import answered
from tests.browser.pages import accessible, picture
from tests.consumer import identifier

CASE = answered().account_info_request_id
OPEN, SHIELDED = identifier("debtor-five-accounts"), identifier("shielded-strictly")
REFUSED = {"outcome": "refused", "code": "ACC-001", "http_status": 400, "items": None, "refusal": "PeriodTooLong"}
ASKED = (
    {"endpoint": "customerRelationships", "account_reference": ""},
    {"endpoint": "accounts", "account_reference": "", **REFUSED},
    {"endpoint": "accounts", "account_reference": ""},
    {"endpoint": "accountDetails", "account_reference": "first"},
    {"endpoint": "transactions", "account_reference": "second"},
    {"endpoint": "cards", "account_reference": "first"},
)


@pytest.fixture
def something_to_find(clean_audit, django_db_blocker):
    """A case, and a question about somebody who is shielded."""
    with django_db_blocker.unblock(), ThreadPoolExecutor(1) as beside_the_browser:  # which keeps a loop in this thread
        beside_the_browser.submit(keep).result()


def keep():
    shielded = {"control_object": SHIELDED, "account_info_request_id": None, "consumer": "971648198"}
    recording.record(answered(**shielded, items=0, empty_because="shielded"))
    for asked in ASKED:
        recording.record(answered(control_object=OPEN, **asked))
    connection.close()


def tab_to(page, selector):
    """Press Tab until the element has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"nobody reaches {selector} by the keyboard")


def test_a_number_and_a_reason_find_a_person_in_four_steps(sign_in, something_to_find):
    page = sign_in("officer")
    picture(page, "finding-start")
    accessible(page)
    tab_to(page, "#find_number")
    page.keyboard.type(OPEN)
    tab_to(page, "#find_reason")
    page.keyboard.type("a citizen")
    tab_to(page, "#find_case_reference")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(len(ASKED))
    assert OPEN not in page.content() and OPEN not in page.url
    picture(page, "finding-found")
    accessible(page)
    tab_to(page, "tbody tr td a")
    page.keyboard.press("Enter")
    expect(page.locator("#content h2").first).to_have_text("Step 1: at which banks?")
    expect(page.locator("section").nth(2).locator("tr td:nth-of-type(3)")).to_have_text(["A", "B", "A"])
    assert OPEN not in page.content()
    picture(page, "finding-case")
    accessible(page)
    tab_to(page, "tbody tr th a")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_contain_text("customerRelationships")
    assert OPEN not in page.content()
    accessible(page)


def test_everything_else_is_looked_for_on_a_page_of_its_own_in_norwegian(sign_in, something_to_find):
    page = sign_in("compliance")
    tab_to(page, "a[href$='/desk/find']")
    page.keyboard.press("Enter")
    expect(page.locator("#content h1")).to_have_text("Find records")
    tab_to(page, "#language button")
    page.keyboard.press("Enter")
    expect(page.locator("#content h1")).to_have_text("Finn oppføringer")
    picture(page, "finding-form-nb")
    accessible(page)
    tab_to(page, "#find_id")
    page.keyboard.press("Enter")
    expect(page.locator(".errornote")).to_contain_text("Det ble ikke lett etter noe.")
    picture(page, "finding-nothing-asked-nb")
    accessible(page)
    tab_to(page, "#find_consumer")
    page.keyboard.type("971648198")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_contain_text(["om en skjermet person"])
    expect(page.locator("tbody a")).to_have_count(0)
    picture(page, "finding-shielded-nb")
    accessible(page)
