"""The admin as its users meet it: a real Chromium against the running service, with accessibility rules."""

import base64
import json
import time
import uuid

import pytest
from playwright.sync_api import expect

from tests import cluster
from tests.browser.pages import accessible, picture
from tests.consumer import identifier

DEBTOR = "debtor-five-accounts"
AGENCY = "974761076"


@pytest.fixture
def agency_as_before(superuser):
    """Give Skatteetaten its usual choices back, and let CertPub be asked for its certificate."""
    yield
    with superuser() as connection:
        connection.execute(
            "UPDATE legal_dataconsumer SET key_algorithm = 'RSA-OAEP-256', content_encryption = 'A128CBC-HS256',"
            " certificate_participant = '' WHERE organisation_number = %s",
            [AGENCY],
        )
        connection.execute(
            "UPDATE dsop_agencycertificate SET pinned = false, attempted_at = NULL WHERE participant = %s", [AGENCY]
        )


def own_pem(number):
    """Return the certificate for encryption that the sandbox made for an agency."""
    return (cluster.FOLDER / "certpub" / "agencies" / number / "encryption.pem").read_bytes()


def header_of(answer):
    """Return the header of an encrypted answer without opening it."""
    segment = answer.data.split(b".")[0]
    return json.loads(base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4)))


def test_compliance_reads_the_trail(sign_in, skatteetaten, clean_audit):
    case_id = str(uuid.uuid4())
    answered = skatteetaten.accounts(identifier(DEBTOR), AccountInfoRequestID=case_id)
    skatteetaten.accounts("1234", AccountInfoRequestID=case_id)
    for _ in range(60):
        skatteetaten.customer_relationships(identifier("negative-balance"))
    page = sign_in("compliance")
    picture(page, "compliance-index")
    accessible(page)
    page.click("text=Audit records")
    expect(page.locator("#result_list tbody tr")).to_have_count(50)
    picture(page, "records")
    accessible(page)
    expect(page.locator("text=Add audit record")).to_have_count(0)
    page.fill("input[name=q]", case_id)
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    picture(page, "records-of-a-case")
    page.click("#result_list tbody tr:last-child .field-opened a")
    expect(page.locator("#content")).to_contain_text("FI-Utlegg-Test")
    expect(page.locator("#content")).to_contain_text(case_id)
    picture(page, "record")
    accessible(page)
    assert identifier(DEBTOR) not in page.content(), "never a person's number"
    assert answered.status == 200
    expect(page.locator("input[type=submit]")).to_have_count(0)


def test_pages_by_key(sign_in, skatteetaten, clean_audit):
    """Newest first; on to the older ones and back, without ever counting them."""
    for _ in range(120):
        skatteetaten.accounts(identifier("not-a-customer"))
    page = sign_in("compliance")
    page.click("text=Audit records")
    expect(page.locator("#result_list tbody tr")).to_have_count(50)
    seen = []
    while True:
        links = page.locator("#result_list tbody .field-opened a")
        seen += [link.get_attribute("href").split("?")[0] for link in links.all()]
        older = page.get_by_role("link", name="Older")
        if not older.count():
            break
        page.goto(page.url.split("?")[0] + older.first.get_attribute("href"))
    assert len(seen) == len(set(seen)) == 120
    page.get_by_role("link", name="Newer").first.click()
    expect(page.locator("#result_list tbody tr")).to_have_count(50)


def test_filters(sign_in, skatteetaten, clean_audit):
    skatteetaten.accounts(identifier(DEBTOR))
    skatteetaten.accounts("1234")
    page = sign_in("compliance")
    page.click("text=Audit records")
    picture(page, "filters")
    page.locator("#changelist-filter").get_by_role("link", name="refused", exact=False).first.click()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)


def test_a_persons_number_finds_nothing(sign_in, skatteetaten, clean_audit):
    skatteetaten.accounts(identifier(DEBTOR))
    page = sign_in("compliance")
    page.click("text=Audit records")
    page.fill("input[name=q]", identifier(DEBTOR))
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert identifier(DEBTOR) not in page.url, "the browser lets nothing but a uuid through"
    page.goto(f"{page.url.split('?')[0]}?q={identifier(DEBTOR)}")
    expect(page.locator("#result_list tbody tr")).to_have_count(0)


def test_administrator_looks_at_agencies_and_services(sign_in, server):
    page = sign_in("administrator")
    picture(page, "administrator-index")
    expect(page.locator("#content")).not_to_contain_text("Audit records")
    page.get_by_role("link", name="Agencies", exact=True).first.click()
    expect(page.locator("#result_list")).to_contain_text("Skatteetaten")
    picture(page, "agencies")
    accessible(page)
    page.goto(f"http://127.0.0.1:{server.port}/admin/legal/service/")
    page.click("text=FI-Utlegg Saldo")
    expect(page.locator("#content")).to_contain_text("in force")
    picture(page, "service")
    page.goto(f"http://127.0.0.1:{server.port}/admin/legal/serviceversion/")
    page.click("#result_list tbody th a")
    expect(page.locator("pre")).to_contain_text("primary_owner_only")
    picture(page, "version")
    accessible(page)
    answer = page.goto(f"http://127.0.0.1:{server.port}/admin/audit/auditrecord/")
    assert answer.status == 403
    picture(page, "administrator-forbidden")


