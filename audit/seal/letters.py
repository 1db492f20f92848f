"""A digest by e-mail to the auditor, whose mailbox is not in the operator's hands.

What is kept here is the message as it was sent. It proves nothing by itself: the auditor holds the other half.
"""

import email.policy
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesParser
from email.utils import format_datetime, make_msgid, parsedate_to_datetime
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from audit.seal.checkpoints import Statement
from audit.seal.evidence import Evidence, NoEvidence, WitnessFailed

BACKEND = "django.core.mail.backends.smtp.EmailBackend"
SECONDS = 15.0
SUBJECT = "Seal on the audit trail, {day}"
BODY = """\
The last checkpoint of the audit trail is named below. Keep this message: it shows later that nothing before it
was changed since. docs/evidence.md of the service says how the two are compared.

Day: {day}
Checkpoint: {number}
Made at: {at}
SHA-256 of what was signed: {digest}
Key that signed: {key}
"""
DIGEST = re.compile(r"^SHA-256 of what was signed: ([0-9a-f]{64})\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class AuditorByMail:
    """Sends by the server in EMAIL_URL, in the name of EMAIL_FROM."""

    recipient: str
    ending = "eml"

    def ask(self, statement: Statement, *, now: datetime) -> bytes:
        """Return the message once the server has taken it. Raise WitnessFailed."""
        message = _message(statement, now, self.recipient)
        message.connection = connection = get_connection(BACKEND, timeout=SECONDS)
        try:
            sent: Any = message.message()  # as the connection will make it, since every header is given
            content: bytes = sent.as_bytes(linesep="\r\n")
            if message.send() != 1:
                raise WitnessFailed("not sent")
        except (SMTPException, OSError, ValueError):
            raise WitnessFailed("not sent") from None
        finally:
            with suppress(SMTPException, OSError):
                connection.close()  # open still when the server refused before a message
        return content

    def read(self, content: bytes) -> Evidence:
        """Return what a message that was kept tells. Raise NoEvidence."""
        return read_letter(content)


def read_letter(content: bytes) -> Evidence:
    """Return which digest was sent and when; not proven. Raise NoEvidence."""
    try:
        message = BytesParser(policy=email.policy.default).parsebytes(content)
        digests = DIGEST.findall(message.get_content())
        at = parsedate_to_datetime(str(message["Date"]))
    except (ValueError, TypeError, LookupError, AttributeError):
        raise NoEvidence("no message") from None
    if len(digests) != 1 or at.tzinfo is None:
        raise NoEvidence("no message")
    return Evidence(bytes.fromhex(digests[0]), at.astimezone(UTC), proven=False)


def _message(statement: Statement, now: datetime, recipient: str) -> EmailMessage:
    sender = settings.DEFAULT_FROM_EMAIL
    told = {"day": f"{now.astimezone(UTC):%Y-%m-%d}", "number": statement.number, "at": statement.at}
    return EmailMessage(
        subject=SUBJECT.format(**told),
        body=BODY.format(**told, digest=statement.digest.hex(), key=statement.key),
        from_email=sender,
        to=[recipient],
        # Written here, so that what is kept is what is sent, and no name of this machine is looked up.
        headers={"Date": format_datetime(now), "Message-ID": make_msgid(domain=sender.rpartition("@")[2].strip(" >"))},
    )
