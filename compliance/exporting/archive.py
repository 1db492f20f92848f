"""The export itself: one zip, made while it is sent, of the records, their proofs and what checks them.

The records are read once. What cannot be sent at once waits in files without a name; nothing is whole in memory.
"""

import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson
from django.conf import settings
from django.utils import timezone

from audit.models import AuditRecord, Checkpoint
from audit.seal.lines import line_of
from audit.verify.many import ManyProofs, Proven
from audit.verify.opening import opened
from audit.verify.proofs import NotProven
from compliance.exporting.asking import Wanted
from compliance.exporting.columns import bytes_of, without_numbers
from compliance.exporting.tables import TextTable, Workbook, cells_of
from compliance.exporting.words import README

PROGRAM = Path(settings.BASE_DIR) / "tools" / "verify_proof.py"
"""The checker that goes with every export."""
WAIT = ("records.csv", "records.xlsx", "checkpoints.json")
"""What is written beside the proofs and sent after them."""
LEVEL = 6
PIECE = 1 << 18
MOST_NAMED = 1000
"""Records without a proof that the manifest names one by one."""
NUMBER_TYPED = "What the agency typed could hold a person's number, and the proof would show it."
Hidden = Callable[[list[Any]], frozenset[Any]]


class TooMany(Exception):
    """There are more records than were found before: nothing that nobody agreed to is sent."""


@dataclass(slots=True)
class Tally:
    """What has gone into an export so far."""

    rows: int = 0
    hidden: int = 0
    not_sealed: int = 0
    not_proven: int = 0
    why_not: dict[str, str] = field(default_factory=dict)
    checkpoints: set[int] = field(default_factory=set)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    digest: bytes | None = None


