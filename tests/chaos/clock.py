"""The clock of the service jumps under load: whoever's token no longer fits is refused, and nobody else."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from legal.periods import day_in_oslo
from tests import cluster
from tests.chaos import faketime
from tests.chaos.faketime import Clock, Tokens, judged, recorded_once, records_of
from tests.chaos.frame import Outcome, scenario
from tests.chaos.instances import sealed_and_verified
from tests.chaos.load import Asked, Load, Question
from tests.chaos.replication import expected_of, outcome, seconds_until, told_right
from tests.chaos.stage import Stage
from tests.consumer import identifier

QUIET_SECONDS = 3.0
AGENCY, CASE = "974761076", "debtor-five-accounts"
HOUR = 3600.0
OUTDATED_REFUSAL = (401, "ACC-010")
OTHER_DAY = (400, "ACC-001")
TOO_OLD = timedelta(hours=2)  # of the ledger's data: of the past for a clock that is an hour slow too


@dataclass
class Agencies:
    """Three agencies: one goes by the machine's clock, one by the service's, one by what that was before it jumped."""

    clock: Clock

    def __post_init__(self) -> None:
        self.tokens = {
            "right clock": Tokens(AGENCY, time.time),
            "the service's clock": Tokens(AGENCY, self.clock.now),
            "before the jump": Tokens(AGENCY, self.clock.now),
        }

    def jump(self, seconds: float) -> None:
        """Set the service's clock: one agency goes on with the tokens it has, as all do with those of this moment."""
        late, current = self.tokens["before the jump"], self.tokens["the service's clock"]
        late.hold(current)
        self.clock.jump(seconds)
        current.forget()

    def times(self, row: Asked) -> tuple[int, int]:
        return self.tokens[row.question.partition(": ")[0]].times[row.correlation_id]


def questions(stage: Stage, agencies: Agencies, today: date) -> dict[str, Question]:
    """Return two questions for each agency: one of no day, one of the machine's own."""
    server, number, days = faketime.faked(stage).server, identifier(CASE), f"&fromDate={today}&toDate={today}"
    found = {}
    for name, tokens in agencies.tokens.items():
        found[f"{name}: no day"] = faketime.accounts(server, tokens, number)
        found[f"{name}: the day"] = faketime.accounts(server, tokens, number, days)
    return found


def right_answers(agencies: Agencies, clock: Clock, today: date, body: bytes) -> Callable[[Asked], bool]:
    """Return what says of an answer whether it is one that the service's clock asked for while it was made."""

    def right(row: Asked) -> bool:
        readings = clock.readings(row.begun, row.ended)
        accepted = judged(agencies.times(row), readings)
        days = {day_in_oslo(datetime.fromtimestamp(moment, UTC)) for pair in readings for moment in pair}
        names_day = row.question.endswith("the day")
        if row.status == 200:
            return True in accepted and row.body == body and (not names_day or today in days)
        told = row.status, code_of(row)
        if told == OUTDATED_REFUSAL:
            return False in accepted
        return told == OTHER_DAY and names_day and True in accepted and days != {today}

    return right


def code_of(row: Asked) -> str:
    try:
        return str(json.loads(row.body)["code"])
    except (ValueError, KeyError):
        return ""


@contextmanager
def aged(stage: Stage, moment: datetime) -> Iterator[None]:
    """Let the ledger's data be of a moment, and of their own again afterwards."""
    [(before,)] = stage.ledger.primary.run("SELECT max(as_of) FROM financial_institution")
    faketime.age_ledger(stage, moment)
    try:
        yield
    finally:
        faketime.age_ledger(stage, before)


