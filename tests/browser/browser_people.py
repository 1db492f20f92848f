"""Who works at the desk, in a real browser and by keyboard: verifying the trail, and being locked out."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import accessible, picture


@pytest.fixture
def forgotten(superuser):
    """Nobody is locked out before or afterwards."""

    def forget():
        with superuser() as session:
            session.execute("DELETE FROM axes_accessattempt")

    forget()
    yield
    forget()


def tab_to(page, name, role="link"):
    link = page.get_by_role(role, name=name).first
    for _ in range(60):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            return
    raise AssertionError(f"no way to {name} by keyboard")


def test_the_auditor_verifies(sign_in, clean_audit):
    page = sign_in("auditor")
    picture(page, "auditor-index")
    accessible(page)
    tab_to(page, "Verify the trail")
    page.keyboard.press("Enter")
    picture(page, "verify")
    accessible(page)
    for field, day in (("first", "2020-10-01"), ("last", "2020-11-30")):
        page.locator(f"[name={field}]").focus()
        page.locator(f"[name={field}]").fill(day)
    page.keyboard.press("Enter")
    expect(page.locator(".errorlist")).to_contain_text("Choose 1 to 31 days, the first one first.")
    picture(page, "verify-refused")
    accessible(page)
    page.locator("[name=last]").fill("2020-10-31")  # days of the suite have rows that tests took away
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_contain_text("Everything that could be checked holds.")
    expect(page.locator("#unchecked")).to_contain_text("the command audit_verify alone reads it")
    picture(page, "verified")
    accessible(page)
    page.goto(page.url)  # an answer to a form has no button for the language
    tab_to(page, "Norsk", "button")
    page.keyboard.press("Enter")
    expect(page.locator("h1").last).to_contain_text("Kontroller sporet")
    picture(page, "verify-norwegian")
    accessible(page)


def test_the_log_says_what_was_done_in_words(sign_in, server, clean_audit):
    page = sign_in("auditor")
    page.goto(f"http://127.0.0.1:{server.port}/admin/desk/verify/")
    for field in ("first", "last"):
        page.locator(f"[name={field}]").fill("2026-11-01")
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_be_visible()
    page.goto(f"http://127.0.0.1:{server.port}/admin/audit/access/")
    expect(page.locator("#result_list")).to_contain_text("the trail was verified")
    picture(page, "access-log")
    accessible(page)
    page.goto(f"http://127.0.0.1:{server.port}/admin/audit/access/?marked=yes")
    expect(page.locator("#result_list")).to_have_count(0)
    accessible(page)


def test_who_guesses_is_locked_out(chromium, server, forgotten):
    page = chromium.new_page(locale="nb-NO")
    page.goto(f"http://127.0.0.1:{server.port}/admin/")
    picture(page, "sign-in")
    accessible(page)
    for _ in range(5):
        page.locator("[name=username]").fill("nobody")
        page.locator("[name=password]").fill("wrong")
        page.keyboard.press("Enter")
        page.wait_for_load_state()
    expect(page.locator("h1").last).to_have_text("Sperret en stund")
    picture(page, "locked-out")
    accessible(page)
    page.close()
