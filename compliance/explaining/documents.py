"""The kept document of a record: opened and compared with what was answered, or in words why there is none."""

import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

import orjson
from django.utils.translation import gettext as _

from audit.answers import NotAsAnswered, answer_of, kept_days
from audit.ciphers import parted
from audit.models import Answer, AuditRecord, Decision, MonthKey
from audit.pages import in_oslo
from audit.retain.holding import disclosed
from audit.secrecy import NotRevealed

logger = logging.getLogger(__name__)
LARGEST_SHOWN = 4 * 2**20
"""Of a document on a page; a larger one is downloaded."""
Outcome = AuditRecord.Outcome


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an answer: the document itself, or why it cannot be shown."""

    document: bytes = b""
    why_not: str = ""
    differs: bool = False
    held: bool = False

    @property
    def readable(self) -> str:
        """Return the document with a line for each value; empty where it is too large for a page."""
        return "" if len(self.document) > LARGEST_SHOWN else indented(self.document)


def kept_of(record: AuditRecord) -> Kept:
    """Return the document that was answered, its SHA-256 compared with the record's, from a held copy where need be.

    Where it differs, nothing of it is returned, and the log says so.
    """
    try:
        return Kept(answer_of(record))
    except NotAsAnswered:
        return _differs(record)
    except NotRevealed:
        pass
    copy = disclosed(record.pk).get("document") if record.account_info_request_id else None
    if copy is None:
        return Kept(why_not=why_not(record))
    document = copy.encode()
    return Kept(document, held=True) if _is_answered(document, record) else _differs(record)


def why_not(record: AuditRecord) -> str:
    """Return in words why there is no document to open."""
    if record.outcome == Outcome.SENT:
        return _("What the bank itself sent is not kept here, only its SHA-256.")
    if record.outcome != Outcome.ANSWERED:
        return _("Nothing was answered, so there is no document.")
    days = {"days": kept_days(record.service)}
    if record.answer_digest is None:
        return (
            _("It was not kept. AUDIT_ANSWER_DAYS decides that; for this service it says %(days)d days today.") % days
        )
    if _key_is_there(record):
        return _("It is kept, but cannot be opened: the key for it is not among AUDIT_ENCRYPTION_KEYS.")
    if deleted := _deletion(record):
        told = {**days, "time": in_oslo(deleted.at), "id": deleted.pk}
        return (
            _(
                "It was deleted at %(time)s (decision %(id)s). AUDIT_ANSWER_DAYS lets documents of this service be"
                " deleted %(days)d days after their month."
            )
            % told
        )
    logger.error("audit.document_gone", extra={"record": str(record.pk)})
    return _("It is gone, and no decision to delete it is on record. Let somebody verify the trail.")


def indented(document: bytes) -> str:
    """Return JSON with a line for each value, and every number in the very digits that were sent."""
    try:
        told = json.loads(document, parse_float=orjson.Fragment, parse_int=orjson.Fragment)
    except ValueError:
        return document.decode("utf-8", "replace")
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()


def _differs(record: AuditRecord) -> Kept:
    logger.error("audit.document_differs", extra={"record": str(record.pk)})
    return Kept(differs=True)


def _is_answered(document: bytes, record: AuditRecord) -> bool:
    digest = record.document_digest
    return digest is not None and hashlib.sha256(document).digest() == bytes(digest)


def _key_is_there(record: AuditRecord) -> bool:
    kept = Answer.objects.filter(id=record.pk, at=record.at).values_list("document", flat=True).first()
    try:
        name = "" if kept is None else parted(bytes(kept))[0]
    except ValueError:
        return False
    return bool(name) and MonthKey.objects.filter(name=name).exists()


def _deletion(record: AuditRecord) -> Any:
    """Return the newest decision by which documents of that service and month were deleted."""
    month: date = record.at.astimezone(UTC).date().replace(day=1)
    done = Decision.objects.filter(kind=Decision.Kind.DELETED, what=Decision.What.DOCUMENTS, month=month)
    return done.filter(service=record.service).order_by("-at", "-id").first()
