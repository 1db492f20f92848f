"""The example page "Studielån" in a real Chromium: consent, one look at Lånekassen, and nothing after the log-out."""

import contextlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import cluster
from tests.browser.pages import accessible, picture
from tests.conftest import running

LOOK_UPS = "/lanekassen/"


@pytest.fixture(scope="session")
def bank(tmp_path_factory, server, counterparts):
    """A bank whose errands lead to the stand-ins; the other server is where its tokens' issuer is."""
    port = cluster.free_port()
    environment = {
        **counterparts.environment,
        "LANEKASSEN_REDIRECT_URL": f"http://127.0.0.1:{port}/sandbox/studielan/back",
    }
    log: Path = tmp_path_factory.mktemp("studielan") / "log"
    with running(port, log, environment=environment) as bank:
        yield bank


@pytest.fixture
def page(chromium, bank, stand_ins):
    """Return an empty browser's page at the bank, and end with no script refused by the page's own policy."""
    refused = []
    with contextlib.closing(chromium.new_context(viewport={"width": 1100, "height": 900})) as context:
        page = context.new_page()
        page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
        page.goto(f"http://127.0.0.1:{bank.port}/sandbox/studielan/")
        yield page
    assert [text for text in refused if "Content Security Policy" in text] == []


def looked_up(stand_ins):
    return len([request for request in stand_ins.requests() if request["path"].startswith(LOOK_UPS)])


def log_in(page, words):
    page.select_option("select[name=case]", label=words)
    page.get_by_role("button", name="Logg inn").click()


def test_from_log_in_to_log_out(page, stand_ins, superuser):
    picture(page, "studielan-log-in")
    accessible(page)
    log_in(page, "Lie: alt unntatt renter (13)")
    expect(page.get_by_role("button", name="Gi samtykke hos Altinn")).to_be_visible()
    picture(page, "studielan-consent")
    accessible(page)
    page.get_by_role("button", name="Gi samtykke hos Altinn").click()
    expect(page.get_by_role("heading", name="Vil du gi samtykke?")).to_be_visible()
    picture(page, "studielan-altinn")
    page.get_by_role("button", name="Ja, jeg samtykker").click()
    expect(page.locator("tfoot")).to_contain_text(re.compile(r"14\s084,79"))
    expect(page.locator("tbody tr")).to_have_count(3)
    picture(page, "studielan-debt")
    accessible(page)
    assert looked_up(stand_ins) == 1

    page.reload()
    expect(page.locator("tfoot")).to_contain_text(re.compile(r"14\s084,79"))
    assert looked_up(stand_ins) == 1, "the second view makes no second call"

    page.get_by_role("button", name="Logg ut").click()
    expect(page.locator("[role=status]")).to_contain_text("er slettet")
    picture(page, "studielan-logged-out")
    accessible(page)
    page.go_back()
    page.reload()
    expect(page.locator("tfoot")).to_have_count(0)
    assert page.context.cookies()[0]["name"] == "csrftoken"
    assert len(page.context.cookies()) == 1, "the cookie is gone"
    with superuser() as session:
        for table in ("studielan_keptlogin", "studielan_browsersession"):
            assert session.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_the_page_is_there_before_lanekassen_answers(page, stand_ins):
    stand_ins.switch(**{"lanekassen.slow_seconds": 2})
    log_in(page, "Treg: Lånekassen svarer sent (slow)")
    page.get_by_role("button", name="Gi samtykke hos Altinn").click()
    page.get_by_role("button", name="Ja, jeg samtykker").click()
    expect(page.get_by_role("heading", name="Oversikt")).to_be_visible()
    expect(page.locator("#debt-part")).to_contain_text("Henter studielånet")
    accessible(page)
    expect(page.locator("tfoot")).to_contain_text(re.compile(r"100\s000,00"), timeout=20_000)
    page.get_by_role("button", name="Logg ut").click()


def test_without_scripts(chromium, bank, stand_ins):
    with contextlib.closing(chromium.new_context(java_script_enabled=False)) as context:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{bank.port}/sandbox/studielan/")
        log_in(page, "Lunde: ingen gjeld (2)")
        page.click("text=Vis studielånet")
        page.get_by_role("button", name="Gi samtykke hos Altinn").click()
        page.get_by_role("button", name="Ja, jeg samtykker").click()
        page.click("text=Vis studielånet")
        expect(page.locator("main")).to_contain_text("bare har fått stipend")
        page.click("text=Til oversikten")
        page.get_by_role("button", name="Logg ut").click()
        expect(page.locator("[role=status]")).to_contain_text("er slettet")
