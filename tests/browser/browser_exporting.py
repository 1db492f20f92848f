"""Exports, by the keyboard alone: a few records at once, many by two people, in both languages."""

import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import expect

from audit import recording
from tests.audit.entries import answered
from tests.browser.pages import accessible, picture

FEW, MANY = uuid.UUID(int=17), uuid.UUID(int=18)
ROWS = 1001


@pytest.fixture
def something_to_export(superuser, clean_audit, django_db_blocker):
    """A case with two records, and one with more than a person may export alone."""
    with django_db_blocker.unblock(), ThreadPoolExecutor(1) as beside_the_browser:  # which keeps a loop in this thread
        beside_the_browser.submit(keep).result()
    with superuser() as session:
        names = "consumer, service, endpoint, outcome, http_status, duration_us, account_hashes"
        empty = "supplier, client_id, jti, scopes, audience, requester_id, legal_mandate, additional_reference_type"
        others = f"{empty}, method, code, refusal, empty_because"
        session.execute(
            f"INSERT INTO audit_record (id, at, account_info_request_id, {names}, {others}) "
            f"SELECT gen_random_uuid(), at - n * interval '1 second', %s, {names}, {others} "
            "FROM (SELECT * FROM audit_record ORDER BY at LIMIT 1) AS one, generate_series(1, %s) AS n",
            [MANY, ROWS],
        )
    yield
    with superuser() as session:
        for table in ("exporting_export", "exporting_exportrequest"):
            session.execute(f"DELETE FROM {table}")


def keep():
    for _ in range(2):
        recording.record(answered(account_info_request_id=FEW, refusal="=1+1"))
    connection.close()


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def go_to(page, role, name):
    """Press Tab until the control of that name has the focus, as whoever has no mouse does."""
    wanted = page.get_by_role(role, name=name, exact=True).first
    expect(wanted).to_be_visible()
    for _ in range(120):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached by the keyboard")


def ask(page, case, *, words=("Export records", "Reason", "Export")):
    """Go from the start page to an export, and stop before the last key."""
    start, reason, export = words
    go_to(page, "link", start)
    press(page, "Enter")
    go_to(page, "textbox", "AccountInfoRequestID:")
    page.keyboard.type(str(case))
    go_to(page, "combobox", f"{reason}:")
    press(page, "ArrowDown")
    go_to(page, "button", export)


def test_a_few_records_at_once(sign_in, something_to_export, tmp_path):
    page = sign_in("officer")
    picture(page, "export-panel")
    accessible(page)
    ask(page, FEW)
    picture(page, "export-form")
    accessible(page)
    with page.expect_download() as sent:
        press(page, "Enter")
    sent.value.save_as(tmp_path / "export.zip")
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        assert archive.testzip() is None
        assert archive.read("records.csv").count(b"\r\n") == 3


def test_a_form_that_says_too_little(sign_in, something_to_export):
    page = sign_in("officer")
    go_to(page, "link", "Export records")
    press(page, "Enter")
    go_to(page, "button", "Export")
    press(page, "Enter")
    expect(page.locator(".errornote")).to_contain_text("Nothing was exported.")
    picture(page, "export-refused")
    accessible(page)
    page.locator("summary").focus()
    press(page, "Enter")
    expect(page.get_by_label("RequesterID").last).to_be_visible()
    picture(page, "export-columns")
    accessible(page)


def test_many_take_two_people(sign_in, something_to_export, tmp_path):
    asking, again, agreeing = sign_in("officer"), sign_in("officer-again"), sign_in("officer-2")
    ask(asking, MANY)
    press(asking, "Enter")
    expect(asking.locator(".messagelist")).to_contain_text("another person has to agree")
    expect(asking.locator("#content")).to_contain_text("You asked for this. Another person must agree.")
    picture(asking, "export-asked")
    accessible(asking)
    again.goto(asking.url)
    expect(again.get_by_role("button", name="Agree")).to_have_count(0)

    agreeing.reload()
    picture(agreeing, "export-waits")
    accessible(agreeing)
    agreeing.get_by_role("link", name="Knut Compliance").first.focus()
    press(agreeing, "Enter")
    go_to(agreeing, "button", "Agree")
    picture(agreeing, "export-to-judge")
    accessible(agreeing)
    press(agreeing, "Enter")
    expect(agreeing.locator(".messagelist")).to_contain_text("You agreed.")
    expect(agreeing.get_by_role("button", name="Download")).to_have_count(0)

    asking.reload()
    go_to(asking, "button", "Download")
    picture(asking, "export-agreed")
    accessible(asking)
    with asking.expect_download() as sent:
        press(asking, "Enter")
    sent.value.save_as(tmp_path / "export.zip")
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        assert archive.read("records.csv").count(b"\r\n") == ROWS + 1
    go_to(asking, "link", "Exports")
    press(asking, "Enter")
    expect(asking.locator("#downloads")).to_contain_text("sent whole")
    picture(asking, "exports")
    accessible(asking)


def test_in_bokmaal(sign_in, something_to_export):
    page = sign_in("officer")
    page.set_extra_http_headers({"Accept-Language": "nb"})
    page.reload()
    ask(page, MANY, words=("Utlever oppføringer", "Begrunnelse", "Utlever"))
    picture(page, "export-form-nb")
    accessible(page)
    press(page, "Enter")
    expect(page.locator("#content")).to_contain_text("Du ba om dette. En annen person må være enig.")
    picture(page, "export-asked-nb")
    accessible(page)
