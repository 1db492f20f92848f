"""What may be done to a notice: written again while it waits, agreed to by another person, and then marked as sent."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.breach.drafts import draft_of_breach, draft_of_outage
from compliance.breach.models import Breach, Contact, Notice, Outage
from compliance.two_people import TwoPeople, asked_by, judge
from legal.models import DataConsumer, Person

Consent = TwoPeople.Consent
CLAIMED = timedelta(minutes=5)
"""How long whoever sends a notice has it alone. A mail server is not waited for that long."""
SECONDS = 15.0
SUBJECT = "Varsel om planlagt nedetid i DSOP Kontrollinformasjon"


def written(text: str, *, by: Person, **about: Breach | Outage | str) -> Notice:
    """Return a new notice that waits for another person's consent."""
    notice = Notice(**about, **asked_by(by))
    notice.write(text=text)
    notice.save(force_insert=True)
    return notice


def write_about_breach(breach: Breach, kind: str, *, agency: str, by: Person) -> Notice:
    """Return the draft of a notice about a breach. Raise NotRevealed."""
    text = draft_of_breach(kind, breach, agency=agency, now=timezone.now())
    return written(text, by=by, breach=breach, kind=kind, agency=agency)


def write_about_outage(outage: Outage, *, by: Person) -> list[Notice]:
    """Return the drafts to Bits and to each agency that is open."""
    agencies = DataConsumer.objects.filter(is_open=True).order_by("organisation_number")
    recipients = ["", *agencies.values_list("organisation_number", flat=True)]
    return [
        written(draft_of_outage(outage, agency=one), by=by, outage=outage, kind=Notice.Kind.OUTAGE, agency=one)
        for one in recipients
    ]


def fingerprint(notice: Notice) -> str:
    """Return what stands for the very words of a notice and for whom it goes to."""
    return digest_of(notice, addresses_of(notice)).hex()


def digest_of(notice: Notice, addresses: Sequence[str]) -> bytes:
    return hashlib.sha256(bytes(notice.text_sealed) + "\n".join(addresses).encode()).digest()


def addresses_of(notice: Notice) -> list[str]:
    """Return whom a notice of an outage goes to by e-mail: its contacts, and once it is agreed to, those of then."""
    if notice.consent == Consent.AGREED:
        return notice.addresses.splitlines()
    return _contacts(notice)


def sendable_to(notice: Notice) -> list[str]:
    """Return whom it may be sent to now: those who were agreed to, without who is no contact any more."""
    still = set(_contacts(notice))
    return [address for address in notice.addresses.splitlines() if address in still]


@transaction.atomic
def revise(notice: Notice, text: str, *, seen: str, by: Person) -> None:
    """Put other words into a notice that waits; whoever does so cannot agree to it. Raise ValidationError."""
    fresh, _addresses = _locked(notice, seen)
    if fresh.consent != Consent.WAITING:
        raise ValidationError(_("Somebody has judged this already."))
    fresh.write(text=text)
    for name, value in asked_by(by).items():
        setattr(fresh, name, value)
    fresh.save()


@transaction.atomic
def decide(notice: Notice, consent: str, *, seen: str, by: Person) -> None:
    """Agree to the words and the addresses that were seen, or turn them down. Raise ValidationError."""
    fresh, addresses = _locked(notice, seen)
    if consent == Consent.AGREED and fresh.consent == Consent.WAITING:
        fresh.addresses, fresh.agreed_digest = "\n".join(addresses), digest_of(fresh, addresses)
        fresh.save(update_fields=["addresses", "agreed_digest"])
    judge(fresh, by, consent)


@transaction.atomic
def mark_sent(notice: Notice, *, how: str, at: datetime, by: Person) -> None:
    """Note when and how a notice was sent that another person agreed to. Raise ValidationError."""
    fresh = Notice.objects.select_for_update().get(pk=notice.pk)
    if fresh.consent != Consent.AGREED:
        raise ValidationError(_("Another person has to agree before this is sent."))
    if fresh.sent_at is not None:
        raise ValidationError(_("This was sent already."))
    if not (fresh.judged_at or at) <= at <= timezone.now():
        raise ValidationError(_("It was sent after it was agreed to, and not later than now."))
    _sent(fresh, how=how, at=at, by=by)


def send_by_email(notice: Notice, *, by: Person) -> None:
    """Send a notice of an outage to its contacts, once. Raise ValidationError when it was not sent, or NotRevealed.

    No transaction waits for the mail server: the notice is claimed, sent, and then marked.
    """
    message = _claimed(notice)
    message.connection = connection = get_connection(timeout=SECONDS)
    try:
        message.send()
    except (SMTPException, OSError):
        Notice.objects.filter(pk=notice.pk).update(claimed_at=None)
        raise ValidationError(_("The mail server did not take it. Nothing was marked as sent.")) from None
    finally:
        with suppress(SMTPException, OSError):
            connection.close()  # open still when the server refused before a message
    _sent(Notice.objects.get(pk=notice.pk), how=Notice.How.EMAIL, at=timezone.now(), by=by)


@transaction.atomic(durable=True)
def _claimed(notice: Notice) -> EmailMessage:
    """Return what is to be sent, which nobody else sends meanwhile. A claim ends by itself. Raise ValidationError."""
    fresh, now = Notice.objects.select_for_update().get(pk=notice.pk), timezone.now()
    if fresh.consent != Consent.AGREED or fresh.outage is None:
        raise ValidationError(_("Another person has to agree before this is sent."))
    if fresh.sent_at is not None:
        raise ValidationError(_("This was sent already."))
    if fresh.outage.called_off_at is not None:
        raise ValidationError(_("It is over, or called off already."))
    addresses = sendable_to(fresh)
    if not addresses or not settings.DEFAULT_FROM_EMAIL:
        raise ValidationError(_("There is nobody to write to, or the bank has no address to write from."))
    if fresh.claimed_at is not None and fresh.claimed_at > now - CLAIMED:
        raise ValidationError(_("Somebody is sending this now. Look again in some minutes."))
    message = EmailMessage(SUBJECT, fresh.read("text"), settings.DEFAULT_FROM_EMAIL, bcc=addresses)
    fresh.claimed_at = now
    fresh.save(update_fields=["claimed_at"])
    return message


def _contacts(notice: Notice) -> list[str]:
    if notice.outage_id is None:
        return []
    return list(Contact.objects.filter(agency=notice.agency).order_by("email").values_list("email", flat=True))


def _sent(notice: Notice, *, how: str, at: datetime, by: Person) -> None:
    notice.sent_by, notice.sent_name, notice.sent_at, notice.sent_how = by, str(by), at, how
    notice.save(update_fields=["sent_by", "sent_name", "sent_at", "sent_how"])


def _locked(notice: Notice, seen: str) -> tuple[Notice, list[str]]:
    """Return the notice as it is now, and whom it goes to. Raise ValidationError when something else was seen."""
    fresh: Notice = Notice.objects.select_for_update().get(pk=notice.pk)
    addresses = addresses_of(fresh)
    if digest_of(fresh, addresses).hex() != seen:
        raise ValidationError(_("Somebody has changed the words or the contacts meanwhile. Read them again."))
    return fresh, addresses
