"""One record at the desk: who sees what of it, what is noted first, and what is never shown."""

import base64
import hashlib
import html
import re
import uuid
from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import access
from audit.appending import NotRecorded
from audit.keyring import KeyRing
from audit.models import Access, Answer, AuditRecord
from audit.recording import record
from audit.retain import month_keys
from compliance.people import ADMINISTRATOR, AUDITOR, OFFICER, READER, REPORTING
from tests.audit.entries import answered
from tests.compliance.finding.trail import OPEN, SHIELDED, signed_in

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
OK, FORBIDDEN, MISSING, WRONG = HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED
NOWHERE = uuid.UUID("01900000-0000-7000-8000-000000000001")
DOCUMENT = b'{"accounts":[{"accountIdentifier":"97100000001","amount":10.50,"count":12345678901234567890}]}'
ACCOUNTS = ["97100000001", "97100000002"]
WHY = {"reason": "court", "case_reference": "S-17", "words": "Oslo tingrett"}
PAGES = ("explained", "explained_text", "explained_numbers", "explained_document")
POSTED = PAGES[2:]


def kept(**changes):
    """Record an answer whose document is kept, and return the record's id."""
    digest = hashlib.sha256(DOCUMENT).digest()
    values = {"control_object": OPEN, "document": DOCUMENT, "document_digest": digest, "service_version": 1}
    return record(answered(**{**values, **changes}))


def page(name, record_id):
    return reverse(f"admin:desk_{name}", args=[record_id])


def ask(browser, name, record_id, **changes):
    if name in POSTED:
        return browser.post(page(name, record_id), {**WHY, **changes})
    return browser.get(page(name, record_id))


def text(answer):
    return html.unescape(answer.content.decode())


def noted():
    return list(Access.objects.order_by("at", "id").values_list("person", "page", "concerning", "words", "reason"))


@pytest.fixture
def officer():
    return signed_in("knut", OFFICER, of="Knut")[0]


@pytest.fixture
def reader():
    return signed_in("karin", READER, of="Karin")[0]


# --- who ---

MAY = {
    READER: (OK, OK, FORBIDDEN, FORBIDDEN),
    OFFICER: (OK, OK, OK, OK),
    AUDITOR: (OK, OK, FORBIDDEN, FORBIDDEN),
    ADMINISTRATOR: (FORBIDDEN,) * 4,
    REPORTING: (FORBIDDEN,) * 4,
}


@pytest.mark.parametrize("group", MAY)
def test_who_may_do_what(group):
    browser, _ = signed_in("kari", group, of="Kari")
    record_id = kept()
    assert tuple(ask(browser, name, record_id).status_code for name in PAGES) == MAY[group]
    assert len(noted()) == MAY[group].count(OK), "what is denied is no look"


@pytest.mark.parametrize("name", PAGES)
def test_an_account_that_is_nobody_s_sees_nothing(name):
    browser, _ = signed_in("kari", OFFICER)
    assert ask(browser, name, kept()).status_code == FORBIDDEN
    assert noted() == []


@pytest.mark.parametrize("name", PAGES)
def test_who_has_not_signed_in_is_sent_to_do_so(client, name):
    answer = client.get(page(name, kept()), headers={"host": "localhost"})
    assert answer.status_code == HTTPStatus.FOUND and "/login/" in answer.headers["Location"]


@pytest.mark.parametrize("name", PAGES)
def test_one_may_the_right_to_see_shielded_persons_and_another_not(name, reader, officer):
    shielded = kept(control_object=SHIELDED, items=0, empty_because="shielded")
    assert ask(reader, name, shielded).status_code == FORBIDDEN
    assert ask(officer, name, shielded).status_code == OK


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"control_object": SHIELDED}, id="shielded today, not when it was asked"),
        pytest.param({"empty_because": "shielded", "items": 0}, id="shielded when it was asked, not today"),
    ],
)
def test_a_record_about_a_shielded_person_is_hidden(reader, changes):
    answer = ask(reader, "explained", kept(**changes))
    assert (answer.status_code, len(noted())) == (FORBIDDEN, 1)


@pytest.mark.parametrize("name", PAGES)
def test_a_record_that_is_not_there(name, officer):
    assert ask(officer, name, NOWHERE).status_code == MISSING
    assert [row[2] for row in noted()] == [NOWHERE], "who looks for it is noted all the same"


@pytest.mark.parametrize("name", PAGES)
def test_each_page_takes_its_method_alone(name, officer):
    other = officer.get if name in POSTED else officer.post
    assert other(page(name, kept())).status_code == WRONG
    assert noted() == []


@pytest.mark.parametrize("name", POSTED)
def test_a_post_of_another_site_is_refused(name):
    strict, _ = signed_in("knut", OFFICER, of="Knut", strict=True)
    assert ask(strict, name, kept()).status_code == FORBIDDEN
    assert noted() == []


# --- noted first ---


