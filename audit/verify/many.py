"""The proofs of many rows at once: of each checkpoint the leaves are read once, however many rows were sealed in it."""

import uuid
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import transaction

from audit.models import Checkpoint
from audit.partitions import bounds
from audit.seal.checkpoints import Statement
from audit.seal.leaves import content, leaf, selected
from audit.seal.merkle import EMPTY, node_of
from audit.verify.proofs import FORMAT, LEAVES, WRITTEN, NotProven

TABLE = "audit_record"
ROWS = f"""
SELECT r.id, s.checkpoint, s.position, s.leaf, r.salt, {{columns}}
FROM {TABLE} r LEFT JOIN {TABLE}_sealed s ON s.id = r.id AND s.at = r.at AND s.at BETWEEN %s AND %s
WHERE r.id = ANY(%s) AND r.at BETWEEN %s AND %s
"""  # noqa: S608 - our own words
DIGEST_BYTES = 32
KEPT = 4
"""Checkpoints whose trees are in memory: rows by time come from a few neighbouring ones at once."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A record as it was sealed: its columns' texts, and its proof, or one sentence why there is none."""

    id: uuid.UUID
    row: dict[str, Any]
    proof: dict[str, Any] | None = None
    why_not: str = ""
    is_sealed: bool = True


class Levels:
    """A whole tree, each level as one string of digests, so that any leaf's path can be cut out of it."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.size = len(leaves)
        self._levels = [b"".join(leaves)]
        while len(self._levels[-1]) > DIGEST_BYTES:
            self._levels.append(_above(self._levels[-1]))

    @property
    def root(self) -> bytes:
        return self._levels[-1] or EMPTY

    def leaf(self, position: int) -> bytes:
        return _at(self._levels[0], position)

    def path(self, position: int) -> list[bytes]:
        """Return the nodes that lead from a leaf to the root, lowest first."""
        path: list[bytes] = []
        for level in self._levels[:-1]:
            if sibling := _at(level, position ^ 1):
                path.append(sibling)
            position >>= 1
        return path


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database has of a record: where it is sealed, if it is, and its columns."""

    checkpoint: int | None
    position: int
    leaf: Any
    salt: Any
    values: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class _Sealing:
    """A checkpoint and its tree; `fault` says why nothing that was sealed in it can be proven."""

    statement: Statement
    told: dict[str, Any]
    """The statement as every proof has it."""
    signature: bytes
    levels: Levels
    fault: str = ""

    def check(self, found: _Found, text: bytes) -> None:
        """Refuse a record that is not what was sealed at its place. Raise NotProven."""
        if self.fault:
            raise NotProven(self.fault)
        stored = bytes(found.leaf)
        if self.levels.leaf(found.position) != stored or leaf(found.salt, text) != stored:
            raise NotProven(f"The row is not what was sealed in checkpoint {found.checkpoint}: run audit_verify.")

    def proof(self, found: _Found, texts: dict[str, Any]) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "table": TABLE,
            "row": texts,
            "salt": bytes(found.salt or b"").hex(),
            "position": found.position,
            "size": self.levels.size,
            "path": [node.hex() for node in self.levels.path(found.position)],
            "checkpoint": self.told,
            "signature": self.signature.hex(),
        }


@dataclass(slots=True)
class ManyProofs:
    """Proofs of records for whoever has these public keys; without keys the signatures are not looked at.

    Rows should come by time: then little is read twice.
    """

    connection: Any
    keys: Mapping[str, Ed25519PublicKey] | None
    _kept: OrderedDict[int, _Sealing | str] = field(default_factory=OrderedDict)

    def of(self, records: Sequence[tuple[uuid.UUID, datetime]]) -> list[Proven]:
        """Return each of these records, by id and moment, in their order; without those that are gone."""
        if not records:
            return []
        moments = [at for _id, at in records]
        window = min(moments), max(moments)
        with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            cursor.execute(WRITTEN)
            ids = [row for row, _at in records]
            cursor.execute(ROWS.format(columns=selected(TABLE, "r")), [*window, ids, *window])
            found = {row[0]: _Found(row[1], row[2], row[3], row[4], row[5:]) for row in cursor.fetchall()}
            return [self._proven(cursor, row, found[row]) for row in ids if row in found]

    def _proven(self, cursor: Any, row: uuid.UUID, found: _Found) -> Proven:
        text = content(TABLE, found.values)
        texts = orjson.loads(text)["row"]
        if found.checkpoint is None:
            return Proven(row, texts, why_not="It is not sealed yet.", is_sealed=False)
        try:
            sealing = self._sealing(cursor, found.checkpoint)
            sealing.check(found, text)
        except NotProven as why:
            return Proven(row, texts, why_not=str(why))
        return Proven(row, texts, sealing.proof(found, texts))

    def _sealing(self, cursor: Any, number: int) -> _Sealing:
        """Return a checkpoint with its tree, from memory where it is. Raise NotProven when it is gone."""
        if number not in self._kept:
            self._kept[number] = self._read(cursor, number)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        found = self._kept[number]
        if isinstance(found, str):
            raise NotProven(found)
        return found

    def _read(self, cursor: Any, number: int) -> _Sealing | str:
        checkpoint = Checkpoint.objects.using(self.connection.alias).filter(number=number).first()
        if checkpoint is None:
            return f"Checkpoint {number}, which the row was sealed in, is gone."
        cursor.execute(LEAVES.format(table=TABLE), [number, *bounds(checkpoint.month)])
        levels = Levels([bytes(found) for (found,) in cursor.fetchall()])
        statement, signature = Statement.of(checkpoint), bytes(checkpoint.signature)
        return _Sealing(statement, asdict(statement), signature, levels, self._fault(statement, signature, levels))

    def _fault(self, statement: Statement, signature: bytes, levels: Levels) -> str:
        if (statement.sealed_table, statement.size, statement.root) != (TABLE, levels.size, levels.root.hex()):
            return f"Rows of checkpoint {statement.number} are gone or stand in another order: run audit_verify."
        if self.keys is None:
            return ""
        key = self.keys.get(statement.key)
        if key is None:
            return f"Checkpoint {statement.number} names a signing key that is not among the public keys."
        try:
            key.verify(signature, statement.message)
        except InvalidSignature:
            return f"The signature of checkpoint {statement.number} is not over what it says."
        return ""


def _above(level: bytes) -> bytes:
    """Return the level above; a node without a neighbour goes up as it is."""
    pairs = range(0, len(level) - DIGEST_BYTES, 2 * DIGEST_BYTES)
    nodes = [node_of(level[at : at + DIGEST_BYTES], level[at + DIGEST_BYTES : at + 2 * DIGEST_BYTES]) for at in pairs]
    odd = level[-DIGEST_BYTES:] if (len(level) // DIGEST_BYTES) % 2 else b""
    return b"".join(nodes) + odd


def _at(level: bytes, place: int) -> bytes:
    return level[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES] if place >= 0 else b""