def jumped(stage: Stage, seconds: float, *, sealed: bool) -> Outcome:
    """Let the clock jump and come back, each under load; seal and verify the trail with what was written meanwhile."""
    instance, today = faketime.faked(stage), day_in_oslo(datetime.now(UTC))
    clock, agencies = instance.clock, Agencies(instance.clock)
    now = datetime.now(UTC).replace(microsecond=0)
    with aged(stage, now - TOO_OLD):
        asked_of = questions(stage, agencies, today)
        first = asked_of["right clock: no day"]("00000000-0000-4000-8000-000000000001")
        with Load(asked_of) as load:
            try:
                time.sleep(QUIET_SECONDS / 2)
                agencies.jump(seconds)
                time.sleep(QUIET_SECONDS)
            finally:
                agencies.jump(0.0)
            back_at = time.monotonic()
            whole = seconds_until(lambda: is_whole(load.asked, back_at, len(asked_of)))
            time.sleep(QUIET_SECONDS / 2)
    said = sealed_and_verified(stage) if sealed else ""
    found = outcome(load.asked, right_answers(agencies, clock, today, first.data), None if said else whole)
    return with_records(found, load.asked, clock, note=said or told(load.asked))


def is_whole(asked: list[Asked], since: float, number: int) -> bool:
    """Return whether whoever goes by a right clock is answered again, question after question."""
    latest = [row for row in asked if row.begun > since and row.question.startswith("right clock")][-number:]
    return len(latest) == number and all(row.status == 200 for row in latest)


def with_records(found: Outcome, asked: list[Asked], clock: Clock, *, note: str) -> Outcome:
    """Return the figures with what the trail lacks: each answer and each refusal of the mandate has one record."""
    decided = [row for row in asked if row.status in {200, 400, 403, 404}]
    kept = records_of(decided)
    missing = [row for row in decided if not recorded_once(row, kept, clock)]
    words = [note, found.note, f"{len(missing)} not recorded once and at the service's time" if missing else ""]
    return replace(found, without_record=len(missing), note="; ".join(word for word in words if word))


def told(asked: list[Asked]) -> str:
    refused = sum(row.status == 401 for row in asked)
    return f"{refused} refused for the token's times, {sum(row.status == 400 for row in asked)} for the day"


def entered(words: str, seconds: float, *, sealed: bool = False) -> None:
    @scenario(f"the service's clock jumps {words}")
    def one(stage: Stage) -> Outcome:
        return jumped(stage, seconds, sealed=sealed)


entered("an hour ahead", HOUR)
entered("an hour back", -HOUR)
entered("a day ahead", 24 * HOUR, sealed=True)


@scenario("the database's clock jumps an hour back and a day ahead")
def database_jumped(stage: Stage) -> Outcome:
    """The trail's server alone: leases and permits go by its clock, records and tokens by the service's."""
    machine, clock, expected = Clock(), Clock(), expected_of(stage)
    with under(clock):
        if (whole := seconds_until(lambda: is_ready(stage))) is None:
            raise AssertionError("The service did not come back after its database was started anew.")
        with Load(stage.questions()) as load:
            for seconds in (-HOUR, 24 * HOUR, 0.0):
                clock.jump(seconds)
                time.sleep(QUIET_SECONDS)
            recovery = seconds_until(lambda: all(row.status == 200 for row in load.asked[-10:]))
    seconds_until(lambda: is_ready(stage))
    found = outcome(load.asked, told_right(expected), None if recovery is None else max(recovery, 0.0))
    return with_records(found, load.asked, machine, note=f"ready {whole:.1f} s after the start")


def is_ready(stage: Stage) -> bool:
    return stage.server.get("/health/ready", {"Connection": "close"}).status == 200


@contextmanager
def under(clock: Clock) -> Iterator[None]:
    """Start the trail's server anew with a clock of its own, and once more with the machine's afterwards."""
    try:
        restarted(clock.environment())
        yield
    finally:
        restarted({})  # `env` alone changes nothing


def restarted(environment: dict[str, str]) -> None:
    cluster.CLUSTER.stop()
    cluster.CLUSTER.started_by = ("env", *(f"{name}={value}" for name, value in environment.items()))
    cluster.CLUSTER.start()