@pytest.mark.parametrize(
    ("name", "changes", "page_name", "words", "reason"),
    [
        ("explained", {}, "desk explained", "", ""),
        ("explained_text", {}, "desk explained", "text", ""),
        ("explained_numbers", {}, "desk numbers", "", "court: Oslo tingrett"),
        ("explained_document", {}, "desk document", "", "court: Oslo tingrett"),
        ("explained_document", {"file": "x"}, "desk document", "file", "court: Oslo tingrett"),
    ],
)
def test_a_look_is_noted_before_anything_is_read(officer, name, changes, page_name, words, reason):
    record_id = kept()
    with CaptureQueriesContext(connection) as captured:
        assert ask(officer, name, record_id, **changes).status_code == OK
    assert noted() == [("knut", page_name, record_id, words, reason)]
    statements = [statement["sql"] for statement in captured]
    (note,) = [at for at, sql in enumerate(statements) if sql.startswith("INSERT INTO audit_access")]
    assert note < min(at for at, sql in enumerate(statements) if re.search(r'FROM "audit_(?!access)', sql))


@pytest.mark.parametrize("name", PAGES)
def test_what_cannot_be_noted_is_not_shown(name, officer, monkeypatch):
    def broken(*args, **kwargs):
        raise NotRecorded

    record_id = kept()
    monkeypatch.setattr(access, "append", broken)
    answer = ask(officer, name, record_id)
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "974761076" not in text(answer)


@pytest.mark.parametrize("name", POSTED)
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"reason": ""}, id="no reason"),
        pytest.param({"reason": "curiosity"}, id="a reason that is none"),
        pytest.param({"words": "about 26854412345"}, id="a person's number among the words"),
        pytest.param({"case_reference": "268544 12345"}, id="a person's number for a case"),
        pytest.param({"case_reference": "x" * 65}, id="a case too long"),
        pytest.param({"words": "x\0"}, id="a NUL"),
    ],
)
def test_without_a_reason_nothing_is_shown_and_nothing_noted(officer, name, changes):
    answer = ask(officer, name, kept(), **changes)
    assert "Say why first. Nothing was shown." in text(answer)
    assert OPEN not in text(answer) and "97100000001" not in text(answer)
    assert noted() == []


# --- what is shown ---


def test_a_page_has_no_number_and_every_section(officer):
    shown = text(ask(officer, "explained", kept()))
    assert [OPEN in shown, *(account in shown for account in ACCOUNTS)] == [False] * 3
    headings = ["Who", "By which law", "Under which rules", "For what", "What was given", "What was withheld"]
    more = ["How it left", "Proof", "Where more stands", "Numbers in full", "What was answered", "Field by field"]
    assert [*map(plain, re.findall(r"<h2[^>]*>(.*?)</h2>", shown))] == headings + more
    assert f"********{OPEN[-3:]}" in shown and "The record is not sealed yet" in shown


def plain(heading):
    return heading.strip()


def test_a_reader_has_no_buttons(reader):
    shown = text(ask(reader, "explained", kept()))
    assert "numbers-form" not in shown and "document-form" not in shown


@pytest.mark.parametrize("name", PAGES)
def test_nobody_keeps_a_page(name, officer):
    assert "no-store" in ask(officer, name, kept()).headers["Cache-Control"]


def test_the_record_s_own_page_leads_here(reader):
    record_id = kept()
    own = reader.get(reverse("admin:audit_auditrecord_change", args=[record_id]))
    assert f'href="{page("explained", record_id)}"' in text(own)


def test_the_page_leads_to_the_version_and_the_checkpoint(reader, superuser):
    record_id = kept()
    shown = text(ask(reader, "explained", record_id))
    assert re.search(r"/admin/legal/serviceversion/[0-9a-f-]{36}/change/", shown)
    assert "/admin/audit/checkpoint/" not in shown


def test_numbers_in_full(officer):
    record_id = kept(malformed={"PartyID": "<b>"}, additional_reference="01810199999")
    shown = ask(officer, "explained_numbers", record_id).content.decode()
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', shown)
    assert rows == [
        ("Whom it was about", OPEN),
        ("Account", "97100000001"),
        ("Account", "97100000002"),
        ("Account or reference asked about", "AAECAwQ"),
        ("AdditionalReferenceID", "01810199999"),
        ("Refused for its form: PartyID", "&lt;b&gt;"),
    ]


def test_numbers_that_can_be_read_no_more(officer, monkeypatch):
    record_id = kept()
    monkeypatch.setattr("audit.retain.month_keys._wrapped", lambda name: None)
    monkeypatch.setattr("audit.retain.month_keys._memory.known", {})
    assert "They can be read no more" in text(ask(officer, "explained_numbers", record_id))


def test_the_document_as_it_was_answered(officer):
    shown = text(ask(officer, "explained_document", kept()))
    assert "This is what was answered: its SHA-256 is the one in the record." in shown
    assert hashlib.sha256(DOCUMENT).hexdigest() in shown
    (told,) = re.findall(r"<pre[^>]*>(.*?)</pre>", shown, re.DOTALL)
    assert told == (
        "{\n"
        '  "accounts": [\n'
        "    {\n"
        '      "accountIdentifier": "97100000001",\n'
        '      "amount": 10.50,\n'
        '      "count": 12345678901234567890\n'
        "    }\n"
        "  ]\n"
        "}"
    )


