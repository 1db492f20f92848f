"""The chain through what one connection writes: a number for each row, and a keyed digest of the row before.

A connection is used by one thread at a time, so its chain needs no lock. Who can write to the database but lacks the
look-up keys can neither begin a chain nor lengthen one; a row taken out leaves a gap.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from audit.seal.leaves import SALT_BYTES, content_of, leaf
from audit.secrecy import Kind, hash_of

__all__ = ["SALT_BYTES", "Writer", "current"]


@dataclass(slots=True)
class Writer:
    """Whoever appends to one sealed table over one connection. `number` and `previous` are those of its next row."""

    table: str
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    number: int = 1
    previous: bytes = b""

    def __post_init__(self) -> None:
        self.previous = self.previous or introduction(self.id)

    def columns(self) -> dict[str, str | None]:
        """Return the texts of the columns in which the next row names its writer."""
        return {
            "writer": str(self.id),
            "writer_number": str(self.number),
            "writer_previous": f"\\x{self.previous.hex()}",
        }

    def after(self, salt: bytes, row: Mapping[str, str | None]) -> "Writer":
        """Return the writer as it is once that row, given as the columns' texts, is committed."""
        digest = leaf(salt, content_of(self.table, row))
        return Writer(self.table, self.id, self.number + 1, digest_of(digest))


def introduction(writer: uuid.UUID) -> bytes:
    """Return what the first row of a writer has in place of a digest."""
    return hash_of(Kind.WRITER, str(writer))


def digest_of(leaf_before: bytes) -> bytes:
    """Return the keyed digest of a row, which the same writer's next one carries."""
    return hash_of(Kind.ROW, leaf_before.hex())


def current(table: str) -> Writer:
    """Return the writer of this thread's connection for a table. Open the connection when there is none.

    In a transaction that somebody else will end, each row has a writer of its own: a rollback would tear a chain.
    """
    connection.ensure_connection()
    if connection.in_atomic_block:
        return Writer(table)
    return _writers().get(table) or Writer(table)


def committed(writer: Writer) -> None:
    """Remember the writer as it is now; to be called once its row is committed."""
    if not connection.in_atomic_block:
        _writers()[writer.table] = writer


def _writers() -> dict[str, Writer]:
    """Return the writers of the session that is open now; another session has others."""
    session: Any = connection.connection
    kept: dict[str, Writer] | None = getattr(session, "_audit_writers", None)
    if kept is None:
        kept = session._audit_writers = {}
    return kept
