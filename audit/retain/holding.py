"""What is held longer: a case's records with their proof, and what they said, under a key of the case's own."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from audit.answers import answer_of
from audit.models import Answer, AuditRecord
from audit.partitions import bounds
from audit.retain.deletions import BY_KEY, NO_SERVICE, Deletion, What
from audit.retain.models import Held, MonthKey
from audit.retain.month_keys import commitment_salt, known_key, named_key, seal_in
from audit.retain.months import written
from audit.secrecy import NotRevealed, reveal, reveal_bytes
from audit.verify.proofs import NotProven, proof_of

VALUES = ("control_object", "additional_reference", "account_reference", "accounts", "malformed")
IN_JSON = ("accounts", "malformed")
DISCLOSED = ("opened", "document")


class NotHeld(Exception):
    """A record of a case under hold cannot be copied, so it may not be deleted."""


def copy_held(deletion: Deletion, cases: Iterable[uuid.UUID], *, now: datetime) -> list[Held]:
    """Copy what is about to be deleted of these cases. Raise NotHeld, and then nothing may be deleted."""
    if deletion.what not in (*BY_KEY, What.RECORDS):
        return []
    start, end = bounds(deletion.month)
    records = AuditRecord.objects.filter(account_info_request_id__in=cases, at__gte=start, at__lt=end)
    if deletion.service:
        records = records.filter(service=written(deletion.service))
    return [_copy(record, deletion.what, now) for record in records.order_by("id")]


def _copy(record: AuditRecord, what: What, now: datetime) -> Held:
    case = record.account_info_request_id
    assert case is not None
    proof = _proof_of(record)
    key = named_key(key_of(case), kind=MonthKey.Kind.HELD, service=NO_SERVICE, month=now.date().replace(day=1))
    content = orjson.dumps(_content(record, what), option=orjson.OPT_SORT_KEYS)
    held = Held(
        at=now,
        account_info_request_id=case,
        what=what,
        record=record.pk,
        proof=proof,
        opened=seal_in(key, content, column=_place(what), record=record.pk),
    )
    held.save()
    return held


def _proof_of(record: AuditRecord) -> dict[str, Any]:
    try:
        return proof_of(connection, record.pk)
    except NotProven as reason:
        raise NotHeld(f"The record {record.pk}, whose case is held, cannot be proven: {reason}") from None


def key_of(case: uuid.UUID) -> str:
    """Return the name of the key that a case's copies are encrypted with."""
    return f"-.held.{case}"


def content_of(held: Held) -> dict[str, Any]:
    """Return what was still to be read of a held record when it was copied. Raise NotRevealed once it is released."""
    column = _place(What(held.what))
    found: dict[str, Any] = orjson.loads(reveal_bytes(bytes(held.opened), column=column, record=held.record))
    return found


def proof_with(held: Held) -> dict[str, Any]:
    """Return a held copy's proof as `audit_proof --open` would have printed it, with number and document."""
    content = content_of(held)
    opened = {name: content[name] for name in ("control_object", "salt") if name in content}
    more = {"opened": opened} if len(opened) > 1 else {}
    return held.proof | more | {name: content[name] for name in ("document",) if name in content}


def proof_held(record: uuid.UUID) -> dict[str, Any] | None:
    """Return the proof of a record that was copied, whether or not the record itself is still there."""
    held = Held.objects.filter(record=record).order_by("at", "id").first()
    return held.proof if held else None


def disclosed(record: uuid.UUID) -> dict[str, Any]:
    """Return what the copies of a record still say in the words of a proof: `opened`, `document`, or nothing."""
    found: dict[str, Any] = {}
    for held in Held.objects.filter(record=record):
        try:
            found |= {name: value for name, value in proof_with(held).items() if name in DISCLOSED}
        except NotRevealed:
            continue
    return found


def digest_of(copies: Iterable[Any]) -> str:
    """Return the SHA-256 over held copies: for each a line of its record, its proof's digest and its content's."""
    lines = (f"{held.record} {_digest(canonical(held.proof))} {_digest(bytes(held.opened))}\n" for held in copies)
    return _digest("".join(lines).encode())


def canonical(proof: dict[str, Any]) -> bytes:
    """Return a proof as one line of JSON with sorted names."""
    return json.dumps(proof, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _content(record: AuditRecord, what: What) -> dict[str, Any]:
    """Return what a record says in clear, as far as it is about to be deleted and can be read yet."""
    found: dict[str, Any] = {}
    if what != What.DOCUMENTS:
        found |= _numbers(record)
    if what != What.NUMBERS and (document := _document(record)) is not None:
        found["document"] = document
    return found


def _numbers(record: AuditRecord) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in VALUES:
        column = f"{name}_sealed"
        sealed = getattr(record, column)
        if sealed is None or _is_destroyed(sealed):
            continue
        try:
            text = reveal(sealed, column=column, record=record.pk)
        except NotRevealed:
            raise NotHeld(f"A value of the record {record.pk}, whose case is held, cannot be opened.") from None
        found[name] = json.loads(text) if name in IN_JSON else text
    if "control_object" in found and record.control_object_commitment:
        key = known_key(_name_in(record.control_object_sealed))
        found["salt"] = commitment_salt(key, record.pk).hex()
    return found


def _document(record: AuditRecord) -> str | None:
    if record.answer_digest is None:
        return None
    kept = Answer.objects.filter(id=record.pk, at=record.at).values_list("document", flat=True).first()
    if kept is None or _is_destroyed(bytes(kept)):
        return None
    try:
        return answer_of(record).decode()
    except (NotRevealed, UnicodeDecodeError):
        raise NotHeld(f"The answer of the record {record.pk}, whose case is held, cannot be opened.") from None


def _is_destroyed(sealed: bytes) -> bool:
    """Return whether it was encrypted with a month's key that is no more."""
    name = _name_in(sealed)
    return "." in name and not MonthKey.objects.filter(name=name).exists()


def _name_in(sealed: bytes | memoryview | None) -> str:
    return bytes(sealed or b"").partition(b":")[0].decode("ascii", "replace")


def _place(what: What) -> str:
    return f"held_{what}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
