"""A BSU report as two people let it go: asked for, looked at account by account, agreed to, and turned down."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import expect

from tests.agencies.bsu.kept_deliveries import DOUBT, FAULT, kept_delivery
from tests.browser.pages import accessible, picture


@pytest.fixture
def deliveries(superuser, django_db_blocker):
    """One delivery that may be sent and one that may not, gone afterwards."""
    with django_db_blocker.unblock(), ThreadPoolExecutor(1) as beside_the_browser:  # which keeps a loop in this thread
        beside_the_browser.submit(keep).result()
    yield
    with superuser() as session:
        session.execute("DELETE FROM bsu_sending; DELETE FROM bsu_delivery")


def keep():
    kept_delivery(reference="BSU-may-be-sent")
    kept_delivery(reference="BSU-faulty", findings=[FAULT, DOUBT])
    connection.close()


def open_delivery(page, which):
    page.get_by_role("link", name="BSU deliveries", exact=True).first.click()
    page.get_by_role("row").filter(has_text=which).get_by_role("link").first.click()


def test_one_asks_and_another_agrees(sign_in, deliveries):
    asking = sign_in("reporting")
    asking.get_by_role("link", name="BSU deliveries", exact=True).first.click()
    picture(asking, "bsu-deliveries")
    accessible(asking)
    asking.get_by_role("row").filter(has_text="1 doubt").filter(has_not_text="fault").get_by_role("link").first.click()
    picture(asking, "bsu-delivery")
    accessible(asking)
    asking.click("text=Ask for the first sending")
    picture(asking, "bsu-ask")
    accessible(asking)
    asking.click("text=Ask another person to agree")
    expect(asking.locator(".errornote")).to_contain_text("Nothing was changed.")
    accessible(asking)
    asking.fill("textarea[name=reason]", "The year is over.")
    asking.keyboard.press("Tab")
    asking.keyboard.press("Enter")  # by the keyboard alone
    expect(asking.locator(".messagelist")).to_contain_text("Nothing is sent before another person agrees.")
    expect(asking.locator("#agree-form")).to_have_count(0)
    expect(asking.locator("#content")).to_contain_text("You asked for this sending. Another person must agree.")
    picture(asking, "bsu-asked")
    accessible(asking)

    agreeing = sign_in("reporting-2")
    agreeing.get_by_role("link", name="Sendings of BSU deliveries", exact=True).first.click()
    picture(agreeing, "bsu-sendings")
    accessible(agreeing)
    agreeing.click("text=BSU-may-be-sent")
    agreeing.click("text=Agree to sending what is shown here")
    expect(agreeing.locator(".messagelist")).to_contain_text("You agreed.")
    expect(agreeing.locator("#sendings")).to_contain_text("Ragnhild Reporting")
    expect(agreeing.locator("#sendings")).to_contain_text("Roar Reporting")
    picture(agreeing, "bsu-agreed")
    accessible(agreeing)
    agreeing.click("text=Turn the request down")
    expect(agreeing.locator(".messagelist")).to_contain_text("It will not be sent.")


def test_a_faulty_one_is_looked_at_account_by_account(sign_in, deliveries):
    page = sign_in("reporting")
    page.get_by_role("link", name="BSU deliveries", exact=True).first.click()
    page.get_by_role("row").filter(has_text="1 fault").get_by_role("link").first.click()
    expect(page.locator("text=Ask for the first sending")).to_have_count(0)
    page.click("text=What the checks found, account by account")
    expect(page.locator("#findings")).to_contain_text("…5454")
    expect(page.locator("#findings")).not_to_contain_text("99980015454")
    picture(page, "bsu-findings")
    accessible(page)
    page.click("text=Show these accounts with their numbers")
    expect(page.locator("#numbers")).to_contain_text("99980015454")
    assert "9998" not in page.url
    picture(page, "bsu-numbers")
    accessible(page)

    reader = sign_in("compliance")
    open_delivery(reader, "1 fault")
    reader.click("text=What the checks found, account by account")
    expect(reader.locator("#numbers-form")).to_have_count(0)
    accessible(reader)
