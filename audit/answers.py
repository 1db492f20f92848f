"""The answered document itself: compressed, encrypted with the month's key, kept for the service's days, read back."""

import hashlib
import uuid
import zlib
from datetime import date
from typing import Any

from audit.models import Answer
from audit.retain.month_keys import DOCUMENT, month_key, seal_in
from audit.retain.policy import policy_in_force
from audit.secrecy import NotRevealed, reveal_bytes

TABLE = "audit_answer"
COLUMN = "document"
LEVEL = 1
"""Of zlib's levels the fastest: it makes a tenth of our JSON, and the last one little less."""
LONGEST = 64 * 2**20
"""Of a document; a thousand transactions are less than one of these."""


class NotAsAnswered(NotRevealed):
    """What is kept is not what was answered: somebody changed it, or put it there."""


def kept_days(service: str) -> int:
    """Return how many days documents of a service are kept; 0 when they are not kept at all."""
    return policy_in_force().answer_days(service)


def sealed_answer(document: bytes, service: str, record: uuid.UUID, month: date) -> bytes | None:
    """Return what is kept of a document; None where nothing is."""
    if not kept_days(service):
        return None
    key = month_key(DOCUMENT, service, month)
    return seal_in(key, zlib.compress(document, LEVEL), column=COLUMN, record=record)


def answer_of(record: Any) -> bytes:
    """Return the document that was answered. Raise NotRevealed where it is not kept or no longer, NotAsAnswered."""
    kept = Answer.objects.filter(id=record.id, at=record.at).values_list("document", flat=True).first()
    if kept is None:
        raise NotRevealed
    if not _is(kept, record.answer_digest):
        raise NotAsAnswered
    document = _decompressed(reveal_bytes(kept, column=COLUMN, record=record.id))
    if not _is(document, record.document_digest):
        raise NotAsAnswered
    return document


def _decompressed(content: bytes) -> bytes:
    reader = zlib.decompressobj()
    try:
        document = reader.decompress(content, LONGEST)
    except zlib.error:
        raise NotAsAnswered from None
    if not reader.eof:
        raise NotAsAnswered
    return document


def _is(content: bytes | memoryview, digest: bytes | None) -> bool:
    return digest is not None and hashlib.sha256(content).digest() == bytes(digest)
