"""The second place: once a day a witness outside the operator's hands learns the latest checkpoint's digest.

What the witness gives back lies beside the copy, in a file named after the day (UTC).
"""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import partial
from types import SimpleNamespace
from typing import Any, Protocol

from audit.seal.adapters import Unusable, adapter
from audit.seal.checkpoints import Statement
from audit.seal.copies import Copy, CopyFailed
from audit.seal.evidence import Evidence, NoEvidence, WitnessFailed
from audit.seal.letters import AuditorByMail, read_letter
from audit.seal.timestamps import Roots, TimestampAuthority, read_roots, read_time_stamp

__all__ = [
    "Daily",
    "Stamp",
    "State",
    "Unusable",
    "Witness",
    "WitnessFailed",
    "kept_stamps",
    "open_witness",
    "stamps",
    "witness_today",
]

TIMESTAMPS, MAIL = "rfc3161:", "mail:"
KEPT = re.compile(r"witness-(\d{4}-\d{2}-\d{2})(-\d{1,3})?\.([a-z0-9]{1,8})")
PAUSE = timedelta(minutes=15)
LATEST = "SELECT * FROM audit_checkpoint ORDER BY number DESC LIMIT 1"
logger = logging.getLogger(__name__)


class Witness(Protocol):
    """Somebody outside. What `ask` returns is kept under a name with this ending and is what `read` understands."""

    ending: str

    def ask(self, statement: Statement, *, now: datetime) -> bytes:
        """Tell the witness the statement's digest and return what it gives for it. Raise WitnessFailed."""

    def read(self, content: bytes) -> Evidence:
        """Return what that is worth. Raise NoEvidence."""


class State(StrEnum):
    """What a file kept from a witness turned out to be."""

    PROVEN = "proven"
    TOLD = "told"  # it proves nothing by itself: the auditor holds the other half
    UNCHECKED = "unchecked"  # no roots to check it by, or a witness that we do not know any more
    BROKEN = "broken"  # a finding


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is kept of one day. Digest and time are empty unless the file could be read."""

    name: str
    day: date
    state: State
    digest: bytes = b""
    at: datetime | None = None

    @property
    def proven(self) -> bool:
        return self.state is State.PROVEN


def open_witness(setting: str, roots_file: str = "") -> Witness | None:
    """Return the witness that AUDIT_WITNESS names, None for an empty setting. Raise Unusable. Nobody is asked yet."""
    if not setting:
        return None
    if setting.startswith(TIMESTAMPS):
        if not roots_file:
            raise Unusable("needs AUDIT_WITNESS_ROOTS_FILE")
        return TimestampAuthority(setting.removeprefix(TIMESTAMPS), read_roots(roots_file))
    if setting.startswith(MAIL):
        return AuditorByMail(setting.removeprefix(MAIL))
    witness: Witness = adapter(setting, ("ask", "read"))
    return witness


def witness_today(connection: Any, copy: Copy, witness: Witness, *, now: datetime) -> Stamp | None:
    """Let the witness stamp the latest checkpoint, unless it has today. Raise WitnessFailed or CopyFailed."""
    day = now.astimezone(UTC).date()
    there = [_stamp(name, content, _readers((), witness)) for name, content in copy.kept(f"witness-{day}")]
    if any(stamp and stamp.state is not State.BROKEN for stamp in there):
        return None
    statement = _latest(connection)
    if statement is None:
        return None
    content = witness.ask(statement, now=now)
    name = f"witness-{day}{f'-{len(there) + 1}' if there else ''}.{witness.ending}"
    stamp = _stamp(name, content, {witness.ending: witness.read})
    if stamp is None or stamp.digest != statement.digest:
        raise WitnessFailed("another digest")
    copy.keep(name, content)
    return stamp


def stamps(copy: Copy, roots: Roots, witness: Witness | None = None) -> Iterator[Stamp]:
    """Yield what is kept from the witnesses, by day; `witness` reads what an adapter of the bank's own left."""
    readers = _readers(roots, witness)
    for name, content in copy.kept("witness-"):
        if stamp := _stamp(name, content, readers):
            yield stamp


def kept_stamps(copy: Copy, *, setting: str, roots_file: str) -> Iterator[Stamp]:
    """Yield the same by AUDIT_WITNESS and AUDIT_WITNESS_ROOTS_FILE. Raise Unusable."""
    own = None if setting.startswith((TIMESTAMPS, MAIL)) else open_witness(setting)
    yield from stamps(copy, read_roots(roots_file) if roots_file else (), own)


class Daily:
    """Asks once a day; a witness that fails is left alone for a while, so that nobody waits for it each time.

    Without a copy to keep it in, or without a witness, nobody is asked.
    """

    def __init__(self, copy: Copy | None, witness: Witness | None) -> None:
        self._copy, self._witness = copy, witness
        self._done: date | None = None
        self._not_before = datetime.min.replace(tzinfo=UTC)

    def turn(self, connection: Any, *, now: datetime) -> None:
        """Ask when it is time. Whatever fails is logged and tried again after a pause: sealing goes on."""
        if not self._copy or not self._witness:
            return
        if now < self._not_before or self._done == now.astimezone(UTC).date():
            return
        try:
            stamp = witness_today(connection, self._copy, self._witness, now=now)
        except Exception as error:
            known = isinstance(error, WitnessFailed | CopyFailed)
            logger.error("audit.witness_failed", extra={"reason": str(error) if known else type(error).__name__})
            self._not_before = now + PAUSE
            return
        if stamp:
            self._done = stamp.day
            logger.info("audit.witnessed", extra={"kept": stamp.name})


Readers = dict[str, Callable[[bytes], Evidence]]


def _readers(roots: Roots, witness: Witness | None) -> Readers:
    readers: Readers = {"eml": read_letter}
    if roots:
        readers["tsr"] = partial(read_time_stamp, roots=roots)
    return {**readers, **({witness.ending: witness.read} if witness else {})}


def _stamp(name: str, content: bytes, readers: Readers) -> Stamp | None:
    """Return what a file is, None when it is no witness's."""
    named = KEPT.fullmatch(name)
    try:
        day = date.fromisoformat(named[1]) if named else None
    except ValueError:
        day = None
    if not named or not day:
        return None
    read = readers.get(named[3])
    if read is None:
        return Stamp(name, day, State.UNCHECKED)
    try:
        evidence = read(content)
    except NoEvidence:
        return Stamp(name, day, State.BROKEN)
    if abs(evidence.at.astimezone(UTC).date() - day) > timedelta(days=1):  # asked just before midnight
        return Stamp(name, day, State.BROKEN)
    state = State.PROVEN if evidence.proven else State.TOLD
    return Stamp(name, day, state, evidence.digest, evidence.at)


def _latest(connection: Any) -> Statement | None:
    with connection.cursor() as cursor:
        cursor.execute(LATEST)
        row = cursor.fetchone()
        names = [column[0] for column in cursor.description]
    return Statement.of(SimpleNamespace(**dict(zip(names, row, strict=True)))) if row else None
