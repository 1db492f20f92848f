"""Keys by kind, service and month: what they encrypt is deleted everywhere at once when their row is.

They lie in the database, themselves encrypted by AUDIT_ENCRYPTION_KEYS. A worker keeps those that it writes with in
memory, so that a request asks for none; those that it reads with it looks up anew each minute.
"""

import hmac
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime

from django.conf import settings
from django.db import connection

from audit.ciphers import NotOpened, decrypted, encrypted, parted, place_of
from audit.keyring import Key, KeyRing
from audit.partitions import months
from audit.retain.models import MonthKey
from audit.retain.policy import policy_in_force

MonthSecret = Key
"""A month key in clear; its name is `YYYYMM.kind.service`, and it stands before whatever the key encrypts."""

NUMBER, ORDER, DOCUMENT = MonthKey.Kind.NUMBER, MonthKey.Kind.ORDER, MonthKey.Kind.DOCUMENT
NOBODY = "-"
"""Stands for the service of a question that was refused before there was one."""
SECRET_BYTES, SALT_BYTES = 32, 16
KNOWN_FOR_SECONDS = 60.0
LONGEST_NAME, MOST_KNOWN = 128, 10_000
READ = "SELECT wrapped FROM audit_key WHERE name = %s"
MAKE = """
INSERT INTO audit_key (name, kind, service, month, wrapped, made_at) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (name) DO NOTHING
"""


class KeyGone(Exception):
    """The key was destroyed, or what it was encrypted with was."""


class Unknown(KeyGone):
    """It is encrypted with a key that is not in the ring."""


class Exchanged(KeyGone):
    """It is encrypted with a key of a name that is in the ring, but with another secret."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class Memory:
    """The month keys that this process has opened with one ring of AUDIT_ENCRYPTION_KEYS."""

    def __init__(self, ring: KeyRing | None = None) -> None:
        self.ring = ring
        self.writing: dict[tuple[str, str, date], Key] = {}
        self.known: dict[str, tuple[Key | None, float]] = {}
        """None stands for a key that there is none of: a list of rows asks once for it, not for each row."""


_memory = Memory()


def month_key(kind: str, service: str, month: date) -> MonthSecret:
    """Return the key to write with, made when there is none. Raise KeyGone when there is one that does not open."""
    which = kind, service or NOBODY, month.replace(day=1)
    memory = _of_this_ring()
    key = memory.writing.get(which)
    if key is None:
        key = _read_or_made(*which)
        if not connection.in_atomic_block:  # else it may be taken back
            memory.writing[which] = key
    return key


def known_key(name: str) -> MonthSecret:
    """Return the key to read with. Raise KeyGone; a destroyed one is gone after a minute at the latest."""
    memory, now = _of_this_ring(), time.monotonic()
    key, until = memory.known.get(name, (None, 0.0))
    if until < now:
        memory.known.pop(name, None)
        wrapped = _wrapped(name)
        key = None if wrapped is None else _opened(name, wrapped)
        if not connection.in_atomic_block:
            if len(memory.known) >= MOST_KNOWN:
                memory.known.clear()
            memory.known[name] = key, now + KNOWN_FOR_SECONDS
    if key is None:
        raise KeyGone
    return key


def keep_ahead(services: Iterable[str], today: date) -> None:
    """Make and load this month's keys and the next one's for these services, and for questions without one."""
    for first in months(today, 1):
        for service in (NOBODY, *services):
            for kind in _kinds_of(service):
                month_key(kind, service, first)
    memory, oldest = _of_this_ring(), today.replace(day=1)
    for which in [which for which in list(memory.writing) if which[2] < oldest]:
        memory.writing.pop(which, None)


def _kinds_of(service: str) -> Iterator[str]:
    yield from (NUMBER, ORDER)
    if service != NOBODY and policy_in_force().answer_days(service):
        yield DOCUMENT


def seal_in(key: MonthSecret, clear: str | bytes, *, column: str, record: uuid.UUID) -> bytes:
    """Return the text, or the bytes, encrypted with the key for one column of one record."""
    content = clear.encode("utf-8", "surrogatepass") if isinstance(clear, str) else clear
    return encrypted(key, content, place_of(column, record))


def commitment_salt(key: MonthSecret, record: uuid.UUID) -> bytes:
    """Return the salt of a record's commitment to its number, by the key that the number is encrypted with."""
    return hmac.digest(key.secret, b"commitment\0" + record.bytes, "sha256")[:SALT_BYTES]


def named_key(name: str, *, kind: str, service: str, month: date) -> MonthSecret:
    """Return the key of that name, made when there is none. Raise KeyGone when there is one that does not open."""
    wrapped = _wrapped(name)
    if wrapped is None:
        secret = encrypted(_ring().writing, os.urandom(SECRET_BYTES), name.encode())
        with connection.cursor() as cursor:
            cursor.execute(MAKE, [name, kind, service, month, secret, datetime.now(UTC)])
        wrapped = _wrapped(name)  # another worker may have been first
        _of_this_ring().known.pop(name, None)
    return _opened(name, wrapped)


def _read_or_made(kind: str, service: str, first: date) -> Key:
    """Return the key of that month; a second one where the first was encrypted with a key that has left the ring."""
    for name in _names(kind, service, first):
        try:
            return named_key(name, kind=kind, service=service, month=first)
        except Unknown:
            continue
    raise KeyGone


def _names(kind: str, service: str, first: date) -> Iterator[str]:
    # In a ciphertext the name ends at a colon.
    name = f"{first:%Y%m}.{kind}.{service.replace(':', '/')}"
    yield name
    yield f"{name}.{_ring().writing.name}"


def _wrapped(name: str) -> bytes | None:
    if not name.isprintable() or len(name) > LONGEST_NAME:
        return None
    with connection.cursor() as cursor:
        cursor.execute(READ, [name])
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


def _opened(name: str, wrapped: bytes | None) -> Key:
    if wrapped is None:
        raise KeyGone
    try:
        wrapping, rest = parted(wrapped)
        key = _ring().named(wrapping)
    except (KeyError, ValueError):
        raise Unknown from None
    try:
        return Key(name, decrypted(key, rest, name.encode()))
    except NotOpened:
        raise Exchanged(wrapping) from None


def _ring() -> KeyRing:
    ring: KeyRing = settings.AUDIT_ENCRYPTION_KEYS
    return ring


def _of_this_ring() -> Memory:
    global _memory
    if _memory.ring is not _ring():
        _memory = Memory(_ring())
    return _memory
