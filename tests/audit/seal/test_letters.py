"""The auditor's letter: what is kept is what was sent, and it says of itself that it proves nothing."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.seal import letters
from audit.seal.evidence import Evidence, NoEvidence, WitnessFailed
from audit.seal.letters import AuditorByMail, read_letter
from tests.audit.seal.outside import NOW, STATEMENT
from tests.mailbox import running_mailbox

AUDITOR = "auditor@revisor.example"


@pytest.fixture
def mailbox(settings):
    with running_mailbox() as mailbox:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = None
        settings.DEFAULT_FROM_EMAIL = "dsop@bank.example"
        yield mailbox


def test_what_is_kept_is_what_the_server_took(mailbox):
    content = AuditorByMail(AUDITOR).ask(STATEMENT, now=NOW)
    assert mailbox.messages == [("dsop@bank.example", [AUDITOR], content)]


def test_the_letter(mailbox):
    content = AuditorByMail(AUDITOR).ask(STATEMENT, now=NOW).decode()
    head, _, body = content.partition("\r\n\r\n")
    lines = [line for line in head.split("\r\n") if not line.startswith("Message-ID: ")]
    assert sorted(lines) == [
        "Content-Transfer-Encoding: 7bit",
        'Content-Type: text/plain; charset="utf-8"',
        "Date: Sun, 22 Nov 2026 08:00:00 +0000",
        "From: dsop@bank.example",
        "MIME-Version: 1.0",
        "Subject: Seal on the audit trail, 2026-11-22",
        f"To: {AUDITOR}",
    ]
    assert body.split("\r\n")[3:] == [
        "Day: 2026-11-22",
        "Checkpoint: 7",
        "Made at: 2026-11-22T07:59:30.000000+00:00",
        f"SHA-256 of what was signed: {STATEMENT.digest.hex()}",
        f"Key that signed: {'ab' * 32}",
        "",
    ]
    assert "@bank.example>" in head


def test_it_tells_and_does_not_prove(mailbox):
    witness = AuditorByMail(AUDITOR)
    assert witness.read(witness.ask(STATEMENT, now=NOW)) == Evidence(STATEMENT.digest, NOW, proven=False)


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_server_that_does_not_take_it(mailbox, command):
    mailbox.refusing = command
    if command == "EHLO":
        mailbox.silent = "HELO"  # which is tried next
        mailbox.ended.set()
    with pytest.raises(WitnessFailed, match=r"^not sent$"):
        AuditorByMail(AUDITOR).ask(STATEMENT, now=NOW)
    assert mailbox.messages == []


def test_a_silent_server_is_not_waited_for(mailbox, monkeypatch):
    monkeypatch.setattr(letters, "SECONDS", 0.2)
    mailbox.silent = "RCPT"
    with pytest.raises(WitnessFailed, match=r"^not sent$"):
        AuditorByMail(AUDITOR).ask(STATEMENT, now=NOW)


def test_nobody_listens(mailbox, settings):
    settings.EMAIL_PORT = 9
    with pytest.raises(WitnessFailed, match=r"^not sent$"):
        AuditorByMail(AUDITOR).ask(STATEMENT, now=NOW)


def test_a_server_without_encryption_gets_nothing_where_it_is_wanted(mailbox, settings):
    settings.EMAIL_USE_TLS = True
    with pytest.raises(WitnessFailed, match=r"^not sent$"):
        AuditorByMail(AUDITOR).ask(STATEMENT, now=NOW)
    assert mailbox.messages == []


def test_a_recipient_cannot_add_headers(mailbox):
    with pytest.raises(WitnessFailed):
        AuditorByMail(f"{AUDITOR}\nBcc: other@example.com").ask(STATEMENT, now=NOW)
    assert mailbox.messages == []


LETTER = (
    b"Date: Sun, 22 Nov 2026 09:00:00 +0100\r\nContent-Type: text/plain\r\n\r\n"
    b"SHA-256 of what was signed: " + b"ab" * 32 + b"\r\n"
)


def test_a_letter_is_read_whatever_zone_its_date_has():
    assert read_letter(LETTER) == Evidence(b"\xab" * 32, NOW.astimezone(UTC), proven=False)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(LETTER[:100], id="torn"),
        pytest.param(LETTER.replace(b"Date", b"Data"), id="no date"),
        pytest.param(LETTER.replace(b"Sun, 22 Nov 2026", b"some day"), id="a date that is none"),
        pytest.param(LETTER.replace(b" +0100", b" -0000"), id="a date without a zone"),
        pytest.param(LETTER.replace(b"ab\r\n", b"\r\n"), id="a digest too short"),
        pytest.param(LETTER + LETTER.partition(b"\r\n\r\n")[2], id="two digests"),
        pytest.param(LETTER.replace(b"text/plain", b"multipart/mixed; boundary=x"), id="several parts"),
        pytest.param(
            LETTER.replace(b"text/plain", b"text/plain; charset=nonsense") + b"\xff", id="an unknown alphabet"
        ),
    ],
)
def test_what_is_no_letter_of_ours(content):
    with pytest.raises(NoEvidence):
        read_letter(content)


@given(content=st.binary(max_size=300))
def test_whatever_lies_there_is_read_or_refused(content):
    with pytest.raises(NoEvidence):
        read_letter(content)
