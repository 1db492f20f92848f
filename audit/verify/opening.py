"""What a record says behind its ciphertexts, shown so that it can be checked against what was sealed."""

import hashlib
import uuid
from datetime import datetime
from typing import Any

from audit.answers import answer_of
from audit.models import AuditRecord
from audit.retain.month_keys import KeyGone, commitment_salt, known_key
from audit.seal.leaves import commitment
from audit.secrecy import NotRevealed, reveal
from audit.verify.proofs import NotProven

KEY_GONE = "It cannot be opened: its key was destroyed, or is not among AUDIT_ENCRYPTION_KEYS."


def record_behind(connection: Any, proof: dict[str, Any]) -> AuditRecord:
    """Return the record that a proof of `proof_of` is about."""
    row = proof["row"]
    return AuditRecord.objects.using(connection.alias).get(
        pk=uuid.UUID(row["id"]), at=datetime.fromisoformat(row["at"])
    )


def opened(record: AuditRecord) -> dict[str, str]:
    """Return the number that a record is about, and the salt of what was sealed of it. Raise NotProven."""
    sealed = record.control_object_sealed
    if sealed is None:
        raise NotProven("The record is about no number.")
    if record.control_object_commitment is None:
        raise NotProven("The record was written by a release that sealed nothing of its number to show.")
    name = bytes(sealed).partition(b":")[0].decode("ascii", "replace")
    try:
        number = reveal(sealed, column="control_object_sealed", record=record.pk)
        salt = commitment_salt(known_key(name), record.pk)
    except (NotRevealed, KeyGone):
        raise NotProven(KEY_GONE) from None
    if commitment(number, salt) != bytes(record.control_object_commitment):
        raise NotProven("The number that opens is not the one that was sealed: run audit_verify.")
    if any("\ud800" <= letter <= "\udfff" for letter in number):
        raise NotProven("What the record has for a number is no text and cannot stand in a proof.")
    return {"control_object": number, "salt": salt.hex()}


def document_of(record: AuditRecord) -> str:
    """Return the document that was answered, as text. Raise NotProven."""
    if record.answer_digest is None:
        raise NotProven("No document was kept of that record.")
    try:
        document = answer_of(record)
        text = document.decode()
    except NotRevealed:
        raise NotProven(
            "The document is not kept any more, or its key was destroyed, or it is not as it was."
        ) from None
    except UnicodeDecodeError:
        raise NotProven("The document is no text in UTF-8 and cannot stand in a proof.") from None
    if hashlib.sha256(document).digest() != bytes(record.document_digest or b""):
        raise NotProven("The document is not the one that was recorded: run audit_verify.")
    return text
