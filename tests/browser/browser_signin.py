"""Signing in with the bank's account, by the keyboard alone: there and back, refused, out, and without the provider."""

import json
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from tests import cluster
from tests.browser.pages import accessible, picture
from tests.compliance.signin.provider_mock import oidc_provider_mock
from tests.conftest import running

PEOPLE = {
    "7c1f-kari": {"name": "Kari Nordavind", "employee": "B1001", "amr": ["pwd", "mfa"], "groups": ["dsop-lesere"]},
    "0d2e-ola": {"name": "Ola Vestavind", "employee": "B1002", "amr": ["pwd", "mfa"], "groups": ["hundeklubben"]},
}
ENGLISH = ("en-GB", "Sign in with the bank's account", "You were not signed in", "does not answer", "Log out")
BOKMAAL = ("nb-NO", "Logg inn med bankens konto", "Du ble ikke logget inn", "svarer ikke", "Logg ut")
BOTH = pytest.mark.parametrize("words", [ENGLISH, BOKMAAL], ids=["en", "nb"])


@pytest.fixture(scope="module")
def served(server, tmp_path_factory):
    """Return a function that gives the address of a service that knows the provider of that name."""
    with ExitStack() as stack:

        def serve(issuer):
            settings = {
                "OIDC_ISSUER": issuer,
                "OIDC_CLIENT_ID": "dsop",
                "OIDC_CLIENT_SECRET": "a secret of the suite",
                "OIDC_GROUPS": json.dumps({"dsop-lesere": "compliance reader"}),
                "OIDC_EMPLOYEE_CLAIM": "employee",
            }
            log = tmp_path_factory.mktemp("desk") / "log"
            started = stack.enter_context(running(cluster.free_port(), log, environment=settings))
            return f"http://127.0.0.1:{started.port}"

        yield serve


@pytest.fixture(scope="module")
def desk(served):
    with oidc_provider_mock(PEOPLE) as issuer:
        yield served(issuer)


@pytest.fixture(scope="module")
def without_provider(served):
    return served(f"http://127.0.0.1:{cluster.free_port()}")


@pytest.fixture
def page(chromium, words):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale=words[0])
    yield context.new_page()
    context.close()


def press(page, words):
    """Go by the tabulator to what says these words, and press it."""
    for _ in range(30):
        if page.evaluate("() => document.activeElement.value || document.activeElement.textContent.trim()") == words:
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not lead to {words}")


def go_to_the_provider(page, desk, words):
    page.goto(f"{desk}/admin/audit/auditrecord/")
    press(page, words[1])
    expect(page.locator("h1")).to_contain_text("Authorize Client")


def say_who(page, subject):
    expect(page.locator("input[name=sub]")).to_be_focused()  # by itself, once the page is there
    page.keyboard.type(subject)
    page.keyboard.press("Enter")


@BOTH
def test_in_and_out_again(desk, page, words):
    page.goto(f"{desk}/admin/")
    picture(page, f"signin-{words[0][:2]}")
    accessible(page)
    go_to_the_provider(page, desk, words)
    say_who(page, "7c1f-kari")
    expect(page.locator("#user-tools")).to_contain_text("Kari Nordavind")
    assert page.url == f"{desk}/admin/audit/auditrecord/", "where one wanted to go"
    picture(page, f"signin-done-{words[0][:2]}")
    accessible(page)
    press(page, words[4])
    page.wait_for_url("**/oauth2/end_session?**")
    page.goto(f"{desk}/admin/")
    expect(page.locator("#provider-form")).to_be_visible()


@BOTH
def test_who_has_no_group_is_told_nothing_more(desk, page, words):
    go_to_the_provider(page, desk, words)
    say_who(page, "0d2e-ola")
    expect(page.locator("h1")).to_have_text(words[2])
    picture(page, f"signin-refused-{words[0][:2]}")
    accessible(page)
    assert "Ola" not in page.content()
    press(page, "Sign in" if words is ENGLISH else "Logg inn")
    expect(page.locator("#provider-form")).to_be_visible()


@BOTH
def test_without_the_provider_a_local_account_opens_the_desk(page, words, without_provider):
    page.goto(f"{without_provider}/admin/")
    press(page, words[1])
    expect(page.locator("h1")).to_contain_text(words[3])
    picture(page, f"signin-unavailable-{words[0][:2]}")
    accessible(page)
    press(page, "Sign in" if words is ENGLISH else "Logg inn")
    passwords = dict(line.split() for line in (cluster.FOLDER / "users").read_text().splitlines())
    page.locator("#id_username").focus()
    page.keyboard.type("officer")
    page.keyboard.press("Tab")
    page.keyboard.type(passwords["officer"])
    page.keyboard.press("Enter")
    expect(page.locator("#user-tools")).to_contain_text("officer")
