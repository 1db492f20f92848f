"""A true proof, made as the trail makes one, and what a forger would do to it."""

import copy
import hashlib
import json
from dataclasses import asdict, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from audit.seal.checkpoints import FIRST, Statement, fingerprint
from audit.seal.leaves import commitment, leaf
from audit.seal.merkle import Tree, leaf_of, path_of

KEY, ANOTHER = Ed25519PrivateKey.from_private_bytes(bytes(32)), Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
NUMBER, OPENING = "01810112345", bytes(range(16))
DOCUMENT = '{"accounts":[{"accountName":"Lån og brød"}]}'
POSITION, SIZE = 4, 7
SALT = b"\xa5" * 16
ROW = {
    "account_hashes": '{"\\\\x6c313a00"}',
    "at": "2026-11-22T08:00:00.123456+00:00",
    "consumer": "974761076",
    "control_object_commitment": f"\\x{commitment(NUMBER, OPENING).hex()}",
    "document_digest": f"\\x{hashlib.sha256(DOCUMENT.encode()).hexdigest()}",
    "endpoint": "accounts",
    "evidence": {"alg": "RSA-OAEP-256", "parts": [1, True, None]},
    "id": "019aab12-0000-7000-8000-000000000001",
    "refusal": "",
    "requester_id": "saksbehandler Ødegård 😀\u2028",
}
LEAVES = [leaf_of(bytes([number])) for number in range(SIZE)]


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def public(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def sealed(row=ROW, salt=SALT, key=KEY, table="audit_record", **changes):
    """Return the proof of a row that stands among others in a checkpoint."""
    mine = leaf(salt, canonical({"row": row, "table": table}))
    tree = [*LEAVES[:POSITION], mine, *LEAVES[POSITION + 1 :]]
    statement = Statement(
        number=17,
        sealed_table=table,
        month="2026-11-01",
        size=SIZE,
        root=Tree(tree).root.hex(),
        previous=FIRST.hex(),
        below=4711,
        cluster="7500000000000000001",
        at="2026-11-22T08:00:30.000001+00:00",
        key=fingerprint(key.public_key()),
    )
    statement = replace(statement, **changes)
    return {
        "format": "dsop audit proof 1",
        "table": table,
        "row": row,
        "salt": salt.hex(),
        "position": POSITION,
        "size": SIZE,
        "path": [node.hex() for node in path_of(tree, POSITION)],
        "checkpoint": asdict(statement),
        "signature": key.sign(statement.message).hex(),
        "opened": {"control_object": NUMBER, "salt": OPENING.hex()},
        "document": DOCUMENT,
    }


def line(proof):
    """Return the line that the outside copy has of the proof's checkpoint."""
    return canonical({"signature": proof["signature"], "statement": proof["checkpoint"]}) + b"\n"


def changed(*place, to):
    """Return the true proof with one member, named by its place, changed."""
    proof = copy.deepcopy(sealed())
    *way, last = place
    inner = proof
    for name in way:
        inner = inner[name]
    inner[last] = to(inner[last]) if callable(to) else to
    return proof


def without(*place):
    proof = copy.deepcopy(sealed())
    *way, last = place
    inner = proof
    for name in way:
        inner = inner[name]
    del inner[last]
    return proof


def signed_again(proof, key=KEY):
    """Return a proof whose statement was changed, signed anew by whoever has that key."""
    statement = Statement(**proof["checkpoint"])
    return {**proof, "signature": key.sign(statement.message).hex()}
