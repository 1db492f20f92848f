"""The checkpoints: numbered without a gap, each naming the one before, signed by a trusted key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.seal.checkpoints import FIRST, Statement
from audit.seal.leaves import MOMENT
from audit.verify.findings import Finding, Found, Looked
from audit.verify.reading import Reader, Texts, octets

COLUMNS = (
    "number::text, sealed_table, month::text, size::text, root::text, previous::text, below::text, cluster, "
    f"{MOMENT.format('at')}, key, signature::text"
)
CLUSTER = "SELECT system_identifier::text FROM pg_control_system()"
ALL = f"SELECT {COLUMNS} FROM audit_checkpoint ORDER BY number"  # noqa: S608 - our own words
Keys = Mapping[str, Ed25519PublicKey]


class Signed(NamedTuple):
    """A checkpoint and its signature, not verified."""

    statement: Statement
    signature: bytes

    @property
    def words(self) -> str:
        """Return what one needs to know of a checkpoint that is gone."""
        said = self.statement
        return f"{said.size} rows of {said.sealed_table} {said.month[:7]}, sealed {said.at}"


@dataclass(slots=True)
class Mark:
    """How far the sealer had come with one table: since when, and which of its runs came when."""

    number: int
    at: datetime
    below: int
    cluster: str
    before: datetime | None = None  # when the sealer's last run before this one was


@dataclass(slots=True)
class Sealing:
    """What the other parts need to know of the checkpoints: the first one's time, and the last of each table."""

    first_at: datetime | None = None
    last: dict[str, Mark] = field(default_factory=dict)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    after_gap: dict[int, str] = field(default_factory=dict)  # by number: the digest of a checkpoint that is not there
    newest: int = 0
    watermark: int = 0
    witnessed: set[bytes] = field(default_factory=set)  # digests that no checkpoint had yet

    def note_watermark(self, reader: Reader) -> None:
        """Learn below which transaction every row was sealed: the sealer looks at all tables in one go.

        In another cluster than the sealer's, after a restore, the transactions' numbers say nothing of that.
        """
        marks = [mark for mark in self.last.values() if mark.number == self.newest]
        [(cluster,)] = reader.rows(CLUSTER)
        self.watermark = next((mark.below for mark in marks if mark.cluster == cluster), 0)

    def note(self, statement: Statement) -> None:
        at = datetime.fromisoformat(statement.at)
        self.first_at = self.first_at or at
        self.newest = statement.number
        self.last[statement.sealed_table] = after(self.last.get(statement.sealed_table), statement)


def after(mark: Mark | None, statement: Statement) -> Mark:
    """Return the mark of a checkpoint that follows another of its table; one run may make several."""
    at = datetime.fromisoformat(statement.at)
    made = Mark(statement.number, at, statement.below, statement.cluster)
    if mark:
        same_run = (mark.below, mark.cluster) == (made.below, made.cluster)
        made.before = mark.before if same_run else mark.at
    return made


def signed_of(row: Texts) -> Signed:
    """Return the checkpoint of a row of COLUMNS."""
    number, table, month, size, root, previous, below, cluster, at, key, signature = (value or "" for value in row)
    statement = Statement(
        number=int(number),
        sealed_table=table,
        month=month,
        size=int(size),
        root=root[2:],
        previous=previous[2:],
        below=int(below),
        cluster=cluster,
        at=at,
        key=key,
    )
    return Signed(statement, octets(signature) or b"")


def check_checkpoints(
    reader: Reader, sealing: Sealing, *, keys: Keys, within: "Within", looked: Looked
) -> Iterator[Finding]:
    """Go through all of them; signatures only within the months asked for, since each digest covers those before."""
    previous = FIRST
    for row in reader.stream(ALL):
        signed = signed_of(row)
        said = signed.statement
        looked.checkpoints += 1
        if said.number != sealing.newest + 1:
            sealing.gaps.append((sealing.newest + 1, said.number - 1))
            sealing.after_gap[said.number - 1] = said.previous
        elif said.previous != previous.hex():
            yield Finding(Found.CHAIN_BROKEN, checkpoint(said.number))
        if date.fromisoformat(said.month) in within:
            yield from check_signature(signed, keys=keys, looked=looked)
        sealing.note(said)
        previous = said.digest
        sealing.witnessed.discard(previous)
    sealing.note_watermark(reader)


def check_signature(signed: Signed, *, keys: Keys, looked: Looked) -> Iterator[Finding]:
    where = checkpoint(signed.statement.number)
    if not keys:
        looked.unchecked["signatures: no public key is known"] += 1
    elif signed.statement.key not in keys:
        yield Finding(Found.KEY_UNKNOWN, where, f"fingerprint {signed.statement.key[:16]}…")
    elif not holds(signed, keys):
        yield Finding(Found.CHECKPOINT_EDITED, where, signed.words)


def holds(signed: Signed, keys: Keys) -> bool:
    """Return whether a trusted key has signed just this."""
    key = keys.get(signed.statement.key)
    if key is None:
        return False
    try:
        key.verify(signed.signature, signed.statement.message)
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Within:
    """Months, both ends included; no end means all of them."""

    first: date | None = None
    last: date | None = None

    def __contains__(self, month: date) -> bool:
        return (self.first is None or self.first.replace(day=1) <= month) and (self.last is None or month <= self.last)


def checkpoint(number: int) -> str:
    return f"checkpoint {number}"
