"""The issuer's keys are out of reach, late, renewed or nonsense, while an attacker sends tokens that name no known key.

The service under siege trusts an issuer of its own. Agencies with known keys are answered rightly all along, the
attacker gets his 401 at once, and the issuer is asked no more often than without him.
"""

import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from resource import getpagesize
from typing import Any

from audit.fetching import SECONDS
from tests import cluster
from tests.chaos.counting import Judged, counted, seconds_until_answered
from tests.chaos.frame import Outcome, scenario
from tests.chaos.issuer import TOKEN_BYTES, Agency, OwnIssuer, Stranger, own_issuer
from tests.chaos.load import Asked, Load, Question, is_proper_error, once, without_record
from tests.chaos.nonsense import InTurn, key_sets, metadata
from tests.chaos.replication import seconds_until
from tests.chaos.stage import NOBODIES, PARTIES, TOLD, Stage, about
from tests.conftest import running
from tests.consumer import Server, identifier
from tests.issuer import KEY_SET, METADATA, SigningKey, drips, hangs, says, signing_key

AGENCY = "974761076"
WORKERS = 2
COOLDOWN_SECONDS = int(cluster.ENVIRONMENT["KEYS_COOLDOWN_SECONDS"])
PROMISED_SECONDS = COOLDOWN_SECONDS + 2 * SECONDS  # and what fetching metadata and keys may take
PROMPT_SECONDS = SECONDS - 0.5  # whoever waited for a fetch would be seen
GROWTH_MB = 5  # of a worker, whatever it is asked
BEGINNING_MB = 10  # of one that has answered nothing yet: its questions are compiled with the first answers
RETRY_SECONDS = 1.0  # of a worker that has no keys at all
BEGINNING_SECONDS = 5.0  # a worker that begins may wait for its keys before it takes up a connection
SETTLED_SECONDS, QUIET_SECONDS = 3.0, 1.5
STRANGER, NEW, WITHDRAWN, REUSED = "unknown key", "new key", "withdrawn key", "withdrawn key, token used before"
UNKNOWN = {"code": "ACC-010", "message": "The access token is signed with an unknown key."}


