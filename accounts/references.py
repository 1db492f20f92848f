"""The accountReference: opaque, stateless, and good in one case only.

AES-SIV (RFC 5297) seals account and party; consumer, service, audience and AccountInfoRequestID are associated data.
So a reference opens only for who got it, in the case it was given in, and proves that the account list came first.
The same account has the same reference for as long as the case and the key last. A page's cursor is sealed alike.
"""

import base64
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from accounts.movements import Position
from legal.enquiries import Enquiry
from legal.refusals import BadCursor, NothingHere

CURSOR_BYTES = 16 + 8 + 8  # tag, moment, row
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEALED_BYTES = {16 + 8 + 9, 16 + 8 + 11}  # tag, account, party number


@dataclass(frozen=True, slots=True)
class Referred:
    """What a reference stands for: a row of the ledger, and the number the party was asked about by."""

    account_id: int
    party_number: str


NOBODY = Referred(account_id=0, party_number="0" * 11)
"""Stands for nothing in any ledger, so that a worthless reference is looked up like any other."""


@cache
def ciphers() -> tuple[AESSIV, ...]:
    return tuple(AESSIV(key.secret) for key in settings.REFERENCE_KEYS)  # the first one writes


def context_of(enquiry: Enquiry) -> list[bytes]:
    """Return what a reference is bound to."""
    return context(
        consumer=enquiry.grant.consumer,
        service=enquiry.mandate.service,
        audience=enquiry.grant.audience,
        account_info_request_id=enquiry.account_info_request_id,
    )


def context(*, consumer: str, service: str, audience: str, account_info_request_id: uuid.UUID) -> list[bytes]:
    return [b"accountReference", consumer.encode(), service.encode(), audience.encode(), account_info_request_id.bytes]


def reference_to(referred: Referred, bound_to: list[bytes]) -> str:
    """Return the reference as base64url without padding: 44 or 47 characters."""
    plaintext = referred.account_id.to_bytes(8, "big") + referred.party_number.encode("ascii")
    return base64.urlsafe_b64encode(ciphers()[0].encrypt(plaintext, bound_to)).rstrip(b"=").decode("ascii")


def resolve(reference: str, bound_to: list[bytes]) -> Referred:
    """Return what the reference stands for in this very context. Raise NothingHere for anything else."""
    sealed = _sealed_bytes(reference)
    for cipher in ciphers():
        try:
            plaintext = cipher.decrypt(sealed, bound_to)
        except InvalidTag:
            continue
        return Referred(int.from_bytes(plaintext[:8], "big"), plaintext[8:].decode("ascii"))
    raise NothingHere


def cursor_to(position: Position, bound_to: list[bytes]) -> str:
    """Return the place after a transaction as base64url: 43 characters that mean something in one list only."""
    microseconds = (position.booked_at - EPOCH) // timedelta(microseconds=1)
    plaintext = microseconds.to_bytes(8, "big", signed=True) + position.id.to_bytes(8, "big", signed=True)
    return base64.urlsafe_b64encode(ciphers()[0].encrypt(plaintext, bound_to)).rstrip(b"=").decode("ascii")


def position_of(cursor: str, bound_to: list[bytes]) -> Position:
    """Return the place that a cursor stands for in this very list. Raise BadCursor for anything else."""
    sealed = _decoded(cursor)
    for cipher in ciphers() if len(sealed) == CURSOR_BYTES else ():
        try:
            plaintext = cipher.decrypt(sealed, bound_to)
        except InvalidTag:
            continue
        microseconds, row = (int.from_bytes(part, "big", signed=True) for part in (plaintext[:8], plaintext[8:]))
        return Position(EPOCH + timedelta(microseconds=microseconds), row)
    raise BadCursor


def context_of_page(enquiry: Enquiry) -> list[bytes]:
    """Return what a cursor is bound to: all that a reference is, the reference itself and the period asked for."""
    days = f"{enquiry.asked_for.from_date}/{enquiry.asked_for.to_date}"
    return [b"cursor", *context_of(enquiry), (enquiry.account_reference or "").encode(), days.encode()]


def _sealed_bytes(reference: str) -> bytes:
    """Return the bytes behind the one right spelling; random-looking ones for all others, so that both cost alike."""
    sealed = _decoded(reference)
    return sealed if len(sealed) in SEALED_BYTES else bytes(max(SEALED_BYTES))


def _decoded(text: str) -> bytes:
    """Return the bytes behind base64url in its one right spelling, none for anything else."""
    try:
        decoded = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return b""
    return decoded if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode("ascii") == text else b""
