"""What the trail keeps, as two people decide over it: a case held, deletions asked for, agreed to and turned down."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from audit import recording
from audit.models import MonthKey
from tests.audit.entries import answered
from tests.browser.pages import accessible, picture

CASE = answered().account_info_request_id
OLD = date(datetime.now(UTC).year - 1, 1, 1)


@pytest.fixture
def something_to_decide(superuser, clean_audit, django_db_blocker):
    """A case, and documents of long ago whose days are over."""
    with django_db_blocker.unblock(), ThreadPoolExecutor(1) as beside_the_browser:  # which keeps a loop in this thread
        beside_the_browser.submit(keep).result()
    yield
    with superuser() as session:
        session.execute("DELETE FROM audit_key WHERE month = %s", [OLD])


def keep():
    recording.record(answered())
    for service in ("fi-utlegg-saldo", "skatt-kontroll"):
        MonthKey.objects.create(
            name=f"{OLD:%Y%m}.document.{service}",
            kind="document",
            service=service,
            month=OLD,
            wrapped=b"",
            made_at=timezone.now(),
        )
    connection.close()


def open_waiting(page):
    page.get_by_role("link", name="Decisions about the trail", exact=True).first.click()
    picture(page, "decisions")
    accessible(page)
    page.click("text=What waits, and what is held")


def test_one_asks_and_another_agrees(sign_in, something_to_decide):
    asking = sign_in("officer")
    open_waiting(asking)
    expect(asking.locator("#requests")).to_contain_text("Nothing waits.")
    picture(asking, "decisions-nothing-waits")
    accessible(asking)
    asking.click("text=Ask for deletions")
    picture(asking, "decisions-due")
    accessible(asking)
    asking.click("text=Ask another person to agree")
    expect(asking.locator(".errornote")).to_contain_text("Nothing was changed.")
    accessible(asking)
    asking.get_by_label("Documents · fi-utlegg-saldo").focus()
    asking.keyboard.press("Space")  # by the keyboard alone
    asking.keyboard.press("Tab")
    asking.keyboard.press("Space")
    asking.keyboard.press("Tab")
    asking.keyboard.type("90 days are over.")
    asking.keyboard.press("Tab")
    asking.keyboard.press("Enter")
    expect(asking.locator(".messagelist")).to_contain_text("Nothing is deleted before another person agrees.")
    expect(asking.locator("#requests")).to_contain_text("You asked for this. Another person must agree.")
    expect(asking.locator("#approve-form input[type=checkbox]")).to_have_count(0)
    picture(asking, "decisions-asked")
    accessible(asking)

    agreeing = sign_in("officer-2")
    open_waiting(agreeing)
    expect(agreeing.locator("#requests")).to_contain_text("Knut Compliance")
    accessible(agreeing)
    agreeing.get_by_label("Agree: Documents · fi-utlegg-saldo").focus()
    agreeing.keyboard.press("Space")
    agreeing.click("text=Agree to what is ticked")
    expect(agreeing.locator(".messagelist")).to_contain_text("You agreed to 1 request.")
    expect(agreeing.locator("#requests")).to_contain_text("approved: the command audit_retain carries it out")
    picture(agreeing, "decisions-agreed")
    accessible(agreeing)
    agreeing.get_by_label("Turn the request down: Documents · skatt-kontroll").click()
    agreeing.fill("textarea[name=ground]", "A case is coming.")
    accessible(agreeing)
    agreeing.get_by_role("button", name="Turn the request down").click()
    expect(agreeing.locator(".messagelist")).to_contain_text("It will not be done.")


def test_a_case_is_held_at_once(sign_in, something_to_decide):
    page = sign_in("officer")
    open_waiting(page)
    page.click("text=Hold a case")
    picture(page, "decisions-hold")
    accessible(page)
    page.fill("input[name=case]", str(CASE))
    page.fill("textarea[name=ground]", "The court asks.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("The case is held.")
    expect(page.locator("#held")).to_contain_text(str(CASE))
    picture(page, "decisions-held")
    accessible(page)
    page.get_by_role("link", name=f"Ask for a release: {CASE}").click()
    accessible(page)
    page.fill("textarea[name=ground]", "Judged.")
    page.click("text=Ask another person to agree")
    expect(page.locator(".messagelist")).to_contain_text("The case stays held until another person agrees.")
    page.locator("#held").get_by_role("link", name=str(CASE), exact=True).click()
    expect(page.locator("#content")).to_contain_text("The court asks.")
    picture(page, "decision")
    accessible(page)
