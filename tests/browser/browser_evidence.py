"""Who looks at the trail, and how it is proven, in a real browser: by keyboard, and with accessibility rules."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import accessible, picture
from tests.consumer import identifier

RITA = "sandbox-8"
"""The employee id of the sandbox's auditor."""


@pytest.fixture
def sealed_record(skatteetaten, records, superuser):
    """Return a record of an answer that checkpoint 17 covers; this suite runs no sealer."""
    skatteetaten.accounts(identifier("debtor-five-accounts"))
    [row] = records()
    with superuser() as session:
        session.execute(
            "INSERT INTO audit_checkpoint (number, sealed_table, month, size, root, previous, below, cluster, at, key,"
            " signature) VALUES (17, 'audit_record', date_trunc('month', %s::timestamptz), 7, repeat('ab', 32)::bytea,"
            " repeat('cd', 32)::bytea, 4711, '71', now(), repeat('ef', 32), repeat('01', 64)::bytea)",
            [row["at"]],
        )
        session.execute(
            "INSERT INTO audit_record_sealed (id, at, checkpoint, position, leaf) VALUES (%s, %s, 17, 3, '')",
            [row["id"], row["at"]],
        )
    return row


@pytest.fixture
def log_unwritable(superuser):
    """Return a function that takes the right to note an access away; it is given back afterwards."""
    with superuser() as session:
        role = "dsop_serving"
        yield lambda: session.execute(f"REVOKE INSERT ON audit_access FROM {role}")
        session.execute(f"GRANT INSERT ON audit_access TO {role}")


def tab_to(page, name):
    """Press Tab until the link of that name has the focus."""
    link = page.get_by_role("link", name=name, exact=True)
    for _ in range(60):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            return
    raise AssertionError(f"no way to {name} by keyboard")


def test_from_a_record_to_its_checkpoint_and_to_those_who_opened_it(sign_in, server, sealed_record):
    record_page = f"http://127.0.0.1:{server.port}/admin/audit/auditrecord/{sealed_record['id']}/change/"
    page = sign_in("auditor")
    page.goto(record_page)
    expect(page.locator(".field-sealed_in .readonly")).to_have_text("checkpoint 17, position 3 of 7")
    expect(page.locator(".field-answer_kept")).to_contain_text("kept; may be deleted from")
    expect(page.locator(".field-written_by")).to_contain_text(str(sealed_record["writer"]))
    picture(page, "record-proof")
    accessible(page)
    tab_to(page, "checkpoint 17, position 3 of 7")
    page.keyboard.press("Enter")
    expect(page.locator("#content h1")).to_have_text("View checkpoint")
    expect(page.locator(".field-size")).to_contain_text("7")
    picture(page, "checkpoint")
    accessible(page)
    page.goto(record_page)
    tab_to(page, "those who opened this record")
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    expect(page.locator("#result_list tbody tr").first).to_contain_text(f"{RITA}auditor")
    picture(page, "who-looked")
    accessible(page)


def test_the_log_of_one_person(sign_in, sealed_record):
    page = sign_in("auditor")
    page.click("text=Checkpoints")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    picture(page, "checkpoints")
    accessible(page)
    page.goto(page.url.replace("checkpoint", "access"))
    page.fill("#filter-person", identifier("debtor-five-accounts"))
    page.keyboard.press("Enter")
    assert "person" not in page.url, "the browser sends no person's number"
    page.fill("#filter-person", RITA)
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(3)
    expect(page.locator("#result_list")).to_contain_text(f"person={RITA}")
    picture(page, "log-of-one-person")
    accessible(page)


@pytest.mark.parametrize("field", ["consumer", "service", "endpoint"])
def test_no_filter_of_the_browser_takes_a_person_s_number(sign_in, clean_audit, field):
    page = sign_in("compliance")
    page.click("text=Audit records")
    page.fill(f"#filter-{field}", identifier("debtor-five-accounts"))
    assert page.locator(f"#filter-{field}").evaluate("field => field.validity.patternMismatch")


def test_what_cannot_be_noted_is_not_shown(sign_in, server, sealed_record, log_unwritable):
    page = sign_in("compliance")
    log_unwritable()
    answer = page.goto(f"http://127.0.0.1:{server.port}/admin/audit/auditrecord/{sealed_record['id']}/change/")
    assert answer.status == 503
    expect(page.locator("h1")).to_have_text("Nothing is shown")
    expect(page.locator("h2")).to_have_text("Ingenting vises")
    assert str(sealed_record["id"]) not in page.content()
    picture(page, "not-noted")
    accessible(page)


@pytest.mark.parametrize("model", ["access", "auditrecord", "checkpoint", "decision", "turnedaway"])
def test_an_administrator_looks_at_nothing_of_it(sign_in, server, model):
    page = sign_in("administrator")
    assert page.goto(f"http://127.0.0.1:{server.port}/admin/audit/{model}/").status == 403


def test_who_reads_the_trail_does_not_read_who_reads_it(sign_in, server, sealed_record):
    page = sign_in("compliance")
    page.goto(f"http://127.0.0.1:{server.port}/admin/audit/auditrecord/{sealed_record['id']}/change/")
    expect(page.locator(".field-sealed_in")).to_be_visible()
    expect(page.get_by_role("link", name="those who opened this record")).to_have_count(0)
    assert page.goto(f"http://127.0.0.1:{server.port}/admin/audit/access/").status == 403
