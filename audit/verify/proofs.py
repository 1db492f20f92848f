"""The proof of one row, for whoever has the public key: what was sealed of it, and its way to a signed root.

docs/evidence.md says in words how a stranger checks one; tools/verify_proof.py does.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import transaction

from audit.models import Checkpoint
from audit.partitions import MOMENTS, bounds
from audit.seal.checkpoints import Statement, fingerprint
from audit.seal.leaves import content, leaf, selected
from audit.seal.merkle import path_of, root_from

FORMAT = "dsop audit proof 1"
# How values are written as text must not depend on how a server or role is set up.
WRITTEN = """
SELECT set_config('timezone', 'UTC', true), set_config('bytea_output', 'hex', true),
       set_config('datestyle', 'ISO, YMD', true)
"""
ROWS = """
SELECT s.checkpoint, s.position, s.leaf, r.salt, {columns}
FROM {table} r LEFT JOIN {table}_sealed s ON s.id = r.id AND s.at = r.{moment}
WHERE r.id = %s AND r.{moment} BETWEEN %s AND %s
"""
LEAVES = "SELECT leaf FROM {table}_sealed WHERE checkpoint = %s AND at >= %s AND at < %s ORDER BY position"
SLACK = timedelta(seconds=1)
LATE = {"audit_turned_away": timedelta(days=8)}
"""A row's id is drawn with its moment; a sum's when it is written, which may have had to wait."""
EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class NotProven(Exception):
    """There is no proof of that row; the sentence says why and holds nothing of the row."""


def proof_of(connection: Any, record: uuid.UUID, *, table: str = "audit_record") -> dict[str, Any]:
    """Return the proof of a sealed row. Raise NotProven, also where the database contradicts itself.

    What the checkpoint says is not compared with a key here: see `check_proof`.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        number, position, stored, salt, *values = _row(cursor, table, record)
        if number is None:
            raise NotProven("The row is not sealed yet; try again in a minute.")
        checkpoint = Checkpoint.objects.using(connection.alias).filter(number=number).first()
        if checkpoint is None:
            raise NotProven(f"Checkpoint {number}, which the row was sealed in, is gone.")
        statement = Statement.of(checkpoint)
        cursor.execute(LEAVES.format(table=table), [number, *bounds(checkpoint.month)])
        leaves = [bytes(found) for (found,) in cursor.fetchall()]
    if not 0 <= position < len(leaves) or leaves[position] != bytes(stored):
        raise NotProven(f"Rows of checkpoint {number} are gone or stand in another order: run audit_verify.")
    proof = {
        "format": FORMAT,
        "table": table,
        "row": orjson.loads(content(table, values))["row"],
        "salt": bytes(salt or b"").hex(),
        "position": position,
        "size": len(leaves),
        "path": [node.hex() for node in path_of(leaves, position)],
        "checkpoint": asdict(statement),
        "signature": bytes(checkpoint.signature).hex(),
    }
    if leaf(salt, content(table, values)) != bytes(stored):
        raise NotProven(f"The row is not what was sealed in checkpoint {number}: run audit_verify.")
    _check_path(proof)
    return proof


def check_proof(proof: Mapping[str, Any], keys: Iterable[Ed25519PublicKey]) -> None:
    """Refuse a proof that a stranger with these public keys would not accept. Raise NotProven."""
    _check_path(proof)
    statement = Statement(**proof["checkpoint"])
    for key in keys:
        if fingerprint(key) == statement.key:
            break
    else:
        raise NotProven(f"Checkpoint {statement.number} names a signing key that is not among the public keys.")
    try:
        key.verify(bytes.fromhex(proof["signature"]), statement.message)
    except InvalidSignature:
        raise NotProven(f"The signature of checkpoint {statement.number} is not over what it says.") from None


def _row(cursor: Any, table: str, record: uuid.UUID) -> tuple[Any, ...]:
    """Return the row of that id: where its own time says, in one partition, else wherever it is."""
    query = ROWS.format(table=table, moment=MOMENTS[table], columns=selected(table, "r"))
    for window in (_window(table, record), EVER):
        cursor.execute(query, [record, *window])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        if len(found) > 1:
            raise NotProven("Several rows have that id: run audit_verify.")
        if found:
            return found[0]
    raise NotProven(f"There is no row of that id in {table}.")


def _window(table: str, record: uuid.UUID) -> tuple[datetime, datetime]:
    """Return between which moments a row of that UUIDv7 lies; of another kind of id, anywhere."""
    try:
        moment = datetime.fromtimestamp((record.int >> 80) / 1000, UTC)
        return moment - LATE.get(table, SLACK), moment + SLACK
    except (ValueError, OverflowError, OSError):
        return EVER


def _check_path(proof: Mapping[str, Any]) -> None:
    statement = proof["checkpoint"]
    text = orjson.dumps({"row": proof["row"], "table": proof["table"]}, option=orjson.OPT_SORT_KEYS)
    path = [bytes.fromhex(node) for node in proof["path"]]
    root = root_from(leaf(bytes.fromhex(proof["salt"]), text), proof["position"], proof["size"], path)
    sealed = (statement["sealed_table"], statement["size"], statement["root"])
    if root is None or sealed != (proof["table"], proof["size"], root.hex()):
        raise NotProven(f"The row is not what was sealed in checkpoint {statement['number']}: run audit_verify.")
