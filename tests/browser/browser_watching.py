"""What is strange, by keyboard alone: the dashboard, an alert with what lies behind it, its settling, and a limit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from compliance.watching.models import Folding, StaffTally, Tally, WatchRule
from compliance.watching.watcher import turn
from compliance.watching.windows import HOUR, hour_of
from tests.browser.pages import accessible, picture
from tests.compliance.watching.trail import AGENCY, OTHER_AGENCY, asked, empty_sums, looked, turned_away

NUMBER = "01810112345"


@pytest.fixture
def something_strange(superuser, clean_audit, django_db_blocker):
    empty_sums(superuser)
    with django_db_blocker.unblock(), ThreadPoolExecutor(1) as beside_the_browser:  # which keeps a loop in this thread
        beside_the_browser.submit(keep).result()
    yield
    with django_db_blocker.unblock(), ThreadPoolExecutor(1) as beside_the_browser:
        beside_the_browser.submit(put_back).result()
    empty_sums(superuser)


def keep():
    now = timezone.now()
    first = hour_of(now) - timedelta(days=60)
    Folding.objects.create(pk=1, first=first, until=hour_of(now), reached=now)
    Tally.objects.bulk_create(row for n in range(1, 60 * 24) for row in usual(hour_of(now) - n * HOUR, n))
    asked(now, times=30, duration_us=60_000)
    asked(now, times=12, outcome="refused", code="ACC-001", refusal="UnknownMandate", duration_us=2_000)
    for number in range(6):
        asked(now, person=NUMBER, requester_id=f"saksbehandler {number}", duration_us=80_000)
        asked(now, person=f"{number}", requester_id="saksbehandler 7", consumer=OTHER_AGENCY)
    turned_away(now.replace(second=0, microsecond=0), count=8)
    looked(now, marks="no-case own-number", times=2, person="karin")
    StaffTally.objects.bulk_create(
        StaffTally(hour=hour_of(now) - HOUR, person=person, mark=mark, count=count)
        for person, mark, count in (("karin", "look", 40), ("oda", "look", 12), ("oda", "same-surname", 2))
    )
    turn(now)
    connection.close()


def usual(hour, n):
    """Yield sums of an ordinary hour."""
    histogram = [0] * 19
    histogram[3], histogram[6], histogram[9] = 20 + n % 7, 8, n % 3
    for consumer, share in ((AGENCY, 1), (OTHER_AGENCY, 2)):
        times = {"consumer": consumer, "endpoint": "accounts", "duration_us": 1, "histogram": histogram}
        yield Tally(hour=hour, outcome="answered", count=sum(histogram) // share, **times)
        yield Tally(hour=hour, outcome="refused", code="ACC-011", refusal="ScopeMissing", count=n % 3, **times)


def put_back():
    WatchRule.objects.filter(kind="refused").update(threshold=100)
    connection.close()


def go_to(page, locator):
    """Press Tab until that is what has the focus, as somebody without a mouse does."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if locator.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{locator} cannot be reached")


def follow(page, locator):
    go_to(page, locator)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def test_an_officer_looks_and_settles(sign_in, something_strange):
    page = sign_in("officer")
    picture(page, "watching-start")
    accessible(page)
    follow(page, page.get_by_role("link", name="What is strange").first)
    expect(page.locator("h1")).to_have_text("What is strange")
    expect(page.locator("svg[role=img]").first).to_be_visible()
    assert NUMBER not in page.content() and "The bank's own staff" not in page.content()
    picture(page, "watching-day")
    accessible(page)
    go_to(page, page.locator("#asked summary"))
    page.keyboard.press("Enter")
    expect(page.locator("#asked table")).to_be_visible()
    accessible(page)
    page.emulate_media(color_scheme="dark")
    picture(page, "watching-dark")
    accessible(page)
    page.emulate_media(color_scheme="light", media="print")
    picture(page, "watching-print")
    page.emulate_media(media="screen")
    page.keyboard.press("Control+Home")
    page.reload()
    go_to(page, page.get_by_label("Period").last)
    page.keyboard.type("a month")
    follow(page, page.get_by_role("button", name="Show", exact=True))
    expect(page.locator("select[name=period]")).to_have_value("month")
    picture(page, "watching-month")
    accessible(page)
    follow(page, page.get_by_role("button", name="Show the records").first)
    expect(page.locator("h1")).to_have_text("What lies behind it")
    assert NUMBER not in page.content() and NUMBER not in page.url
    picture(page, "watching-person")
    accessible(page)

    follow(page, page.get_by_role("link", name="Alerts").first)
    expect(page.locator("h1")).to_have_text("Alerts")
    expect(page.locator("#content")).not_to_contain_text("One's own number")
    picture(page, "watching-alerts")
    accessible(page)
    follow(page, page.get_by_role("link", name="Unknown mandates").first)
    picture(page, "watching-alert")
    accessible(page)
    go_to(page, page.locator("textarea[name=words]"))
    follow(page, page.get_by_role("button", name="Settle it"))
    expect(page.locator(".errornote")).to_contain_text("Nothing was changed.")
    accessible(page)
    go_to(page, page.locator("textarea[name=words]"))
    page.keyboard.type("The agency had an old list. It has the new one now.")
    follow(page, page.get_by_role("button", name="Settle it"))
    expect(page.locator(".messagelist")).to_contain_text("The alert is settled.")
    picture(page, "watching-settled")
    accessible(page)
    follow(page, page.get_by_role("button", name="Show the records"))
    expect(page.locator("#content table")).to_contain_text("ACC-001")
    picture(page, "watching-behind")
    accessible(page)


def test_an_auditor_looks_after_the_bank_s_own_in_norwegian(sign_in, something_strange):
    page = sign_in("auditor")
    page.context.add_cookies([{"name": "django_language", "value": "nb", "url": page.url}])
    page.reload()
    follow(page, page.get_by_role("link", name="Det uvanlige").first)
    expect(page.locator("#content")).to_contain_text("Bankens egne ansatte")
    picture(page, "watching-staff-nb")
    accessible(page)
    follow(page, page.get_by_role("link", name="åpne varsler").first)
    expect(page.locator("#content")).to_contain_text("Eget nummer")
    picture(page, "watching-alerts-nb")
    accessible(page)
    follow(page, page.get_by_role("link", name="Eget nummer").first)
    follow(page, page.get_by_role("button", name="Vis oppføringene"))
    expect(page.locator("#content table")).to_contain_text("Oppslag uten sak · Eget nummer")
    picture(page, "watching-looks-nb")
    accessible(page)
    page.goto(page.url.split("/desk/")[0] + "/")
    follow(page, page.get_by_role("link", name="Grenser for det uvanlige").first)
    picture(page, "watching-limits-nb")
    accessible(page)
    follow(page, page.get_by_role("link", name="Mange avslag"))
    go_to(page, page.locator("input[name=threshold]"))
    page.keyboard.press("Control+A")
    page.keyboard.type("80")
    picture(page, "watching-limit-nb")
    accessible(page)
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_be_visible()
    expect(page.locator("#result_list")).to_contain_text("80")