def test_the_document_as_a_file_is_what_was_answered_to_the_byte(officer):
    record_id = kept()
    answer = ask(officer, "explained_document", record_id, file="Save")
    assert answer.content == DOCUMENT
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{record_id}.json"'


def test_a_document_too_large_for_a_page_is_had_as_a_file(officer, monkeypatch):
    monkeypatch.setattr("compliance.explaining.documents.LARGEST_SHOWN", 10)
    shown = text(ask(officer, "explained_document", kept()))
    assert "It is too large for a page." in shown and "<pre" not in shown


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"document": None}, "It was not kept. AUDIT_ANSWER_DAYS decides that;", id="not kept"),
        pytest.param({"outcome": "refused"}, "Nothing was answered, so there is no document.", id="refused"),
        pytest.param(
            {"outcome": "sent", "service": "agencies:bsu"}, "What the bank itself sent is not kept here", id="sent"
        ),
    ],
)
@pytest.mark.parametrize("file", [{}, {"file": "x"}], ids=["page", "file"])
def test_a_document_that_there_never_was(officer, changes, sentence, file):
    answer = ask(officer, "explained_document", kept(**changes), **file)
    assert sentence in text(answer)
    assert "Content-Disposition" not in answer.headers


class Log:
    def __init__(self):
        self.told = []

    def error(self, event, *, extra):
        self.told.append((event, extra))


@pytest.fixture
def log(monkeypatch):
    made = Log()
    monkeypatch.setattr("compliance.explaining.documents.logger", made)
    return made


@pytest.mark.parametrize("file", [{}, {"file": "x"}], ids=["page", "file"])
@pytest.mark.parametrize("changed", ["ciphertext", "document"])
def test_a_document_that_differs_is_not_shown(officer, log, monkeypatch, changed, file):
    record_id = kept()
    if changed == "ciphertext":
        row = AuditRecord.objects.get(pk=record_id)
        stored = bytes(Answer.objects.get(pk=record_id).document)
        monkeypatch.setattr("audit.answers.Answer.objects", Stored(stored[:-1] + bytes([stored[-1] ^ 1])))
        assert row.answer_digest is not None
    else:
        monkeypatch.setattr("audit.answers._decompressed", lambda content: DOCUMENT + b" ")
    answer = ask(officer, "explained_document", record_id, **file)
    shown = text(answer)
    assert "This is not what was answered." in shown
    assert "97100000001" not in shown and "Content-Disposition" not in answer.headers
    assert log.told == [("audit.document_differs", {"record": str(record_id)})]


class Stored:
    """A table in which another ciphertext stands."""

    def __init__(self, ciphertext):
        self.ciphertext = ciphertext

    def filter(self, **about):
        return self

    def values_list(self, *names, flat):
        return self

    def first(self):
        return self.ciphertext


def test_a_document_that_is_gone_without_a_decision(officer, log, monkeypatch):
    record_id = kept()
    monkeypatch.setattr("audit.answers.Answer.objects", Stored(None))
    monkeypatch.setattr("compliance.explaining.documents.Answer.objects", Stored(None))
    assert "no decision to delete it is on record" in text(ask(officer, "explained_document", record_id))
    assert log.told == [("audit.document_gone", {"record": str(record_id)})]


def test_a_document_whose_key_is_elsewhere(officer, settings, monkeypatch):
    record_id = kept()
    settings.AUDIT_ENCRYPTION_KEYS = KeyRing(f"other:{base64.b64encode(bytes(32)).decode()}", length=32)
    monkeypatch.setattr(month_keys, "_memory", month_keys.Memory())
    assert "the key for it is not among AUDIT_ENCRYPTION_KEYS" in text(ask(officer, "explained_document", record_id))


# --- cost ---


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="answered"),
        pytest.param({"accounts": [f"9710000{number:04}" for number in range(500)]}, id="with 500 accounts"),
        pytest.param({"outcome": "refused", "refusal": "PeriodNotToday", "items": None, "accounts": []}, id="refused"),
        pytest.param({"outcome": "sent", "service": "agencies:bsu", "service_version": None}, id="sent"),
    ],
)
def test_a_page_costs_the_same_whatever_it_tells(officer, changes):
    record_id = kept(**changes)
    ask(officer, "explained", record_id)
    with CaptureQueriesContext(connection) as captured:
        assert ask(officer, "explained", record_id).status_code == OK
    assert len(captured) <= 17, [statement["sql"] for statement in captured]


def test_the_text_is_what_the_page_says(officer):
    answer = ask(officer, "explained_text", kept())
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    told = answer.content.decode()
    assert told.startswith("Skatteetaten asked, and was answered\n====")
    assert OPEN not in told and "Proof\n-----\nThe record is not sealed yet" in told
