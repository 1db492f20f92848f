"""Notices of outages by real e-mail: to those whom another person agreed to, once, and in no transaction."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from compliance.breach.models import Contact, Notice
from compliance.breach.noticing import fingerprint, send_by_email
from tests.compliance.breach.desk import page, text
from tests.compliance.breach.test_notices import judged
from tests.compliance.breach.test_routines import outage
from tests.legal.governed import person
from tests.mailbox import running_mailbox

pytestmark = pytest.mark.django_db
VAKT, DRIFT, LATER = "vakt@bits.example", "drift@bits.example", "later@bits.example"
EMAIL = {"do": "email"}


@pytest.fixture
def notice():
    for name in (VAKT, DRIFT):
        Contact.objects.create(name=name, email=name)
    return outage().notices.get(agency="")


@pytest.fixture
def box(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL, settings.EMAIL_HOST = "dsop@bank.example", "127.0.0.1"
    with running_mailbox() as running:
        settings.EMAIL_PORT = running.port
        yield running


def test_it_is_sent_once_another_person_agreed(kari, ola, notice, box):
    address = page("notice", notice.pk)
    kari.post(address, EMAIL)  # nobody has agreed
    assert f'<td id="told">{DRIFT}, {VAKT}</td>' in text(ola.get(address))
    assert judged(ola, notice) == "agreed"
    box.refusing = "DATA"
    assert "The mail server did not take it" in text(kari.post(address, EMAIL, follow=True))
    refused = Notice.objects.get(pk=notice.pk)
    assert (refused.sent_at, refused.claimed_at) == (None, None)
    box.refusing = ""
    kari.post(address, EMAIL)
    kari.post(address, EMAIL)  # only once
    [(sender, recipients, content)] = box.messages
    assert (sender, recipients) == ("dsop@bank.example", [DRIFT, VAKT])
    message = message_from_bytes(content, policy=policy.default)
    assert message["Subject"] == "Varsel om planlagt nedetid i DSOP Kontrollinformasjon"
    assert message.get_content().splitlines() == notice.read("text").splitlines()
    notice.refresh_from_db()
    assert (notice.sent_how, notice.sent_name) == ("email", "Kari (kari)")
    assert isinstance(notice.sent_at, datetime)


@pytest.mark.parametrize(
    ("come", "gone", "recipients"),
    [
        pytest.param([LATER], [], [DRIFT, VAKT], id="one that came later hears nothing"),
        pytest.param([], [VAKT], [DRIFT], id="one that is gone hears nothing"),
        pytest.param([LATER], [DRIFT, VAKT], None, id="nobody is left who was agreed to"),
    ],
)
def test_contacts_that_change_after_the_consent(kari, ola, notice, box, come, gone, recipients):
    assert judged(ola, notice) == "agreed"
    for email in come:
        Contact.objects.create(name=email, email=email)
    Contact.objects.filter(email__in=gone).delete()
    assert f'<td id="told">{DRIFT}, {VAKT}</td>' in text(kari.get(page("notice", notice.pk)))
    kari.post(page("notice", notice.pk), EMAIL)
    assert [message[1] for message in box.messages] == ([recipients] if recipients else [])
    assert (Notice.objects.get(pk=notice.pk).sent_at is None) == (recipients is None)


@pytest.mark.parametrize("act", ["come", "gone"])
def test_contacts_that_change_before_the_consent_are_read_again(ola, notice, act):
    seen = fingerprint(notice)
    if act == "come":
        Contact.objects.create(name=LATER, email=LATER)
    else:
        Contact.objects.get(email=VAKT).delete()
    assert judged(ola, notice, seen=seen) == "waiting"
    assert judged(ola, notice) == "agreed"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(f"addresses = addresses || chr(10) || '{LATER}'", id="one more"),
        pytest.param("addresses = ''", id="nobody"),
        pytest.param("agreed_digest = NULL", id="no digest"),
    ],
)
def test_the_database_holds_them_to_the_consent(ola, notice, change):
    assert judged(ola, notice) == "agreed"
    with (
        pytest.raises(DatabaseError, match="is_what_was_agreed_to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE breach_notice SET {change} WHERE id = %s", [notice.pk])


class Watching(BaseEmailBackend):
    """Sends nothing, and keeps how many transactions were open within the test's own when it was asked to."""

    open: list[int] = []

    def send_messages(self, messages):
        self.open.append(len(connection.savepoint_ids))
        return len(messages)


def test_no_transaction_waits_for_the_mail_server(kari, ola, notice, settings):
    settings.DEFAULT_FROM_EMAIL = "dsop@bank.example"
    settings.EMAIL_BACKEND = f"{__name__}.Watching"
    assert judged(ola, notice) == "agreed"
    Watching.open.clear()
    kari.post(page("notice", notice.pk), EMAIL)
    assert (Watching.open, Notice.objects.get(pk=notice.pk).sent_how) == ([0], "email")


def test_what_would_be_rolled_back_with_another_change_is_not_sent(ola, notice, box):
    assert judged(ola, notice) == "agreed"
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        send_by_email(notice, by=person("Kari"))
    assert box.messages == []


@pytest.mark.parametrize(("minutes", "sent"), [(1, 0), (6, 1)])
def test_a_claim_ends_by_itself(kari, ola, notice, box, minutes, sent):
    assert judged(ola, notice) == "agreed"
    Notice.objects.filter(pk=notice.pk).update(claimed_at=timezone.now() - timedelta(minutes=minutes))
    answer = text(kari.post(page("notice", notice.pk), EMAIL, follow=True))
    assert (len(box.messages), "Somebody is sending this now" in answer) == (sent, not sent)


def test_no_notice_is_sent_of_an_outage_that_is_called_off(kari, ola, notice, box):
    assert judged(ola, notice) == "agreed"
    kari.post(page("outage_call_off", notice.outage_id))
    kari.post(page("notice", notice.pk), EMAIL)
    notice.refresh_from_db()
    assert (box.messages, notice.sent_at) == ([], None)
