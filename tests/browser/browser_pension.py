"""Pension agreements as an administrator keeps them: added, refused with a reason, ended; found in the list."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import accessible, picture

EMPLOYER = "310005568"


@pytest.fixture
def no_agreements(superuser):
    yield
    with superuser() as session:
        session.execute("SET session_replication_role = replica")
        session.execute("DELETE FROM pension_agreement; DELETE FROM pension_agreementevent")


def fill(page, **fields):
    for name, value in fields.items():
        page.fill(f"input[name={name}]", value)


def test_an_agreement_from_its_beginning_to_its_end(sign_in, server, no_agreements):
    page = sign_in("administrator")
    page.get_by_role("link", name="Pension agreements", exact=True).first.click()
    expect(page.locator("nav.paginator")).to_contain_text("Nothing found.")
    accessible(page)
    page.get_by_role("link", name="Add pension agreement").click()
    accessible(page)
    fill(page, provider="213456008", employer="31000556", reference="R/1", from_month="2021-01", to_month="2999-12")
    page.click("input[name=_save]")
    expect(page.locator(".field-employer .errorlist")).to_have_text("The employer's number is not nine digits.")
    picture(page, "pension-refused")
    accessible(page)
    fill(page, employer=EMPLOYER)
    page.click("input[name=_save]")
    expect(page.locator(".field-future_end .errorlist")).to_contain_text("lies ahead")
    page.check("input[name=future_end]")
    page.click("input[name=_save]")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator("#result_list")).to_contain_text("not registered")
    picture(page, "pension-list")
    accessible(page)
    page.click("#result_list tbody th a")
    expect(page.locator("input[name=reference]")).to_have_count(0)
    expect(page.locator("input[name=sent_from]")).to_have_count(0)
    expect(page.get_by_role("link", name="Delete")).to_have_count(0)
    picture(page, "pension-agreement")
    accessible(page)
    fill(page, to_month="")
    page.uncheck("input[name=wanted]")
    page.click("input[name=_continue]")
    page.get_by_role("link", name="History").click()
    expect(page.locator("#change-history")).to_contain_text("administrator")
    expect(page.locator("#change-history")).to_contain_text("last month: 2999-12")
    picture(page, "pension-history")
    accessible(page)
    page.goto(f"http://127.0.0.1:{server.port}/admin/pension/agreement/")
    page.fill("#filter-employer", EMPLOYER)
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    assert f"employer={EMPLOYER}" in page.url


def test_a_persons_number_gets_into_no_address(sign_in, server, no_agreements):
    page = sign_in("compliance")
    page.get_by_role("link", name="Pension agreements", exact=True).first.click()
    expect(page.get_by_role("link", name="Add pension agreement")).to_have_count(0)
    page.fill("#filter-employer", "13818699190")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert "13818699190" not in page.url
