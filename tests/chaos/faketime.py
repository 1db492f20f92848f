"""A clock for own processes that can be set to any moment under way, by libfaketime. The machine's stays as it is."""

import shutil
import tempfile
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import psycopg

from tests import cluster
from tests.chaos.load import Asked
from tests.chaos.stage import TOLD, Stage
from tests.conftest import running
from tests.consumer import Consumer, Server, mint

LIBRARIES = "*/faketime/libfaketimeMT.so.1"  # where Debian's package libfaketime puts it
TOLERANCE = 0.1
LEEWAY, LIFETIME = 10, 120
RENEWED_SECONDS = 60.0
RECORDS = """
SELECT correlation_id::text, array_agg(at ORDER BY at), min(from_date), min(outcome) FROM audit_record
WHERE correlation_id = ANY (%s::uuid[]) GROUP BY correlation_id
"""


def library() -> str:
    found = sorted(Path("/usr/lib").glob(LIBRARIES))
    if not found:
        raise FileNotFoundError("libfaketime is not installed (Debian: apt-get install libfaketime).")
    return str(found[0])


class Clock:
    """How far the clock of some processes is from the machine's, and since when."""

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="dsop-clock-"))
        folder.chmod(0o755)  # PostgreSQL runs as another user
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.file = folder / "offset"
        self._jumps: list[tuple[float, float, float]] = []
        self.jump(0.0)

    def environment(self) -> dict[str, str]:
        """Return what a process is started with to have this clock. Monotonic time is everybody's."""
        return {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    @property
    def offset(self) -> float:
        return self._jumps[-1][2]

    def jump(self, offset: float) -> None:
        """Set the clock so many seconds ahead of the machine's, or behind it."""
        new, begun = self.file.with_suffix(".new"), time.monotonic()
        new.write_text(f"{offset:+.3f}\n")
        new.chmod(0o644)
        new.replace(self.file)
        self._jumps.append((begun, time.monotonic(), offset))

    def set(self, moment: datetime) -> None:
        """Set the clock to a moment, from which it goes on."""
        self.jump(moment.timestamp() - time.time())

    def now(self) -> float:
        return time.time() + self.offset

    def readings(self, begun: float, ended: float) -> list[tuple[float, float]]:
        """Return what the clock showed between two moments of time.monotonic(): more than once where it was set."""
        real = time.time() - time.monotonic()
        until = [*(after for _, after, _ in self._jumps[1:]), float("inf")]
        return [
            (max(begun, since) + real + offset - TOLERANCE, min(ended, end) + real + offset + TOLERANCE)
            for (since, _, offset), end in zip(self._jumps, until, strict=True)
            if since <= ended and end >= begun
        ]


@dataclass
class Faked:
    """An instance of the service with a clock of its own, beside those that have the machine's."""

    server: Server
    clock: Clock


@cache
def faked(stage: Stage) -> Faked:
    """Return the instance, started when it is first asked for."""
    clock = Clock()
    command = ("-m", "tests.chaos.faked", "-c", "python:dsop.gunicorn", "dsop.wsgi:application")
    environment = {**TOLD, **clock.environment()}
    port, log = cluster.free_port(), stage.folder / "server-faked.log"
    return Faked(stage.stack.enter_context(running(port, log, environment=environment, command=command)), clock)


@dataclass
class Tokens:
    """An agency's tokens by one clock: one is used until it is renewed, and `times` says which went with what."""

    consumer: str
    now: Callable[[], float]
    follows: bool = False
    """Whether a token is given up as soon as the clock is set; else it is used until it is old."""
    times: dict[str, tuple[int, int]] = field(default_factory=dict)
    _held: dict[str, tuple[str, int, float]] = field(default_factory=dict)

    def forget(self) -> None:
        self._held = {}

    def hold(self, other: "Tokens") -> None:
        """Go on with another's tokens."""
        self._held = other._held

    def bearer(self, scope: str, correlation_id: str) -> str:
        """Return the header's value for a question."""
        token, issued_at, made_at = self._held.get(scope, ("", 0, float("-inf")))
        jumped = self.follows and not -1 <= self.now() - issued_at <= RENEWED_SECONDS
        if jumped or time.monotonic() - made_at > RENEWED_SECONDS:
            issued_at, made_at = int(self.now()), time.monotonic()
            claims = {"iat": issued_at, "exp": issued_at + LIFETIME}
            token = mint(consumer=self.consumer, scope=scope, claims=claims)
            self._held[scope] = token, issued_at, made_at
        self.times[correlation_id] = issued_at, issued_at + LIFETIME
        return f"Bearer {token}"


def judged(times: tuple[int, int], readings: list[tuple[float, float]]) -> set[bool]:
    """Return whether a token of those times is to be accepted at those readings: both, where they end under way."""
    issued_at, expires_at = times
    moments = [moment for pair in readings for moment in pair]
    return {issued_at <= moment + LEEWAY and expires_at > moment - LEEWAY for moment in moments}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the trail holds of one question."""

    at: list[datetime]
    from_date: object
    outcome: str


def records_of(asked: list[Asked]) -> dict[str, Recorded]:
    """Return the records by CorrelationID."""
    with psycopg.connect(cluster.CLUSTER.superuser_url("dsop")) as connection:
        rows = connection.execute(RECORDS, [[row.correlation_id for row in asked]]).fetchall()
    return {correlation_id: Recorded(at, from_date, outcome) for correlation_id, at, from_date, outcome in rows}


def recorded_once(row: Asked, found: dict[str, Recorded], clock: Clock) -> bool:
    """Return whether a question has one record, of a moment that the service's clock showed while it was answered."""
    record = found.get(row.correlation_id)
    if record is None or len(record.at) != 1:
        return False
    moment = record.at[0].astimezone(UTC).timestamp()
    return any(low <= moment <= high for low, high in clock.readings(row.begun, row.ended))


def accounts(server: Server, tokens: Tokens, number: str, query: str = "") -> Callable[[str], object]:
    """Return a question for the list of accounts, with an agency's tokens."""
    consumer, scope = Consumer(server, tokens.consumer), "bits:kontoinformasjon"

    def ask(correlation_id: str) -> object:
        return consumer.accounts(
            number,
            f"?OnlyPrimaryOwner=true{query}",
            CorrelationID=correlation_id,
            AccountInfoRequestID="00000000-0000-4000-8000-00000000c10c",
            Authorization=tokens.bearer(scope, correlation_id),
        )

    return ask


def age_ledger(stage: Stage, moment: datetime) -> None:
    """Let every institution's data be of a moment, and wait until the replicas have it."""
    stage.ledger.primary.run("UPDATE financial_institution SET as_of = %s", moment)
    for replica in stage.ledger.replicas:
        replica.wait_for(f"SELECT bool_and(as_of = '{moment.isoformat()}') FROM financial_institution")