@dataclass
class Siege:
    """One instance of the service, what it is asked, and what it is told of keys."""

    issuer: OwnIssuer
    server: Server
    expected: dict[str, tuple[int, bytes]]
    questions: dict[str, Question]
    loads: list[Load] = field(default_factory=list)
    begun: float = 0.0
    ended: float = 0.0
    grown: float = 0.0
    allowed: float = GROWTH_MB
    memory: dict[int, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    blind_at: float = float("inf")
    renewed_at: float = float("inf")

    @property
    def asked(self) -> list[Asked]:
        return [row for load in self.loads for row in load.asked]

    @property
    def attempts(self) -> int:
        """Return how often the issuer was asked for its keys since the siege began, in vain or not."""
        return sum(at >= self.begun for at in self.issuer.asked_at) + self.refused

    @property
    def refused(self) -> int:
        """Return how often nobody listened."""
        lines = [json.loads(line) for line in self.server.log.read_text().splitlines() if "keys.not_refreshed" in line]
        return sum((line["store"], line["reason"]) == ("maskinporten", "connection") for line in lines)

    @property
    def sent_to_a_worker(self) -> float:
        """Return the megabytes of tokens that the attacker has sent to one of the workers, as they share them."""
        strange = sum(row.question == STRANGER and row.begun >= self.begun for row in self.asked)
        return strange * TOKEN_BYTES / WORKERS / 1e6

    def agency(self, key: SigningKey) -> Agency:
        return Agency(self.server, AGENCY, self.issuer, key)

    def begin(self) -> None:
        self.begun, self.memory = time.monotonic(), memory_of(self.server)

    def end(self) -> None:
        """Note what else was promised and not kept."""
        self.ended = time.monotonic()
        blind = max(self.renewed_at + 1 - self.blind_at, 0.0) / RETRY_SECONDS
        allowed = int(WORKERS * (1 + (self.ended - self.begun + 1) / COOLDOWN_SECONDS + blind))
        if self.attempts > allowed:
            self.faults.append(f"the issuer was asked {self.attempts} times, {allowed} allowed")
        present = memory_of(self.server)
        self.grown = max(size - self.memory.get(pid, 0.0) for pid, size in present.items())
        if self.grown > self.allowed + self.sent_to_a_worker / 2 or present.keys() != self.memory.keys():
            self.faults.append(f"a worker grew by {self.grown:.0f} MB or was replaced")

    def until(self, holds: Callable[[], object], what: str, limit: float = 40.0) -> None:
        """Wait until the fault has been met; one that is not is no fault."""
        if seconds_until(lambda: bool(holds()), limit) is None:
            raise TimeoutError(f"{what} within {limit:.0f} s")

    def renewed(self, restore: Callable[[], None], *, withdrawn: int | None = None) -> float | None:
        """Publish one more key and restore the issuer; return how long it took until every worker knew the key."""
        new = signing_key("key-three")
        self.issuer.keys = [key for place, key in enumerate(self.issuer.keys) if place != withdrawn] + [new]
        restore()
        self.renewed_at = time.monotonic()
        with Load({NEW: first_of(self.agency(new))}, threads=1) as load:
            self.loads.append(load)
            return seconds_until_answered(load.asked, self.renewed_at, 3 * PROMISED_SECONDS)

    def judged(self, row: Asked) -> Judged:
        blind = self.is_blind(row)
        if row.seconds > PROMPT_SECONDS + blind * BEGINNING_SECONDS:
            return Judged.WRONG
        if blind and is_proper_error(row):
            return Judged.ERROR
        answered, unknown = (row.status, row.body) == self.expected.get(row.question), is_unknown(row)
        early, late = row.ended < self.renewed_at, row.begun > self.renewed_at + PROMISED_SECONDS
        if row.question == STRANGER:
            return Judged.RIGHT if unknown else Judged.WRONG
        if row.question == NEW:
            return Judged.RIGHT if answered else Judged.ERROR if unknown and not late else Judged.WRONG
        if row.question in {WITHDRAWN, REUSED}:
            return Judged.RIGHT if (answered and not late) or (unknown and not early) else Judged.WRONG
        return Judged.RIGHT if answered else Judged.WRONG

    def is_blind(self, row: Asked) -> bool:
        """Return whether a worker may have had no keys at all when it was asked."""
        return self.blind_at < row.ended and row.begun < self.renewed_at + PROMISED_SECONDS

    def outcome(self, recovery: float | None) -> Outcome:
        """Return the figures; errors are the 401s before the new key was known, and the 500s of who had no keys."""
        asked = self.asked
        honest = [row.seconds for row in asked if row.question in self.questions]
        strangers = sum(row.question == STRANGER for row in asked)
        return counted(
            asked,
            self.judged,
            recovery=recovery,
            limit=PROMISED_SECONDS,
            unrecorded=without_record(asked),
            watched=lambda row: row.question in self.questions,
            errors_allowed=True,
            faults=self.faults,
            note=f"{strangers} of unknown keys, issuer asked {self.attempts} times in {self.ended - self.begun:.0f} s,"
            f" longest honest answer {max(honest):.2f} s, a worker grew by {self.grown:.1f} MB",
        )


def is_unknown(row: Asked) -> bool:
    """Return whether the answer is the one to a key that nobody knows."""
    return row.status == 401 and row.challenge == 'Bearer error="invalid_token"' and json.loads(row.body) == UNKNOWN


def memory_of(server: Server) -> dict[int, float]:
    """Return the megabytes that each worker holds in memory."""
    pid = server.process.pid
    workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pages = {int(worker): int(Path(f"/proc/{worker}/statm").read_text().split()[1]) for worker in workers}
    return {worker: count * getpagesize() / 1e6 for worker, count in pages.items()}


def first_of(agency: Agency, **headers: str) -> Question:
    return lambda correlation_id: agency.accounts(
        identifier("credit-line"), AccountInfoRequestID=CASE, CorrelationID=correlation_id, **headers
    )


CASE = "00000000-0000-4000-8000-000000000001"


@contextmanager
def besieged(stage: Stage) -> Iterator[Siege]:
    """Start a service that trusts an issuer of its own, and ask it until the block ends: agencies and an attacker."""
    with own_issuer() as issuer:
        told = TOLD | {"MASKINPORTEN_ISSUER": issuer.url}
        with running(cluster.free_port(), stage.folder / f"keys-{issuer.port}.log", environment=told) as server:
            honest = Agency(server, AGENCY, issuer, issuer.keys[0])
            questions = questions_of(honest)
            siege = Siege(issuer, server, expected_of(questions, honest), questions)
            strangers = Load({STRANGER: Stranger(server, issuer).ask}, threads=2)
            with Load(questions) as load, strangers:
                siege.loads += [load, strangers]
                time.sleep(SETTLED_SECONDS)
                siege.begin()
                yield siege
                time.sleep(QUIET_SECONDS)
                siege.end()


def questions_of(agency: Agency) -> dict[str, Question]:
    """Return what an honest agency asks: about parties, nobodies, and on a mandate that nobody has."""

    def refused(correlation_id: str) -> Any:
        return agency.accounts(identifier("credit-line"), CorrelationID=correlation_id, Legal_Mandate="Unknown")

    found: dict[str, Question] = {"unknown mandate": refused}
    for case in (*PARTIES, *NOBODIES):
        found |= about(agency, case)
    return found


def expected_of(questions: dict[str, Question], agency: Agency) -> dict[str, tuple[int, bytes]]:
    """Return what each question is answered with while nothing is wrong, whichever key signed its token."""
    asked = [once(name, question) for name, question in questions.items()]
    statuses = Counter(row.status for row in asked)
    if statuses != {200: len(asked) - 1, 400: 1}:
        raise AssertionError(f"Not answered while nothing is wrong: {dict(statuses)}.")
    first = once(NEW, first_of(agency))
    same = dict.fromkeys((NEW, WITHDRAWN, REUSED), (first.status, first.body))
    return {row.question: (row.status, row.body) for row in asked} | same


@scenario("an issuer's keys out of reach, with a flood of unknown keys")
def issuer_down(stage: Stage) -> Outcome:
    """Connections are refused; the agencies' keys are those of before."""
    with besieged(stage) as siege:
        siege.issuer.close()
        siege.until(lambda: siege.refused >= 2 * WORKERS, "the workers have noticed it twice each")
        recovery = siege.renewed(siege.issuer.open)
    return siege.outcome(recovery)


@scenario("workers that begin while an issuer's keys are out of reach, with a flood of unknown keys")
def begun_without_keys(stage: Stage) -> Outcome:
    """They say that they are not ready, and answer 500: the token may be right, so it is not a 401."""
    with besieged(stage) as siege:
        siege.issuer.close()
        former = siege.memory.keys()
        siege.blind_at = time.monotonic()
        os.kill(siege.server.process.pid, signal.SIGHUP)
        siege.until(lambda: not former & memory_of(siege.server).keys(), "the workers were replaced")
        time.sleep(QUIET_SECONDS)
        if siege.server.get("/health/ready", {"Connection": "close"}).status != 503:
            siege.faults.append("a worker without keys says that it is ready")
        siege.memory, siege.allowed = memory_of(siege.server), BEGINNING_MB
        recovery = siege.renewed(siege.issuer.open)
    return siege.outcome(recovery)


@scenario("an issuer's keys later than the time limit, with a flood of unknown keys")
def issuer_slow(stage: Stage) -> Outcome:
    """First the metadata never come, then the keys drop by drop."""
    let_go = threading.Event()
    with besieged(stage) as siege:
        answers = siege.issuer.answers
        before = siege.attempts
        answers[METADATA] = hangs(let_go, says(b"", 500))
        siege.until(lambda: siege.attempts >= before + 2 * WORKERS, "the workers have waited for metadata")
        del answers[METADATA]
        before = siege.issuer.fetches[KEY_SET]
        answers[KEY_SET] = drips(b" ")
        siege.until(lambda: siege.issuer.fetches[KEY_SET] >= before + WORKERS, "the workers have waited for keys")
        recovery = siege.renewed(answers.clear)
        let_go.set()
    return siege.outcome(recovery)


@scenario("an issuer's keys renewed, with a flood of unknown keys")
def issuer_rotates(stage: Stage) -> Outcome:
    """Of two keys one is withdrawn and another one published, in one moment; the agencies' own stays."""
    with besieged(stage) as siege:
        withdrawn = siege.agency(siege.issuer.keys[1])
        token = f"Bearer {withdrawn.token()}"
        questions = {WITHDRAWN: first_of(withdrawn), REUSED: first_of(withdrawn, Authorization=token)}
        with Load(questions, threads=2) as load:
            siege.loads.append(load)
            time.sleep(QUIET_SECONDS)
            recovery = siege.renewed(lambda: None, withdrawn=1)
            time.sleep(max(siege.renewed_at + PROMISED_SECONDS + QUIET_SECONDS - time.monotonic(), 0.0))
        refused = {row.question for row in load.asked if is_unknown(row)}
    return siege.outcome(recovery if refused == questions.keys() else None)


@scenario("an issuer's keys are nonsense, with a flood of unknown keys")
def issuer_garbage(stage: Stage) -> Outcome:
    with besieged(stage) as siege:
        for path, answers in ((KEY_SET, key_sets(siege.issuer)), (METADATA, metadata(siege.issuer))):
            in_turn = InTurn(answers)
            siege.issuer.answers = {path: in_turn}
            siege.until(in_turn.all_given, "each nonsense was given")
        recovery = siege.renewed(siege.issuer.answers.clear)
    return siege.outcome(recovery)