def test_administrator_chooses_how_an_agency_is_answered(sign_in, skatteetaten, agency_as_before):
    page = sign_in("administrator")
    page.get_by_role("link", name="Agencies", exact=True).first.click()
    page.click("text=Skatteetaten")
    expect(page.locator(".field-organisation_number")).to_contain_text("974761076")
    expect(page.locator("input[name=organisation_number]")).to_have_count(0)
    picture(page, "agency")
    accessible(page)
    page.fill("input[name=certificate_participant]", "974761077")
    page.click("input[name=_save]")
    expect(page.locator(".errorlist").last).to_contain_text("no organisation number")
    picture(page, "agency-refused")
    accessible(page)
    page.fill("input[name=certificate_participant]", "")
    page.select_option("select[name=key_algorithm]", "RSA-OAEP")
    page.select_option("select[name=content_encryption]", "A256GCM")
    page.click("input[name=_save]")
    expect(page.locator(".messagelist")).to_contain_text("changed successfully")
    picture(page, "agencies-after")
    deadline = time.monotonic() + 5
    while (header := header_of(skatteetaten.accounts(identifier(DEBTOR), Accept="application/jose")))[
        "alg"
    ] != "RSA-OAEP":
        assert time.monotonic() < deadline, header
        time.sleep(0.1)
    assert header["enc"] == "A256GCM"


def test_administrator_pins_a_certificate(sign_in, skatteetaten, agency_as_before, tmp_path):
    assert skatteetaten.accounts(identifier(DEBTOR), Accept="application/jose").status == 200
    page = sign_in("administrator")
    page.click("text=Certificates of agencies")
    expect(page.locator("#result_list")).to_contain_text("usable")
    expect(page.locator("#result_list")).to_contain_text("crt.usage")
    picture(page, "certificates")
    accessible(page)
    page.click(f"#result_list a:text('{AGENCY}')")
    expect(page.locator("#content")).to_contain_text("CertPub")
    picture(page, "certificate")
    accessible(page)
    page.click("text=Pin a certificate")
    picture(page, "pin")
    accessible(page)
    for name, content in {"other.pem": own_pem("889640782"), "own.pem": own_pem(AGENCY)}.items():
        (tmp_path / name).write_bytes(content)
    page.set_input_files("input[type=file]", tmp_path / "other.pem")
    page.click("text=Pin this certificate")
    expect(page.locator("#content")).to_contain_text("Nothing was pinned.")
    expect(page.locator("#content")).to_contain_text("crt.subject: it belongs to another organisation")
    picture(page, "pin-refused")
    accessible(page)
    page.set_input_files("input[type=file]", tmp_path / "own.pem")
    page.click("text=Pin this certificate")
    expect(page.locator(".messagelist")).to_contain_text("Pinned the certificate")
    expect(page.locator(".field-source")).to_contain_text("pinned")
    picture(page, "pinned")
    assert skatteetaten.accounts(identifier(DEBTOR), Accept="application/jose").status == 200
    page.click("text=Replace or unpin")
    picture(page, "unpin")
    accessible(page)
    page.click("text=Unpin: let CertPub be asked again")
    expect(page.locator(".messagelist")).to_contain_text("Unpinned the certificate.")
    page.click("text=History")
    expect(page.locator("#change-history")).to_contain_text("Pinned the certificate")
    picture(page, "certificate-history")
    accessible(page)


def test_compliance_sees_certificates_and_how_an_answer_was_encrypted(sign_in, skatteetaten, clean_audit):
    assert skatteetaten.accounts(identifier(DEBTOR), Accept="application/jose").status == 200
    page = sign_in("compliance")
    page.click("text=Certificates of agencies")
    page.click(f"#result_list a:text('{AGENCY}')")
    expect(page.locator("text=Pin a certificate")).to_have_count(0)
    page.goto(f"http://127.0.0.1:{skatteetaten.server.port}/admin/audit/auditrecord/")
    page.click("#result_list tbody tr:first-child .field-opened a")
    expect(page.locator(".field-key_encryption")).to_contain_text("RSA-OAEP")
    expect(page.locator(".field-certificate_serial")).not_to_contain_text("–")
    picture(page, "record-encrypted")
    accessible(page)


def test_stranger_is_asked_to_sign_in(chromium, server):
    page = chromium.new_context().new_page()
    page.goto(f"http://127.0.0.1:{server.port}/admin/audit/auditrecord/")
    expect(page.locator("input[name=password]")).to_be_visible()
    picture(page, "sign-in")
    accessible(page)
    page.context.close()
