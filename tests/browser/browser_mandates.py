"""Mandates as two administrators govern them: a draft, its comparison, its approval; a closing and its opening."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.pages import accessible, picture
from tests.consumer import body, identifier

SERVICE = "fi-utlegg-saldo"
DEBTOR = "debtor-five-accounts"
SELECT = "select[name='accounts:accounts.currency']"


@pytest.fixture
def as_before(superuser):
    """Leave the service as it was loaded: with its first version in force, and nothing closed."""
    yield
    with superuser() as session:
        session.execute("SET session_replication_role = replica")
        session.execute("DELETE FROM legal_closing; DELETE FROM legal_serviceversion WHERE origin = 'admin'")
        session.execute("UPDATE legal_serviceversion SET state = 'approved'")
        session.execute("SET session_replication_role = DEFAULT")
        session.execute("UPDATE legal_service SET is_open = true")


def keys_of_an_account(consumer):
    return set(body(consumer.accounts(identifier(DEBTOR)))["accounts"][0])


def wait_for(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come into force"
        time.sleep(0.1)


def versions(page):
    """Open the service's page."""
    page.get_by_role("link", name="Services", exact=True).first.click()
    page.click("text=FI-Utlegg Saldo")


def newest_version(page):
    versions(page)
    page.click("#versions-group tbody td.original a >> nth=0")


def test_two_administrators_bring_a_version_into_force(sign_in, skatteetaten, as_before, superuser):
    assert "currency" in keys_of_an_account(skatteetaten)
    author = sign_in("administrator")
    newest_version(author)
    picture(author, "mandate-in-force")
    accessible(author)
    author.click("text=Make a draft from this version")
    expect(author.locator(".messagelist")).to_contain_text("Nothing changes until another person approves it.")
    picture(author, "mandate-draft")
    accessible(author)

    author.fill("textarea[name='accounts:mandates']", "")
    author.click("text=Save the draft")
    expect(author.locator(".errornote")).to_contain_text("Nothing was saved.")
    expect(author.locator(".errorlist").first).to_contain_text("steps.accounts.mandates must list at least one text.")
    picture(author, "mandate-draft-refused")
    accessible(author)

    author.fill("textarea[name='accounts:mandates']", "FI-Utlegg-Test")
    author.focus(SELECT)
    author.keyboard.press("w")  # by the keyboard alone
    expect(author.locator(SELECT)).to_have_value("withhold")
    author.click("text=Save the draft")
    row = author.locator("#differences tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_have_class("closes")
    expect(row).to_contain_text("closes")
    expect(author.locator("#content")).to_contain_text("You wrote this draft. Another person must approve it.")
    expect(author.locator("#approve-form")).to_have_count(0)
    picture(author, "mandate-differences")
    accessible(author)
    assert "currency" in keys_of_an_account(skatteetaten), "a draft changes nothing"

    approver = sign_in("administrator-2")
    newest_version(approver)
    approver.click("text=Compare and approve")
    picture(approver, "mandate-approve")
    accessible(approver)
    approver.click("text=Approve what is shown here")
    expect(approver.locator(".messagelist")).to_contain_text("was approved and is in force from")
    wait_for(lambda: "currency" not in keys_of_an_account(skatteetaten))
    with superuser() as session:
        ruled = session.execute("SELECT service_version FROM audit_record ORDER BY at DESC LIMIT 1").fetchone()
        number = session.execute(
            "SELECT number FROM legal_serviceversion JOIN legal_service ON legal_service.id = service_id"
            " WHERE slug = %s AND state = 'approved'",
            [SERVICE],
        ).fetchone()
    assert ruled == number, "the record names the version"

    reader = sign_in("compliance")
    newest_version(reader)
    expect(reader.locator("#content")).to_contain_text("Astrid Administrator")
    expect(reader.locator("#content")).to_contain_text("Anders Administrator")
    expect(reader.locator("text=Make a draft from this version")).to_have_count(0)
    reader.click("text=History")
    expect(reader.locator("#change-history")).to_contain_text("Anders Administrator (sandbox-2), administrator-2")
    expect(reader.locator("#change-history")).to_contain_text("deliver (sent) → withhold (never sent)")
    picture(reader, "mandate-history")
    accessible(reader)


def test_one_closes_a_field_and_two_open_it(sign_in, skatteetaten, as_before):
    assert "type" in keys_of_an_account(skatteetaten)
    one = sign_in("administrator")
    versions(one)
    picture(one, "service-open")
    accessible(one)
    one.click("text=Close a field at once")
    picture(one, "close-a-field")
    accessible(one)
    one.select_option("select[name=field]", "accounts:accounts.type")
    one.fill("textarea[name=reason]", "It shows too much.")
    one.click("input[value='Close at once']")
    closed_at = time.monotonic()
    wait_for(lambda: "type" not in keys_of_an_account(skatteetaten))
    assert time.monotonic() - closed_at < 2.0
    expect(one.locator("#content")).to_contain_text("It shows too much.")
    picture(one, "closing")
    accessible(one)
    one.click("text=Ask for an opening")
    one.fill("textarea[name=reason]", "It was right.")
    one.click("text=Ask another person to open it")
    expect(one.locator("#content")).to_contain_text("You asked for the opening. Another person must agree.")
    expect(one.locator("#open-form")).to_have_count(0)
    accessible(one)
    assert "type" not in keys_of_an_account(skatteetaten)

    other = sign_in("administrator-2")
    other.get_by_role("link", name="Closings", exact=True).first.click()
    picture(other, "closings")
    accessible(other)
    other.click("#result_list tbody th a")
    other.click("text=Open it")
    expect(other.locator(".messagelist")).to_contain_text("It is open.")
    wait_for(lambda: "type" in keys_of_an_account(skatteetaten))
    picture(other, "opened")
    accessible(other)


def test_compliance_looks_at_people_and_their_history(sign_in):
    page = sign_in("compliance")
    page.click("text=People")
    expect(page.locator("#result_list")).to_contain_text("Karin Compliance")
    accessible(page)
    page.click("text=Karin Compliance")
    expect(page.locator("input[type=submit]")).to_have_count(0)
    page.click("text=History")
    expect(page.locator("#change-history")).to_contain_text("sandbox_users")
    accessible(page)
