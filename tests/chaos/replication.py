"""The ledger's hosts come and go, lag and catch up: every answer stays right, and nobody has to help."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from sandbox.number_series import NumberSeries
from tests.chaos.frame import Outcome, scenario
from tests.chaos.ledger import Replica, frozen
from tests.chaos.load import Asked, Load, is_proper_error, longest_gap, once, without_record
from tests.chaos.stage import MAX_LAG_SECONDS, PRIMARY_LOST_SECONDS, Stage
from tests.consumer import Consumer, identifier

QUIET_SECONDS = 1.5
FROZEN_SECONDS = 12.0
SEEN_SECONDS = 1.0  # a look and its pause, where nothing has to be waited for
NOTICED_SECONDS = 4.0  # a look and its pause, on a machine that is busy
LIMIT_SECONDS = 30.0
RAISE = """
UPDATE balance SET amount = amount + 1 WHERE type = 'bookedBalance' AND account_id IN (
    SELECT role.account_id FROM account_role role JOIN party_identifier known USING (party_id) WHERE known.value = %s)
"""
NEW_NUMBER = """
INSERT INTO party_identifier (party_id, value, kind, start_date)
SELECT party_id, %s, 'dNumber', %s FROM party_identifier WHERE value = %s
"""
Right = Callable[[Asked], bool]


def expected_of(stage: Stage) -> dict[str, bytes]:
    """Return what each question is answered with while nothing is wrong."""
    found = {name: once(name, question) for name, question in stage.questions().items()}
    if failed := [asked.question for asked in found.values() if asked.status != 200]:
        raise AssertionError(f"Not answered while nothing is wrong: {', '.join(failed)}.")
    return {name: asked.body for name, asked in found.items()}


def told_right(expected: Mapping[str, bytes]) -> Right:
    return lambda asked: asked.status == 200 and asked.body == expected[asked.question]


def outcome(
    asked: list[Asked],
    right: Right,
    recovery: float | None,
    *,
    errors_allowed: bool = False,
    note: str = "",
    trail: str | None = None,
) -> Outcome:
    """Return the figures of a load that is over, with the questions that were answered wrongly."""
    good: list[Asked] = []
    errors: list[Asked] = []
    wrong: list[str] = []
    for row in asked:
        if right(row):
            good.append(row)
        elif is_proper_error(row):
            errors.append(row)
        else:
            wrong.append(f"{row.question} ({row.status})")
    return Outcome(
        sent=len(asked),
        right=len(good),
        errors=len(errors),
        wrong=len(wrong),
        without_record=without_record(asked, trail),
        gap=longest_gap(good),
        recovery=recovery,
        recovery_limit=LIMIT_SECONDS,
        errors_allowed=errors_allowed,
        note="; ".join(word for word in (note, *sorted(set(wrong))) if word),
    )


def seconds_until(holds: Callable[[], bool], limit: float = LIMIT_SECONDS) -> float | None:
    """Return how long it took until that held; None when it did not within the limit."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > limit:
            return None
        time.sleep(0.05)
    return time.monotonic() - begun


@scenario("a replica is killed and brought back")
def replica_killed(stage: Stage) -> Outcome:
    replica = stage.ledger.replicas[0]
    expected = expected_of(stage)
    with Load(stage.questions()) as load:
        before = seconds_until(replica.is_asked)
        time.sleep(QUIET_SECONDS)
        replica.kill()
        time.sleep(QUIET_SECONDS)
        replica.start()
        recovery = seconds_until(replica.is_asked)
        time.sleep(QUIET_SECONDS)
    return outcome(load.asked, told_right(expected), recovery if before is not None else None)


@scenario("a replica freezes with requests waiting at it")
def replica_frozen(stage: Stage) -> Outcome:
    """Nothing is refused and nothing answers there: who waits is sent to another host."""
    replica = stage.ledger.replicas[0]
    expected = expected_of(stage)
    with Load(stage.questions()) as load:
        before = seconds_until(replica.is_asked)
        with frozen(replica):
            frozen_at = time.monotonic()
            time.sleep(FROZEN_SECONDS)
        recovery = seconds_until(replica.is_asked)
        time.sleep(QUIET_SECONDS)
    longest = max(row.ended - row.begun for row in load.asked if row.ended > frozen_at)
    note = f"the longest answer took {longest:.1f} s"
    return outcome(load.asked, told_right(expected), recovery if before is not None else None, note=note)


