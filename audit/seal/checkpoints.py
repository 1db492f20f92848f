"""What is signed: one line of JSON that says which rows a root covers and which checkpoint came before."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Self

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from audit.seal.leaves import moment_text

DOMAIN = b"dsop audit checkpoint 1\n"
"""Stands before the line that is signed, so that a signature can be taken for nothing else."""
FIRST = bytes(32)
"""What the first checkpoint has in place of a digest of the one before."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a checkpoint says; see seal/models.py for the words. Digests are in lower-case hexadecimal."""

    number: int
    sealed_table: str
    month: str  # its first day, YYYY-MM-DD
    size: int
    root: str
    previous: str
    below: int
    cluster: str
    at: str  # UTC, to the microsecond
    key: str

    @property
    def line(self) -> bytes:
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)

    @property
    def message(self) -> bytes:
        """Return what is signed."""
        return DOMAIN + self.line

    @property
    def digest(self) -> bytes:
        """Return what the next checkpoint names this one by."""
        return hashlib.sha256(self.message).digest()

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return what a row of the table says; a date, moment or digest in it that is none makes a ValueError."""
        try:
            return cls(
                number=row.number,
                sealed_table=row.sealed_table,
                month=row.month.isoformat(),
                size=row.size,
                root=bytes(row.root).hex(),
                previous=bytes(row.previous).hex(),
                below=row.below,
                cluster=row.cluster,
                at=moment_text(row.at),
                key=row.key,
            )
        except (TypeError, AttributeError) as error:
            raise ValueError("The checkpoint is not one.") from error


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return the SHA-256 of a public key in DER (SubjectPublicKeyInfo), as its checkpoints name it."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
