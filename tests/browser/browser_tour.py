"""The tasks of a working day, from the start page on: how many fields and clicks each of them takes."""

import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import expect

from audit import recording
from tests.audit.entries import answered
from tests.browser.pages import accessible, picture
from tests.consumer import identifier

NUMBER = identifier("debtor-five-accounts")
CASE = str(answered().account_info_request_id)
ENDPOINTS = ("customerRelationships", "accounts", "accountDetails")


class Hands:
    """Somebody at a page, whose fields and clicks are counted."""

    def __init__(self, page):
        self.page, self.used = page, 0

    def fill(self, field, text):
        self.used += 1
        self.page.locator(field).fill(text)

    def choose(self, field, **option):
        self.used += 1
        self.page.locator(field).select_option(**option)

    def click(self, what):
        self.used += 1
        what.click()

    def press(self, name):
        self.click(self.page.get_by_role("button", name=name, exact=True))


@pytest.fixture
def hands(sign_in, superuser, clean_audit, django_db_blocker):
    """An officer at the start page. Of one case there are three records."""
    with superuser() as session:
        session.execute("SET session_replication_role = replica")
        for table in ("content", "letter", "letterevent", "disclosure", "disclosureevent", "request", "requestevent"):
            session.execute(f"DELETE FROM citizens_citizen{table}")
    with django_db_blocker.unblock(), ThreadPoolExecutor(1) as beside_the_browser:  # which keeps a loop in this thread
        beside_the_browser.submit(keep).result()
    return Hands(sign_in("officer"))


def keep():
    for endpoint in ENDPOINTS:
        recording.record(answered(control_object=NUMBER, endpoint=endpoint))
    connection.close()


def done(hands, name, *, at_most):
    """Take the picture of what the task led to, and hold it to its bar."""
    picture(hands.page, f"tour-{name}")
    accessible(hands.page)
    assert hands.used <= at_most


def test_a_case_by_its_id(hands):
    hands.fill("#find_id", CASE)
    hands.press("Find")
    expect(hands.page.locator("tbody tr")).to_have_count(len(ENDPOINTS))
    done(hands, "found-by-id", at_most=4)


def test_a_person_by_number_with_a_reason_and_a_case(hands):
    hands.fill("#find_number", NUMBER)
    hands.choose("#find_reason", value="citizen")
    hands.fill("#find_case_reference", "2026/77")
    hands.press("Find")
    expect(hands.page.locator("tbody tr")).to_have_count(len(ENDPOINTS))
    done(hands, "found-by-number", at_most=4)


def test_a_record_in_plain_words(hands):
    hands.fill("#find_number", NUMBER)
    hands.choose("#find_reason", value="citizen")
    hands.press("Find")
    hands.click(hands.page.locator("tbody tr th a").first)
    expect(hands.page.locator("h1")).to_have_text("Skatteetaten asked, and was answered")
    done(hands, "explained", at_most=4)


def test_the_list_of_what_was_told_about_a_citizen(hands):
    hands.fill("#citizen_number", NUMBER)
    hands.fill("#citizen_case_reference", "2026/77")
    hands.choose("#citizen_identity", index=1)
    hands.press("Find what was told")
    expect(hands.page.locator("#rows-form tbody tr")).to_have_count(len(ENDPOINTS))
    done(hands, "citizen", at_most=4)


def test_an_export_of_few_records(hands, tmp_path):
    hands.click(hands.page.get_by_role("link", name="Export records"))
    hands.fill("#id_account_info_request_id", CASE)
    hands.choose("#id_reason", value="court")
    hands.fill("#id_case_reference", "2026/77")
    with hands.page.expect_download() as sent:
        hands.press("Export")
    sent.value.save_as(tmp_path / "export.zip")
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        assert archive.read("records.csv").count(b"\r\n") == len(ENDPOINTS) + 1
    done(hands, "export", at_most=5)