@dataclass(slots=True)
class Archive:
    """An export on its way. `hidden` says which records are left out; `most` how many there may be."""

    connection: Any
    wanted: Wanted
    hidden: Hidden
    told: dict[str, Any]
    """What the manifest says of who asked, when and why."""
    keys: dict[str, Any] | None
    public_keys: bytes
    before_the_end: Callable[[Tally], None]
    """Called with the digest, when nothing but the end is left to be sent. What it raises ends the export there."""
    most: int | None = None
    tally: Tally = field(default_factory=Tally)
    _sent: "Outlet" = field(init=False)

    def __post_init__(self) -> None:
        self._sent = Outlet()

    def parts(self) -> Iterator[bytes]:
        """Yield the zip, piece by piece."""
        with ExitStack() as stack:
            whole = stack.enter_context(zipfile.ZipFile(self._sent, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dsop-export-")))
            waiting: dict[str, IO[bytes]] = {name: stack.enter_context(tempfile.TemporaryFile()) for name in WAIT}
            yield from self._records(whole, waiting, folder)
            for name, file in waiting.items():
                yield from self._copied(whole, name, file)
            for name, content in self._fixed().items():
                with self._member(whole, name) as member:
                    member.write(content)
            self._manifest(whole)
            self.before_the_end(self.tally)
            whole.close()
            yield self._sent.taken()

    def _records(self, whole: zipfile.ZipFile, waiting: dict[str, IO[bytes]], folder: Path) -> Iterator[bytes]:
        """Send the proofs while they are made, and write everything else that comes of the records."""
        columns, proofs = self.wanted.columns, ManyProofs(self.connection, self.keys)
        text, book = TextTable(waiting["records.csv"], columns), Workbook(waiting["records.xlsx"], columns, folder)
        with ExitStack() as stack:
            stack.callback(text.close)
            stack.callback(book.drop)
            member = stack.enter_context(self._member(whole, "proofs.jsonl"))
            for batch in self.wanted.batches():
                hidden = self.hidden(batch)
                self.tally.hidden += len(hidden)
                shown = [(record.pk, record.at) for record in batch if record.pk not in hidden]
                for proven in proofs.of(shown):
                    self._row(proven, member, text, book)
                yield self._sent.taken()
            text.close()
            book.close()
        _write_checkpoints(waiting["checkpoints.json"], self.tally.checkpoints, self.public_keys)

    def _row(self, proven: Proven, member: Any, text: TextTable, book: Workbook) -> None:
        tally = self.tally
        tally.rows += 1
        if self.most is not None and tally.rows > self.most:
            raise TooMany
        row = proven.row if self.wanted.with_numbers else without_numbers(proven.row)
        cells = cells_of(row, self.wanted.columns)
        text.add(cells)
        book.add(row, cells)
        if proven.proof is not None and row == proven.row:
            tally.checkpoints.add(proven.proof["checkpoint"]["number"])
            member.write(orjson.dumps(self._disclosed(proven.proof), option=orjson.OPT_APPEND_NEWLINE))
        elif not proven.is_sealed:
            tally.not_sealed += 1
        else:
            tally.not_proven += 1
            if tally.not_proven <= MOST_NAMED:
                tally.why_not[str(proven.id)] = proven.why_not or NUMBER_TYPED

    def _disclosed(self, proof: dict[str, Any]) -> dict[str, Any]:
        """Return the proof, with the number that its record is about where numbers are shown and it opens."""
        row = proof["row"]
        if not self.wanted.with_numbers or "control_object_sealed" not in row:
            return proof
        committed = row.get("control_object_commitment")
        record = AuditRecord(
            id=row["id"],
            control_object_sealed=bytes_of(row["control_object_sealed"]),
            control_object_commitment=bytes_of(committed) if committed else None,
        )
        record.pk = AuditRecord._meta.pk.to_python(row["id"])
        try:
            return {**proof, "opened": opened(record)}
        except NotProven:
            return proof

    @contextmanager
    def _member(self, whole: zipfile.ZipFile, name: str) -> Iterator["Digested"]:
        """Give what a member is written into; its digest goes into the manifest."""
        about = zipfile.ZipInfo(name, date_time=timezone.localtime().timetuple()[:6])
        about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        with whole.open(about, "w", force_zip64=True) as file:
            member = Digested(file)
            yield member
        self.tally.members[name] = {"bytes": member.size, "sha256": member.digest.hexdigest()}

    def _copied(self, whole: zipfile.ZipFile, name: str, waiting: IO[bytes]) -> Iterator[bytes]:
        waiting.seek(0)
        with self._member(whole, name) as member:
            while piece := waiting.read(PIECE):
                member.write(piece)
                yield self._sent.taken()

    def _fixed(self) -> dict[str, bytes]:
        return {
            "public_keys.pem": self.public_keys,
            "verify_proof.py": PROGRAM.read_bytes(),
            "README.txt": README.encode(),
        }

    def _manifest(self, whole: zipfile.ZipFile) -> None:
        tally = self.tally
        manifest = {
            "format": "dsop export 1",
            **self.told,
            "columns": [*self.wanted.columns],
            "numbers_in_full": self.wanted.with_numbers,
            "records": tally.rows,
            "left_out_because_shielded": tally.hidden,
            "not_sealed_yet": tally.not_sealed,
            "not_proven": tally.not_proven,
            "why_not_proven": tally.why_not,
            "signatures_checked": self.keys is not None,
            "members": dict(tally.members),
        }
        content = orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        with self._member(whole, "manifest.json") as member:
            member.write(content)
        tally.digest = hashlib.sha256(content).digest()


class Outlet:
    """Where the zip is written: what has come is taken away again, so that it is not kept. It cannot be sought in."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._waiting.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Do nothing: the server sends what is taken."""

    def close(self) -> None:
        self._waiting.clear()

    def taken(self) -> bytes:
        found = b"".join(self._waiting)
        self._waiting.clear()
        return found


class Digested:
    """A file that is written, and the digest of what went into it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest, self.size = file, hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        self.size += len(content)
        return self._file.write(content)


def _write_checkpoints(file: IO[bytes], numbers: set[int], public_keys: bytes) -> None:
    """Write every checkpoint that a proof names, as the copies outside have them, and the public keys."""
    file.write(b'{"public_keys":' + orjson.dumps(public_keys.decode()) + b',\n"checkpoints":[')
    between = b"\n"
    for some in _some(sorted(numbers)):
        for checkpoint in Checkpoint.objects.filter(number__in=some).order_by("number"):
            file.write(between + line_of(checkpoint).rstrip(b"\n"))
            between = b",\n"
    file.write(b"\n]}\n")


def _some(numbers: list[int], most: int = 500) -> Iterator[list[int]]:
    yield from (numbers[start : start + most] for start in range(0, len(numbers), most))