@scenario("a replica stops replaying while the primary moves on")
def replica_paused(stage: Stage) -> Outcome:
    """An answer may be as old as LEDGER_MAX_LAG_SECONDS, and no older."""
    case, replica = "credit-line", stage.ledger.replicas[1]
    expected, changed_at = expected_of(stage), 0.0
    with Load(stage.questions()) as load:
        before = seconds_until(replica.is_asked)
        with paused(replica):
            stage.ledger.primary.run(RAISE, identifier(case))
            changed_at = time.monotonic()
            left_out = seconds_until(lambda: not replica.is_asked())
            time.sleep(QUIET_SECONDS)
        recovery = seconds_until(replica.is_asked)
        time.sleep(QUIET_SECONDS)
    present = expected_of(stage)
    touched = {name for name in expected if expected[name] != present[name]}
    if not touched or any(not is_raised(expected[name], present[name]) for name in touched):
        raise AssertionError(f"The balance was not raised in the answers, or more was changed: {sorted(touched)}.")

    def right(asked: Asked) -> bool:
        is_old = asked.question in touched and asked.body == expected[asked.question]
        if is_old:
            return asked.begun < changed_at + MAX_LAG_SECONDS + NOTICED_SECONDS
        return asked.status == 200 and asked.body == present[asked.question]

    noticed = None if before is None or left_out is None else recovery
    return outcome(load.asked, right, noticed, note=f"not asked any more after {left_out or -1:.1f} s")


@contextmanager
def paused(*replicas: Replica):
    for replica in replicas:
        replica.pause()
    try:
        yield
    finally:
        for replica in replicas:
            replica.resume()


def is_raised(before: bytes, after: bytes) -> bool:
    """Return whether the documents differ by one more krone, once."""
    old, new = amounts_in(json.loads(before, parse_float=Decimal)), amounts_in(json.loads(after, parse_float=Decimal))
    return sum(new) - sum(old) in (1, -1) and len(old) == len(new)


def amounts_in(document: object) -> list[Decimal]:
    if isinstance(document, dict):
        own = [Decimal(value) for name, value in document.items() if name == "amount" and not isinstance(value, dict)]
        return own + [found for value in document.values() for found in amounts_in(value)]
    return [found for value in document for found in amounts_in(value)] if isinstance(document, list) else []


@scenario("a customer of this very moment, whom no replica knows")
def new_customer(stage: Stage) -> Outcome:
    """Asked at once after the commit, while both replicas hold still and still count as fresh."""
    number = new_number(stage)
    consumer, replicas = Consumer(stage.server, "974761076"), stage.ledger.replicas
    known = consumer.accounts(identifier("credit-line"))
    asked: list[Asked] = []
    with Load(stage.questions()):
        before = seconds_until(lambda: all(replica.is_asked() for replica in replicas))
    with paused(*replicas):
        stage.ledger.primary.run(NEW_NUMBER, number, date(2020, 1, 1), identifier("credit-line"))
        until = time.monotonic() + 0.8 * MAX_LAG_SECONDS
        while time.monotonic() < until:
            asked.append(once("new", lambda correlation: consumer.accounts(number, CorrelationID=correlation)))
    with Load(stage.questions()):
        recovery = seconds_until(lambda: all(replica.is_asked() for replica in replicas))
    count = len(json.loads(known.data)["accounts"])

    def right(row: Asked) -> bool:
        return row.status == 200 and len(json.loads(row.body)["accounts"]) == count

    return outcome(asked, right, None if before is None else recovery)


def new_number(stage: Stage) -> str:
    """Return a synthetic number that the ledger does not know."""
    taken = {value for (value,) in stage.ledger.primary.run("SELECT value FROM party_identifier")}
    return NumberSeries(*taken).person(date(1980, 1, 1), 0, d_number=True)


@scenario("the primary is killed and brought back")
def primary_killed(stage: Stage) -> Outcome:
    """Replicas that had all it said go on answering for LEDGER_PRIMARY_LOST_SECONDS; then nobody does.

    Until its loss is noticed, whom a replica does not know is still asked for at the primary, and that fails.
    """
    expected, primary = expected_of(stage), stage.ledger.primary
    with Load(stage.questions()) as load:
        time.sleep(QUIET_SECONDS)
        primary.kill()
        gone_at = time.monotonic()
        noticed_at = gone_at + SEEN_SECONDS
        refused = seconds_until(lambda: any(is_proper_error(row) for row in load.asked[-20:] if row.begun > noticed_at))
        primary.start()
        recovery = seconds_until(primary.is_asked)
        time.sleep(QUIET_SECONDS)
    errors = [row for row in load.asked if is_proper_error(row)]
    lost_at = gone_at + PRIMARY_LOST_SECONDS - 1
    early = [row for row in errors if noticed_at < row.begun and row.ended < lost_at]
    if early:
        raise AssertionError(f"{len(early)} answers failed while replicas could still give them.")
    before = sum(row.begun <= noticed_at for row in errors)
    return outcome(
        load.asked,
        told_right(expected),
        None if refused is None else recovery,
        errors_allowed=True,
        note=f"replicas alone for {refused or -1:.1f} s; {before} errors until it was noticed",
    )
