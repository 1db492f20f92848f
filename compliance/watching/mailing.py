"""A letter about each alert: a fixed sentence, the rule's name and where to look. Never whom it is about."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import format_datetime, make_msgid
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Q
from django.urls import reverse
from django.utils import translation

from compliance.watching.models import Alert, AlertMail

BACKEND = "django.core.mail.backends.smtp.EmailBackend"
SECONDS = 15.0
CLAIMED, TRIED = timedelta(minutes=5), timedelta(days=7)
"""How long whoever sends has a letter alone, and how long one is tried."""
MOST_LETTERS = 20
"""In one turn: a server that is slow to refuse must not keep the watcher from folding."""
SUBJECT = "Varsel fra DSOP Kontrollinformasjon: {nb}"
BODY = """\
Overvåkingen av DSOP Kontrollinformasjon har sett noe uvanlig: {nb}.
Hva det gjelder, står bare på siden under. Les det og skriv der hva som er gjort.

The watch over DSOP Kontrollinformasjon has seen something strange: {en}.
What it is about stands only on the page below. Read it, and write there what was done.

{link}
"""

logger = logging.getLogger(__name__)


def send_letters(*, now: datetime) -> int:
    """Send what waits, and return how many letters left. What could not be sent waits for the next turn."""
    sent, audiences = 0, [audience for audience, addresses in settings.DESK_MAIL.items() if addresses]
    waiting = AlertMail.objects.filter(
        sent_at__isnull=True, alert__audience__in=audiences, alert__raised_at__gte=now - TRIED
    )
    for letter in waiting.select_related("alert__rule").order_by("alert_id")[:MOST_LETTERS]:
        if not _claimed(letter, now):
            continue
        try:
            send(letter.alert, now=now)
        except (SMTPException, OSError, ValueError) as error:
            logger.error("desk.mail_failed", extra={"alert": letter.alert_id, "error": type(error).__name__})
            AlertMail.objects.filter(pk=letter.pk).update(claimed_at=None)
            break  # the next one would wait for the same server
        AlertMail.objects.filter(pk=letter.pk).update(sent_at=now)
        sent += 1
    return sent


def _claimed(letter: AlertMail, now: datetime) -> bool:
    """Return whether nobody else sends it. A claim ends by itself, so that who died with it loses no letter."""
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - CLAIMED)
    return bool(AlertMail.objects.filter(free, pk=letter.pk, sent_at__isnull=True).update(claimed_at=now))


def send(alert: Alert, *, now: datetime) -> None:
    """Send the letter to everybody of the alert's audience. Raise SMTPException, OSError or ValueError."""
    message = letter_about(alert, now=now)
    message.connection = connection = get_connection(BACKEND, timeout=SECONDS)
    try:
        message.send()
    finally:
        with suppress(SMTPException, OSError):
            connection.close()  # open still when the server refused before a message


def letter_about(alert: Alert, *, now: datetime) -> EmailMessage:
    told = {"nb": _in("nb", alert), "en": _in("en", alert), "link": address_of(alert)}
    sender = settings.DEFAULT_FROM_EMAIL
    return EmailMessage(
        subject=SUBJECT.format(**told),
        body=BODY.format(**told),
        from_email=sender,
        to=settings.DESK_MAIL[alert.audience],
        # Written here, so that no name of this machine is looked up.
        headers={"Date": format_datetime(now), "Message-ID": make_msgid(domain=sender.rpartition("@")[2].strip(" >"))},
    )


def _in(language: str, alert: Alert) -> str:
    with translation.override(language):
        return str(alert.known.label)


def address_of(alert: Alert) -> str:
    """Return where the alert is read: on the first host whose whole name is known, else the path alone."""
    path = reverse("admin:desk_alert", args=[alert.pk])
    hosts = [host for host in (*settings.ADMIN_HOSTS, *settings.ALLOWED_HOSTS) if host.strip("*.") == host]
    scheme = "http" if settings.SANDBOX else "https"
    return f"{scheme}://{hosts[0]}{path}" if hosts else path
