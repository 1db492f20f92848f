"""What must hold of the keys: random, none used twice, and none gone or exchanged that the trail was written with."""

import itertools
import string
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from audit.keyring import KeyRing, is_name
from audit.retain.month_keys import Exchanged, KeyGone
from audit.secrecy import Kind, NotRevealed, hashes_of, key_of, reveal

RINGS = ("REFERENCE_KEYS", "AUDIT_LOOKUP_KEYS", "AUDIT_ENCRYPTION_KEYS")
PART = 32
"""AES-SIV takes two keys of 32 bytes: each part of a secret is a secret of its own."""
FEW = 18
"""Of 32 random bytes some 30 differ; fewer than 18 do not happen by chance (one in 10 thousand millions)."""
TEXT = frozenset(string.printable.encode())

# A hash begins with its key's name and a colon; the next key's hashes lie behind name and semicolon. So the index is
# read once a key, not once a record. LIMIT also bounds what a damaged trail could cost.
PAST = """
substring(used.hash FROM 1 FOR coalesce(nullif(position(':'::bytea IN used.hash), 0), length(used.hash) + 1) - 1)
|| ';'::bytea
"""
WRITTEN_WITH = f"""
WITH RECURSIVE used (hash) AS (
    (SELECT control_object_hash FROM audit_record
     WHERE control_object_hash IS NOT NULL ORDER BY control_object_hash LIMIT 1)
    UNION ALL
    SELECT later.control_object_hash FROM used CROSS JOIN LATERAL (
        SELECT control_object_hash FROM audit_record
        WHERE control_object_hash > {PAST} ORDER BY control_object_hash LIMIT 1) AS later
)
SELECT sample.* FROM (SELECT hash FROM used LIMIT %s) AS used CROSS JOIN LATERAL (
    SELECT control_object_hash, control_object_sealed, id FROM audit_record
    WHERE control_object_hash >= used.hash AND control_object_hash < {PAST}
    ORDER BY control_object_hash LIMIT %s) AS sample
"""  # noqa: S608 - our own words
MOST_KEYS, SAMPLE = 200, 5


@register
def check_randomness(**kwargs: Any) -> list[CheckMessage]:
    """A key made up by a person, or left from an example, protects nothing."""
    return [
        Error(f"{ring}: the key {name} is not random.", hint="make_key makes one.", id="dsop.E051")
        for ring, name, secret in _secrets()
        if _looks_made_up(secret)
    ]


@register
def check_used_once(**kwargs: Any) -> list[CheckMessage]:
    """A secret under two names can never be retired, and in two rings it is lost twice at once."""
    parts = sorted((part, ring, name) for ring, name, secret in _secrets() for part in _parts(secret))
    doubled = {
        (f"{one[1]} {one[2]}", f"{other[1]} {other[2]}")
        for one, other in itertools.pairwise(parts)
        if one[0] == other[0]
    }
    return [
        Error(f"The same secret is in {one} and in {other}.", hint="make_key makes another.", id="dsop.E052")
        for one, other in sorted(doubled)
    ]


@register(Tags.database)
def check_trail_keys(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """What was recorded under a look-up key is found by that key alone, so none goes before its last record.

    Looks at the control objects, whose hashes have an index: a key is missed only when no question about anybody
    was recorded under it.
    """
    if settings.AS_OWNER or "default" not in (databases or ()):
        return []
    found: list[CheckMessage] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_record') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(WRITTEN_WITH, [MOST_KEYS, SAMPLE])
        rows = [(bytes(hash_), bytes(sealed or b""), record) for hash_, sealed, record in cursor.fetchall()]
    for name, sample in itertools.groupby(rows, key=lambda row: _name_in(row[0])):
        found += _faults(name, [*sample])
    return found


def _faults(name: str, sample: list[tuple[bytes, bytes, Any]]) -> list[CheckMessage]:
    """Return what is wrong with the keys behind these records; one record that fits shows that nothing is."""
    if name not in {key.name for key in settings.AUDIT_LOOKUP_KEYS}:
        return [
            Error(
                f"AUDIT_LOOKUP_KEYS: the key {name} is missing, and the trail holds records written with it.",
                hint="Put it back behind the others; it can go when its last record is gone (docs/keys.md).",
                id="dsop.E053",
            )
        ]
    faults = [_fault(*row) for row in sample]
    if None in faults:
        return []
    return [
        Error(
            f"{fault} is not the one that the trail was written with.",
            hint="Find the right secret, or look for what was changed in the trail.",
            id="dsop.E054",
        )
        for fault in sorted({fault for fault in faults if fault})
    ]


def _fault(stored: bytes, sealed: bytes, record: Any) -> str | None:
    """Return the key that does not fit this record, the empty string when that cannot be known."""
    try:
        key = key_of(sealed)
    except Exchanged as error:
        return f"AUDIT_ENCRYPTION_KEYS: the key {error.name}"
    except KeyGone:
        return ""  # destroyed, which is how a number is deleted
    try:
        number = reveal(sealed, column="control_object_sealed", record=record)
    except NotRevealed:
        return f"{'audit_key' if '.' in key.name else 'AUDIT_ENCRYPTION_KEYS'}: the key {key.name}"
    return None if stored in hashes_of(Kind.PARTY, number) else f"AUDIT_LOOKUP_KEYS: the key {_name_in(stored)}"


def _name_in(stored: bytes) -> str:
    """Return the name before the colon, if it is one that a key can have."""
    name = stored.partition(b":")[0].decode("ascii", "replace")
    return name if is_name(name) else "?"


def _secrets() -> Iterator[tuple[str, str, bytes]]:
    for setting in RINGS:
        ring: KeyRing = getattr(settings, setting)
        for key in ring:
            yield setting, key.name, key.secret


def _looks_made_up(secret: bytes) -> bool:
    """Return whether it is readable text, or repeats itself, or counts."""
    return any(
        TEXT.issuperset(part)
        or len(set(part)) < FEW
        or len({(after - before) % 256 for before, after in itertools.pairwise(part)}) < FEW
        for part in _parts(secret)
    )


def _parts(secret: bytes) -> list[bytes]:
    return [secret[start : start + PART] for start in range(0, len(secret), PART)]
