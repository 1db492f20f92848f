"""A record explained at the desk, by the keyboard alone: in words, with its numbers, with its document."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import expect

from audit import recording
from tests.audit.entries import answered
from tests.browser.pages import accessible, picture
from tests.consumer import identifier

DOCUMENT = b'{"accounts":[{"accountIdentifier":"97100000001","balance":10.50}],"responseDetails":{"status":"complete"}}'
PERSON = identifier("debtor-five-accounts")
ENCRYPTED = {
    "key_algorithm": "RSA-OAEP-256",
    "content_encryption": "A128CBC-HS256",
    "certificate_serial": "55a2374e953f3174",
    "certificate_sha256": hashlib.sha256(b"").hexdigest(),
}
MOST_STEPS = 120


@pytest.fixture
def explained(clean_audit, django_db_blocker):
    """Record an answer whose document is kept, and return the record's id."""
    with django_db_blocker.unblock(), ThreadPoolExecutor(1) as beside_the_browser:  # which keeps a loop in this thread
        return beside_the_browser.submit(keep).result()


def keep():
    digest = hashlib.sha256(DOCUMENT).digest()
    changes = {"control_object": PERSON, "document": DOCUMENT, "document_digest": digest, "service_version": 1}
    record_id = recording.record(answered(**changes, evidence=ENCRYPTED, malformed={}, supplier=""))
    connection.close()
    return record_id


def walk_to(page, target):
    """Press Tab until the target has the focus."""
    for _ in range(MOST_STEPS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not come there")


def enter(page, target):
    walk_to(page, target)
    page.keyboard.press("Enter")


def say_why(page, form, words):
    """Choose a reason by its first letters and type the case and the words."""
    walk_to(page, page.locator(f"#{form}_reason"))
    page.keyboard.type("a court")
    page.keyboard.press("Tab")
    page.keyboard.type("S-17")
    page.keyboard.press("Tab")
    page.keyboard.type(words)


def open_record(page, record_id, words="In plain words"):
    page.goto(re.sub(r"/admin/.*", f"/admin/audit/auditrecord/{record_id}/change/", page.url))
    enter(page, page.get_by_role("link", name=words))


def test_an_officer_reads_looks_and_opens(sign_in, explained):
    page = sign_in("officer")
    open_record(page, explained)
    expect(page.locator("h1")).to_contain_text("Skatteetaten asked, and was answered")
    expect(page.locator("#content")).not_to_contain_text(PERSON)
    picture(page, "explained")
    accessible(page)

    enter(page, page.get_by_role("button", name="Show the numbers in full"))
    expect(page.locator(".errornote").first).to_contain_text("Nothing was shown.")
    picture(page, "explained-why")
    accessible(page)
    say_why(page, "numbers", "Oslo tingrett")
    enter(page, page.get_by_role("button", name="Show the numbers in full"))
    expect(page.locator("#numbers")).to_contain_text(PERSON)
    picture(page, "explained-numbers")
    accessible(page)

    enter(page, page.get_by_role("link", name="Back to the record in plain words"))
    say_why(page, "document", "Oslo tingrett")
    enter(page, page.get_by_role("button", name="Open what was answered"))
    expect(page.locator("#content")).to_contain_text("This is what was answered")
    expect(page.locator("#document")).to_contain_text('"balance": 10.50')
    picture(page, "explained-document")
    accessible(page)


def test_a_reader_reads_it_in_norwegian_and_has_no_button(chromium, sign_in, explained):
    page = sign_in("compliance")
    page.set_extra_http_headers({"Accept-Language": "nb"})
    open_record(page, explained, words="Med vanlige ord")
    expect(page.locator("h1")).to_contain_text("Skatteetaten spurte og fikk svar")
    expect(page.get_by_role("button", name="Vis numrene i sin helhet")).to_have_count(0)
    picture(page, "explained-nb")
    accessible(page)
    with page.expect_download() as downloading:
        enter(page, page.get_by_role("link", name="Som tekst, til utskrift"))
    text = downloading.value.path().read_text(encoding="utf-8")
    assert text.startswith("Skatteetaten spurte og fikk svar\n") and PERSON not in text


def test_a_document_that_somebody_changed_is_not_shown(sign_in, explained, superuser):
    with superuser() as session:
        session.execute("SET session_replication_role = replica")
        session.execute("UPDATE audit_answer SET document = document || '\\x00' WHERE id = %s", [explained])
    page = sign_in("officer")
    open_record(page, explained)
    say_why(page, "document", "Oslo tingrett")
    enter(page, page.get_by_role("button", name="Open what was answered"))
    expect(page.get_by_role("alert")).to_contain_text("This is not what was answered.")
    expect(page.locator("#content")).not_to_contain_text("97100000001")
    picture(page, "explained-differs")
    accessible(page)
